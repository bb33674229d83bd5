// History files, whole, cut short, and damaged: reading, exporting, judging. The input is a file; taken as a
// store's latencies, too.
#include "fuzz/target.hpp"

#include "checks/judge.hpp"
#include "core/history_file.hpp"
#include "run_store/counted_samples.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <cstring>
#include <fstream>
#include <optional>
#include <stdexcept>

using namespace wsrace;
using namespace wsrace::fuzz;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t magic_size = 8;

// Two folders of runs, and a place for an export; gone when the program ends.
class Folders {
public:
    Folders() : root_{fs::temp_directory_path() / ("wsrace-fuzz-" + std::to_string(::getpid()))}
    {
        for (const auto* const name : {"given", "again"}) fs::create_directories(root_ / name);
    }
    ~Folders()
    {
        std::error_code ignored;
        fs::remove_all(root_, ignored);
    }
    Folders(const Folders&) = delete;
    Folders& operator=(const Folders&) = delete;

    fs::path given() const { return root_ / "given"; }
    fs::path again() const { return root_ / "again"; }
    fs::path exported() const { return root_ / "history.jsonl"; }

private:
    fs::path root_;
};

void write(const fs::path& file, std::string_view bytes)
{
    std::ofstream out{file, std::ios::binary | std::ios::trunc};
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// Nothing when it is no history; then it says why.
std::optional<History> read(const fs::path& folder)
{
    try {
        return read_history(folder);
    } catch (const std::runtime_error& error) {
        require(std::string_view{error.what()}.find("history.0: ") != std::string_view::npos,
                "what is no history is refused with its name", error.what());
        return std::nullopt;
    }
}

bool same(const Event& one, const Event& other) { return std::memcmp(&one, &other, sizeof one) == 0; }

void look_at_prefix(const History& whole, const History& part)
{
    auto next = whole.events.begin();
    for (const auto& event : part.events) {
        while (next != whole.events.end() && !same(*next, event)) ++next;
        require(next != whole.events.end(),
                "a history that is cut holds what the whole one holds, in its order");
        for (const auto symbol : {event.run, event.item, event.text})
            require(whole.text(symbol) == part.text(symbol), "a text is the same in a part of the history");
        ++next;
    }
}

void look_at_cuts(const Folders& folders, std::string_view bytes, const History& whole, Draws& draws)
{
    const auto last = bytes.size() - 1;
    for (const auto size : {last, magic_size + draws.below(bytes.size() - magic_size)}) {
        fs::resize_file(folders.given() / "history.0", size);
        const auto part = read(folders.given());
        if (size < magic_size) return;
        require(part.has_value(), "a history that is cut is read up to there");
        require(part->info.truncated || whole.info.truncated || size != last,
                "a complete history without its last byte says so");
        look_at_prefix(whole, *part);
    }
}

void look_at_export(const Folders& folders, const History& history)
{
    export_jsonl(history, folders.exported());
    std::ifstream in{folders.exported()};
    std::size_t count = 0;
    for (std::string line; std::getline(in, line); ++count) {
        const auto json = nlohmann::json::parse(line, nullptr, false);
        require(json.is_object(), "every line of an export is a JSON object", line);
        require(count < history.events.size() &&
                    json.value("at_ns", std::int64_t{-1}) == history.events[count].at.count(),
                "an export has the events in their order", line);
    }
    require(count == history.events.size(), "an export has every event");
}

void look_at_copy(const Folders& folders, const History& history)
{
    const auto file = folders.again() / "history.0";
    fs::remove(file);
    {
        HistoryWriter writer{file, history.info};
        for (auto event : history.events) {
            event.run = writer.intern(history.text(event.run));
            event.item = writer.intern(history.text(event.item));
            event.text = writer.intern(history.text(event.text));
            writer.append(event);
        }
        writer.complete();
    }
    const auto again = read(folders.again());
    require(again.has_value() && !again->info.truncated, "what was written is read");
    require(again->events.size() == history.events.size(), "what was written is read, every event");
    for (std::size_t i = 0; i < again->events.size(); ++i) {
        auto event = again->events[i];
        const auto& before = history.events[i];
        require(again->text(event.run) == history.text(before.run) &&
                    again->text(event.item) == history.text(before.item) &&
                    again->text(event.text) == history.text(before.text),
                "a text that was written is read");
        event.run = before.run;
        event.item = before.item;
        event.text = before.text;
        require(same(event, before), "an event that was written is read");
    }
    require(again->info.seed == history.info.seed && again->info.users == history.info.users &&
                again->info.command == history.info.command && again->info.run == history.info.run,
            "what is said of the run is read as it was written");
}

void look_at_verdict(const History& history)
{
    const auto verdict = judge(Expectations{}, history);
    for (const auto& check : verdict.checks)
        require(!check.reason.starts_with("the check itself failed"), "a check can judge every history",
                check.id + ": " + check.reason);
    require(!history.info.truncated || verdict.verdict != Verdict::pass, "half a history proves nothing");
}

// What a store's file has for latencies, should it be damaged.
void look_at_samples(std::string_view input)
{
    const auto samples = decode(input);
    if (samples)
        require(decode(encode(*samples)) == samples, "samples that are accepted are stored as they were");
}

} // namespace

void wsrace::fuzz::look_at(std::string_view input)
{
    static const Folders folders;
    look_at_samples(input);
    write(folders.given() / "history.0", input);
    const auto history = read(folders.given());
    if (!history) return;
    Draws draws{input};
    look_at_cuts(folders, input, *history, draws);
    look_at_export(folders, *history);
    look_at_copy(folders, *history);
    look_at_verdict(*history);
}
