"""`wsrace coldstart`: windows that are known to the millisecond, servers without one, and wrong usage."""

import json
import signal
import sys
from pathlib import Path

from wsrace_process import FACTOR, EndToEnd, main

HERE = Path(__file__).resolve().parent
SHORT = ["--offsets", "0..1200ms", "--boots", "12", "--seed", "1"]
TOLERANCE = 20 * FACTOR  # ms; a machine that is busy with other things opens ports late
REFERENCE = "wsrace serve --port {port} --cold-start 800ms"


def scenario(*options, **changes):
    command = [sys.executable, str(HERE / "window_server.py"), "--port", "{port}", *map(str, options)]
    return {"name": "window", "profile": "netra_token",
            "target": {"server": {"command": command, "ready": "port_open", "stop_within": "1s"}},
            "journey": ["login", "connect", "await_welcome", {"request": {"text": "hello {canary}"}},
                        "await_events", "close"],
            "deadlines": {"first_event": "500ms", "run": "1s", "close": "1s"}, **changes}


class ColdStart(EndToEnd):
    def search(self, what, *options):
        name = self.write(what) if isinstance(what, dict) else what
        folder = self.folder / "search"
        finished = self.call("coldstart", name, "--out", folder, *options,
                             environment={"WSRACE_TOKEN": "t"})
        finished.folder = folder
        return finished, json.loads(finished.read("coldstart.json"))

    def assert_edge(self, edge, wanted, text):
        self.assertTrue(edge["measured"], text)
        self.assertLess(abs(edge["at_ms"] - wanted), TOLERANCE, text)
        self.assertLessEqual(edge["low_ms"], edge["at_ms"], text)
        self.assertLessEqual(edge["at_ms"], edge["high_ms"], text)

    def only_window(self, finished, found, outcome, begin, until):
        self.assert_status(finished, 1)
        self.assertEqual([window["outcome"] for window in found["windows"]], [outcome], finished.text())
        self.assert_edge(found["windows"][0]["from"], begin, finished.text())
        self.assert_edge(found["windows"][0]["until"], until, finished.text())
        return found["windows"][0]


class Windows(ColdStart):
    def test_the_window_of_the_reference_server_is_where_its_supervisor_is_missing(self):
        bug = f"{REFERENCE} --bug accept_before_supervisor"
        finished, found = self.search("cold_start", "--server", bug, "--rate", "100", *SHORT)
        self.assert_status(finished, 1)
        self.assertEqual([one["outcome"] for one in found["windows"]], ["internal_error"], finished.text())
        window = found["windows"][0]
        # What fails is the request, which comes a login and a handshake after the arrival. The longer these
        # take on a busy machine, the later is the first user who is let in, and the earlier the first one
        # whose request meets the supervisor.
        begin, until = window["from"]["at_ms"], window["until"]["at_ms"]
        self.assertTrue(300 < begin < 320 + 5 * TOLERANCE, finished.text())
        self.assertTrue(800 - 5 * TOLERANCE < until < 800 + TOLERANCE, finished.text())
        self.assertAlmostEqual(window["users_hit"], (until - begin) / 10, delta=0.1)
        self.assertRegex(finished.out, r"arrive between \d+ ms and \d+ ms after the port opens get 1011")
        self.assertIn("XXXXXXXX", finished.out)
        self.assertIn("XXXXXXXX", finished.read("coldstart.md"))
        self.assertEqual(found["stretches"][0]["outcome"], "retry_later")
        folders = [entry for entry in finished.folder.iterdir() if entry.is_dir()]
        self.assertEqual([str(folder) for folder in folders], found["kept"])
        self.assertEqual(self.call("report", folders[0], "--format", "jsonl").status in (0, 1), True)

    def test_the_same_from_the_spawn_begins_with_refused_connections(self):
        bug = f"{REFERENCE} --bug accept_before_supervisor"
        finished, found = self.search("cold_start", "--server", bug, "--after", "spawn", *SHORT)
        self.assert_status(finished, 1)
        self.assertEqual([window["outcome"] for window in found["windows"]], ["internal_error"])
        self.assertEqual(found["search"]["after"], "spawn")
        self.assertGreater(found["outcomes"].get("refused", 0), 0, finished.text())

    def test_an_edge_of_logins_does_not_move_with_what_a_login_takes(self):
        begins = []
        for delay in ("0ms", "60ms"):
            bug = f"{REFERENCE} --bug accept_before_supervisor --auth-delay {delay}"
            finished, found = self.search("cold_start", "--server", bug, *SHORT)
            self.assertEqual(len(found["windows"]), 1, finished.text())
            begins.append(found["windows"][0]["from"]["at_ms"])
            self.tearDown()
            self.setUp()
        self.assertLess(abs(begins[1] - begins[0]), 10 * FACTOR, begins)

    def test_users_are_played_to_their_end_beyond_the_scenarios_total(self):
        short = {name: "1s" for name in ("login", "connect", "handshake", "welcome", "run", "ping", "stop",
                                         "close", "retry", "baseline", "total")}
        what = scenario("--from", 1400, "--until", 1600,
                        deadlines={**short, "first_event": "500ms", "event_gap": "500ms"})
        finished, found = self.search(what, "--offsets", "0..2s", "--boots", "8", "--seed", "5")
        self.only_window(finished, found, "internal_error", 1400, 1600)

    def test_of_several_instances_one_is_started(self):
        what = scenario("--from", 300, "--until", 400)
        what["target"]["server"]["instances"] = 3
        finished, found = self.search(what, "--offsets", "0..600ms", "--boots", "8", "--seed", "6")
        self.only_window(finished, found, "internal_error", 300, 400)

    def test_a_narrow_window_is_found(self):
        finished, found = self.search(scenario("--from", 300, "--until", 310), "--offsets", "0..600ms",
                                      "--boots", "20", "--seed", "2")
        self.only_window(finished, found, "internal_error", 300, 310)

    def test_users_who_wait_in_vain_are_silent_and_ready_before_that_is_a_lie(self):
        finished, found = self.search(scenario("--from", 200, "--until", 400, "--ready", 50, "--outcome",
                                               "silent"),
                                      "--offsets", "0..600ms", "--boots", "8", "--seed", "3")
        self.only_window(finished, found, "silent", 200, 400)
        self.assertLess(found["readiness_lie"]["said_ready_ms"], 200, finished.text())
        self.assertGreater(found["readiness_lie"]["failed_until_ms"], 300, finished.text())
        self.assertIn("readiness lie", finished.out)

    def test_bad_answers_are_kept_apart(self):
        for outcome, name in (("reset", "reset"), ("503", "unavailable")):
            with self.subTest(outcome):
                finished, found = self.search(scenario("--from", 100, "--until", 250, "--outcome", outcome),
                                              "--offsets", "0..400ms", "--boots", "6", "--seed", "4")
                self.only_window(finished, found, name, 100, 250)
                self.assertIsNone(found["readiness_lie"])
                self.tearDown()
                self.setUp()


