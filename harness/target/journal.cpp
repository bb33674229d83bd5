#include "target/journal.hpp"

#include "core/redact.hpp"

#include <fmt/format.h>

namespace wsrace {

namespace {

constexpr std::size_t longest_line = 8192;
constexpr std::size_t lines_remembered = 12;

std::string size_text(std::uint64_t bytes)
{
    constexpr std::uint64_t mebibyte = 1024 * 1024;
    return bytes % mebibyte == 0 ? fmt::format("{} MiB", bytes / mebibyte) : fmt::format("{} bytes", bytes);
}

} // namespace

TargetJournal::TargetJournal(HistoryWriter history, const std::filesystem::path& folder,
                             std::uint16_t instances, std::chrono::steady_clock::time_point start,
                             std::uint64_t kept)
    : history_{std::move(history)}, logs_(instances), start_{start}, kept_{kept}
{
    for (std::uint16_t i = 0; i < instances; ++i)
        logs_[i].file.open(folder / (instances == 1 ? "server.log" : fmt::format("server.{}.log", i)));
}

Event TargetJournal::event(std::uint16_t instance, EventKind kind) const
{
    Event event;
    event.at = std::chrono::steady_clock::now() - start_;
    event.kind = kind;
    event.slot = instance;
    return event;
}

void TargetJournal::line(std::uint16_t instance, LogStream stream, std::string_view text)
{
    auto& log = logs_[instance];
    const auto safe = redact(text.substr(0, longest_line));
    log.tail.push_back(safe);
    if (log.tail.size() > lines_remembered) log.tail.pop_front();
    if (log.full) return;
    log.size += safe.size() + 20;
    log.full = log.size > kept_;
    if (log.full)
        write(instance, LogStream::cut, fmt::format("output beyond {} is not kept", size_text(kept_)));
    else
        write(instance, stream, safe);
}

void TargetJournal::write(std::uint16_t instance, LogStream stream, std::string_view text)
{
    auto said = event(instance, EventKind::log);
    said.value = static_cast<std::int32_t>(stream);
    said.text = history_.intern(text);
    history_.append(said);
    logs_[instance].file << fmt::format("{:12.6f} {} {}\n", std::chrono::duration<double>(said.at).count(),
                                        log_stream_name(said.value), text)
                         << std::flush; // somebody may be watching it
}

void TargetJournal::note(std::uint16_t instance, LifeCycle what, std::int32_t value)
{
    auto noted = event(instance, EventKind::life_cycle);
    noted.type = static_cast<std::uint8_t>(what);
    noted.value = value;
    history_.append(noted);
    history_.flush();
    logs_[instance].file.flush();
}

void TargetJournal::sample(std::uint16_t instance, SampleKind kind, std::int32_t value,
                           std::string_view counter)
{
    auto sampled = event(instance, EventKind::sample);
    sampled.type = static_cast<std::uint8_t>(kind);
    sampled.value = value;
    if (!counter.empty()) sampled.text = history_.intern(counter);
    history_.append(sampled);
}

void TargetJournal::flush() { history_.flush(); }

void TargetJournal::complete()
{
    for (auto& log : logs_) log.file.flush();
    history_.complete();
}

std::string TargetJournal::last_output(std::uint16_t instance) const
{
    std::string out;
    for (const auto& line : logs_[instance].tail) out += "    " + line + "\n";
    return out;
}

} // namespace wsrace
