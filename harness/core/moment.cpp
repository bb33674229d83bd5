#include "core/moment.hpp"

#include <array>
#include <charconv>

namespace wsrace {

namespace {

using Kind = Moment::Kind;

struct Word {
    std::string_view text;
    Kind kind;
    Action action;
    std::uint16_t event;
};

constexpr std::array inside{
    Word{"upgrade_sent", Kind::upgrade_sent, Action::connect, 0},
    Word{"answered", Kind::answered, Action::connect, 0},
    Word{"welcome", Kind::welcome, Action::connect, 0},
    Word{"ended", Kind::ended, Action::connect, 0},
    Word{"first_event", Kind::event, Action::request, 1},
    Word{"completed", Kind::completed, Action::request, 0},
};
constexpr std::array holdable{Action::login,        Action::connect, Action::await_welcome,
                              Action::request,      Action::ping,    Action::await_first_event,
                              Action::await_events, Action::stop,    Action::drop,
                              Action::close};
constexpr std::array observable{Action::login, Action::connect, Action::request, Action::ping,
                                Action::stop,  Action::drop,    Action::close};

template <std::size_t n>
std::optional<Moment> step_among(const std::array<Action, n>& actions, std::string_view word)
{
    for (const auto action : actions)
        if (name(action) == word) return Moment{.kind = Kind::step, .action = action, .event = 0};
    return std::nullopt;
}

std::optional<Moment> numbered_event(std::string_view word)
{
    constexpr std::string_view prefix = "event:";
    if (!word.starts_with(prefix)) return std::nullopt;
    const auto digits = word.substr(prefix.size());
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    if (number < 1 || number > 9999) return std::nullopt;
    return Moment{.kind = Kind::event, .action = Action::request, .event = number};
}

} // namespace

std::string to_string(const Moment& moment)
{
    if (moment.kind == Kind::step) return std::string{name(moment.action)};
    for (const auto& word : inside)
        if (word.kind == moment.kind && word.event == moment.event) return std::string{word.text};
    return "event:" + std::to_string(moment.event);
}

std::vector<std::string_view> held_words()
{
    std::vector<std::string_view> words{"upgrade_sent"};
    for (const auto action : holdable) words.push_back(name(action));
    return words;
}

std::vector<std::string_view> observed_words()
{
    std::vector<std::string_view> words;
    for (const auto action : observable) words.push_back(name(action));
    for (const auto& word : inside) words.push_back(word.text);
    words.emplace_back("event:3");
    return words;
}

std::optional<Moment> held_moment(std::string_view word)
{
    if (word == "upgrade_sent")
        return Moment{.kind = Kind::upgrade_sent, .action = Action::connect, .event = 0};
    return step_among(holdable, word);
}

std::optional<Moment> observed_moment(std::string_view word)
{
    for (const auto& known : inside)
        if (known.text == word)
            return Moment{.kind = known.kind, .action = known.action, .event = known.event};
    if (const auto event = numbered_event(word)) return event;
    return step_among(observable, word);
}

} // namespace wsrace
