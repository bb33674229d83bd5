#include "cli/selftest_sample.hpp"

#include "core/random.hpp"

#include <boost/random/uniform_int_distribution.hpp>

#include <algorithm>
#include <array>

namespace wsrace::cli {

namespace {

constexpr std::array cases{
    SelfTestCase{"accept_before_ready", "eager_first_message"},
    SelfTestCase{"accept_before_supervisor", "cold_start"},
    SelfTestCase{"close_one_closes_all", "multi_tab_close"},
    SelfTestCase{"dual_path", "conversation"},
    SelfTestCase{"fail_open", "slow_dependency"},
    SelfTestCase{"first_match_router", "golden_path"},
    SelfTestCase{"first_use_init", "cold_start_stampede"},
    SelfTestCase{"head_of_line", "ping_during_run"},
    SelfTestCase{"masked_failure", "failing_tool"},
    SelfTestCase{"recursive_manager", "cold_start_stampede"},
    SelfTestCase{"replay_races_live", "reconnect_mid_run"},
    SelfTestCase{"retry_reorders", "slow_consumer"},
    SelfTestCase{"send_after_close", "reconnect_storm"},
    SelfTestCase{"shared_rate_limit", "shared_address"},
    SelfTestCase{"slow_consumer_lock", "slow_consumer"},
    SelfTestCase{"stale_context", "multi_tab"},
    SelfTestCase{"swapped_payload", "interleaved_runs"},
    SelfTestCase{"thread_as_address", "interleaved_runs"},
    SelfTestCase{"thread_as_address", "thread_squatting"},
    SelfTestCase{"ticket_double_spend", "ticket_race"},
    SelfTestCase{"token_reuse_guard", "ticket_race"},
    SelfTestCase{"two_emitters", "interleaved_runs"},
    SelfTestCase{"unawaited_manager", "cold_start"},
};

} // namespace

std::span<const SelfTestCase> selftest_cases() { return cases; }

std::vector<SelfTestCase> draw_selftest_cases(std::uint64_t seed, std::size_t count)
{
    std::vector<SelfTestCase> drawn{cases.begin(), cases.end()};
    count = std::min(count, drawn.size());
    auto engine = random_stream(seed, "selftest");
    for (std::size_t i = 0; i < count; ++i) { // Fisher and Yates, as far as it is needed
        boost::random::uniform_int_distribution<std::size_t> from{i, drawn.size() - 1};
        std::swap(drawn[i], drawn[from(engine)]);
    }
    drawn.resize(count);
    return drawn;
}

} // namespace wsrace::cli
