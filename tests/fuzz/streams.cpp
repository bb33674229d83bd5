// What passes the harness's proxies and its ingress: heads of HTTP messages, WebSocket frames, anything else.
//
// Input: one byte that chooses among faults of a link, one for their seed, two that say how many of the bytes
// behind them go up (little endian); the others come down.
#include "fuzz/target.hpp"

#include "faults/event_scan.hpp"
#include "faults/frame_follower.hpp"
#include "faults/handshake_head.hpp"
#include "faults/link_conditions.hpp"
#include "ingress/answer_head.hpp"
#include "ingress/choice.hpp"
#include "ingress/names.hpp"
#include "ingress/request_head.hpp"

#include <fmt/format.h>

#include <algorithm>

using namespace wsrace;
using namespace wsrace::fuzz;
using namespace std::chrono_literals;
using faults::Chunk;
using faults::Direction;
using faults::FrameFollower;
using faults::HandshakeHead;
using faults::LinkConditions;
using faults::LinkSchedule;
using faults::TimePoint;

namespace {

using Pieces = std::vector<std::string_view>;

// What a follower says of a stream: where frames and messages end, and how messages begin.
std::vector<std::string> told_of(const Pieces& stream)
{
    using Happening = FrameFollower::Happening;
    FrameFollower follower;
    std::vector<std::string> told;
    std::size_t at = 0;
    for (const auto piece : stream) {
        for (auto rest = piece;;) {
            std::size_t taken = 0;
            const auto happening = follower.follow(rest, taken);
            require(taken <= rest.size(), "a follower takes no more than it is given");
            at += taken;
            rest.remove_prefix(taken);
            require(follower.beginning().size() <= FrameFollower::longest_beginning,
                    "a follower keeps the beginning of a message and no more");
            if (happening == Happening::beginning)
                told.push_back(fmt::format("begins {}", follower.beginning()));
            if (happening == Happening::frame_ended) told.push_back(fmt::format("frame to {}", at));
            if (happening == Happening::message_ended) told.push_back(fmt::format("message to {}", at));
            if (happening == Happening::lost) {
                told.push_back(fmt::format("lost at {}", at));
                return told;
            }
            if (happening != Happening::none) continue;
            require(rest.empty(), "a follower to which nothing happens has taken all it was given");
            break;
        }
    }
    return told;
}

void look_at_frames(std::string_view bytes, Draws& draws)
{
    const auto whole = told_of({bytes});
    require(whole == told_of(pieces(bytes, draws)), "frames are the same however the stream is cut");
    require(whole == told_of(single_bytes(bytes)), "frames are the same byte by byte");
}

void look_at_handshake(std::string_view bytes, Draws& draws)
{
    HandshakeHead head;
    std::size_t taken = 0;
    for (const auto piece : pieces(bytes, draws)) {
        const auto now = head.follow(piece);
        taken += now;
        if (now < piece.size()) break;
    }
    const auto end = bytes.find("\r\n\r\n");
    const auto expected = end == std::string_view::npos ? bytes.size() : end + 4;
    require(taken == expected, "a head ends with its first empty line");
    require(head.complete() == (end != std::string_view::npos), "a head is complete with its empty line");
    const auto first = bytes.substr(0, std::min<std::size_t>(expected, 12));
    require(!head.switches() || (first.starts_with("HTTP/1.") && first.ends_with(" 101")),
            "only an answer with 101 switches");
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

void look_at_corruption(std::string_view bytes, std::uint64_t seed)
{
    for (const auto* const header : {"Sec-WebSocket-Key", "Host"}) {
        std::string head{bytes};
        const auto changed = faults::corrupt_header(head, header, seed);
        std::string again{bytes};
        faults::corrupt_header(again, header, seed);
        require(head == again, "the same seed changes the same character");
        require(head.size() == bytes.size(), "a changed head is as long as it was");
        std::size_t differences = 0;
        for (std::size_t i = 0; i < head.size(); ++i) differences += lower(head[i]) != lower(bytes[i]);
        require(differences == (changed ? 1U : 0U) && (changed || head == bytes),
                "one character of a header is changed, to another one");
    }
}

// A type that is told of the beginning of a message is the type of the message.
void look_at_types(std::string_view text, Draws& draws)
{
    static const faults::EventScan scan;
    const auto whole = scan.type_of(text);
    const auto part = scan.type_of(text.substr(0, draws.below(text.size() + 1)));
    require(part == FrameType::unknown || part == whole, "more of a message does not change its type");
}

LinkFault fault_of(LinkFault::Trigger trigger)
{
    LinkFault fault;
    fault.trigger = trigger;
    return fault;
}

// Bit i of the input's first byte: whether the i-th of these acts.
std::vector<LinkFault> chosen_faults(unsigned bits)
{
    using Kind = LinkFault::Trigger::Kind;
    std::vector<LinkFault> known(8);
    known[0].latency = 40ms;
    known[0].jitter = Distribution{.kind = Distribution::Kind::uniform, .low = 1ms, .high = 1s};
    known[1].slice = 7;
    known[1].bandwidth = 1000;
    known[2] = fault_of({.kind = Kind::after_event, .number = 1});
    known[2].black_hole = true;
    known[3] = fault_of({.kind = Kind::on_type, .number = 2, .type = FrameType::agent_thinking});
    known[3].reset = true;
    known[4].corrupt_header = "Sec-WebSocket-Accept";
    known[5] = fault_of({.kind = Kind::on_type, .number = 1, .type = FrameType::agent_completed});
    known[5].stall = 2s;
    known[6] = fault_of({.kind = Kind::while_upgrade});
    known[6].half_open = LinkFault::Side::client;
    known[7] = fault_of({.kind = Kind::after_event, .number = 3});
    known[7].latency = 5ms;
    std::vector<LinkFault> chosen;
    for (std::size_t i = 0; i < known.size(); ++i)
        if ((bits >> i & 1U) != 0) chosen.push_back(known[i]);
    return chosen;
}

struct Passed {
    std::string bytes;
    std::vector<std::pair<std::size_t, int>> acts; // behind so many bytes
    bool ends = true;
    bool operator==(const Passed&) const = default;
};

Passed pass(LinkConditions& link, Direction way, const Pieces& stream)
{
    const TimePoint now{1h};
    std::deque<Chunk> chunks;
    for (const auto piece : stream) link.take(way, piece, now, chunks);
    Passed out;
    out.ends = link.take_end(way, now, chunks).has_value();
    for (const auto& chunk : chunks) {
        require(chunk.due >= now, "nothing is due before it came");
        require(chunk.act == Chunk::no_act || chunk.bytes.empty(), "an act has no bytes");
        require(chunk.act != Chunk::no_act || !chunk.bytes.empty(), "a chunk has bytes, or is an act");
        if (chunk.act != Chunk::no_act) out.acts.emplace_back(out.bytes.size(), chunk.act);
        out.bytes += chunk.bytes;
    }
    return out;
}

struct BothWays {
    Passed up;
    Passed down;
    bool operator==(const BothWays&) const = default;
};

BothWays pass_both(const LinkSchedule& schedule, const Pieces& up, const Pieces& down)
{
    LinkConditions link{schedule, {.number = 3, .user = UserId{5}}, TimePoint{1h}};
    BothWays out;
    out.up = pass(link, Direction::up, up);
    out.down = pass(link, Direction::down, down);
    return out;
}

void look_at_link(const std::vector<LinkFault>& chosen, std::uint64_t seed, std::string_view up,
                  std::string_view down, Draws& draws)
{
    const LinkSchedule schedule{.faults = chosen, .seed = seed, .start = TimePoint{1h}};
    const auto whole = pass_both(schedule, {up}, {down});
    const auto cut = pass_both(schedule, pieces(up, draws), pieces(down, draws));
    require(whole.up == cut.up && whole.down == cut.down,
            "what a link does is the same however the stream is cut",
            fmt::format("down: {} bytes and {} acts, {} bytes and {} acts", whole.down.bytes.size(),
                        whole.down.acts.size(), cut.down.bytes.size(), cut.down.acts.size()));
    const auto any = [&](auto concerns) { return std::any_of(chosen.begin(), chosen.end(), concerns); };
    const auto swallows = any([](const LinkFault& fault) { return fault.black_hole; });
    const auto corrupts = any([](const LinkFault& fault) { return !fault.corrupt_header.empty(); });
    require(whole.up.bytes == up || corrupts, "what goes up is passed on as it came");
    require(swallows || whole.down.bytes.size() == down.size(), "nothing is lost but in a black hole");
    require(corrupts || down.starts_with(whole.down.bytes), "nothing is changed but a corrupted header");
}

void look_at_request(std::string_view bytes)
{
    const auto length = ingress::head_length(bytes);
    if (!length) return;
    const auto head = ingress::parse_request_head(bytes.substr(0, *length));
    if (!head) return;
    const auto text = head->text();
    require(ingress::head_length(text) == text.size(), "a head that goes out has one empty line, at its end",
            text);
    const auto again = ingress::parse_request_head(text);
    require(again && again->method == head->method && again->target == head->target &&
                again->minor == head->minor && again->fields == head->fields,
            "a head that goes out is read as the one that came in", text);
    auto changed = *head;
    for (const auto& [name, value] : head->fields) changed.remove(name);
    require(changed.fields.empty(), "a header that was removed is gone");
    changed.append("X-Forwarded-For", "10.0.0.1");
    require(changed.find("x-forwarded-for") == "10.0.0.1", "a header that was added is there");
    const auto caller = ingress::read_caller(head->find(ingress::caller_header), 77);
    require(caller.known || (caller.user == UserId{77} && !caller.connection),
            "who does not say who it is is known by its connection");
    require(!caller.connection || caller.connection->user == caller.user, "a connection is its caller's");
}

std::string with_cookie(const Pieces& stream)
{
    ingress::AnswerHead head{"Set-Cookie: a=b"};
    std::string out;
    for (const auto piece : stream) out += head.pass(piece);
    return out + head.rest();
}

void look_at_answer(std::string_view bytes, Draws& draws)
{
    const auto whole = with_cookie({bytes});
    require(whole == with_cookie(pieces(bytes, draws)), "an answer gets its header however the stream is cut",
            whole);
    const auto at = whole.find("Set-Cookie: a=b\r\n\r\n");
    auto without = whole;
    if (whole.size() != bytes.size() && at != std::string::npos) without.erase(at, 17);
    require(without == bytes, "but for the header, an answer passes as it came", whole);
}

} // namespace

void wsrace::fuzz::look_at(std::string_view input)
{
    if (input.size() < 4) return;
    const auto number = [&](std::size_t i) {
        return static_cast<unsigned>(static_cast<unsigned char>(input[i]));
    };
    const auto bytes = input.substr(4);
    const auto split = std::min<std::size_t>(bytes.size(), number(2) | number(3) << 8U);
    const auto up = bytes.substr(0, split);
    const auto down = bytes.substr(split);
    Draws draws{input};
    look_at_frames(down, draws);
    look_at_frames(up, draws);
    look_at_handshake(up, draws);
    look_at_handshake(down, draws);
    look_at_corruption(up, number(1));
    look_at_types(down, draws);
    look_at_link(chosen_faults(number(0)), number(1), up, down, draws);
    look_at_request(up);
    look_at_answer(down, draws);
}
