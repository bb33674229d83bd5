// Signs, in an execution that did not fail, that it nearly did. Each is a key; a key pays once, so that a
// search is drawn to what is new and not to what is odd.
//
// "late: first_event x10"           a reply took at least 3 (10, 30, 100) times the 99th percentile of
// earlier
//                                   executions, and 5 ms; replies: answered, welcome, first_event,
//                                   next_event, pong
// "retried: upgrade_answered HTTP 503"  an attempt to connect, or a login, failed, and a later one of the
// same
//                                   connection or user succeeded
// "order: same_user s1 s2 f2 t2 f1 t1"  how two runs that were under way together interleaved: sent, first
//                                   event, terminal event; 1 is the one that was asked for first
// "log: pool is empty"              a line of the target whose template (core/log_template.hpp) was not seen
//                                   before
#pragma once

#include "core/history.hpp"
#include "explore/latency_baseline.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wsrace {

struct NearMisses {
    std::set<std::string> known; // keys that have paid
    std::map<std::string, LatencyBaseline> latencies;

    // The new keys of a clean execution, ascending; they are known from then on, and its latencies count for
    // the next ones. Of one that failed only the keys are taken note of, and its lines: what goes wrong is no
    // measure.
    std::vector<std::string> learn(const History& history, bool clean);
};

inline constexpr std::size_t most_novelties = 20'000; // known keys; from then on nothing is new

// The parts, each pure.
using Replies = std::vector<std::pair<std::string_view, Duration>>; // what was awaited, and how long
Replies replies_of(const History& history);
std::set<std::string> late_replies(const Replies& replies,
                                   const std::map<std::string, LatencyBaseline>& latencies);
std::set<std::string> retried_attempts(const History& history);
std::set<std::string> run_orders(const History& history);
std::set<std::string> log_templates(const History& history);

} // namespace wsrace
