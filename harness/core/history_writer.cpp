#include "core/history_file.hpp"
#include "core/history_format.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <functional>

namespace wsrace {

namespace {

using namespace history_format;

constexpr std::size_t buffer_size = std::size_t{64} * 1024;
constexpr std::size_t cache_size = 4096; // strings that repeat: run ids within a run, event names, tools
constexpr std::size_t longest_cached_text = 96; // payloads do not repeat

std::string run_info_json(const RunInfo& info)
{
    const nlohmann::json json{{"run", info.run.value},
                              {"seed", info.seed},
                              {"scenario", info.scenario},
                              {"scenario_digest", info.scenario_digest},
                              {"plan_digest", info.plan_digest},
                              {"version", info.version},
                              {"command", info.command},
                              {"target", info.target},
                              {"started", info.started},
                              {"machine", info.machine},
                              {"users", info.users},
                              {"first_user", info.first_user},
                              {"connections", info.connections},
                              {"requests", info.requests},
                              {"instances", info.instances}};
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

struct CachedText {
    std::string text;
    Symbol symbol = no_symbol;
};

} // namespace

struct HistoryWriter::State {
    int file = -1;
    std::error_code error;
    std::uint64_t bytes = 0;
    std::uint64_t events = 0;
    std::uint32_t last_symbol = 0;
    std::string buffer;
    std::array<CachedText, cache_size> cache;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State()
    {
        flush();
        if (file >= 0) ::close(file);
    }

    void put(const void* data, std::size_t size)
    {
        buffer.append(static_cast<const char*>(data), size);
        bytes += size;
    }

    void put_text(TextKind kind, std::uint32_t symbol, std::string_view text)
    {
        const TextHead head{.length = static_cast<std::uint32_t>(text.size()),
                            .kind_and_sign = static_cast<std::uint32_t>(kind) | TextHead::sign,
                            .symbol = symbol,
                            .zero = 0};
        put(&head, sizeof head);
        put(text.data(), text.size());
        static constexpr std::array<char, 8> zeros{};
        put(zeros.data(), padded(text.size()) - text.size());
        flush_if_full();
    }

    void flush_if_full()
    {
        if (buffer.size() >= buffer_size) flush();
    }

    void flush()
    {
        std::string_view rest = buffer;
        while (!rest.empty() && !error) {
            const auto written = ::write(file, rest.data(), rest.size());
            if (written >= 0)
                rest.remove_prefix(static_cast<std::size_t>(written));
            else if (errno != EINTR)
                error.assign(errno, std::generic_category());
        }
        buffer.clear();
    }
};

HistoryWriter::HistoryWriter(const std::filesystem::path& file, const RunInfo& info)
    : state_{std::make_unique<State>()}
{
    state_->file = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_APPEND, 0644);
    if (state_->file < 0) throw std::system_error{errno, std::generic_category(), file.string()};
    state_->buffer.reserve(buffer_size + 4096);
    state_->put(magic.data(), magic.size());
    state_->put_text(TextKind::run_info, 0, run_info_json(info));
    state_->flush();
}

HistoryWriter::~HistoryWriter() = default;
HistoryWriter::HistoryWriter(HistoryWriter&&) noexcept = default;
HistoryWriter& HistoryWriter::operator=(HistoryWriter&&) noexcept = default;

Symbol HistoryWriter::intern(std::string_view text)
{
    if (text.empty()) return no_symbol;
    auto& cached = state_->cache[std::hash<std::string_view>{}(text) % cache_size];
    if (cached.text == text) return cached.symbol;
    const Symbol symbol{++state_->last_symbol};
    state_->put_text(TextKind::symbol, state_->last_symbol, text);
    if (text.size() <= longest_cached_text) {
        cached.text = text;
        cached.symbol = symbol;
    }
    return symbol;
}

void HistoryWriter::append(const Event& event)
{
    state_->put(&event, sizeof event);
    ++state_->events;
    state_->flush_if_full();
}

void HistoryWriter::flush() { state_->flush(); }
std::error_code HistoryWriter::error() const { return state_->error; }
std::uint64_t HistoryWriter::bytes() const { return state_->bytes; }
std::uint64_t HistoryWriter::events() const { return state_->events; }

void HistoryWriter::interrupted()
{
    state_->put_text(TextKind::interrupted, 0, {});
    state_->flush();
}

void HistoryWriter::complete()
{
    state_->put_text(TextKind::complete, 0, {});
    state_->flush();
}

} // namespace wsrace
