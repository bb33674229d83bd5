#include "scenario/connect_reader.hpp"

#include <nlohmann/json.hpp>

namespace wsrace {
namespace {

// A word, or an object with one field whose value is a duration; nothing for the word.
std::optional<Duration> read_word_or_duration(const JsonNode& node, std::string_view word,
                                              std::string_view field, std::string_view what)
{
    if (node.is_object()) {
        JsonObject object(node, what);
        const auto length = object.require(field, "how long, as in \"1ms\"");
        object.reject_unknown();
        return length ? length->positive_duration() : std::nullopt;
    }
    if (node.value() != word) node.expected(what);
    return std::nullopt;
}

void read_abort(const JsonNode& node, ConnectSpec& spec)
{
    constexpr std::array stages{Choice<AbortStage>{"tcp_connect", AbortStage::tcp_connect},
                                Choice<AbortStage>{"tls", AbortStage::tls},
                                Choice<AbortStage>{"upgrade_part", AbortStage::upgrade_part},
                                Choice<AbortStage>{"upgrade_sent", AbortStage::upgrade_sent},
                                Choice<AbortStage>{"answered", AbortStage::answered},
                                Choice<AbortStage>{"welcome", AbortStage::welcome}};
    JsonObject abort(node, "an abort");
    const auto after = abort.require("after", "where the attempt is given up, as in \"upgrade_sent\"");
    if (const auto stage = after ? after->choice(stages, "stage") : std::nullopt) spec.abort_after = *stage;
    const auto by = abort.find("by");
    if (const auto ending = by ? read_ending(*by, "way to abort") : std::nullopt) spec.abort_by = *ending;
    abort.reject_unknown();
}

void read_pongs(const JsonNode& node, ConnectSpec& spec)
{
    spec.withholds_pongs = node.value() == "withhold";
    if (spec.withholds_pongs) return;
    const auto late = read_word_or_duration(
        node, "answer", "late", "what becomes of pongs: \"answer\", \"withhold\" or {\"late\": \"2s\"}");
    spec.pong_delay = late.value_or(Duration{});
}

} // namespace

std::optional<Ending> read_ending(const JsonNode& node, std::string_view kind)
{
    constexpr std::array ways{Choice<Ending>{"fin", Ending::fin}, Choice<Ending>{"reset", Ending::reset},
                              Choice<Ending>{"half_close", Ending::half_close},
                              Choice<Ending>{"silence", Ending::silence}};
    return node.choice(ways, kind);
}

ConnectSpec read_connect(JsonObject& connect)
{
    ConnectSpec spec;
    if (const auto upgrade = connect.find("upgrade"))
        spec.trickle = read_word_or_duration(*upgrade, "whole", "trickle",
                                             "how the upgrade is sent: \"whole\" or {\"trickle\": \"1ms\"}")
                           .value_or(Duration{});
    if (const auto abort = connect.find("abort")) read_abort(*abort, spec);
    connect.read_integer("receive_buffer", spec.receive_buffer, 1024, 16 * 1024 * 1024);
    if (const auto pongs = connect.find("pongs")) read_pongs(*pongs, spec);
    if (spec.trickle > Duration{} &&
        (spec.abort_after == AbortStage::tcp_connect || spec.abort_after == AbortStage::tls))
        connect.node().mistake(
            "\"upgrade\" has no effect where the attempt is given up before it; leave it out, or abort "
            "after \"upgrade_part\"");
    return spec;
}

} // namespace wsrace
