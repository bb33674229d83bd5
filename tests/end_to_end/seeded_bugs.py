"""Every seeded bug is found by the shipped scenario that promises it, and by nothing else but the bug.

The scenario runs as it is shipped; a slow build gets all of its times made longer and fewer users.
"""

import json
import re
import shlex

from wsrace_process import EndToEnd, FACTOR, SANITIZER, SOURCE, duration, main

SEED = "1"
TIME = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|m|h)")
MILLISECONDS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
FEWEST_USERS = 20


def slowed(value):
    """The same JSON with every time in it made longer."""
    if isinstance(value, dict):
        return {name: slowed(item) for name, item in value.items()}
    if isinstance(value, list):
        return [slowed(item) for item in value]
    match = TIME.fullmatch(value) if isinstance(value, str) else None
    return duration(float(match[1]) * MILLISECONDS[match[2]]) if match else value


class SeededBugs(EndToEnd):
    def play(self, name, bug):
        """The scenario against its own server with this bug, or with none."""
        scenario = json.loads((SOURCE / "scenarios" / f"{name}.json").read_text())
        server = scenario["target"]["server"]
        options = ["--seed", SEED]
        if FACTOR != 1 and name != "two_threads":  # which is made for a slow build
            scenario = slowed(scenario)
            server = scenario["target"]["server"]
            users = min(scenario["users"]["count"], max(FEWEST_USERS, int(scenario["users"]["count"] / FACTOR)))
            options += ["--users", str(users)]
        command = server.pop("command") + (["--bug", bug] if bug else [])
        options += ["--server", shlex.join(command)]
        for field, value in server.items():  # --server replaces the whole target
            options += ["--set", f"target.server.{field}={json.dumps(value)}"]
        finished = self.run_scenario(scenario if FACTOR != 1 else name, *options)
        self.assert_artefacts(finished, supervised=True)
        return finished

    def assert_caught(self, bug, scenario, check):
        found = self.play(scenario, bug)
        self.assert_status(found, 1)
        self.assertIn(check, found.failed_checks(), found.text())
        violations = found.failed_checks()[check]["violations"]
        self.assertTrue(any(violation["evidence"] and violation["expected"] for violation in violations), found.text())
        clean = self.play(scenario, None)
        self.assert_status(clean, 0)
        self.assertGreater(clean.verdict["counts"]["connected"], 0)

    def test_shared_manager_bleeds_and_loses_events(self):
        self.assert_caught("shared_manager", "golden_path", "isolation")
        self.assert_caught("shared_manager", "handshake_storm", "five_events")

    def test_first_match_router_labels_events_with_another_user(self):
        self.assert_caught("first_match_router", "golden_path", "isolation")
        self.assert_caught("first_match_router", "conversation", "isolation")

    def test_head_of_line_delays_pongs_and_stops(self):
        self.assert_caught("head_of_line", "ping_during_run", "liveness")

    def test_masked_failure_closes_normally_in_the_middle_of_a_run(self):
        self.assert_caught("masked_failure", "failing_tool", "close_codes")

    def test_thread_as_address_bleeds_between_users_of_one_thread_name(self):
        self.assert_caught("thread_as_address", "interleaved_runs", "isolation")

    def test_close_one_closes_all_ends_the_other_tabs(self):
        self.assert_caught("close_one_closes_all", "multi_tab", "tab_independence")

    def test_accept_before_supervisor_ends_in_1011(self):
        self.assert_caught("accept_before_supervisor", "cold_start", "close_codes")

    def test_two_emitters_complete_a_run_twice(self):
        self.assert_caught("two_emitters", "interleaved_runs", "exactly_once")

    def test_swapped_payload_shows_another_users_content(self):
        self.assert_caught("swapped_payload", "golden_path", "isolation")
        self.assert_caught("swapped_payload", "conversation", "isolation")

    def test_unlocked_registry_is_reported_by_thread_sanitizer(self):
        if SANITIZER != "thread":
            self.skipTest("what shows it is ThreadSanitizer, and this build has none")
        self.assert_caught("unlocked_registry", "two_threads", "sanitizer")


class ShippedScenarios(EndToEnd):
    """Against the correct server, as they are shipped."""

    def test_scenarios_that_no_bug_above_needs_pass_too(self):
        names = {file.stem for file in (SOURCE / "scenarios").glob("*.json")}
        others = {"eager_first_message", "reopened_tabs", "drop_during_run", "token_carriers", "idle_connection"}
        self.assertLessEqual(others, names)
        for name in sorted(others):
            with self.subTest(name):
                finished = SeededBugs.play(self, name, None)
                self.assert_status(finished, 0)
                self.assertGreater(finished.verdict["counts"]["runs_completed"], 0)


if __name__ == "__main__":
    main()
