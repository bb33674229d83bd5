#include "core/history_file.hpp"
#include "core/history_format.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <stdexcept>

namespace wsrace {

namespace {

using namespace history_format;

// A whole number that fits: nlohmann's get() would make 3 of 3.9, and 4294967295 of -1.
template <typename Number>
Number whole(const nlohmann::json& json, const char* field)
{
    const auto& value = json.at(field);
    constexpr auto most = std::numeric_limits<Number>::max();
    if (value.is_number_unsigned() && value.get<std::uint64_t>() <= most) return value.get<Number>();
    throw std::runtime_error{
        fmt::format("\"{}\": expected a whole number from 0 to {}, found {}", field, most,
                    value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).substr(0, 40))};
}

RunInfo parse_run_info(std::string_view text)
{
    const auto json = nlohmann::json::parse(text);
    RunInfo info;
    info.run.value = whole<std::uint64_t>(json, "run");
    info.seed = whole<std::uint64_t>(json, "seed");
    info.scenario = json.at("scenario").get<std::string>();
    info.scenario_digest = json.at("scenario_digest").get<std::string>();
    info.plan_digest = json.at("plan_digest").get<std::string>();
    info.version = json.at("version").get<std::string>();
    info.command = json.at("command").get<std::string>();
    info.target = json.at("target").get<std::string>();
    info.started = json.at("started").get<std::string>();
    info.machine = json.at("machine").get<std::string>();
    info.users = whole<std::uint32_t>(json, "users");
    info.first_user = whole<std::uint32_t>(json, "first_user");
    info.connections = whole<std::uint16_t>(json, "connections");
    info.requests = whole<std::uint32_t>(json, "requests");
    if (json.contains("instances")) info.instances = whole<std::uint16_t>(json, "instances");
    return info;
}

// What no writer writes, in words; empty where there is nothing of the kind. The checks add and subtract
// times.
std::string_view impossibility(const Event& event)
{
    constexpr Instant longest = std::chrono::hours{24 * 3650};
    constexpr std::int64_t latest_stamp =
        1'000'000'000'000'000'000; // microseconds: of a frame, as it is read
    if (event.at > longest) return "an event ten years after the start";
    if (event.kind > EventKind::constraint) return "an unknown kind of event";
    const auto most = event.kind == EventKind::frame ? latest_stamp : longest.count();
    if (event.stamp != no_stamp && (event.stamp > most || event.stamp < -most)) return "a time out of reach";
    return {};
}

std::string read_bytes(const std::filesystem::path& file)
{
    std::ifstream in{file, std::ios::binary};
    if (!in) throw std::runtime_error{fmt::format("{}: cannot be read", file.string())};
    std::string bytes(static_cast<std::size_t>(std::filesystem::file_size(file)), '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(in.gcount()));
    return bytes;
}

// One file's records, in order, into the merged history; its symbols are folded into the history's.
class FileReader {
public:
    FileReader(std::string name, std::string_view bytes, History& history)
        : name_{std::move(name)}, bytes_{bytes}, history_{history}
    {}

    void read()
    {
        if (!bytes_.starts_with(magic))
            throw std::runtime_error{fmt::format(
                "{}: not a history of this version (it does not begin with \"{}\")", name_, magic)};
        at_ = magic.size();
        while (at_ < bytes_.size() && read_record()) {
        }
        if (at_ < bytes_.size() || !complete_) history_.info.truncated = true;
    }

private:
    // False: the rest is torn.
    bool read_record()
    {
        if (bytes_.size() - at_ < sizeof(TextHead)) return false;
        TextHead head;
        std::memcpy(&head, bytes_.data() + at_, sizeof head);
        return (head.kind_and_sign & TextHead::sign) != 0 ? read_text(head) : read_event();
    }

    bool read_event()
    {
        if (bytes_.size() - at_ < sizeof(Event)) return false;
        Event event;
        std::memcpy(&event, bytes_.data() + at_, sizeof event);
        if (const auto what = impossibility(event); !what.empty()) throw damaged(what);
        event.run = resolve(event.run);
        event.item = resolve(event.item);
        event.text = resolve(event.text);
        history_.events.push_back(event);
        at_ += sizeof event;
        return true;
    }

    bool read_text(const TextHead& head)
    {
        const auto begin = at_ + sizeof head;
        if (bytes_.size() - begin < padded(head.length)) return false;
        const auto text = bytes_.substr(begin, head.length);
        switch (head.kind()) {
        case TextKind::symbol:
            if (head.symbol != symbols_.size()) throw damaged("symbols out of order");
            symbols_.push_back(history_.intern(text));
            break;
        case TextKind::run_info: read_info(text); break;
        case TextKind::interrupted: history_.info.interrupted = true; break;
        case TextKind::complete: complete_ = true; break;
        default: throw damaged("an unknown kind of record");
        }
        at_ = begin + padded(head.length);
        return true;
    }

    void read_info(std::string_view text)
    {
        try {
            const auto interrupted = history_.info.interrupted;
            const auto truncated = history_.info.truncated;
            history_.info = parse_run_info(text);
            history_.info.interrupted = interrupted;
            history_.info.truncated = truncated;
        } catch (const std::exception& error) {
            throw damaged(error.what());
        }
    }

    Symbol resolve(Symbol symbol) const
    {
        const auto index = static_cast<std::size_t>(symbol);
        if (index >= symbols_.size()) throw damaged("a symbol that was not written before");
        return symbols_[index];
    }

    std::runtime_error damaged(std::string_view what) const
    {
        return std::runtime_error{fmt::format("{}: damaged at byte {}: {}", name_, at_, what)};
    }

    std::string name_;
    std::string_view bytes_;
    History& history_;
    std::size_t at_ = 0;
    bool complete_ = false;
    std::vector<Symbol> symbols_{no_symbol};
};

// The events from `begin` on are one file's, nearly always in the order of time already; those before it are
// sorted.
void merge_in(std::vector<Event>& events, std::ptrdiff_t begin)
{
    const auto earlier = [](const Event& a, const Event& b) { return a.at < b.at; };
    const auto middle = events.begin() + begin;
    if (!std::is_sorted(middle, events.end(), earlier)) std::stable_sort(middle, events.end(), earlier);
    std::inplace_merge(events.begin(), middle, events.end(), earlier);
}

std::vector<std::filesystem::path> history_files(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> files;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator{folder, ignored}) {
        const auto name = entry.path().filename().string();
        if (name.starts_with("history.") && name.find_first_not_of("0123456789", 8) == std::string::npos &&
            name.size() > 8)
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    if (files.empty())
        throw std::runtime_error{fmt::format(
            "{}: no history in it (expected history.0, as `wsrace run --out` leaves it)", folder.string())};
    return files;
}

} // namespace

History read_history(const std::filesystem::path& run_folder)
{
    History history;
    for (const auto& file : history_files(run_folder)) {
        const auto bytes = read_bytes(file);
        history.events.reserve(history.events.size() + bytes.size() / sizeof(Event));
        const auto merged = static_cast<std::ptrdiff_t>(history.events.size());
        FileReader{file.string(), bytes, history}.read();
        merge_in(history.events, merged);
    }
    return history;
}

} // namespace wsrace
