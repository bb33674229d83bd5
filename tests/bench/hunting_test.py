#!/usr/bin/python3
"""bench/hunting sets windows, counts right, goes on where it was stopped, and says what was not found.

    tests/bench/hunting_test.py      WSRACE names the program that must accept every configuration
"""
import os
import subprocess
import sys
import tempfile
import unittest
from argparse import Namespace
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(SOURCE / "bench" / "hunting"))
import cells  # noqa: E402
import campaigns  # noqa: E402
import fixing  # noqa: E402
import hunt_page  # noqa: E402
import outcomes  # noqa: E402
import result_lines  # noqa: E402
import run  # noqa: E402
import shrinking  # noqa: E402
import store  # noqa: E402
import triggers  # noqa: E402
from cells import Cell  # noqa: E402

WSRACE = os.environ.get("WSRACE")
LATE = Cell("late_cleanup", 5, "reconnect_mid_run")
SESSION = {"machine": "AMD, 2 cores", "system": "Debian", "version": "wsrace 9", "program": "p",
           "commit": "c1", "build": "preset release", "jobs": 2, "side_by_side": 1, "budget": 60,
           "at": 1_700_000_000}


def failure(signature, race=True, executions=1, first=1, checks=("reconnect",)):
    return {"signature": signature, "race": race, "executions": executions, "first": first,
            "checks": list(checks)}


def hunted(number, failures=(), part="hunt", cell=LATE, executions=10, voided=0, seconds=4.0):
    return {"part": part, **cell._asdict(), "number": number, "seconds": seconds, "baseline": 1.0,
            "load": 1.0, "executions": executions, "voided": voided, "failed": len(failures),
            "failures": list(failures),
            "problem": "", "at": 1_700_000_000 + number}


def loaded(found, executions, part="ramp"):
    return {"part": part, **LATE._asdict(), "number": 1, "executions": executions, "voided": 0,
            "found": found, "seconds": 9.0, "load": 1.0, "at": 1_700_000_000}


def shrunk(elements=1, before=(20, 20), after=(20, 20), seconds=60.0, one_core=(5, 20), found=True):
    return {"part": "shrink", **LATE._asdict(), "number": 1, "found": found, "shrunk": True,
            "elements_before": 12, "elements": elements, "users": 1,
            "left": ["user 0", "journey of its own of user 0", *["delay"] * (elements - 1)],
            "plays": 50, "seconds": seconds,
            "load": 1.0, "before": list(before), "after": list(after), "one_core": list(one_core),
            "stressed": [3, 20],
            "at": 1_700_000_000}


class Cells(unittest.TestCase):
    def test_every_bug_has_a_known_trigger_and_a_cell_for_each_of_its_windows(self):
        self.assertEqual(set(triggers.TRIGGERS), set(cells.ALL_BUGS))
        found = cells.cells(cells.ALL_BUGS, tsan_wsrace="tsan")
        self.assertEqual({cell.bug for cell in found}, set(cells.ALL_BUGS))
        windows = [cell.window for cell in found if cell.bug == "late_cleanup"]
        self.assertEqual(windows, [1, 5, 25])
        self.assertEqual([cell.window for cell in found if cell.bug == "shared_manager"], [0])

    def test_a_window_replaces_the_option_or_is_added(self):
        command = cells.command_of_server(LATE, "late_cleanup")
        self.assertEqual(command[command.index("--bug-window") + 1], "5000us")
        self.assertEqual(command.count("--bug-window"), 1)
        self.assertEqual(command[-2:], ["--bug", "late_cleanup"])
        self.assertNotIn("--bug", cells.command_of_server(LATE, ""))
        self.assertEqual(cells.with_options(["serve"], {"--auth-delay": 2.5}),
                         ["serve", "--auth-delay", "2500us"])

    def test_the_half_fixed_server_has_a_window_ten_times_narrower_and_the_same_bug(self):
        for cell in fixing.cells(Namespace(only=None)):
            command = fixing.half_fixed(cell)
            self.assertEqual(command[command.index("--bug-window") + 1], "2500us")
            self.assertIn(cell.bug, command)

    @unittest.skipUnless(WSRACE, "WSRACE names the program")
    def test_wsrace_accepts_every_configuration(self):
        found = cells.cells(cells.ALL_BUGS, tsan_wsrace="/bin/true")
        found += cells.cells(cells.ALL_BUGS, start="golden_path")
        for cell in found:
            arguments = cells.scenario_arguments(cell, cell.bug, "/bin/true")
            checked = subprocess.run([WSRACE, "check", *arguments], capture_output=True, text=True,
                                     check=False)
            self.assertEqual(checked.returncode, 0, (cell, checked.stdout, checked.stderr))


