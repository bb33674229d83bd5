#include "core/history_file.hpp"

#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <limits>

using namespace wsrace;

namespace {

RunInfo sample_info()
{
    RunInfo info;
    info.run = RunId{77};
    info.seed = 0xffffffffffffffffULL;
    info.scenario = "sample";
    info.users = 3;
    info.connections = 2;
    info.requests = 6;
    info.command = "wsrace run sample --seed 1";
    return info;
}

Event frame_at(Instant at, std::uint32_t user)
{
    Event event;
    event.at = at;
    event.kind = EventKind::frame;
    event.type = static_cast<std::uint8_t>(FrameType::agent_thinking);
    event.user = user;
    event.stamp = -5;
    event.value = 250;
    return event;
}

std::string read(const std::filesystem::path& file)
{
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

void write(const std::filesystem::path& file, const std::string& bytes)
{
    std::ofstream{file, std::ios::binary} << bytes;
}

} // namespace

TEST_CASE("A history is read as it was written, from all workers, in the order of time")
{
    const TemporaryFolder folder;
    {
        HistoryWriter first{folder.path() / "history.0", sample_info()};
        HistoryWriter second{folder.path() / "history.1", sample_info()};
        auto event = frame_at(Instant{30}, 0);
        event.run = first.intern("r-1");
        first.append(event);
        event = frame_at(Instant{10}, 1);
        event.run = second.intern("r-2");
        second.append(event);
        event = frame_at(Instant{40}, 1);
        event.run = second.intern("r-1");
        second.append(event);
        first.complete();
        second.complete();
    }
    const auto history = read_history(folder.path());
    CHECK(history.info.seed == 0xffffffffffffffffULL);
    CHECK(history.info.run == RunId{77});
    CHECK(history.info.requests == 6);
    CHECK(history.info.command == "wsrace run sample --seed 1");
    CHECK_FALSE(history.info.interrupted);
    CHECK_FALSE(history.info.truncated);
    REQUIRE(history.events.size() == 3);
    CHECK(history.events[0].user == 1);
    CHECK(history.text(history.events[0].run) == "r-2");
    CHECK(history.events[1].run == history.events[2].run);
    CHECK(history.events[1].stamp == -5);
    CHECK(history.duration() == Instant{40});
}

TEST_CASE("The same text is the same symbol, however often the writer forgot it")
{
    const TemporaryFolder folder;
    {
        HistoryWriter writer{folder.path() / "history.0", sample_info()};
        for (int round = 0; round < 2; ++round) {
            for (int i = 0; i < 20'000; ++i) {
                auto event = frame_at(Instant{i}, static_cast<std::uint32_t>(i));
                event.run = writer.intern("r-" + std::to_string(i));
                writer.append(event);
            }
        }
    }
    const auto history = read_history(folder.path());
    REQUIRE(history.events.size() == 40'000);
    for (const auto& event : history.events)
        REQUIRE(history.text(event.run) == "r-" + std::to_string(event.user));
    CHECK(history.events[0].run == history.events[1].run);
}

TEST_CASE("A history that a crash cut short is read up to the tear, and says so")
{
    const TemporaryFolder folder;
    const auto file = folder.path() / "history.0";
    {
        HistoryWriter writer{file, sample_info()};
        for (int i = 0; i < 10; ++i) {
            auto event = frame_at(Instant{i}, 1);
            event.text = writer.intern("text " + std::to_string(i));
            writer.append(event);
        }
    }
    const auto whole = read(file);
    std::size_t most = 0;
    for (auto size = whole.size() - 1; size > whole.size() - 200; --size) {
        write(file, whole.substr(0, size));
        const auto history = read_history(folder.path());
        CHECK(history.events.size() < 10);
        most = std::max(most, history.events.size());
    }
    CHECK(most == 9);
    write(file, whole.substr(0, whole.size() - 1));
    CHECK(read_history(folder.path()).info.truncated);
}

TEST_CASE("A history of which one file has no end is not complete")
{
    const TemporaryFolder folder;
    HistoryWriter{folder.path() / "history.0", sample_info()}.complete();
    CHECK_FALSE(read_history(folder.path()).info.truncated);
    HistoryWriter{folder.path() / "history.1", sample_info()}.append(frame_at(Instant{1}, 1));
    CHECK(read_history(folder.path()).info.truncated);
}

TEST_CASE("An interrupted run says so")
{
    const TemporaryFolder folder;
    HistoryWriter{folder.path() / "history.0", sample_info()}.interrupted();
    CHECK(read_history(folder.path()).info.interrupted);
}

TEST_CASE("What is no history is refused with the file's name")
{
    const TemporaryFolder folder;
    CHECK_THROWS_WITH(read_history(folder.path()), Catch::Contains(folder.path().string()));
    write(folder.path() / "history.0", "something else, long enough");
    CHECK_THROWS_WITH(read_history(folder.path()),
                      Catch::Contains("history.0") && Catch::Contains("not a history"));
}

TEST_CASE("A history with damaged records is refused, not misread")
{
    const TemporaryFolder folder;
    const auto file = folder.path() / "history.0";
    {
        HistoryWriter writer{file, sample_info()};
        auto event = frame_at(Instant{1}, 1);
        event.run = Symbol{4000};
        writer.append(event);
    }
    CHECK_THROWS_WITH(read_history(folder.path()), Catch::Contains("damaged at byte"));
}

TEST_CASE("A history with times or kinds that no writer writes is refused")
{
    const TemporaryFolder folder;
    auto event = frame_at(Instant{1}, 1);
    const auto what = GENERATE(0, 1, 2, 3);
    if (what == 0) event.at = Instant::max();
    if (what == 1) event.stamp = std::numeric_limits<std::int64_t>::max();
    if (what == 2) event.kind = static_cast<EventKind>(99);
    if (what == 3) {
        event.kind = EventKind::step;
        event.stamp = no_stamp + 1;
    }
    HistoryWriter{folder.path() / "history.0", sample_info()}.append(event);
    CHECK_THROWS_WITH(read_history(folder.path()), Catch::Contains("damaged at byte"));
}

TEST_CASE("What a history says of its run is read strictly")
{
    const TemporaryFolder folder;
    const auto file = folder.path() / "history.0";
    HistoryWriter{file, sample_info()}.complete();
    auto bytes = read(file);
    const auto seed = bytes.find("18446744073709551615");
    REQUIRE(seed != std::string::npos);
    const std::string other = GENERATE("-1844674407370955161", "1.844674407370955161", "1844674407370955e123",
                                       "null                ", "\"184467440737095516\"");
    bytes.replace(seed, other.size(), other);
    write(file, bytes);
    CHECK_THROWS_WITH(read_history(folder.path()), Catch::Contains("damaged at byte 8") &&
                                                       Catch::Contains("\"seed\": expected a whole number"));
}

TEST_CASE("A history is exported as one JSON object a line")
{
    const TemporaryFolder folder;
    {
        HistoryWriter writer{folder.path() / "history.0", sample_info()};
        auto event = frame_at(Instant{5}, 1);
        event.set(Flag::own_canary);
        event.text = writer.intern("Bearer abc.def");
        writer.append(event);
    }
    export_jsonl(read_history(folder.path()), folder.path() / "history.jsonl");
    const auto text = read(folder.path() / "history.jsonl");
    CHECK_THAT(text, Catch::Contains(R"("at_ns":5,"kind":"frame","type":"agent_thinking")"));
    CHECK_THAT(text, Catch::Contains(R"("flags":["own_canary"])"));
    CHECK_THAT(text, !Catch::Contains("abc.def"));
}

TEST_CASE("A file that exists is not written over")
{
    const TemporaryFolder folder;
    write(folder.path() / "history.0", "precious");
    CHECK_THROWS_AS((HistoryWriter{folder.path() / "history.0", sample_info()}), std::system_error);
    CHECK(read(folder.path() / "history.0") == "precious");
}

TEST_CASE("A connection's events are found together and in order")
{
    History history;
    for (int i = 0; i < 6; ++i)
        history.events.push_back(frame_at(Instant{i}, static_cast<std::uint32_t>(i % 2)));
    Event line;
    line.kind = EventKind::log;
    history.events.push_back(line);
    const auto connections = connections_of(history);
    REQUIRE(connections.size() == 2);
    CHECK(connections[0].events == std::vector<std::uint32_t>{0, 2, 4});
    CHECK(connections[1].events == std::vector<std::uint32_t>{1, 3, 5});
}
