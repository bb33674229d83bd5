"""A target whose profile does not say which events its runs have: a hunt learns it, and judges by that."""

import json
import sys
from pathlib import Path

from wsrace_process import EndToEnd, SOURCE, duration, main

HERE = Path(__file__).resolve().parent
SERVER = f"{sys.executable} {HERE / 'toolless_server.py'} --port {{port}}"
EVENTS = ["agent_started", "agent_thinking", "agent_completed"]
LEARNED = {"learned_from": 7, "types": EVENTS, "order": [EVENTS]}  # one user, then three, and three again
# The server knows no users, so that nothing of what it says can follow one to another connection.
STRATEGIES = "burst,uniform_jitter"


def scenario(run_events="learned"):
    profile = {"name": "toolless", "login": {"kind": "none"}, "carrier": "none",
               "pointers": {"type": ["/type"], "run": ["/run_id"], "step": ["/payload/step_number"]},
               "types": {"connection_established": "welcome", **{name: name for name in EVENTS}}}
    if run_events:
        profile["run_events"] = run_events
    return {"name": "toolless", "profile": profile, "users": {"count": 3},
            "target": {"server": {"command": SERVER.split(" "), "stop_within": "1s"}},
            "journey": ["connect", "await_welcome", {"request": {"text": "hello {canary}"}}, "await_events",
                        "close"],
            "checks": {"baseline": {"off": "this server counts nothing"}},
            "deadlines": {"first_event": duration(1000), "event_gap": duration(1000), "run": duration(2000)},
            "thresholds": {"event_latency_p95": False, "event_latency_p99": False, "golden_path": False,
                           "connection_success": False}}


class LearnedEvents(EndToEnd):
    def hunt(self, *options, status):
        out = self.folder / "hunt"
        finished = self.call("hunt", self.write(scenario()), "--strategy", STRATEGIES, "--seed", "1",
                             *options, "--out", out, directory=self.folder)
        finished.folder = out
        self.assert_status(finished, status)
        report = json.loads(finished.read("hunt.json"))
        schema = json.loads((SOURCE / "reports/schema/hunt.schema.json").read_text())
        self.assertEqual(set(schema["required"]), set(report))
        return finished, report

    def test_a_target_without_tools_is_hunted_clean(self):
        finished, report = self.hunt("--executions", "12", status=0)
        self.assertEqual(report["run_events"], LEARNED, finished.text())
        self.assertEqual(report["failures"], [])
        self.assertGreater(report["executions"], report["voided"], "something was judged")
        told = f"learned from 7 runs: {', '.join(EVENTS)}, in this order"
        self.assertIn(told, finished.out)
        self.assertIn(told.replace("_", "\\_"), finished.read("hunt.md"))

    def test_a_race_that_loses_a_learned_event_is_found_and_judged_alike_wherever_it_is_played_again(self):
        finished, report = self.hunt("--server", f"{SERVER} --one-thought", "--until-found", "--budget",
                                     "40s", status=1)
        race = report["failures"][0]
        signature = "five_events: events missing from a run that was completed"
        self.assertEqual((race["signature"], race["race"]), (signature, True), finished.text())
        self.assertIn("five_events: no agent_thinking", race["details"])
        folder = Path(race["reproducer"]["folder"])
        kept = json.loads((folder / "reproducer.json").read_text())
        self.assertEqual(kept["scenario"]["profile"]["run_events"], LEARNED)
        again = self.call("repro", folder, "--times", "3", directory=self.folder)
        self.assert_status(again, 1)
        mended = self.call("repro", folder, "--times", "3", "--server", SERVER, directory=self.folder)
        self.assert_status(mended, 0)
        shrunk = self.call("shrink", folder, "--budget", "5s", "--out", self.folder / "shrunk",
                           directory=self.folder)
        self.assert_status(shrunk, 0)
        kept = json.loads((self.folder / "shrunk" / "reproducer.json").read_text())
        self.assertEqual(kept["scenario"]["profile"]["run_events"], LEARNED)

    def test_a_run_expects_the_end_alone_and_says_so(self):
        finished = self.run_scenario(scenario(), "--seed", "1")
        self.assert_status(finished, 0)
        says = "of a run only agent_completed is expected"
        self.assertIn(says, finished.verdict["summary"])
        self.assertIn(says, self.call("check", self.folder / "toolless.json").out)
        checks = {check["id"]: check["verdict"] for check in finished.verdict["checks"]}
        self.assertEqual((checks["five_events"], checks["tool_pairing"]), ("pass", "skipped"))

    def test_declared_events_are_expected_of_a_run(self):
        self.assert_status(self.run_scenario(scenario(EVENTS), "--seed", "1"), 0)
        more = scenario([*EVENTS, "tool_executing", "tool_completed"])
        more["profile"]["types"].update({name: name for name in ("tool_executing", "tool_completed")})
        finished = self.run_scenario(more, "--seed", "1")
        self.assert_found(finished, "five_events", "no tool_executing, tool_completed")

    def test_without_a_word_all_five_need_a_name(self):
        finished = self.call("check", self.write(scenario(None)))
        self.assert_status(finished, 2)
        self.assertIn("no name in \"types\" means tool_executing", finished.err)
        self.assertIn('"run_events"', finished.err)


if __name__ == "__main__":
    main()
