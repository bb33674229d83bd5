"""Each mistake of the FastAPI server is found by a check that docs/races.md names for it, and the same
scenarios find nothing on that server without it.

So what wsrace finds does not depend on the reference server's runtime. Scenarios are the shipped ones, with
fewer users, and two of this test. Exit status 77, and a word on stderr, when a package is missing.
"""

import json
import shlex
import sys
import unittest
from dataclasses import dataclass, field

from framework_servers import FASTAPI, FOLDER, SECRET, fastapi_is_there, main_or_skipped
from wsrace_process import DEFAULT_DEADLINES, FACTOR, NO_THRESHOLDS, EndToEnd, duration

sys.path.append(str(FOLDER))
from fastapi_bugs import BUGS  # noqa: E402

# Milliseconds. A busy machine is no mistake of the server; but some mistakes show as events that do not come.
LONG = {name: 10_000 for name in DEFAULT_DEADLINES}
SILENCE = {"first_event": 2000, "event_gap": 2000, "run": 2500}

STOPPED_AT_THE_END = {
    "name": "stopped_at_the_end",
    "description": "Runs are stopped while their end is being written down.",
    "users": {"count": 10},
    "journey": ["login", "connect", "await_welcome",
                {"request": {"text": "stopped {canary}"}}, {"await_event": 4},
                {"pause": {"uniform": [duration(20), duration(80)]}}, "stop", {"pause": duration(400)},
                {"request": {"text": "not stopped {canary}"}}, "await_events", "close"]}
SLOW_KNOWLEDGE = {
    "name": "slow_knowledge",
    "description": "What agents want to know takes longer than they can wait for it.",
    "users": {"count": 12, "arrival": {"pattern": "ramp", "over": duration(600)}},
    "journey": ["login", "connect", "await_welcome", {"request": {"text": "hello {canary}"}}, "await_events",
                "ping", "close"]}


@dataclass
class Play:
    """A scenario as it is played against this server, and what it has to find."""
    scenario: object
    finds: dict  # mistake: the check that finds it, and what one of its violations says
    users: int = 15
    server: dict = field(default_factory=dict)  # its options in milliseconds, made longer for a slow build
    server_as_is: dict = field(default_factory=dict)  # and those that are not
    deadlines: dict = field(default_factory=dict)
    changes: dict = field(default_factory=dict)

    @property
    def name(self):
        return self.scenario if isinstance(self.scenario, str) else self.scenario["name"]


PLAYS = [
    Play("conversation", {"shared_manager": ("isolation", "canary of another user"),
                          "first_match_router": ("isolation", "user id of another user"),
                          "swapped_payload": ("isolation", "canary of another user"),
                          "manager_per_message": ("five_events", "nothing at all")},
         server={"step-delay": 5, "save-time": 5}, deadlines=SILENCE,
         changes={"journey[3].repeat.times": 2}),
    Play("multi_tab", {"last_thread_wins": ("routing", "another connection of the user"),
                       "stale_context": ("routing", "another run's id")},
         users=8, server={"step-delay": 40}, deadlines=SILENCE),
    Play("multi_tab_close", {"close_one_closes_all": ("tab_independence", "after another tab")},
         users=9, server={"step-delay": 20},
         changes={f"users.behaviours[{kind}].users": 2 for kind in range(3)}),
    Play("interleaved_runs", {"thread_as_address": ("isolation", "canary of another user")},
         users=8, server={"step-delay": 20}),
    Play("ping_during_run", {"head_of_line": ("liveness", "ping unanswered during a run")},
         users=6, server={"step-delay": 400}, deadlines={"ping": 1000, "stop": 1000}),
    Play("failing_tool", {"masked_failure": ("close_codes", "1000 while a run was going on")}),
    Play("ticket_race", {"ticket_double_spend": ("credentials", "a single-use ticket admitted several"),
                         "token_reuse_guard": ("credentials", "a valid token refused")},
         users=10, server={"step-delay": 2, "save-time": 20},
         changes={"users.behaviours[0].users": 4, "users.behaviours[1].users": 4}),
    Play("shared_address", {"shared_rate_limit": ("handshake", "HTTP 403")}, users=20,
         server_as_is={"rate-limit": 5}),
    Play("reopened_tabs", {"manager_cap_leak": ("close_codes", "1011 without a welcome")}, users=5,
         deadlines={"baseline": 3000}),
    Play("cold_start", {"accept_before_supervisor": ("close_codes", "1011 without a welcome")}, users=20,
         server_as_is={"cold-start": 800},  # over within the second that Retry-After names
         changes={"target.server.ready": "port_open"}),
    Play(STOPPED_AT_THE_END, {"two_emitters": ("exactly_once", "agent_completed twice")}, users=10,
         server={"step-delay": 10, "save-time": 100}),
    Play(SLOW_KNOWLEDGE, {"silent_agent_death": ("acknowledged", "silence after agent_started")}, users=12,
         server={"fetch-time": 300, "fetch-limit": 150}, deadlines=SILENCE),
]


class InteropBugs(EndToEnd):
    def play(self, play, *bugs):
        command = [*FASTAPI, "--port", "{port}"]
        for option, milliseconds in play.server.items():
            command += [f"--{option}", str(milliseconds * FACTOR)]
        for option, number in play.server_as_is.items():
            command += [f"--{option}", str(number)]
        for bug in bugs:
            command += ["--bug", bug]
        changes = {f"deadlines.{name}": duration(limit)
                   for name, limit in {**LONG, **play.deadlines}.items()}
        changes.update({f"thresholds.{name}": level for name, level in NO_THRESHOLDS.items()}, **play.changes)
        options = ["--seed", "1", "--users", str(play.users), "--server", shlex.join(command)]
        for path, value in changes.items():
            options += ["--set", f"{path}={json.dumps(value)}"]
        finished = self.run_scenario(play.scenario, *options, environment={"WSRACE_JWT_SECRET": SECRET})
        self.assert_artefacts(finished, supervised=True)
        self.assertGreaterEqual(finished.verdict["counts"]["connected"], 1, finished.text())
        return finished

    def assert_clean(self, play):
        finished = self.play(play)
        self.assert_status(finished, 0)
        counts = finished.verdict["counts"]
        self.assertGreaterEqual(counts["connected"], play.users, finished.text())
        self.assertGreater(counts["runs_completed"], 0, finished.text())
        judged = {check["id"] for check in finished.verdict["checks"]
                  if check["verdict"] == "pass" and check["sample_size"] > 0}
        self.assertLessEqual({check for check, _ in play.finds.values()}, judged, finished.text())


def add_tests(play):
    def is_clean(self):
        self.assert_clean(play)

    is_clean.__doc__ = f"{play.name} finds nothing on the correct server."
    setattr(FastApi, f"test_{play.name}_finds_nothing_without_a_mistake", is_clean)
    for bug, (check, pattern) in play.finds.items():
        def is_found(self, bug=bug, check=check, pattern=pattern):
            self.assert_found(self.play(play, bug), check, pattern)

        is_found.__doc__ = f"{play.name} finds {bug} by {check}."
        setattr(FastApi, f"test_{bug}_is_found_by_{check}", is_found)


@unittest.skipUnless(fastapi_is_there(), "fastapi, uvicorn or websockets is missing for this python3")
class FastApi(InteropBugs):
    def test_every_mistake_of_the_server_has_a_scenario_that_finds_it(self):
        found = [bug for play in PLAYS for bug in play.finds]
        self.assertEqual(sorted(found), sorted(BUGS))


for one_play in PLAYS:
    add_tests(one_play)


if __name__ == "__main__":
    main_or_skipped("interop_bugs")
