#!/usr/bin/python3
"""bench/detection counts right, goes on where it was stopped, and says what it has not found.

    tests/bench/detection_test.py      WSRACE names the program that must accept every configuration
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(SOURCE / "bench" / "detection"))
import configurations  # noqa: E402
import estimates  # noqa: E402
import page  # noqa: E402
import plots  # noqa: E402
import results  # noqa: E402
import run  # noqa: E402
import summaries  # noqa: E402
from configurations import Cell  # noqa: E402
from result_lines import Unusable  # noqa: E402
from schedule import Limits, Schedule  # noqa: E402

WSRACE = os.environ.get("WSRACE")
SHIPPED, RAMP = Cell("ttl_eviction", "shipped", "ttl_soak"), Cell("ttl_eviction", "ramp", "ttl_soak")
SESSION = {"machine": "AMD, 2 cores", "system": "Debian", "version": "wsrace 9", "program": "p",
           "commit": "c1", "build": "preset release", "jobs": 3,
           "options": ["--wsrace", "build/w", "--jobs", "3"], "thread_sanitizer": False}


def execution(cell, seed, failed=(), verdict=None, seconds=1.0, judged=()):
    return results.Execution(bug=cell.bug, column=cell.column, scenario=cell.scenario, seed=seed,
                             verdict=verdict or ("fail" if failed else "pass"), failed=tuple(failed),
                             seconds=seconds, load=1.5, at=1_700_000_000 + seed, judged=tuple(judged))


class Estimates(unittest.TestCase):
    def test_wilson_intervals_of_the_literature(self):
        for hits, trials, low, high in [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634),
                                        (81, 263, 0.2553, 0.3662), (0, 0, 0.0, 1.0)]:
            interval = estimates.wilson(hits, trials)
            self.assertAlmostEqual(interval.low, low, places=4)
            self.assertAlmostEqual(interval.high, high, places=4)

    def test_nothing_in_n_is_less_than_three_in_n(self):
        self.assertEqual(estimates.upper_bound(0, 3000), 0.001)
        self.assertEqual(estimates.upper_bound(0, 2), 1.0)
        self.assertEqual(estimates.upper_bound(2, 100), estimates.wilson(2, 100).high)

    def test_campaigns_end_with_a_detection_and_share_no_execution(self):
        cut = estimates.campaigns([(False, 1), (True, 2), (True, 4), (False, 8), (False, 16)])
        self.assertEqual(cut, [(2, 3, True), (1, 4, True), (2, 24, False)])
        self.assertEqual(estimates.campaigns([(True, 1)]), [(1, 1, True)])
        self.assertEqual(estimates.campaigns([]), [])

    def test_survival_is_that_of_kaplan_and_meier(self):
        # Weeks in remission under 6-MP (Freireich and others 1963), the textbooks' example; + was censored.
        weeks = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+".split()
        lengths = [(int(week.rstrip("+")), not week.endswith("+")) for week in weeks]
        expected = [(6, 0.857), (7, 0.807), (10, 0.753), (13, 0.690), (16, 0.627), (22, 0.538), (23, 0.448)]
        steps = estimates.survival(lengths)
        self.assertEqual([(step.at, round(step.surviving, 3)) for step in steps], expected)
        self.assertEqual(estimates.median(lengths), (23, True))
        self.assertAlmostEqual(estimates.surviving_after(estimates.survival(lengths), 12.9), 0.753, places=3)
        self.assertEqual(estimates.surviving_after(estimates.survival(lengths), 5), 1.0)

    def test_a_median_that_was_not_reached_is_longer_than_what_was_watched(self):
        self.assertEqual(estimates.median([(200, False)]), (200, False))
        self.assertEqual(estimates.median([(1, True), (9, False), (9, False)]), (9, False))
        self.assertEqual(estimates.median([(1, True), (2, True), (9, False)]), (2, True))


class Order(unittest.TestCase):
    def schedule(self, found=(), **changed):
        limits = {"executions": 6, "correct": 2, "floor": 3, "cell_seconds": 10, **changed}
        correct = Cell(configurations.NO_BUG, "shipped", "ttl_soak")
        return Schedule([SHIPPED, RAMP, correct], results.Results([], list(found)), Limits(**limits))

    def drain(self, schedule, seconds):
        """Plays it all, an execution of each cell taking so long."""
        played = []
        while (task := schedule.next()) is not None:
            played.append(task)
            schedule.account(execution(*task, seconds=seconds[task[0].column]))
        return played

    def test_each_cell_in_turn(self):
        played = self.drain(self.schedule(), {"ramp": 1, "shipped": 1})
        self.assertEqual(len(played), 6 + 6 + 2)
        self.assertEqual([seed for _, seed in played], sorted(seed for _, seed in played))
        self.assertEqual({cell for cell, seed in played if seed == 1}, set(self.schedule().cells))

    def test_slow_cells_stop_at_their_budget_but_not_below_the_floor(self):
        played = self.drain(self.schedule(), {"ramp": 2, "shipped": 60})
        self.assertEqual(sum(cell == RAMP for cell, _ in played), 5)
        self.assertEqual(sum(cell == SHIPPED for cell, _ in played), 3)

    def test_what_is_recorded_is_not_played_again_and_holes_are_filled(self):
        found = [execution(RAMP, seed) for seed in (1, 3, 4)]
        played = self.drain(self.schedule(found), {"ramp": 1, "shipped": 1})
        self.assertEqual([seed for cell, seed in played if cell == RAMP], [2, 5, 6])

    def test_what_is_left_is_known_before_the_end(self):
        found = [execution(RAMP, seed, seconds=2) for seed in (1, 2, 3)]
        self.assertEqual(self.schedule(found).left(), (2 + 6 + 2, (2 + 6 + 2) * 2))


class File(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "state" / "executions.jsonl"

    def write(self, *executions):
        writer = results.Writer(self.path)
        for one in executions:
            writer.execution(one)
        writer.close()

    def test_what_was_written_is_read(self):
        correct = execution(Cell("", "shipped", "ttl_soak"), 1, judged=["isolation", "liveness"])
        written = [execution(SHIPPED, 1, ["idle_delivery", "liveness"]), correct]
        self.write(*written)
        self.assertEqual(results.read(self.path).executions, written)
        self.assertEqual(results.read(self.path.parent / "none").executions, [])

    def test_a_torn_last_line_is_dropped_wherever_it_is_torn(self):
        first, second, third = (execution(SHIPPED, seed, ["idle_delivery"]) for seed in (1, 2, 3))
        self.write(first)
        begin = self.path.stat().st_size
        self.write(second)
        whole = self.path.read_bytes()
        for end in range(begin, len(whole)):
            self.path.write_bytes(whole[:end])
            self.assertEqual(results.read(self.path).executions, [first])
            self.write(third)
            self.assertEqual(results.read(self.path).executions, [first, third])

    def test_a_line_that_cannot_be_read_is_named(self):
        self.write(execution(SHIPPED, 1))
        self.path.write_bytes(b"{}\n" + self.path.read_bytes())
        with self.assertRaisesRegex(Unusable, r"executions\.jsonl:1: expected one result"):
            results.read(self.path)

    def test_two_do_not_write_at_once(self):
        first = results.Writer(self.path)
        with self.assertRaisesRegex(Unusable, "another bench is writing"):
            results.Writer(self.path)
        first.close()
        results.Writer(self.path).close()

    def test_an_execution_counts_once(self):
        self.write(execution(SHIPPED, 1), execution(SHIPPED, 1, ["idle_delivery"]))
        self.assertEqual([one.verdict for one in results.read(self.path).executions], ["pass"])


# Stands in for wsrace: notes that it was called, and finds something with each even seed.
SCRIPTED = """#!/usr/bin/python3
import json, pathlib, sys
if "--version" in sys.argv: sys.exit(print("wsrace scripted"))
seed = int(sys.argv[sys.argv.index("--seed") + 1])
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
with open(pathlib.Path(sys.argv[0]).parent / "calls", "a") as calls:
    calls.write(f"{pathlib.Path(sys.argv[2]).stem} {seed}\\n")
