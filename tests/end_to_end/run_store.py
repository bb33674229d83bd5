"""Runs over time: what `wsrace run --store` keeps, what `wsrace history` and `wsrace compare` say of it, and
what happens when the file cannot be written."""

import contextlib
import ctypes
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys

from wsrace_process import EndToEnd, Started, main

FEW, MANY = 5, 60
SLOW = "wsrace serve --port {port} --step-delay 60ms"
QUICK = "wsrace serve --port {port} --step-delay 2ms"
BUGGY = "wsrace serve --port {port} --bug shared_manager"
DAC_OVERRIDE, DROP_FROM_BOUNDING_SET = 1, 24  # of linux/capability.h and prctl.h

HALF_A_TRANSACTION = """
import sqlite3, sys, time
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute("PRAGMA cache_size = 1")  # so that half of it goes to the file
store.execute("BEGIN IMMEDIATE")
store.execute("DELETE FROM latencies")
store.execute("UPDATE runs SET verdict = 'fail', command = ?", ["x" * 200000])
print("half done", flush=True)
sys.stdin.read()
"""


def without_privileges():
    """Root may write to files that are read-only; what is started after this may not."""
    if os.geteuid() == 0:
        ctypes.CDLL(None, use_errno=True).prctl(DROP_FROM_BOUNDING_SET, DAC_OVERRIDE)


def leave_no_room(store, size):
    """The page with the only run becomes full, and the next one lies behind as many bytes."""
    with contextlib.closing(sqlite3.connect(store, isolation_level=None)) as opened:
        columns, = opened.execute("SELECT * FROM runs").fetchall()
        command = opened.execute("SELECT length(command) FROM runs").fetchone()[0]
        others = sum(len(str(value)) for value in columns) - command
        opened.execute("UPDATE runs SET command = ?", ["x" * (3900 - others)])
        opened.execute("CREATE TABLE padding (bytes BLOB)")
        opened.execute("INSERT INTO padding VALUES (zeroblob(?))", [size])


