#include "core/log_template.hpp"

#include <algorithm>
#include <utility>

namespace wsrace {

namespace {

constexpr std::size_t shortest_token = 24;
constexpr std::size_t fewest_digits = 3; // of a token
constexpr std::size_t shortest_id = 6;   // letters and digits in turn
constexpr std::size_t longest_quote = 200;
constexpr std::size_t longest_name = 40;

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool hex(char c) { return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool in_run(char c) { return digit(c) || letter(c); }
bool in_word(char c) { return in_run(c) || c == '_' || c == '-'; }

// How many bytes the UTF-8 character at the front has; 0: it is none (RFC 3629, overlong forms included).
std::size_t character_length(std::string_view text)
{
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    if (length == 0 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) return 0;
    if (length < 3) return length;
    const auto second = static_cast<unsigned char>(text[1]);
    const bool wrong = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                       (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
    return wrong ? 0 : length;
}

std::size_t digit_groups(std::string_view run)
{
    std::size_t groups = 0;
    for (std::size_t i = 0; i < run.size(); ++i)
        if (digit(run[i]) && (i == 0 || !digit(run[i - 1]))) ++groups;
    return groups;
}

class Template {
public:
    Template(std::string_view line, std::size_t longest) : line_(line), longest_(longest)
    {
        const auto begin = line.find_first_not_of(" \t");
        json_ = begin != std::string_view::npos && line[begin] == '{';
    }

    std::string make() &&
    {
        while (at_ < line_.size() && out_.size() < longest_) {
            const char c = line_[at_];
            if (in_word(c)) {
                const auto end =
                    std::find_if_not(line_.begin() + static_cast<std::ptrdiff_t>(at_), line_.end(), in_word);
                const auto length = static_cast<std::size_t>(end - line_.begin()) - at_;
                word(line_.substr(at_, length));
                at_ += length;
            } else if ((c == '"' || c == '\'' || c == '`') && quoted(c)) {
                continue;
            } else {
                character();
            }
        }
        cut();
        return std::move(out_);
    }

private:
    void word(std::string_view word)
    {
        const auto digits = static_cast<std::size_t>(std::count_if(word.begin(), word.end(), digit));
        if (word.size() >= shortest_token && digits >= fewest_digits) {
            out_ += "<id>";
            return;
        }
        while (!word.empty()) {
            const auto length =
                static_cast<std::size_t>(std::find_if_not(word.begin(), word.end(), in_run) - word.begin());
            if (length == 0) {
                out_ += word.front();
                word.remove_prefix(1);
            } else {
                run(word.substr(0, length));
                word.remove_prefix(length);
            }
        }
    }

    void run(std::string_view run)
    {
        const auto groups = digit_groups(run);
        const auto value = run.starts_with("0x") ? run.substr(2) : run;
        if (groups == 0) {
            out_ += run;
        } else if (std::all_of(value.begin(), value.end(), hex)) {
            number();
        } else if (groups > 1 && run.size() >= shortest_id) {
            out_ += "<id>";
        } else {
            for (std::size_t i = 0; i < run.size(); ++i) {
                if (!digit(run[i]))
                    out_ += run[i];
                else if (i == 0 || !digit(run[i - 1]))
                    number();
            }
        }
    }

    // "1.5", "12:00:01", "127.0.0.1:80" and "2026-01-01" are one number each.
    void number()
    {
        constexpr std::string_view joints = ".,:-";
        const auto size = out_.size();
        const bool joined =
            size > 1 && out_[size - 2] == '#' && joints.find(out_[size - 1]) != std::string_view::npos;
        if (joined)
            out_.pop_back();
        else
            out_ += '#';
    }

    // Text in quotation marks. An apostrophe, a field of JSON and what stands behind "=" are not quoted.
    bool quoted(char mark)
    {
        const char before = at_ == 0 ? ' ' : line_[at_ - 1];
        if ((mark == '\'' && in_run(before)) || (mark == '"' && (json_ || before == '='))) return false;
        const auto content = line_.substr(at_ + 1, longest_quote);
        const auto end = content.find(mark);
        if (end == std::string_view::npos) return false;
        const auto named = content.substr(0, end);
        const bool is_name =
            !named.empty() && named.size() <= longest_name && letter(named.front()) &&
            std::all_of(named.begin(), named.end(), [](char c) { return letter(c) || c == '_' || c == '.'; });
        out_ += mark;
        out_ += is_name ? named : std::string_view{"..."};
        out_ += mark;
        at_ += end + 2;
        return true;
    }

    void character()
    {
        const auto length = character_length(line_.substr(at_));
        const auto code = static_cast<unsigned char>(line_[at_]);
        if (length == 0)
            out_ += '?';
        else if (code < 0x20 || code == 0x7F)
            out_ += ' ';
        else
            out_ += line_.substr(at_, length);
        at_ += std::max<std::size_t>(length, 1);
    }

    // Not in the middle of a character.
    void cut()
    {
        if (out_.size() <= longest_) return;
        auto end = longest_;
        while (end > 0 && (static_cast<unsigned char>(out_[end]) & 0xC0U) == 0x80U) --end;
        out_.resize(end);
    }

    std::string_view line_;
    std::size_t longest_;
    bool json_ = false; // a line of JSON: its quotation marks quote everything
    std::size_t at_ = 0;
    std::string out_;
};

} // namespace

std::string log_template(std::string_view line, std::size_t longest)
{
    return Template{line, longest}.make();
}

} // namespace wsrace
