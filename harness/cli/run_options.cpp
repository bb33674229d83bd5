#include "cli/run_options.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace wsrace::cli {

namespace {

std::pair<std::string, std::string> split_assignment(const std::string& text)
{
    const auto equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) return {text, {}};
    return {text.substr(0, equals), text.substr(equals + 1)};
}

} // namespace

ScenarioOverrides overrides_of(const RunOptions& options)
{
    ScenarioOverrides overrides;
    if (!options.target.empty())
        overrides.set.emplace_back("target", nlohmann::json{{"url", options.target}}.dump());
    if (!options.server.empty()) {
        const nlohmann::json server{{"command", split_command(options.server)}};
        overrides.set.emplace_back("target", nlohmann::json{{"server", server}}.dump());
    }
    if (options.users) overrides.set.emplace_back("users.count", std::to_string(*options.users));
    for (const auto& assignment : options.set) overrides.set.push_back(split_assignment(assignment));
    return overrides;
}

std::vector<std::string> split_command(const std::string& command)
{
    std::vector<std::string> words;
    std::string word;
    char quote_mark = 0;
    bool in_word = false;
    for (std::size_t i = 0; i < command.size(); ++i) {
        const auto c = command[i];
        if (c == '\\' && quote_mark != '\'' && i + 1 < command.size()) {
            word += command[++i];
            in_word = true;
        } else if (quote_mark != 0) {
            if (c == quote_mark)
                quote_mark = 0;
            else
                word += c;
        } else if (c == '\'' || c == '"') {
            quote_mark = c;
            in_word = true;
        } else if (c == ' ' || c == '\t' || c == '\n') {
            if (in_word) words.push_back(std::exchange(word, {}));
            in_word = false;
        } else {
            word += c;
            in_word = true;
        }
    }
    if (quote_mark != 0) throw std::runtime_error{"a quote is not closed: " + command};
    if (in_word) words.push_back(word);
    return words;
}

std::string quote(const std::string& argument)
{
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@%+";
    if (!argument.empty() && argument.find_first_not_of(plain) == std::string::npos) return argument;
    std::string out = "'";
    for (const auto c : argument) out += c == '\'' ? std::string{"'\\''"} : std::string{c};
    return out + "'";
}

} // namespace wsrace::cli
