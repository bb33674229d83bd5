#include "reference_server/server.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <numeric>

namespace wsrace::reference {

namespace {

constexpr std::array catalogue{
    BugInfo{Bug::shared_manager, "shared_manager",
            "one manager object serves everybody, and each connect replaces the socket it sends to",
            "a second user connects while the first one's run is going on",
            "the rest of the first run arrives at the second user", "isolation,five_events", "T",
            "manager.cpp"},
    BugInfo{Bug::first_match_router, "first_match_router",
            "the router takes the first registered handler instead of the user's own",
            "two users are connected, the later one asks something",
            "the later user's events carry the earlier user's id and address", "isolation", "T",
            "event_router.cpp"},
    BugInfo{Bug::head_of_line, "head_of_line", "the read loop waits for the run to end before it reads on",
            "ping or stop_agent sent while a run is going on (run length is four times --step-delay)",
            "the pong comes after the run, the stop has no effect", "liveness", "T", "dispatch.cpp"},
    BugInfo{Bug::masked_failure, "masked_failure",
            "the cleanup behind every run closes the connection normally, also after an error",
            "a run fails: settings {\"tool\":\"unstable\"}, or the words \"use tool unstable\" in the text",
            "close 1000 in the middle of the run, no agent_error", "close_codes", "TT",
            "agent_supervisor.cpp"},
    BugInfo{Bug::thread_as_address, "thread_as_address",
            "events are sent to every socket that follows a thread of that name, whoever owns the thread",
            "two users name the same thread_id, then one of them asks something in it",
            "both users receive both users' events", "isolation,credentials", "T", "manager.cpp"},
    BugInfo{Bug::close_one_closes_all, "close_one_closes_all",
            "cleaning up after a connection selects connections by user, not by connection id",
            "one of a user's two connections closes or drops",
            "the user's other connection is closed with 1000", "tab_independence", "T", "reception.cpp"},
    BugInfo{Bug::accept_before_supervisor, "accept_before_supervisor",
            "the gate looks at the auth store and the managers, and forgets the agent supervisor",
            "a request between 40 % and 100 % of --cold-start",
            "the upgrade is accepted, the first request ends in 1011", "close_codes,overload_refusal", "T",
            "services.cpp"},
    BugInfo{
        Bug::two_emitters, "two_emitters",
        "the state tracker takes over an announcement that waits for a save; the caller announces it as well",
        "a run ends while its state is being saved: stop_agent within 2/5 of --step-delay (2 ms) after one "
        "of "
        "its events, or three overlapping runs of one user",
        "two agent_completed for one run", "exactly_once", "TTT", "agent_supervisor.cpp"},
    BugInfo{Bug::swapped_payload, "swapped_payload",
            "all runs of a thread fill one payload object and wait before they send it",
            "two users' runs reach the same step within 1/5 of --step-delay (1 ms)",
            "ids are right, the content is somebody else's", "isolation", "TTT", "agent.cpp"},
    BugInfo{Bug::unlocked_registry, "unlocked_registry",
            "the connection registry is changed and read from several threads without its lock",
            "connects and disconnects with --threads 2 or more, built with ThreadSanitizer",
            "a data race report, rarely a crash", "sanitizer", "T", "registry.cpp"},
    BugInfo{Bug::unawaited_manager, "unawaited_manager",
            "the start begins to open the managers, and does not wait until they are open",
            "a request between 80 % and 100 % of --cold-start", "the first request ends in 1011",
            "close_codes", "T", "services.cpp"},
    BugInfo{Bug::recursive_manager, "recursive_manager",
            "who finds a user's manager still missing searches it among the user's connections, each of "
            "which asks for the user's manager; a guard ends the circle with an error",
            "two connections of one user within --manager-delay, before the user has a manager",
            "the later one is closed with 1011 instead of a welcome", "close_codes", "TT", "manager.cpp"},
    BugInfo{Bug::emergency_stub, "emergency_stub",
            "whoever comes before the supervisor is there is given a stub, and keeps it when it is there",
            "a connect between 40 % and 100 % of --cold-start, then a request at any time",
            "a notice instead of a run", "five_events", "TT", "reception.cpp"},
    BugInfo{Bug::first_use_init, "first_use_init",
            "the tools are registered by whoever finds none; registering a tool twice is an error",
            "after the start, two runs get to their tool within --step-delay (5 ms)",
            "the later run ends in agent_error, without its tool", "five_events", "TTT", "tool_registry.cpp"},
    BugInfo{
        Bug::queue_then_drop, "queue_then_drop",
        "whoever comes early is queued until the server is ready, by a weak reference to what nobody owns",
        "a connect between 40 % and 100 % of --cold-start",
        "101 and no welcome; a request ends in 1011, and waiting in 1001 when the server stops",
        "handshake,close_codes", "TT", "session.hpp"},
    BugInfo{Bug::cascading_waits, "cascading_waits",
            "instead of being refused, each request waits for one dependency after the other to be ready",
            "logins and upgrades during --cold-start, or with slow --dependencies",
            "logins and handshakes take as long as the start does, and longer", "handshake", "T",
            "admission.cpp"},
    BugInfo{Bug::accept_before_ready, "accept_before_ready",
            "the connection is accepted on its token's signature, and registered when auth has answered",
            "the first message comes right behind the upgrade, within --auth-delay",
            "the first request ends in 1011", "close_codes", "TT", "reception.cpp"},
    BugInfo{Bug::fail_open, "fail_open",
            "when auth does not answer in time, the identity that all connections share is used instead",
            "more logins and upgrades at once than --auth-workers serve within --dependency-timeout",
            "a user is welcomed as somebody else, and acts as them", "isolation", "TT", "admission.cpp"},
    BugInfo{Bug::silent_agent_death, "silent_agent_death",
            "the time limit of a call to the store cancels the agent that made it",
            "more runs at once than --store-workers serve within --dependency-timeout",
            "agent_started, then nothing; pings are answered", "acknowledged", "TT", "thread_context.cpp"},
    BugInfo{Bug::manager_cap_leak, "manager_cap_leak",
            "managers are created by user and connection and cleaned up by user; a user may have five",
            "a user's sixth connection, whether or not the others are closed",
            "1011 right behind the upgrade", "close_codes,baseline", "T", "manager.cpp"},
    BugInfo{Bug::two_state_machines, "two_state_machines",
            "the final id of a connection gets a copy of the state that its handshake's id has, and the "
            "change to ready reaches the one and not the other",
            "a user's first connection, or another before that one is ready, with --manager-delay",
            "welcomed, and nothing it says is processed", "five_events", "TT", "arrivals.cpp"},
    BugInfo{Bug::send_after_close, "send_after_close",
            "a run that cannot write to its connection cleans up after it, as the session has done before, "
            "and goes by the descriptor, which may be somebody else's by then",
            "a connection is lost during a run, and another one is opened before the run's next event",
            "the new connection ends without a close frame", "close_codes,tab_independence", "TT",
            "manager.cpp"},
    BugInfo{Bug::manager_per_message, "manager_per_message",
            "each message gets a manager of its own, and the connection is attached to the first one only",
            "a user's second message on one connection", "no events from the second run on", "five_events",
            "T", "manager.cpp"},
    BugInfo{Bug::stale_context, "stale_context",
            "the user's manager labels events for the connection that it was made for",
            "a user has two connections, asks on the first, then on the second",
            "the second one's events carry run and thread of the first one's run", "routing", "TT",
            "manager.cpp"},
    BugInfo{Bug::dual_path, "dual_path",
            "tool events go to whom the thread is bound to, all others to who asked, and the thread is bound "
            "in the background",
            "a new thread whose agent gets to its tool within --bug-window: --step-delay below half of it",
            "tool_executing and tool_completed are missing", "five_events", "TT", "dispatch.cpp"},
    BugInfo{Bug::last_thread_wins, "last_thread_wins",
            "binding a thread binds all threads of the user to the connection",
            "two connections of one user ask, the second one while the first one's run is going on",
            "the rest of the first run arrives at the second connection", "routing,five_events", "TT",
            "thread_store.cpp"},
    BugInfo{Bug::ttl_eviction, "ttl_eviction",
            "who sends looks the connection up in a table whose entries age from when they were made",
            "a request on a connection older than --connection-ttl", "no events, pings are answered",
            "idle_delivery", "TT", "registry.cpp"},
    BugInfo{Bug::late_cleanup, "late_cleanup",
            "tidying up after a lost connection takes whatever still leads somewhere for a left-over of it",
            "the user is back within --bug-window, before the run's next event",
            "the rest of the run does not arrive at the new connection", "reconnect", "TTT", "routes.cpp"},
    BugInfo{Bug::reconnect_loses_rest, "reconnect_loses_rest",
            "events are addressed to the connection that asked, also when it has been lost",
            "a connection is lost during a run, and the user comes back", "the rest of the run never arrives",
            "reconnect", "TT", "reception.cpp"},
    BugInfo{Bug::replay_races_live, "replay_races_live",
            "live events take the way to the new connection at once, what was missed is read first",
            "a connection is lost during a run, the user comes back after an event and within --bug-window "
            "before the next one",
            "the event before comes behind the one after", "event_order,exactly_once", "TTT",
            "reception.cpp"},
    BugInfo{Bug::retry_reorders, "retry_reorders",
            "a frame for a slow connection is tried again after --bug-window, the next one may find room "
            "before",
            "a connection stops reading until more than 8 KiB wait (see --send-buffer), and reads on while "
            "events come",
            "events out of order", "event_order", "TTT", "session_sending.hpp"},
    BugInfo{Bug::slow_consumer_lock, "slow_consumer_lock",
            "sending to a user's connections happens under one lock, held until the frame is out",
            "one of two connections stops reading until its buffers are full (see --send-buffer)",
            "the other one gets nothing, pongs included", "tab_independence,liveness", "TT",
            "session_sending.hpp"},
    BugInfo{Bug::ticket_double_spend, "ticket_double_spend",
            "a single-use ticket is looked up, and used up when that has been written down",
            "one ticket used by two connections within --bug-window, without --dependencies",
            "several are admitted", "credentials", "TTT", "auth_access.cpp"},
    BugInfo{Bug::token_reuse_guard, "token_reuse_guard",
            "a token that comes twice within a second is taken for stolen",
            "two connections with one token within a second: a second tab, a fast reconnect",
            "401 for the later one", "credentials,handshake", "T", "admission.cpp"},
    BugInfo{Bug::shared_rate_limit, "shared_rate_limit",
            "connects are counted by the address they come from, which is a proxy's for all behind it",
            "more users than --rate-limit connect within a second, each once", "429 for the innocent",
            "handshake", "T", "admission.cpp"},
    BugInfo{Bug::lock_order, "lock_order",
            "a connect takes the registry's lock, then the handlers'; the heartbeat takes them the other way "
            "round",
            "connects during a heartbeat, with --threads 2 and a short --heartbeat",
            "the server hangs; ThreadSanitizer reports the lock order", "liveness,sanitizer", "TTT",
            "reception.cpp"},
};

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Levenshtein's distance, one row at a time.
std::size_t distance(std::string_view from, std::string_view to)
{
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < to.size(); ++j) {
            const auto substituted = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

std::string unknown(std::string_view name)
{
    const auto nearest =
        std::min_element(catalogue.begin(), catalogue.end(), [&](const auto& a, const auto& b) {
            return distance(name, a.name) < distance(name, b.name);
        });
    return fmt::format("unknown bug \"{}\"; did you mean \"{}\"? (--list-bugs shows all)", name,
                       nearest->name);
}

} // namespace

std::span<const BugInfo> bug_catalogue() { return catalogue; }

ParsedBugs parse_bugs(std::string_view list)
{
    ParsedBugs parsed;
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        const auto name = trimmed(list.substr(0, comma));
        list.remove_prefix(std::min(comma + 1, list.size()));
        if (name.empty()) continue;
        const auto found = std::find_if(catalogue.begin(), catalogue.end(),
                                        [&](const auto& bug) { return bug.name == name; });
        if (found == catalogue.end()) {
            parsed.problems.push_back(unknown(name));
        } else {
            parsed.bugs.add(found->bug);
        }
    }
    return parsed;
}

} // namespace wsrace::reference
