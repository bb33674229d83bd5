"""scripts/repro.sh: what a developer gets out of a night's folder, from any directory."""

import os
import shutil
import subprocess

from wsrace_process import EndToEnd, LIMIT, SOURCE, WSRACE, main

BUGGY = "wsrace serve --port {port} --step-delay 50ms --bug first_match_router"
# Quick to play: users come soon after each other, and runs that fall silent are not awaited for long.
IMPATIENT = ["--set", "users.arrival.over=100ms", "--set", "deadlines.first_event=400ms",
             "--set", "deadlines.event_gap=400ms", "--set", "deadlines.run=1s"]


class Repro(EndToEnd):
    def repro(self, *words, directory=None):
        done = subprocess.run([SOURCE / "scripts" / "repro.sh", *map(str, words)], stdin=subprocess.DEVNULL,
                              text=True,
                              capture_output=True, check=False, timeout=5 * LIMIT,
                              cwd=directory or self.folder,
                              env={**os.environ, "WSRACE": WSRACE})
        return done.returncode, done.stdout + done.stderr

    def failing(self):
        """A downloaded night with one failing run in it."""
        finished = self.run_scenario("golden_path", "--users", "30", "--server", BUGGY, "--seed", "7",
                                     *IMPATIENT)
        self.assert_status(finished, 1)
        night = self.folder / "night"
        (night / "golden_path-7").mkdir(parents=True)
        for file in finished.folder.iterdir():
            shutil.copy(file, night / "golden_path-7")
        (night / "golden_path-7" / "status").write_text("1\n")
        (night / "witness-7").mkdir()
        (night / "witness-7" / "status").write_text("0\n")
        return night

    def test_a_runs_folder_and_its_plan_are_played_again_and_p_has_an_interval(self):
        night = self.failing()
        for plan in ("night/golden_path-7", night / "golden_path-7" / "plan.json"):
            status, text = self.repro(plan, "--times", "3", "--out",
                                      self.folder / f"kept-{status_number(plan)}")
            self.assertEqual(status, 1, text)
            self.assertRegex(text, r"(?m)^FAIL  fails in .*\d+.* %.*on this machine")
        status, text = self.repro("night/golden_path-7", "--times", "2", "--server",
                                  "wsrace serve --port {port}",
                                  "--out", self.folder / "clean")
        self.assertEqual(status, 0, text)
        self.assertRegex(text, r"(?m)^PASS  fails in ")

    def test_a_race_is_still_there_or_fixed(self):
        self.failing()
        reduced = self.folder / "race-1"
        shrunk = self.call("shrink", self.folder / "night" / "golden_path-7", "--budget", "20s", "--out",
                           reduced)
        self.assert_status(shrunk, 0)
        status, text = self.repro("race-1", "--fixed", "--out", self.folder / "still")
        self.assertEqual(status, 1, text)
        self.assertRegex(text.lower(), "still there")
        status, text = self.repro("race-1", "--fixed", "--server", "wsrace serve --port {port}", "--out",
                                  self.folder / "fixed")
        self.assertEqual(status, 0, text)
        self.assertIn("fixed", text.lower())

    def test_a_night_lists_what_failed_in_it(self):
        self.failing()
        status, text = self.repro("night")
        self.assertEqual(status, 2, text)
        self.assertRegex(text, r"scripts/repro\.sh .*/night/golden_path-7")
        self.assertNotIn("witness-7", text)

    def test_wrong_input_gets_one_message(self):
        (self.folder / "empty").mkdir()
        for words in ([], ["--fixed"], ["no-such-folder"], ["empty"]):
            with self.subTest(words):
                status, text = self.repro(*words)
                self.assertEqual(status, 2, text)
                self.assertIn("repro: ", text)


def status_number(plan):
    return "plan" if str(plan).endswith("plan.json") else "folder"


if __name__ == "__main__":
    main()