class RunStore(EndToEnd):
    def setUp(self):
        super().setUp()
        self.store = self.folder / "runs.sqlite"

    def play(self, name, *options, users=FEW, **more):
        finished = self.call("run", "golden_path", "--users", users, "--seed", "1", "--quiet",
                             "--store", self.store, "--out", self.folder / name, *options, **more)
        finished.folder = self.folder / name
        return finished

    def trends(self, *options):
        shown = self.call("history", "--store", self.store, "--json", *options)
        self.assert_status(shown, 0)
        return json.loads(shown.out)["scenarios"]

    def ids(self):
        return [run["run"] for trend in self.trends() for run in trend["runs"]]

    def test_a_run_is_kept_with_what_came_of_it(self):
        good = self.play("good", "--label", "build 1")
        self.assert_status(good, 0)
        bad = self.play("bad", "--label", "build 2", "--server", BUGGY, users=MANY)
        self.assert_status(bad, 1)
        trend, = self.trends()
        self.assertEqual(trend["scenario"], "golden_path")
        self.assertEqual([(run["run"], run["verdict"], run["label"]) for run in trend["runs"]],
                         [(good.verdict["run"]["id"], "pass", "build 1"),
                          (bad.verdict["run"]["id"], "fail", "build 2")])
        self.assertEqual((trend["flake_rate"]["failed"], trend["flake_rate"]["runs"]), (1, 2))
        self.assertTrue(any("isolation" in signature["id"] for signature in trend["signatures"]), trend)
        p50 = {latency["id"]: latency["p50_ns"] for latency in good.verdict["latencies"]}["event"]
        kept, = [series["values"][0] for series in trend["latencies"] if series["id"] == "event p50"]
        self.assertTrue(p50 * (1 - 1 / 64) <= kept <= p50, (p50, kept))
        self.assertNotIn("--store", good.verdict["run"]["command"])
        self.assertNotIn("--label", good.verdict["run"]["command"])
        text = self.call("history", environment={"WSRACE_STORE": str(self.store)}).out
        self.assertIn("golden_path: the last 2 of 2 stored runs", text)
        self.assertIn(".X", text)

    def test_each_play_of_a_repeated_plan_is_kept(self):
        self.assert_status(self.play("again", "--repeat", "4"), 0)
        trend, = self.trends()
        self.assertEqual(len(trend["runs"]), 4)
        self.assertEqual((trend["replayed_plans"], trend["flaky_plans"]), (1, 0))

    def test_a_slow_build_is_a_regression_and_the_same_build_is_none(self):
        for name, server in (("base", QUICK), ("slow", SLOW)):
            self.play(name, "--server", server, "--set", "thresholds.event_latency_p95=false",
                      "--set", "thresholds.event_latency_p99=false", users=MANY)
        compared = self.call("compare", self.folder / "base", self.folder / "slow", "--json")
        self.assert_status(compared, 1)
        result = json.loads(compared.out)
        worse = [row["id"] for row in result["rows"] if row["standing"] == "worse"]
        self.assertIn("event", worse)
        self.assertEqual((result["outcome"], result["exit_status"]), ("regression", 1))
        same = self.call("compare", self.folder / "base", self.folder / "base")
        self.assert_status(same, 0)
        self.assertIn("NO REGRESSION golden_path", same.out)
        base, slow = self.ids()
        stored = self.call("compare", base, slow, "--store", self.store)
        self.assert_status(stored, 1)
        mixed = self.call("compare", base, self.folder / "slow", "--store", self.store)
        self.assert_status(mixed, 1)

    def test_a_run_is_compared_with_the_last_ones_of_the_same_content(self):
        self.play("one"), self.play("two"), self.play("other", "--set", "users.count=6")
        compared = self.call("compare", "--last", "10", self.folder / "two", "--store", self.store, "--json")
        result = json.loads(compared.out)
        self.assertEqual(result["base"]["runs"], 1, compared.text())  # not itself, not that with six users
        self.assert_status(compared, 3)
        self.assertIn("too few samples", result["summary"])
        alone = self.call("compare", "--last", "10", "--scenario", "golden_path", "--store", self.store)
        self.assert_status(alone, 3)
        self.assertIn("2 with other users, journeys, target", alone.out)

    def test_writers_at_the_same_time_are_all_kept(self):
        arguments = ["run", "golden_path", "--users", "2", "--quiet", "--store", self.store, "--out"]
        started = [Started([*arguments, self.folder / f"at-once-{i}"], {}) for i in range(8)]
        finished = [each.finish() for each in started]
        for each in finished:
            self.assertIn(each.status, (0, 1, 3), each.text())  # eight servers may be slow
            self.assertNotIn("NOT STORED", each.err)
        verdicts = [json.loads((self.folder / f"at-once-{i}" / "verdict.json").read_text()) for i in range(8)]
        self.assertEqual(set(self.ids()), {verdict["run"]["id"] for verdict in verdicts})

    def test_a_full_disk_costs_neither_the_verdict_nor_what_was_stored(self):
        self.assert_status(self.play("before"), 0)
        leave_no_room(self.store, 4_000_000)
        before = self.ids()

        def full():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))

        for name, server, status in (("full", [], 0), ("full_and_bad", ["--server", BUGGY], 1)):
            finished = self.play(name, *server, users=MANY, preexec=full)
            self.assert_status(finished, status)
            self.assertIn("NOT STORED", finished.err)
            self.assertRegex(finished.err, "runs.sqlite: (the disk is full|cannot be read or written)")
            self.assertIn(f"wsrace history --store {self.store} --add {finished.folder}", finished.err)
            self.assertEqual(finished.verdict["exit_status"], status)
        self.assertEqual(self.ids(), before)
        added = self.call("history", "--store", self.store, "--add", self.folder / "full",
                          self.folder / "full_and_bad", self.folder / "before")
        self.assert_status(added, 0)
        self.assertIn("2 added, 1 were there already", added.out)
        self.assertEqual(len(self.ids()), 3)

    def test_a_writer_that_is_killed_takes_nothing_with_it(self):
        self.play("one"), self.play("two")
        before = self.trends()
        with subprocess.Popen([sys.executable, "-c", HALF_A_TRANSACTION, str(self.store)], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
            self.assertEqual(writer.stdout.readline(), "half done\n")
            writer.kill()
            writer.wait()
        self.assertTrue((self.folder / "runs.sqlite-journal").is_file(), "nothing of it was in the file")
        self.assertEqual(self.trends(), before)
        self.assert_status(self.play("three"), 0)
        self.assertEqual(len(self.ids()), 3)

    def test_a_store_that_cannot_be_used_is_refused_before_anything_is_played(self):
        self.play("one")
        newer = self.folder / "newer.sqlite"
        shutil.copy(self.store, newer)
        with sqlite3.connect(newer) as opened:
            opened.execute("PRAGMA user_version = 99")
        opened.close()
        text = self.folder / "text.sqlite"
        text.write_text("this is no database, however long one looks at it\n" * 20)
        read_only = self.folder / "read_only.sqlite"
        shutil.copy(self.store, read_only)
        read_only.chmod(0o444)
        for file, message in ((newer, "was written by a newer wsrace"), (text, "is not an SQLite database"),
                              (read_only, "is read-only"),
                              (self.folder / "no" / "where", "cannot be opened")):
            with self.subTest(file.name):
                out = self.folder / f"refused-{file.name}"
                finished = self.call("run", "golden_path", "--store", file, "--out", out,
                                     preexec=without_privileges)
                self.assert_status(finished, 2)
                self.assertIn(f"{file}: ", finished.err)
                self.assertIn(message, finished.err)
                self.assertFalse(out.exists())
        for file in (newer, text):
            self.assert_status(self.call("history", "--store", file), 2)
        self.assertEqual(text.read_text().count("\n"), 20)
        shown = self.call("history", "--store", read_only, preexec=without_privileges)
        self.assert_status(shown, 0)  # to look at it, it need not be written

    def test_wrong_input_gets_one_message(self):
        self.play("one")
        for arguments, message in (
                (["history"], "no store; give --store FILE"),
                (["history", "--store", self.folder / "none"], "no such file; wsrace run --store makes it"),
                (["history", "--store", self.store, "--scenario", "golden_pat"],
                 'did you mean "golden_path"?'),
                (["history", "--store", self.store, "--add", self.folder], "not the folder of a run"),
                (["compare"], "expected BASE and NEW"),
                (["compare", self.folder / "one", self.folder / "two"], "no such folder"),
                (["compare", self.folder / "one", "zzzz", "--store", self.store], "no such run in"),
                (["compare", self.folder, self.folder], "not the folder of a run"),
                (["compare", "--last", "3", self.folder / "one"], "no store"),
                (["compare", "--last", "3", "--store", self.store], "expected either NEW, or --scenario"),
                (["compare", "--last", "0", self.folder / "one"], "--last")):
            with self.subTest(arguments):
                finished = self.call(*arguments)
                self.assert_status(finished, 2)
                self.assertIn(message, finished.err + finished.out)


if __name__ == "__main__":
    main()
