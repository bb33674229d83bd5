"""Every seeded bug is found by the shipped scenarios that promise it, and they find nothing without it.

The scenario runs as it is shipped; a slow build gets all of its times made longer and fewer users.
"""

import json
import re
import shlex

from wsrace_process import DEFAULT_DEADLINES, EndToEnd, FACTOR, SANITIZER, SOURCE, duration, main

SEED = "1"
TIME = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|m|h)")
MILLISECONDS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
FEWEST_USERS = 20
DEFAULT_LATENCIES = {"event_latency_p95": "100ms", "event_latency_p99": "500ms"}
CHECKS = {"shared_manager": "isolation", "first_match_router": "isolation", "head_of_line": "liveness",
          "masked_failure": "close_codes", "thread_as_address": "isolation",
          "close_one_closes_all": "tab_independence",
          "accept_before_supervisor": "close_codes", "two_emitters": "exactly_once",
          "swapped_payload": "isolation",
          "unlocked_registry": "sanitizer",
          "unawaited_manager": "close_codes", "recursive_manager": "close_codes",
          "emergency_stub": "five_events", "first_use_init": "five_events",
          "queue_then_drop": "handshake and close_codes",
          "cascading_waits": "handshake", "accept_before_ready": "close_codes", "fail_open": "isolation",
          "silent_agent_death": "acknowledged", "manager_cap_leak": "close_codes",
          "two_state_machines": "five_events", "send_after_close": "close_codes",
          "manager_per_message": "five_events", "stale_context": "routing", "dual_path": "five_events",
          "last_thread_wins": "routing and five_events", "ttl_eviction": "idle_delivery",
          "late_cleanup": "reconnect", "reconnect_loses_rest": "reconnect",
          "replay_races_live": "event_order and reconnect", "retry_reorders": "event_order",
          "slow_consumer_lock": "liveness", "ticket_double_spend": "credentials",
          "token_reuse_guard": "credentials and handshake", "shared_rate_limit": "handshake",
          "lock_order": "liveness"}


def promises():
    """Which bugs each shipped scenario catches, as its README says."""
    rows = re.findall(r"^\| \[(\w+)\]\(\w+\.json\) \|[^|]*\|([^|]*)\|",
                      (SOURCE / "scenarios" / "README.md").read_text(),
                      re.MULTILINE)
    return {scenario: re.findall(r"`(\w+)`", bugs) for scenario, bugs in rows}


def slowed(value):
    """The same JSON with every time in it made longer."""
    if isinstance(value, dict):
        return {name: slowed(item) for name, item in value.items()}
    if isinstance(value, list):
        return [slowed(item) for item in value]
    match = TIME.fullmatch(value) if isinstance(value, str) else None
    return duration(float(match[1]) * MILLISECONDS[match[2]]) if match else value


def unhurried(scenario):
    """The scenario for a slow build: all times made longer, also those that it leaves to the defaults."""
    deadlines = {**DEFAULT_DEADLINES, **scenario.get("deadlines", {})}
    thresholds = {**DEFAULT_LATENCIES, **scenario.get("thresholds", {})}
    return slowed({**scenario, "deadlines": deadlines, "thresholds": thresholds})


def fewer_users(scenario):
    """As many as a slow build can keep up with, and room for those who have a behaviour of their own."""
    users = scenario["users"]
    counted = sum(behaviour.get("users", 0) for behaviour in users.get("behaviours", [])
                  if isinstance(behaviour.get("users"), int))
    return min(users["count"], max(FEWEST_USERS + counted, int(users["count"] / FACTOR)))


class Scenarios(EndToEnd):
    def play(self, name, bug):
        """The scenario against its own server with this bug, or with none."""
        scenario = json.loads((SOURCE / "scenarios" / f"{name}.json").read_text())
        server = scenario["target"]["server"]
        options = ["--seed", SEED]
        if FACTOR != 1 and name != "two_threads":  # which is made for a slow build
            scenario = unhurried(scenario)
            server = scenario["target"]["server"]
            options += ["--users", str(fewer_users(scenario))]
        command = server.pop("command") + (["--bug", bug] if bug else [])
        options += ["--server", shlex.join(command)]
        for field, value in server.items():  # --server replaces the whole target
            options += ["--set", f"target.server.{field}={json.dumps(value)}"]
        finished = self.run_scenario(scenario if FACTOR != 1 else name, *options)
        self.assert_artefacts(finished, supervised=True)
        return finished

    def assert_caught(self, scenario, bug, checks):
        found = self.play(scenario, bug)
        self.assert_status(found, 1)
        for check in checks:
            self.assertIn(check, found.failed_checks(), found.text())
            violations = found.failed_checks()[check]["violations"]
            self.assertTrue(any(violation["evidence"] and violation["expected"] for violation in violations),
                            found.text())

    def assert_clean(self, scenario):
        finished = self.play(scenario, None)
        self.assert_status(finished, 0)
        self.assertGreater(finished.verdict["counts"]["connected"], 0)
        self.assertGreater(finished.verdict["counts"]["runs_completed"], 0, finished.text())


class SeededBugs(Scenarios):
    def test_every_bug_of_the_server_has_a_scenario_and_every_scenario_a_row(self):
        listed = self.call("serve", "--list-bugs").out
        self.assertEqual(set(CHECKS), set(re.findall(r"^(\w+) \(T+\)", listed, re.MULTILINE)))
        self.assertEqual(set(CHECKS), {bug for bugs in promises().values() for bug in bugs})
        self.assertEqual(set(promises()), {file.stem for file in (SOURCE / "scenarios").glob("*.json")})

    def test_the_page_about_them_is_what_the_server_says(self):
        page = self.call("serve", "--list-bugs", "--markdown")
        self.assert_status(page, 0)
        self.assertEqual((SOURCE / "docs" / "races.md").read_text(), page.out)


class CorrectServer(Scenarios):
    def test_it_passes_every_scenario(self):
        for scenario in promises():
            if scenario == "staging_smoke" or (scenario == "two_threads" and SANITIZER != "thread"):
                continue  # the one needs a deployed server, what the other one is for needs ThreadSanitizer
            with self.subTest(scenario):
                self.assert_clean(scenario)


def add_test(bug, check):
    def test(self):
        if check == "sanitizer" and SANITIZER != "thread":
            self.skipTest("what shows it is ThreadSanitizer, and this build has none")
        for scenario in (name for name, bugs in promises().items() if bug in bugs):
            with self.subTest(scenario):
                self.assert_caught(scenario, bug, check.split(" and "))

    test.__doc__ = f"With {bug}, {check} fails in each scenario that promises to catch it."
    setattr(SeededBugs, f"test_{bug}_is_caught_by_{check.replace(' ', '_')}", test)


for one_bug, its_check in CHECKS.items():
    add_test(one_bug, its_check)


if __name__ == "__main__":
    main()
