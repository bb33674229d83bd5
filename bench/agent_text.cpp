#include "agent_text.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace bench {

namespace {

// The end of the string that starts behind this opening quote: the position of its closing quote, or npos.
std::size_t closing_quote(std::string_view json, std::size_t begin)
{
    for (auto i = begin; i < json.size(); ++i) {
        if (json[i] == '\\')
            ++i;
        else if (json[i] == '"')
            return i;
    }
    return std::string_view::npos;
}

std::size_t skip_space(std::string_view json, std::size_t at)
{
    const auto next = json.find_first_not_of(" \t\r\n", at);
    return next == std::string_view::npos ? json.size() : next;
}

char at_or_end(std::string_view json, std::size_t at) { return at < json.size() ? json[at] : '\0'; }

std::string_view scalar_at(std::string_view json, std::size_t at)
{
    if (at_or_end(json, at) == '{' || at_or_end(json, at) == '[') return {};
    const bool is_string = at_or_end(json, at) == '"';
    const auto end = is_string ? closing_quote(json, at + 1) : json.find_first_of(",}] \t\r\n", at);
    return end == std::string_view::npos ? std::string_view()
                                         : json.substr(at, end - at + (is_string ? 1 : 0));
}

void append_payload(std::string& out, int step, int thinking, std::string_view text, std::string_view run)
{
    const auto add = [&out](auto... parts) { (out.append(parts), ...); };
    const int tool_step = thinking + 1;
    if (step == 0) {
        add(R"({"status":"started","message":"Working on it.","context":{"user_request":")", text, "\"}}");
    } else if (step < tool_step) {
        add(R"({"reasoning":"The user asks: )", text, R"(","step_number":)", std::to_string(step), "}");
    } else if (step == tool_step) {
        add(R"({"tool_name":"search","parameters":{"q":")", text, R"("},"execution_id":"x-)", run,
            R"(","status":"executing"})");
    } else if (step == tool_step + 1) {
        add(R"({"tool_name":"search","result":{"q":")", text, R"("},"execution_id":"x-)", run,
            R"(","execution_time_ms":0})");
    } else {
        add(R"({"status":"completed","result":"Answer to: )", text, R"(","execution_time_ms":0})");
    }
}

std::string_view event_name(int step, int thinking)
{
    if (step == 0) return "agent_started";
    if (step <= thinking) return "agent_thinking";
    if (step == thinking + 1) return "tool_executing";
    return step == thinking + 2 ? "tool_completed" : "agent_completed";
}

} // namespace

std::string_view find_value(std::string_view json, std::string_view name, Depth depth)
{
    int level = 0;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (c == '{' || c == '[') ++level;
        if (c == '}' || c == ']') --level;
        if (c != '"') continue;
        const auto end = closing_quote(json, i + 1);
        if (end == std::string_view::npos) return {};
        const auto word = json.substr(i + 1, end - i - 1);
        i = end;
        const auto colon = skip_space(json, end + 1);
        if (word != name || at_or_end(json, colon) != ':' || (depth == Depth::top && level != 1)) continue;
        return scalar_at(json, skip_space(json, colon + 1));
    }
    return {};
}

std::string_view find_string(std::string_view json, std::string_view name, Depth depth)
{
    const auto value = find_value(json, name, depth);
    return value.starts_with('"') ? value.substr(1, value.size() - 2) : std::string_view();
}

int step_count(int thinking) { return thinking + 4; }

void append_event(std::string& out, const RunIds& ids, int step, int thinking, std::string_view text)
{
    const auto add = [&out](auto... parts) { (out.append(parts), ...); };
    add(R"({"type":")", event_name(step, thinking), R"(","run_id":")", ids.run, R"(","user_id":")", ids.user);
    add(R"(","thread_id":")", ids.thread, R"(","agent_name":"supervisor","timestamp":")", timestamp());
    add(R"(","payload":)");
    append_payload(out, step, thinking, text, ids.run);
    out += '}';
}

void append_welcome(std::string& out, std::string_view connection_id, std::string_view user_id)
{
    const auto add = [&out](auto... parts) { (out.append(parts), ...); };
    add(R"({"type":"connection_established","connection_id":")", connection_id, R"(","user_id":")", user_id);
    add(R"(","server_time":")", timestamp());
    add(R"(","config":{"heartbeat_interval":25,"max_message_size":65536}})");
}

std::string timestamp()
{
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    static time_t second = 0; // the calendar is worked out once a second; the server has one thread
    static std::array<char, 32> text{};
    if (now.tv_sec != second) {
        second = now.tv_sec;
        tm calendar{};
        gmtime_r(&second, &calendar);
        std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.000000Z", &calendar);
    }
    constexpr std::size_t last_digit = 25;
    auto micros = now.tv_nsec / 1000;
    for (std::size_t digit = 0; digit < 6; ++digit, micros /= 10) {
        text[last_digit - digit] = static_cast<char>('0' + micros % 10);
    }
    return text.data();
}

} // namespace bench
