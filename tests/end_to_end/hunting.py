"""`wsrace hunt`, `shrink` and `repro`: a race becomes a reproducer for others; what is no race says so."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from wsrace_process import EndToEnd, FACTOR, SOURCE, WSRACE, main, wait_until

CORRECT = "wsrace serve --port {port} --step-delay 5ms"
RACE = f"{CORRECT} --bug shared_manager"
ERROR = f"{CORRECT} --bug masked_failure"  # needs one user and a tool that fails
CANARY = "isolation: canary of another user"
# Of a server with that race runs fall silent: every replay lasts as long as that is waited for.
IMPATIENT = ["--set", "deadlines.first_event=200ms", "--set", "deadlines.event_gap=200ms",
             "--set", "deadlines.run=300ms"]
SOON = 3 * FACTOR  # seconds from an interruption to the end


class Hunting(EndToEnd):
    def hunt(self, scenario, *options, status=0, out="hunt"):
        """A hunt to its end, and its hunt.json."""
        finished = self.call("hunt", scenario, *options, "--out", self.folder / out, directory=self.folder)
        self.assert_status(finished, status)
        finished.folder = self.folder / out
        return finished, self.report_of(finished)

    def report_of(self, finished):
        report = json.loads(finished.read("hunt.json"))
        self.assertEqual(report["coverage"], json.loads(finished.read("coverage.json")))
        self.assertTrue(finished.read("hunt.md").startswith(f"# Hunt of {report['scenario']}: "))
        schema = json.loads((SOURCE / "reports/schema/hunt.schema.json").read_text())
        self.assertEqual(set(schema["required"]), set(report), "and its values are judged by the unit tests")
        self.assertEqual(report["exit_status"], finished.status, finished.text())
        return report

    def repro(self, what, *options, status):
        finished = self.call("repro", what, *options, directory=self.folder)
        self.assert_status(finished, status)
        return finished

    def users_of(self, folder):
        return json.loads((folder / "reproducer.json").read_text())["plan"]["users"]


class Races(Hunting):
    def test_a_race_becomes_a_reproducer_that_fails_again_and_passes_once_it_is_mended(self):
        # One symptom, so that it gets all of the budget; which is used up only on a machine that is busy.
        finished, report = self.hunt("golden_path", "--server", RACE, "--budget", "45s", "--until-found",
                                     "--seed", "1", "--strategy", "step_pair_collision", "--set",
                                     "checks.tab_independence=false", *IMPATIENT, status=1)
        race = report["failures"][0]
        self.assertEqual((race["signature"], race["race"]), (CANARY, True), finished.text())
        self.assertIn(CANARY, finished.out)
        folder = finished.folder / "race-1"
        self.assertEqual(Path(race["reproducer"]["folder"]), folder)
        for name in ("reproducer.json", "reproduce.sh", "reproducer_test.cpp", "timeline.md",
                     "run/verdict.json", "run/history.0"):
            self.assertTrue((folder / name).is_file(), f"{name}\n{finished.text()}")
        self.assertIn("< isolation", (folder / "timeline.md").read_text())
        self.assertIn(len(self.users_of(folder)), (2, 3), finished.text())
        self.assert_repeats(folder)
        self.assert_others_can_use(folder)

    def assert_repeats(self, folder):
        again = self.repro(folder, "--times", "3", status=1)
        self.assertRegex(again.out, r"FAIL  fails in \d+ % \(.* of 3\)")
        kept = re.search(r"^A failing run  (.*)$", again.out, re.MULTILINE)[1]
        self.assertTrue((self.folder / kept / "history.0").is_file())
        mended = self.repro(folder, "--times", "3", "--server", CORRECT, status=0)
        self.assertIn("PASS  fails in 0 %", mended.out)
        self.assertIn("still there", self.repro(folder, "--fixed", status=1).out)

    def assert_others_can_use(self, folder):
        """The script with nothing but wsrace on the PATH, and the test with a compiler."""
        alone = self.folder / "alone"
        alone.mkdir()
        shutil.copy(folder / "reproduce.sh", alone)
        program = Path(shutil.which(WSRACE)).resolve().parent
        for options, status in (([], 1), (["--server", CORRECT], 0)):
            run = subprocess.run(["./reproduce.sh", "--times", "3", *options], cwd=alone, timeout=60 * FACTOR,
                                 env={**os.environ, "PATH": f"{program}:{os.environ['PATH']}"}, text=True,
                                 capture_output=True, stdin=subprocess.DEVNULL, check=False)
            self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        if compiler := shutil.which("c++"):
            subprocess.run([compiler, "-std=c++20", "-fsyntax-only", folder / "reproducer_test.cpp"],
                           check=True)

    def test_the_plan_of_a_run_that_failed_is_shrunk_to_two_users(self):
        failed = self.run_scenario("golden_path", "--users", "5", "--server", RACE, "--seed", "1", "--set",
                                   "users.arrival.over=10ms", *IMPATIENT)
        self.assert_found(failed, "isolation", "canary")
        out = self.folder / "shrunk"
        finished = self.call("shrink", failed.folder, "--signature", CANARY, "--budget", "40s", "--seed", "1",
                             "--out", out, directory=self.folder)
        self.assert_status(finished, 0)
        self.assertEqual(len(self.users_of(out)), 2, finished.text())
        self.assertFalse((out / "plays").exists())
        self.repro(out, "--times", "2", status=1)

    def test_a_failure_that_does_not_show_is_told_from_one_that_does(self):
        failed = self.run_scenario("failing_tool", "--users", "2", "--server", ERROR)
        self.assert_found(failed, "close_codes", "1000")
        out = self.folder / "never"
        finished = self.call("shrink", failed.folder, "--signature", CANARY, "--budget", "3s", "--out", out,
                             directory=self.folder)
        self.assert_status(finished, 1)
        self.assertRegex(finished.out, "not shrunk: .*without that failure")
        self.assertRegex(finished.out, r"failed otherwise, \d+ times?: close_codes: 1000")
        self.assertFalse(out.exists())

        replay = {"format_version": 1, "signature": CANARY, "failed": 9, "played": 10,
                  "plan": json.loads((failed.folder / "plan.json").read_text()),
                  "scenario": json.loads((failed.folder / "scenario.json").read_text())}
        reproducer = self.folder / "reproducer.json"
        reproducer.write_text(json.dumps(replay))
        finished = self.call("repro", reproducer, "--times", "2", directory=self.folder)
        self.assert_status(finished, 0)
        self.assertIn("failed otherwise, 2 times: close_codes: 1000", finished.out)
        # Nothing was judged of a server that does not come up: no proof that anything is fixed.
        for question in (["--times", "2"], ["--fixed"]):
            finished = self.call("repro", reproducer, *question, "--server", "wsrace nonsense --port {port}",
                                 directory=self.folder)
            self.assert_status(finished, 3)
            self.assertNotIn("fixed at", finished.out)


class NoRaces(Hunting):
    def test_a_correct_server_passes_with_what_may_be_said_and_no_more(self):
        finished, report = self.hunt("golden_path", "--server", CORRECT, "--executions", "40")
        self.assertEqual(report["executions"], 40)
        self.assertEqual(report["failures"], [])
        judged = 40 - report["voided"]
        self.assertIn(f"no failure in {judged} executions", report["statement"])
        self.assertIn("on this machine", report["statement"])
        self.assertIn(report["statement"], finished.out)
        self.assertGreater(report["coverage"]["hit"], 0)
        self.assertEqual(sum(one["executions"] for one in report["strategies"]), 40)
        self.assertEqual(list(finished.folder.glob("execution-*")), [], "runs that passed are not kept")

    def test_what_one_user_at_a_time_shows_is_an_error_of_the_application(self):
        finished, report = self.hunt("failing_tool", "--server", ERROR, "--executions", "2",
                                     "--budget", "40s", status=1)
        errors = {one["signature"]: one for one in report["failures"]}
        error = errors["close_codes: 1000"]
        self.assertIs(error["race"], False, finished.text())
        self.assertIn("an error of the application, no race", finished.out)
        # It is made smaller all the same.
        folder = Path(error["reproducer"]["folder"])
        self.assertRegex(folder.name, r"^error-\d$")
        self.assertEqual(len(self.users_of(folder)), 1, finished.text())
        self.repro(folder, "--times", "2", status=1)

    def test_the_seed_decides_the_first_plan(self):
        def first_plan(seed, out):
            _, report = self.hunt("failing_tool", "--server", ERROR, "--executions", "1", "--no-shrink",
                                  "--seed", seed, out=out, status=1)
            runs = {one["folder"] for one in report["failures"] if one["folder"]}
            plan = json.loads((Path(runs.pop()) / "plan.json").read_text())
            plan.pop("scenario_digest")  # that of a hunt has deadlines that were measured
            return [one["name"] for one in report["strategies"] if one["executions"]], plan

        one = first_plan("7", "one")
        self.assertEqual(one, first_plan("7", "again"))
        self.assertNotEqual(one[1]["users"], first_plan("8", "other")[1]["users"])


class Memory(Hunting):
    def test_a_second_night_goes_on_and_a_damaged_memory_is_refused(self):
        memory = self.folder / "memory.json"
        options = ["--server", CORRECT, "--executions", "3", "--memory", memory]
        nights = [self.hunt("golden_path", *options, out=out)[1] for out in ("first", "second")]
        judged = [night["executions"] - night["voided"] for night in nights]
        self.assertEqual([night["coverage"]["executions"] for night in nights], [judged[0], sum(judged)])
        self.assertGreaterEqual(nights[1]["coverage"]["hit"], nights[0]["coverage"]["hit"])
        kept = json.loads(memory.read_text())
        self.assertEqual((kept["nights"], kept["coverage"]["executions"]), (2, sum(judged)))
        for damaged in (memory.read_text()[:-100], "{}", json.dumps({**kept, "scenario_digest": "0" * 64})):
            memory.write_text(damaged)
            finished = self.call("hunt", "golden_path", *options, "--out", self.folder / "third")
            self.assert_status(finished, 2)
            self.assertIn("memory.json", finished.err)
            self.assertEqual(memory.read_text(), damaged, "it was overwritten")
            self.assertFalse((self.folder / "third").exists())


class CutShort(Hunting):
    def interrupted(self, *options, when):
        out = self.folder / "cut-short"
        with self.start("hunt", "golden_path", "--budget", "60s", "--seed", "1", *options, "--out", out,
                        directory=self.folder) as started:
            wait_until(lambda: started.process.poll() is not None or when(out), "the hunt is under way")
            self.assertIsNone(started.process.poll(), "it has ended by itself")
            begun = time.monotonic()
            started.send(signal.SIGINT)
            finished = started.finish(out)
            self.assertLess(time.monotonic() - begun, SOON, finished.text())
            self.assertEqual(started.left_behind(), [], finished.text())
        self.assert_no_crash(finished)
        return finished, self.report_of(finished)

    def test_an_interrupted_search_ends_soon_with_a_report(self):
        def searches(out):  # the first three are the serial baseline
            return any(int(run.name[-6:]) >= 6 for run in out.glob("execution-*"))

        finished, report = self.interrupted("--server", CORRECT, when=searches)
        self.assert_status(finished, 130)
        self.assertTrue(report["interrupted"])
        self.assertGreaterEqual(report["executions"], 1)
        self.assertIn("interrupted", finished.out)

    def test_an_interrupted_shrinking_keeps_what_was_found(self):
        def shrinks(out):
            return any(int(run.name[-6:]) >= 3 for run in out.glob("plays/execution-*"))

        finished, report = self.interrupted("--server", RACE, "--until-found", *IMPATIENT, when=shrinks)
        self.assert_status(finished, 1)
        race = next(one for one in report["failures"] if one["race"])
        self.assertTrue((Path(race["folder"]) / "plan.json").is_file(), finished.text())
        self.assertFalse((finished.folder / "plays").exists())
        self.assertTrue(report["interrupted"])
        self.assertNotIn("budget ended", finished.out)


class WrongInput(Hunting):
    def rejected(self, *arguments, says):
        """Exit status 2, one message, and nothing played."""
        out = self.folder / "never"
        finished = self.call(*arguments, "--out", out, directory=self.folder)
        self.assert_status(finished, 2)
        self.assertEqual(finished.out, "", finished.text())
        self.assertRegex(finished.err, says)
        self.assertIn("1 mistake; nothing was started", finished.err)
        self.assertFalse(out.exists(), finished.text())

    def test_of_a_hunt(self):
        cases = ((["--strategy", "step_pair_colision"], 'did you mean "step_pair_collision"'),
                 (["--budget", "soon"], '"soon" is not a duration'),
                 (["--budget", "10ms"], "10ms is too short .*at least 1s"),
                 (["--memory", self.folder / "nowhere" / "memory.json"], "nowhere does not exist"))
        for options, says in cases:
            with self.subTest(options):
                self.rejected("hunt", "golden_path", *options, says=says)
        self.rejected("hunt", says="SCENARIO: is missing")
        self.rejected("hunt", "golden_pth", says="golden_path")
        self.assert_status(self.call("hunt", "golden_path", "--executions", "-1"), 2)

    def test_of_what_is_played_again(self):
        run = self.run_scenario("golden_path", "--users", "2", "--server", CORRECT).folder
        other = self.folder / "other.json"
        other.write_text('{"name": "of something else"}')
        damaged = self.folder / "damaged.json"
        damaged.write_text('{"format_version": 1,')
        unknown = self.folder / "unknown.json"
        plan = json.loads((run / "plan.json").read_text())
        plan["constraints"] = [{"constraint": 0, "at": "connect", "step": [77, 0, 1], "after_at": "connect",
                                "after": [0, 0, 1], "gap_us": 0, "within_us": 1000000, "tolerance_us": 1000}]
        unknown.write_text(json.dumps({"format_version": 1, "failed": 1, "played": 1, "plan": plan,
                                       "scenario": json.loads((run / "scenario.json").read_text())}))
        for command in ("repro", "shrink"):
            for what, says in ((self.folder / "nothing" / "plan.json", "there is no such file"),
                               (self.folder / "nothing.json", "nothing.json: cannot be read"),
                               (other, r'other\.json: .*the field "format_version" is missing'),
                               (damaged, r"damaged\.json: line 1.*not JSON"),
                               (unknown, r"unknown\.json.*\b77\b")):
                with self.subTest((command, what.name)):
                    self.rejected(command, what, says=says)
        self.rejected("repro", run, "--fixed", says="give a reproducer.json")
        self.rejected("shrink", run, "--signature", "a bug", says='"a bug" is nothing that a check says')
        self.rejected("shrink", run, "--budget", "10ms", says="10ms is too short .*at least 1s")


if __name__ == "__main__":
    main()