class NoWindow(ColdStart):
    def test_the_correct_reference_server_has_none(self):
        finished, found = self.search("cold_start", "--server", REFERENCE, *SHORT)
        self.assert_status(finished, 0)
        self.assertEqual(found["windows"], [])
        self.assertIsNone(found["readiness_lie"])
        self.assertEqual({stretch["outcome"] for stretch in found["stretches"]}, {"retry_later", "good"})
        self.assertEqual(found["kept"], [])
        self.assertEqual(sorted(entry.name for entry in finished.folder.iterdir()),
                         ["coldstart.json", "coldstart.md", "report.html"])

    def test_a_range_in_which_nobody_is_served_is_inconclusive(self):
        finished, found = self.search("cold_start", "--server", REFERENCE, "--offsets", "0..300ms",
                                      "--boots", "4")
        self.assert_status(finished, 3)
        self.assertIn("nobody was served", found["problem"])

    def test_a_server_that_does_not_start_is_said_so_with_its_last_words(self):
        silly = f"{sys.executable} -c 'import sys; sys.exit(\"no database\")' {{port}}"
        finished, found = self.search("cold_start", "--server", silly, *SHORT)
        self.assert_status(finished, 3)
        self.assertIn("no database", finished.err)
        self.assertEqual(found["search"]["boots"], 0)

    def test_an_interruption_leaves_what_was_found_so_far(self):
        folder = self.folder / "search"
        with self.start("coldstart", "cold_start", "--server", REFERENCE, "--out", folder, *SHORT) as started:
            for line in started.process.stderr:
                if line.startswith("boot 2 "):
                    break
            started.send(signal.SIGINT)
            finished = started.finish(folder)
            self.assertEqual(started.left_behind(), [], finished.text())
        self.assert_status(finished, 130)
        found = json.loads(finished.read("coldstart.json"))
        self.assertTrue(found["search"]["interrupted"])
        self.assertGreater(found["search"]["users"], 0)

    def test_the_time_budget_ends_a_search(self):
        finished, found = self.search("cold_start", "--server", REFERENCE, "--offsets", "0..1200ms",
                                      "--quiet", "--budget", "6s")
        self.assertIn(finished.status, (0, 3), finished.text())
        self.assertFalse(found["search"]["converged"])
        self.assertLess(found["search"]["boots"], 10)


class WrongUsage(ColdStart):
    def rejected(self, *options, name="cold_start"):
        out = self.folder / "out"
        finished = self.call("coldstart", name, "--out", out, *options, directory=self.folder)
        self.assert_status(finished, 2)
        self.assertFalse(out.exists(), finished.text())
        return finished.err + finished.out

    def test_wrong_options_are_refused_with_what_was_expected(self):
        self.assertIn("FROM..UNTIL", self.rejected("--offsets", "soon"))
        self.assertIn("FROM..UNTIL", self.rejected("--offsets", "5s..1s"))
        self.assertIn("90s or 5m", self.rejected("--budget", "long"))
        self.rejected("--after", "ready")
        self.rejected("--boots", "1")
        self.rejected("--rate", "0")
        self.rejected("--seed", "-1")

    def test_a_target_that_wsrace_does_not_start_has_no_cold_start(self):
        remote = {"name": "remote", "target": {"url": "ws://127.0.0.1:9/ws"}, "journey": ["login", "connect"]}
        self.assertIn("--server", self.rejected(name=self.write(remote)))

    def test_help_has_examples(self):
        finished = self.call("coldstart", "--help")
        self.assert_status(finished, 0)
        self.assertIn("wsrace coldstart cold_start --rate 200", finished.out)


if __name__ == "__main__":
    main()
