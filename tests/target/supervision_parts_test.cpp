#include "support/temporary_folder.hpp"
#include "target/cpu_share.hpp"
#include "target/journal.hpp"
#include "target/report_files.hpp"
#include "target/server_process.hpp"
#include "target/usage.hpp"

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

// A process of a group of its own that uses all the processor time it gets.
class Busy {
public:
    Busy()
    {
        process_ = ::fork();
        if (process_ != 0) return;
        ::setpgid(0, 0);
        std::atomic<unsigned long> count{0};
        for (;;) ++count;
    }
    ~Busy()
    {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;
    pid_t id() const { return process_; }

private:
    pid_t process_ = -1;
};

Duration cpu_used_during(boost::asio::io_context& io, pid_t process, Duration wall)
{
    io.restart();
    const auto before = usage_of(process, Descriptors::left_out)->cpu;
    boost::asio::steady_timer timer{io, wall};
    bool over = false;
    timer.async_wait([&over](const boost::system::error_code&) { over = true; });
    while (!over) io.run_one();
    return usage_of(process, Descriptors::left_out)->cpu - before;
}

} // namespace

TEST_CASE("A process's usage counts itself, its descendants and its sockets; one that has gone has none")
{
    const auto before = usage_of(::getpid(), Descriptors::counted);
    REQUIRE(before);
    CHECK(before->memory_kib > 1000);
    CHECK(before->threads >= 1);
    const auto socket = ::socket(AF_INET, SOCK_STREAM, 0);
    pid_t child = 0;
    {
        const Busy busy;
        child = busy.id();
        const auto now = usage_of(::getpid(), Descriptors::counted);
        CHECK(now->threads > before->threads); // a sanitizer may have a thread of its own
        CHECK(now->sockets >= before->sockets + 1);
        CHECK(now->files > now->sockets);
        CHECK(family_of(::getpid()) == std::vector<pid_t>{::getpid(), child});
    }
    ::close(socket);
    CHECK_FALSE(usage_of(child, Descriptors::counted));
}

TEST_CASE("A share of a core is what a process gets, by cgroup and by signals, and all of it afterwards")
{
    const auto by_signals = GENERATE(true, false);
    boost::asio::io_context io;
    const Busy busy;
    CpuShare share{io, by_signals ? std::string{} : cpu_cgroup()};
    share.limit(busy.id(), 0.2);
    const auto limited = cpu_used_during(io, busy.id(), 500ms);
    CHECK(limited < 250ms); // half, where a fifth was allowed: this machine has other things to do, too
    share.lift();
    int state = 0;
    CHECK(::waitpid(busy.id(), &state, WNOHANG | WUNTRACED | WCONTINUED) >= 0);
    CHECK(cpu_used_during(io, busy.id(), 500ms) > limited);
}

TEST_CASE("A journal's lines are redacted, on the timeline and in the log of their instance")
{
    const TemporaryFolder folder;
    {
        TargetJournal journal{HistoryWriter{folder.path() / "history.0", RunInfo{}}, folder.path(), 2,
                              std::chrono::steady_clock::now()};
        journal.line(0, LogStream::out, "up");
        journal.line(1, LogStream::err, "Authorization: Bearer abc.def.ghi");
        journal.note(1, LifeCycle::ready);
        journal.sample(1, SampleKind::counter, 17, "managers");
        CHECK_THAT(journal.last_output(1), Catch::Contains("[redacted]"));
        CHECK_THAT(journal.last_output(0), !Catch::Contains("redacted"));
        journal.complete();
    }
    const auto history = read_history(folder.path());
    REQUIRE(history.events.size() == 4);
    CHECK(history.events[1].slot == 1);
    CHECK(history.text(history.events[1].text) == "Authorization: Bearer [redacted]");
    CHECK(history.events[3].sample() == SampleKind::counter);
    CHECK(history.text(history.events[3].text) == "managers");
    std::ifstream log{folder.path() / "server.1.log"};
    const std::string text{std::istreambuf_iterator<char>{log}, {}};
    CHECK_THAT(text, Catch::Contains("stderr Authorization: Bearer [redacted]"));
}

TEST_CASE("A journal that may keep no more says so once, in its place, and for that instance only")
{
    const TemporaryFolder folder;
    const std::string line(100, 'x');
    {
        TargetJournal journal{HistoryWriter{folder.path() / "history.0", RunInfo{}}, folder.path(), 2,
                              std::chrono::steady_clock::now(), 300};
        for (int i = 0; i < 5; ++i) journal.line(0, LogStream::out, line);
        journal.line(0, LogStream::err, "short");
        journal.line(1, LogStream::out, line);
        CHECK_THAT(journal.last_output(0), Catch::Contains("short"));
        journal.complete();
    }
    const auto history = read_history(folder.path());
    REQUIRE(history.events.size() == 4);
    CHECK(history.text(history.events[1].text) == line);
    CHECK(log_stream_name(history.events[2].value) == "cut");
    CHECK(history.text(history.events[2].text) == "output beyond 300 bytes is not kept");
    CHECK(history.events[3].slot == 1);
    CHECK(history.text(history.events[3].text) == line);
}

TEST_CASE("Report files are followed as they grow, each one's last line too when it is finished")
{
    const TemporaryFolder folder;
    std::vector<std::string> lines;
    ReportFiles files{folder.path() / "sanitizer.0",
                      [&lines](std::string_view line) { lines.emplace_back(line); }};
    files.poll();
    CHECK(lines.empty());
    std::ofstream report{folder.path() / "sanitizer.0.4711"};
    std::ofstream{folder.path() / "sanitizer.1.4712"} << "another instance's\n";
    report << "WARNING: ThreadSanitizer: data race\n  Write of" << std::flush;
    files.poll();
    CHECK(lines == std::vector<std::string>{"WARNING: ThreadSanitizer: data race"});
    report << " size 8\nlast" << std::flush;
    files.finish();
    CHECK(lines.size() == 3);
    CHECK(lines[1] == "  Write of size 8");
    CHECK(lines[2] == "last");
}