out.mkdir(parents=True)
checks = [{"id": "idle_delivery", "verdict": "fail" if seed % 2 == 0 else "pass"}]
verdict = {"verdict": "fail" if seed % 2 == 0 else "pass", "void": seed == 3, "checks": checks}
(out / "verdict.json").write_text(json.dumps(verdict))
sys.exit(3 if seed == 3 else 1 if seed % 2 == 0 else 0)
"""


class Resume(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.program = self.folder / "wsrace"
        self.program.write_text(SCRIPTED)
        self.program.chmod(0o755)
        self.state = self.folder / "state" / "executions.jsonl"

    def measure(self, executions):
        words = ["--wsrace", str(self.program), "--state", str(self.folder / "state"), "--jobs", "2",
                 "--only", "ttl_eviction", "--executions", str(executions), "--floor", "1"]
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            self.assertEqual(run.measure(run.parse_options(words), self.state), 0)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def calls(self):
        calls = (self.folder / "calls").read_text().splitlines()
        (self.folder / "calls").unlink()
        return sorted(calls)

    def test_it_goes_on_at_the_first_missing_execution(self):
        self.measure(2)
        self.assertEqual(self.calls(), 2 * ["plain 1"] + 2 * ["plain 2"] + ["ttl_soak 1", "ttl_soak 2"])
        torn = self.state.read_bytes()[:-5]
        self.state.write_bytes(torn)
        self.assertEqual(len(results.read(self.state).executions), 5)
        self.measure(4)
        self.assertEqual(len(self.calls()), 1 + 6)
        found = results.read(self.state)
        self.assertEqual(len(found.executions), 12)
        self.assertEqual(len(found.sessions), 2)
        shipped = found.by_cell()[SHIPPED]
        self.assertEqual([(one.seed, one.verdict, one.failed) for one in shipped],
                         [(1, "pass", ()), (2, "fail", ("idle_delivery",)), (3, "void", ()),
                          (4, "fail", ("idle_delivery",))])

    def test_another_program_needs_another_folder(self):
        self.measure(1)
        self.program.write_text(SCRIPTED + "# changed\n")
        with self.assertRaisesRegex(Unusable, "of another program .* give another --state folder"):
            self.measure(2)

    def test_what_wsrace_rejects_ends_it(self):
        self.program.write_text("#!/bin/sh\necho '$.users: mistake' >&2\nexit 2\n")
        with self.assertRaisesRegex(Exception, r"ttl_eviction: \$\.users: mistake"):
            self.measure(1)


def made_up():
    """One bug that the shipped scenario finds half of the time, and the ramp never; a false positive."""
    correct = Cell(configurations.NO_BUG, "shipped", "ttl_soak")
    found = [execution(SHIPPED, seed, ["idle_delivery", "liveness"] if seed % 2 == 0 else [])
             for seed in range(1, 41)]
    found += [execution(RAMP, seed) for seed in range(1, 31)]
    found += [execution(RAMP, 31, ["five_events"]), execution(RAMP, 32, ["idle_delivery"], verdict="void")]
    found += [execution(correct, seed, judged=["isolation"]) for seed in range(1, 100)]
    found += [execution(correct, 100, ["isolation"], judged=["isolation"])]
    return results.Results([SESSION], found)


class Page(unittest.TestCase):
    def setUp(self):
        self.lines = page.page(made_up()).splitlines()

    def rows(self, first, column=0):
        """The cells of rows that begin so."""
        cells = [[cell.strip() for cell in line.strip("|").split("|")]
                 for line in self.lines if line.startswith("|")]
        return [row for row in cells if row[column] == first]

    def test_a_miss_stands_in_the_table(self):
        rates, efforts = self.rows("`ttl_eviction`")[:1], self.rows("`ttl_eviction`")[1:2]
        self.assertEqual(rates, [["`ttl_eviction`", "TT", "ttl_soak",
                                  "**miss** (0–11, 0/31); any check 3.2 %; 1 inconclusive",
                                  "50 % (35–65, 20/40)"]])
        self.assertEqual(efforts, [["`ttl_eviction`", "> 32 / > 32.0 s (0\\*)", "2 / 2.0 s (20)"]])

    def test_the_overview_counts_it_as_never_found(self):
        self.assertEqual(self.rows("ramp")[0], ["ramp", "1", "0 %", "1", "0 %", "0 %", "0 %"])
        self.assertEqual(self.rows("shipped")[0][:4], ["shipped", "1", "50 %", "0"])
        self.assertIn("Never found by ramp: `ttl_eviction`.", self.lines)

    def test_expected_against_reported(self):
        self.assertEqual(self.rows("expected")[0],
                         ["expected", "failed", "named", "idle_delivery", "liveness"])
        self.assertEqual(self.rows("idle_delivery")[0], ["idle_delivery", "20", "**100**", "**100**", "100"])

    def test_false_positives_are_listed_by_check(self):
        self.assertEqual(self.rows("isolation")[0], ["isolation", "1/100 (< 5.4 %)", "never judged"])
        self.assertIn(["ttl_soak", "shipped", "100", "isolation"], self.rows("ttl_soak"))

    def test_what_proved_nothing_is_listed(self):
        self.assertIn(["`ttl_eviction`", "ramp", "ttl_soak", "void", "1"], self.rows("`ttl_eviction`"))

    def test_conditions_and_the_one_command(self):
        self.assertIn("    bench/detection/run.py --wsrace build/w --jobs 3", self.lines)
        self.assertEqual(self.rows("machine"), [["machine", "AMD, 2 cores"]])
        self.assertIn("3 executions side by side; load average (1 min): median 1.5", self.rows("load")[0][1])
        self.assertEqual(self.rows("when")[0][1], "2023-11-14 22:13 to 2023-11-14 22:15 UTC, sessions: 1")

    def test_pictures_have_a_dot_for_each_cell_and_a_hollow_one_for_a_miss(self):
        summary = summaries.Summary(made_up(), configurations.CHECKS, configurations.scenarios_of)
        with tempfile.TemporaryDirectory() as folder:
            plots.draw(summary, Path(folder))
            dots = ElementTree.parse(Path(folder) / "probability.svg").findall("{*}circle")
            curves = ElementTree.parse(Path(folder) / "time.svg").findall("{*}path")
        legend, found = dots[2:], [dot for dot in dots[:2] if dot.get("fill") != "white"]
        self.assertEqual((len(legend), len(found), found[0].get("cx")), (2, 1, "480"))
        self.assertEqual(len(curves), 2)


class Configurations(unittest.TestCase):
    def arguments(self, cell):
        return configurations.arguments_of(cell, run.parse_options(["--page-only"]))

    def test_every_bug_is_compared_and_every_promise_kept(self):
        cells = configurations.bug_cells([])
        for bug in configurations.CHECKS:
            columns = [cell.column for cell in cells if cell.bug == bug]
            self.assertEqual(columns[:3], ["ramp", "burst", "shipped"])
            self.assertEqual(len(columns), 2 + len(configurations.scenarios_of(bug)))

    def test_what_names_a_symptom_is_what_catalogue_and_tests_say(self):
        self.assertEqual(set(configurations.catalogue()), set(configurations.CHECKS))
        self.assertEqual(configurations.naming_checks("manager_cap_leak"), {"close_codes", "baseline"})
        self.assertEqual(configurations.naming_checks("replay_races_live"),
                         {"event_order", "exactly_once", "reconnect"})

    def test_a_load_has_the_same_server_and_users_and_nothing_else_of_the_scenario(self):
        cell = Cell("late_cleanup", "burst", "reconnect_mid_run")
        words = self.arguments(cell)
        fields = {path: json.loads(value) for path, value in (word.split("=", 1) for word in words[3::2])}
        scenario = configurations.shipped("reconnect_mid_run")
        self.assertEqual(words[:2], ["run", str(configurations.PLAIN)])
        self.assertEqual(fields["target"]["server"]["command"],
                         scenario["target"]["server"]["command"] + ["--bug", "late_cleanup"])
        self.assertEqual(fields["users"], {"count": 30, "arrival": {"pattern": "all_at_once"}})
        self.assertEqual(fields["deadlines"], scenario["deadlines"])
        self.assertEqual(fields["checks"], {"reconnect": {"required": False}})
        self.assertEqual(set(fields), {"target", "users", "deadlines", "checks"})

    def test_without_a_bug_a_scenario_is_played_as_it_is(self):
        self.assertEqual(len(self.arguments(Cell(configurations.NO_BUG, "shipped", "ttl_soak"))), 2)

    @unittest.skipUnless(WSRACE, "WSRACE does not name the program")
    def test_wsrace_accepts_them(self):
        for cell in {cell[1:]: cell for cell in configurations.bug_cells([])}.values():
            command = [WSRACE, "check", *self.arguments(cell)[1:]]
            checked = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(checked.returncode, 0, (cell, checked.stdout, checked.stderr))


if __name__ == "__main__":
    unittest.main()
