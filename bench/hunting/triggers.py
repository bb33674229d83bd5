"""The smallest plan that shows each bug, as far as is known: docs/races.md says by what it is triggered.

Counted as shrinking counts (harness/plan/elements.hpp): a user is one element, each connection of a user who
has several is one, and so is each delay, pause, meeting, behaviour and fault that is needed. What a journey
does on its own counts nothing, nor does that a user has one of its own. Plans are those made from the
scenario that promises the bug.
"""

from collections import namedtuple

Trigger = namedtuple("Trigger", "users connections others why")

TRIGGERS = {
    "shared_manager": Trigger(2, 0, 0, "two users at once"),
    "first_match_router": Trigger(2, 0, 0, "two users at once"),
    "head_of_line": Trigger(1, 0, 0, "a journey that pings during its run"),
    "masked_failure": Trigger(1, 0, 0, "a journey with a tool that fails"),
    "thread_as_address": Trigger(2, 0, 0, "two users who name one thread"),
    "close_one_closes_all": Trigger(1, 2, 1, "two tabs; the pause after which one closes"),
    "accept_before_supervisor": Trigger(1, 0, 1, "an arrival or a delay that meets the window of the start"),
    # With one tab it fails in a twentieth of executions or less, whatever the pause.
    "two_emitters": Trigger(1, 2, 1, "six overlapping runs of one user, and a pause that fits the saving"),
    "swapped_payload": Trigger(2, 0, 0, "two users at once"),
    "unlocked_registry": Trigger(2, 0, 0, "two connections on two threads"),
    "unawaited_manager": Trigger(1, 0, 1, "an arrival or a delay that meets the window of the start"),
    "recursive_manager": Trigger(1, 2, 1, "two tabs at once, when the server is ready"),
    "emergency_stub": Trigger(1, 0, 1, "an arrival or a delay that meets the window of the start"),
    "first_use_init": Trigger(2, 0, 1, "two runs at once, when the server is ready"),
    "queue_then_drop": Trigger(1, 0, 1, "an arrival or a delay that meets the window of the start"),
    "cascading_waits": Trigger(1, 0, 0, "an arrival during the start"),
    "accept_before_ready": Trigger(1, 0, 0, "a journey that asks before it is welcomed"),
    "fail_open": Trigger(15, 0, 0, "more logins and upgrades at once than one worker serves in time"),
    "silent_agent_death": Trigger(15, 0, 0, "more runs at once than one worker serves in time"),
    "manager_cap_leak": Trigger(1, 0, 0, "a journey with six connections"),
    # This scenario's users ask before the welcome, in time for the connection's first id: never lost.
    "two_state_machines": Trigger(1, 0, 1, "a user's first connection, on which he asks a moment later"),
    "send_after_close": Trigger(1, 0, 0, "a journey that is lost during a run and comes back at once"),
    "manager_per_message": Trigger(1, 0, 0, "a journey that asks twice"),
    "stale_context": Trigger(1, 2, 0, "two tabs that ask"),
    "dual_path": Trigger(1, 0, 0, "one run"),
    "last_thread_wins": Trigger(1, 2, 0, "two tabs that ask at once"),
    "ttl_eviction": Trigger(1, 0, 1, "a pause that is longer than the connection may live"),
    "late_cleanup": Trigger(1, 0, 0, "a journey that comes back at once"),
    "reconnect_loses_rest": Trigger(1, 0, 0, "a journey that comes back during a run"),
    "replay_races_live": Trigger(1, 0, 1, "the pause after which the user is back, just before an event"),
    "retry_reorders": Trigger(1, 0, 0, "a journey that stops reading and reads on"),
    "slow_consumer_lock": Trigger(1, 2, 0, "a tab that stops reading, and another one"),
    "ticket_double_spend": Trigger(1, 2, 1, "two connections of a user who behaves so, with one ticket"),
    "token_reuse_guard": Trigger(1, 2, 0, "two tabs at once"),
    # 20 a second, and who is refused tries once more within his 1.5 s: the 41st is never let in.
    "shared_rate_limit": Trigger(41, 0, 0, "more users than the limit lets in while they try"),
    "lock_order": Trigger(2, 0, 0, "a connect during a heartbeat"),
}


def size(trigger):
    return trigger.users + trigger.connections + trigger.others
