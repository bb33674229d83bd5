"""scripts/nightly_ci.sh: the self-test first, one exit status, and it goes on where it was stopped."""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from xml.etree import ElementTree

from selftest import blind_data
from wsrace_process import EndToEnd, LIMIT, SOURCE, WSRACE, main, wait_until

SEED = "7"
BUGGY = "wsrace serve --port {port} --bug first_match_router"


class Night(EndToEnd):
    def command(self, *options):
        return [str(word) for word in
                (SOURCE / "scripts" / "nightly_ci.sh", "--out", self.folder / "night", "--first-seed", SEED,
                 "--hunt", "0", "--self-test", "1", *options)]

    def environment(self, more=None):
        return {**os.environ, "WSRACE": WSRACE, **(more or {})}

    def night(self, *options, environment=None):
        """The script to its end: its exit status and its output."""
        done = subprocess.run(self.command(*options), stdin=subprocess.DEVNULL, text=True, check=False,
                              capture_output=True, timeout=5 * LIMIT, env=self.environment(environment))
        return done.returncode, done.stdout + done.stderr

    def rows(self):
        """Scenario, seed, verdict of each row of nightly.md."""
        return re.findall(r"^\| (\w+) \| (\d+) \| ([\w ]+) \|",
                          (self.folder / "night" / "nightly.md").read_text(), re.MULTILINE)

    def case_names(self):
        """Of each test case in junit/, its file and its full name; the files satisfy the schema."""
        names = []
        for file in sorted((self.folder / "night" / "junit").iterdir()):
            self.assert_junit(file)
            names += [(file.name, (case.get("classname"), case.get("name")))
                      for case in ElementTree.parse(file).iter("testcase")]
        return names

    def test_a_correct_server_gives_a_green_night(self):
        status, text = self.night("--scenarios", "golden_path witness", "--seeds", "2")
        self.assertEqual(status, 0, text)
        self.assertLess(text.index("PASS selftest"), text.index("2 scenarios x 2 seeds"))
        self.assertEqual(self.rows(), [(name, seed, "pass") for name in ("golden_path", "witness")
                                       for seed in ("7", "8")])
        self.assertIn("4 passed, 0 failed, 0 inconclusive", text)
        self.assertTrue((self.folder / "night" / "runs.sqlite").is_file())
        page = (self.folder / "night" / "nightly.md").read_text()
        for name in ("golden_path", "witness"):
            self.assertIn(f"{name}: the last 2 of 2 stored runs", page)
        names = self.case_names()
        self.assertEqual({file for file, _ in names}, {"golden_path-1.xml", "golden_path-2.xml",
                                                       "witness-1.xml",
                                                       "witness-2.xml"})
        self.assertIn(("golden_path-2.xml", ("wsrace.golden_path.2", "isolation")), names)
        self.assertEqual(len({name for _, name in names}), len(names), "names are not unique")
        self.assertFalse(list((self.folder / "night" / "sarif").iterdir()))

    def test_what_the_target_says_of_its_source_is_collected_for_code_scanning(self):
        server = ("sh -c 'echo /app/a.py:3: DeprecationWarning: old >&2; exec wsrace serve --port $0' {port}")
        status, text = self.night("--server", server, "--scenarios", "golden_path", "--seeds", "2",
                                  environment={"PATH": f"{Path(WSRACE).parent}:{os.environ['PATH']}"})
        self.assertEqual(status, 1, text)
        collected, = (self.folder / "night" / "sarif").iterdir()
        self.assertEqual(collected.name, "golden_path.sarif")
        self.assertIn("file:///app/a.py", collected.read_text())

    def test_a_race_makes_the_night_red_and_says_how_to_repeat_it(self):
        status, text = self.night("--server", BUGGY, "--scenarios", "golden_path", "--seeds", "1")
        self.assertEqual(status, 1, text)
        self.assertEqual(self.rows(), [("golden_path", "7", "fail")])
        page = (self.folder / "night" / "nightly.md").read_text()
        self.assertIn(f"`wsrace run golden_path --seed 7 --server '{BUGGY}'`", page)
        self.assertTrue((self.folder / "night" / "golden_path-7" / "junit.xml").is_file())

    def test_a_store_outlives_the_nights_and_a_damaged_one_does_not_cost_the_night(self):
        store = self.folder / "kept" / "runs.sqlite"
        once = ("--scenarios", "witness", "--seeds", "1", "--store", str(store))
        self.assertEqual(self.night(*once, "--label", "build 1")[0], 0)
        shutil.rmtree(self.folder / "night")
        self.assertEqual(self.night(*once, "--label", "build 2")[0], 0)
        page = (self.folder / "night" / "nightly.md").read_text()
        self.assertIn("witness: the last 2 of 2 stored runs", page)
        self.assertIn("build 2", page)
        store.write_text("no database any more\n" * 100)
        shutil.rmtree(self.folder / "night")
        status, text = self.night(*once)
        self.assertEqual(status, 0, text)
        self.assertIn("nothing of this night is stored", text)
        page = (self.folder / "night" / "nightly.md").read_text()
        self.assertIn("is not an SQLite database", page)
        self.assertEqual(self.rows(), [("witness", "7", "pass")])

    def test_a_hunt_finds_what_no_scenario_was_asked_for_and_shrinks_it(self):
        status, text = self.night("--server", BUGGY, "--scenarios", "golden_path", "--seeds", "1",
                                  "--hunt", "1", "--limit", "2", "--memory", str(self.folder / "memory.json"))
        self.assertEqual(status, 1, text)
        hunted = self.folder / "night" / "hunt-golden_path-7"
        self.assertTrue((hunted / "race-1" / "reproducer.json").is_file(), text)
        self.assertTrue((self.folder / "memory.json").is_file())
        page = (self.folder / "night" / "nightly.md").read_text()
        self.assertIn("| hunt with golden_path | 7 | fail |", page)
        found = page[page.index("## What the hunt found"):page.index("## Over time")]
        self.assertIn("### isolation: user id of another user", found)
        self.assertIn(f"wsrace repro {hunted}/race-1", found)

    def test_a_blind_harness_plays_nothing(self):
        status, text = self.night("--scenarios", "golden_path", "--seeds", "1",
                                  environment={"WSRACE_DATA": str(blind_data(self.folder))})
        self.assertEqual(status, 3, text)
        self.assertIn("the self-test did not pass", text)
        self.assertFalse(list((self.folder / "night").glob("golden_path-*")))

    def test_it_goes_on_where_it_was_interrupted(self):
        options = ("--scenarios", "golden_path witness", "--seeds", "3")
        first = self.folder / "night" / "golden_path-7"
        with subprocess.Popen(self.command(*options), stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.environment(),
                              start_new_session=True) as stopped:
            wait_until((first / "status").is_file, "the first run's end")
            os.killpg(stopped.pid, signal.SIGINT)
            stopped.communicate(timeout=LIMIT)
        self.assertEqual(stopped.returncode, 130)
        written = (first / "verdict.json").stat().st_mtime_ns
        status, text = self.night(*options)
        self.assertEqual(status, 0, text)
        self.assertEqual(len(self.rows()), 6)
        self.assertEqual((first / "verdict.json").stat().st_mtime_ns, written)
        status, text = self.night(*options, "--server", BUGGY)
        self.assertEqual(status, 2, text)
        self.assertIn("holds a night against another server", text)

    def test_wrong_input_gets_one_message_and_plays_nothing(self):
        for options in (["--seeds", "0"], ["--seeds"], ["--wrong", "1"], ["--limit", "soon"],
                        ["--scenarios", "golden_pat"]):
            with self.subTest(options):
                status, text = self.night(*options)
                self.assertEqual(status, 2, text)
                self.assertNotIn("self-test ==", text)
        self.assertFalse(list(self.folder.glob("night/*-7")))


if __name__ == "__main__":
    main()