class Counting(unittest.TestCase):
    def test_a_campaign_that_ends_without_a_failure_is_censored_and_a_void_one_proves_nothing(self):
        found = outcomes.Campaigns([hunted(1, [failure("reconnect: rest never came")]),
                                    hunted(2, seconds=60.0), hunted(3, executions=4, voided=4)])
        self.assertEqual((len(found.found), len(found.conclusive), found.inconclusive), (1, 2, 1))
        self.assertEqual(found.seconds(), (4.0, True))
        self.assertEqual(outcomes.Campaigns([hunted(2, seconds=60.0)]).seconds(), (60.0, False))

    def test_what_one_user_shows_is_found_before_the_search(self):
        serial = hunted(1, [failure("reconnect: rest never came", race=False, first=0, executions=0)])
        found = outcomes.Campaigns([serial])
        self.assertEqual((len(found.serial), found.seconds(), found.executions()),
                         (1, (1.0, True), (0, True)))
        both = hunted(2, [*serial["failures"], failure("isolation: canary", first=7)])
        self.assertFalse(campaigns.is_serial(both))
        self.assertEqual(outcomes.first_execution(both), 7)

    def test_a_failure_that_names_another_bug_is_found_but_not_named(self):
        found = outcomes.Campaigns([hunted(1, [failure("isolation: canary", checks=["isolation"])])])
        self.assertEqual((len(found.found), len(found.named)), (1, 0))

    def test_rates_count_executions_with_a_check_that_names_the_bug(self):
        record = hunted(1, [failure("a", executions=6), failure("b", executions=8, checks=["isolation"])],
                        part="rate", executions=20, voided=4)
        self.assertEqual(outcomes.portfolio_rate([record]), (6, 16))
        self.assertEqual(outcomes.load_rate([loaded(3, 10)]), (3, 10))

    def test_shrinking_is_held_to_size_rate_time_and_other_machines(self):
        def held(**changes):
            one = outcomes.shrunk(LATE, shrunk(**changes))
            return one.small, one.kept, one.fast, one.again
        self.assertEqual(held(), (True, True, True, True))
        self.assertEqual(held(elements=2), (False, True, True, True))
        self.assertEqual(held(after=(15, 20)), (True, False, True, True))
        self.assertEqual(held(seconds=301), (True, True, False, True))
        self.assertEqual(held(one_core=(0, 20)), (True, True, True, False))

    def test_trials_of_fixed_count_right_and_missing_answers(self):
        def trial(number, server, says):
            return {"part": "fixed", **LATE._asdict(), "number": number, "server": server, "says": says}
        counted = outcomes.trials([trial(1, "corrected", "fixed"), trial(3, "corrected", "still there"),
                                   trial(5, "corrected", "undecided"), trial(2, "half-fixed", "still there")])
        self.assertEqual(counted[LATE.bug, "corrected"], (1, 2, 1))
        self.assertEqual(counted[LATE.bug, "half-fixed"], (1, 1, 0))

    def test_what_shrink_prints_is_understood(self):
        output = ("26 elements to 2 in 60 plays; the plan fails in 95 % (80 to 99) of executions, "
                  "what is left in 100 % (84 to 100)\n"
                  "  fails in 100 % (84 to 100 %, 20 of 20); 2 elements are left of 26:\n"
                  "    user 0\n    user 3\n  wsrace repro out/x\n")
        self.assertEqual(shrinking.SUMMARY.search(output).groups(), ("26", "2", "60", None))
        self.assertEqual(shrinking.elements_of(output), ["user 0", "user 3"])


class Results(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "state" / "results.jsonl"

    def test_a_torn_line_is_dropped_and_measured_again(self):
        writer = result_lines.Writer(self.file)
        writer.line({"session": SESSION})
        writer.line(hunted(1))
        writer.close()
        with open(self.file, "ab") as torn:
            torn.write(b'{"part":"hu')
        sessions, records = store.read(self.file)
        self.assertEqual((sessions, [store.key_of(one) for one in records]), ([SESSION], [("hunt", LATE, 1)]))
        result_lines.Writer(self.file).close()
        self.assertTrue(self.file.read_bytes().endswith(b"}\n"))

    def test_a_damaged_line_and_a_second_bench_are_refused(self):
        writer = result_lines.Writer(self.file)
        with self.assertRaisesRegex(result_lines.Unusable, "another bench"):
            result_lines.Writer(self.file)
        writer.line({"part": "hunt"})
        writer.close()
        with self.assertRaisesRegex(result_lines.Unusable, ":1: expected one result"):
            store.read(self.file)

    def test_what_is_done_is_not_done_again(self):
        options = run.parse_options(["--page-only", "--part", "hunt", "--only", "late_cleanup",
                                     "--times", "2"])
        self.assertEqual(len(list(run.tasks(options, set()))), 6)
        left = list(run.tasks(options, {("hunt", LATE, 1)}))
        self.assertEqual(len(left), 5)
        self.assertEqual([number for _, _, number in left], [1, 1, 2, 2, 2])


class Page(unittest.TestCase):
    def test_misses_are_in_the_same_table(self):
        page = hunt_page.page([SESSION], [
            hunted(1, [failure("reconnect: rest never came")]),
            hunted(1, cell=LATE._replace(window=1), seconds=61.0),
            hunted(1, [failure("reconnect", executions=5)], part="rate"),
            loaded(0, 10), loaded(10, 10, part="burst"), shrunk(elements=4)])
        self.assertIn("| `late_cleanup`, 5 ms | reconnect_mid_run | 1/1 | 1/1 | 0/1 | 1 | 4.0 s | "
                      "50 % (5/10) | 0 % (0/10) | 100 % (10/10) |", page)
        self.assertIn("| `late_cleanup`, 1 ms | reconnect_mid_run | 0/1 | – | – | > 10 | > 61.0 s |", page)
        self.assertIn("| never found | late_cleanup, 1 ms |", page)
        self.assertIn("small enough: 0/1; p at least 0.8 of before: 1/1", page)


if __name__ == "__main__":
    unittest.main()
