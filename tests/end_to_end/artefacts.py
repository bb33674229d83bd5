"""What a run leaves: all files, the same plan for the same seed, reports of what was cut short, no secret."""

import base64
import json
import re
import shutil
import signal
import sys
import time
import unittest
from pathlib import Path

try:
    from prometheus_client.openmetrics import parser
except ImportError:
    parser = None

from watching_proxy import WatchingProxy
from wsrace_process import (EndToEnd, FACTOR, NO_THRESHOLDS, ReferenceServer, SOURCE, WSRACE, duration, main,
                            wait_until)

HERE = Path(__file__).resolve().parent
SECRET = "sEcReT-signing-key-92d1f0"
PASSWORD = "pAsSwOrD-5c77-hunter2"
SERVE = ["wsrace", "serve", "--port", "{port}", "--step-delay", "1ms"]
CARRIERS = ["authorization", "subprotocol", "query", "ticket"]
CONVERSATION = ["login", "connect", "await_welcome", {"request": {"text": "hello {canary}"}}, "await_events"]


def conversation(name, **changes):
    return {"name": name, "target": {"server": {"command": SERVE}}, "users": {"count": 8},
            "journey": [*CONVERSATION, {"pause": {"uniform": ["0ms", "5ms"]}}, "close"],
            "thresholds": NO_THRESHOLDS, **changes}


def places_of(secrets, folder, texts):
    """Where any of the secrets stands: file names of the folder, or names of the texts."""
    contents = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}
    contents.update({name: text.encode() for name, text in texts.items()})
    return sorted({(name, secret[:16]) for name, content in contents.items()
                   for secret in secrets if secret in content})


class Artefacts(EndToEnd):
    def assert_keeps(self, finished, secrets):
        """None of these, nor their base64, is in a file or in the output; and the search would find one."""
        secrets = {secret for secret in secrets if len(secret) >= 8}
        secrets |= {base64.urlsafe_b64encode(secret).rstrip(b"=") for secret in secrets}
        self.assertTrue(secrets)
        exported = self.call("report", finished.folder, "--format", "terminal,all,jsonl")
        self.assertTrue((finished.folder / "history.jsonl").read_text())
        texts = {"stdout": finished.out, "stderr": finished.err, "report": exported.out + exported.err}
        self.assertEqual(places_of(secrets, finished.folder, texts), [])
        planted = finished.folder / "planted"
        for secret in secrets:
            planted.write_bytes(b"x" * 100 + secret + b"y")
            self.assertIn(("planted", secret[:16]), places_of(secrets, finished.folder, texts))
        planted.unlink()


class Files(Artefacts):
    def test_a_passing_and_a_failing_run_leave_all_files(self):
        passing = self.run_scenario(conversation("passing"))
        self.assert_status(passing, 0)
        self.assert_artefacts(passing, supervised=True)
        self.assertIn("listening", passing.read("server.log"))
        failing = self.run_scenario(conversation("failing"), "--server",
                                    "wsrace serve --port {port} --bug first_match_router")
        self.assert_found(failing, "isolation", "user")
        self.assert_artefacts(failing, supervised=True)
        for name in ("junit.xml", "summary.md", "verdict.json"):
            self.assertIn("isolation", failing.read(name))
            self.assertIn("--bug first_match_router", failing.read(name), "how to repeat it")

    def test_each_file_is_in_the_documentation(self):
        finished = self.run_scenario(conversation("documented"))
        page = (SOURCE / "docs" / "reports.md").read_text()
        for file in finished.folder.iterdir():
            name = re.sub(r"^history\..*", "history.*", file.name)
            self.assertIn(f"`{name}`", page, f"{file.name} is not in docs/reports.md")
        for family in re.findall(r"(?m)^# TYPE (\w+) ", finished.read("metrics.prom")):
            level = family.replace("wsrace_service_level", "")  # of which the page has the endings
            self.assertTrue(f"`{family}`" in page or f"`{level}`" in page, f"{family} is not documented")

    def test_bytes_that_no_xml_and_no_json_can_hold_do_not_spoil_an_artefact(self):
        words = r"Traceback (most recent call last): \000\001\033[31m\377\376 ]]> <b>&amp; \342\200\256"
        shell = f"printf '{words}\\n' >&2; exec \"$0\" serve --port \"$1\""
        target = {"server": {"command": ["sh", "-c", shell, WSRACE, "{port}"]}}
        finished = self.run_scenario(conversation("hostile_output", target=target))
        self.assert_found(finished, "server_log", "Traceback")
        self.assert_artefacts(finished, supervised=True)
        result, = json.loads(finished.read("results.sarif"))["runs"][0]["results"]
        self.assertEqual(result["ruleId"], "server_log")

    def test_results_for_code_scanning_are_there_where_the_target_says_what_is_wrong(self):
        words = "/app/agent.py:42: DeprecationWarning: there is no current event loop"
        shell = f"echo '{words}' >&2; exec \"$0\" serve --port \"$1\""
        target = {"server": {"command": ["sh", "-c", shell, WSRACE, "{port}"]}}
        found = self.run_scenario(conversation("deprecation", target=target))
        self.assert_found(found, "server_log", "DeprecationWarning")
        result, = json.loads(found.read("results.sarif"))["runs"][0]["results"]
        place = result["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"]["uri"], "file:///app/agent.py")
        self.assertEqual(place["region"]["startLine"], 42)
        log, = [one["physicalLocation"] for one in result["relatedLocations"]]
        lines = found.read(log["artifactLocation"]["uri"]).splitlines()
        self.assertIn(words, lines[log["region"]["startLine"] - 1])
        clean = self.run_scenario(conversation("clean"))
        self.assertFalse((clean.folder / "results.sarif").exists())
        self.assertIn("Artefacts", clean.out)
        self.assertNotIn("results.sarif", clean.out)

    def test_report_writes_any_format_that_is_asked_for_and_no_other(self):
        finished = self.run_scenario(conversation("formats"))
        files = {"json": "verdict.json", "junit": "junit.xml", "markdown": "summary.md",
                 "sarif": "results.sarif", "openmetrics": "metrics.prom"}
        for name in files.values():
            (finished.folder / name).unlink(missing_ok=True)
        self.assert_status(self.call("report", finished.folder, "--format", "junit,sarif"), 0)
        self.assertEqual({name for name in files.values() if (finished.folder / name).exists()},
                         {"junit.xml", "results.sarif"})
        self.assert_status(self.call("report", finished.folder, "--format", ",".join(files)), 0)
        for name in files.values():
            self.assertTrue(finished.read(name), name)
        wrong = self.call("report", finished.folder, "--format", "junit,pdf")
        self.assert_status(wrong, 2)
        self.assertIn("pdf", wrong.err)

    def test_the_same_seed_gives_the_same_plan_and_another_seed_another_one(self):
        def plan(seed):
            return self.run_scenario(conversation("planned"), "--seed", seed).read("plan.json")

        first, again, other = plan(7), plan(7), plan(8)
        self.assertEqual(first, again)
        self.assertNotEqual(json.loads(first)["users"], json.loads(other)["users"],
                            "only the seed's number differs")

    def test_the_printed_command_repeats_the_plan(self):
        first = self.run_scenario(conversation("again"))
        seed = re.search(r"^repeat: wsrace run \S+ --seed (\d+)$", first.out, re.MULTILINE)
        self.assertTrue(seed, first.text())
        self.assertEqual(self.run_scenario(conversation("again"), "--seed", seed[1]).read("plan.json"),
                         first.read("plan.json"))

    def test_report_judges_the_stored_history_as_the_run_did(self):
        for options, status in (([], 0),
                                (["--server", "wsrace serve --port {port} --bug first_match_router"], 1)):
            with self.subTest(status=status):
                finished = self.run_scenario(conversation("reported"), *options)
                self.assert_status(finished, status)
                before = {name: finished.read(name) for name in ("verdict.json", "junit.xml", "summary.md")}
                for name in before:
                    (finished.folder / name).unlink()
                self.assert_status(self.call("report", finished.folder), status)
                self.assertEqual({name: finished.read(name) for name in before}, before)

    @unittest.skipUnless(parser, "python3-prometheus-client is missing")
    def test_metrics_are_what_prometheus_reads(self):
        finished = self.run_scenario(conversation("metrics"), "--server",
                                     "wsrace serve --port {port} --bug first_match_router")
        families = {family.name: family for family
                    in parser.text_string_to_metric_families(finished.read("metrics.prom"))}
        counts = finished.verdict["counts"]

        def value(family, **labels):
            found = [sample.value for sample in families[family].samples
                     if labels.items() <= sample.labels.items()]
            self.assertEqual(len(found), 1, (family, labels, families[family].samples))
            return found[0]

        self.assertEqual(value("wsrace_users"), counts["users"])
        self.assertEqual(value("wsrace_requests"), counts["requests"])
        self.assertEqual(value("wsrace_verdict", wsrace_verdict="fail"), 1)
        self.assertGreater(value("wsrace_violations", check="isolation"), 0)
        self.assertEqual(sum(sample.value for sample in families["wsrace_received_frames"].samples),
                         counts["frames"])
        self.assertEqual(families["wsrace_latency_seconds"].unit, "seconds")
        for latency in finished.verdict["latencies"]:
            of_it = [sample for sample in families["wsrace_latency_seconds"].samples
                     if sample.labels["operation"] == latency["id"]]
            bounds = {sample.labels["le"]: sample.value for sample in of_it if "le" in sample.labels}
            self.assertEqual(bounds["+Inf"], latency["count"])
            above = [float(bound) for bound, count in bounds.items() if count < latency["count"]]
            self.assertGreaterEqual(latency["max_ns"] / 1e9, max(above, default=0))
            total, = [sample.value for sample in of_it if sample.name.endswith("_sum")]
            self.assertLessEqual(total, latency["max_ns"] / 1e9 * latency["count"] + 1e-6)
        spoilt = finished.read("metrics.prom").replace("# EOF\n", "")
        with self.assertRaises(ValueError):
            list(parser.text_string_to_metric_families(spoilt))


class Secrets(Artefacts):
    def test_nothing_of_a_real_login_and_of_four_token_carriers_is_written_out(self):
        profile = {"extends": "netra", "login": {"kind": "password", "password_env": "WSRACE_TEST_PASSWORD"}}
        users = {"count": 8, "connections": 2, "carriers": CARRIERS}
        environment = {"WSRACE_TEST_PASSWORD": PASSWORD, "WSRACE_JWT_SECRET": SECRET}
        with ReferenceServer("--jwt-secret-env", "WSRACE_JWT_SECRET", environment=environment) as server:
            with WatchingProxy(server.port) as proxy:
                scenario = conversation("secrets", users=users, profile=profile,
                                        target={"url": f"ws://127.0.0.1:{proxy.port}/ws"})
                finished = self.run_scenario(scenario, environment=environment)
        self.assert_status(finished, 0)
        self.assertEqual(finished.verdict["counts"]["runs_completed"], 16)
        found = proxy.secrets()
        for kind, secrets in found.items():
            self.assertTrue(secrets, f"no {kind} passed: this test would prove nothing")
        self.assertIn(PASSWORD.encode(), found["password"])
        self.assert_keeps(finished, set().union(*found.values()) | {SECRET.encode(), PASSWORD.encode()})

    def test_a_target_that_repeats_credentials_everywhere_does_not_get_them_into_a_report(self):
        record = self.folder / "what-clients-sent"
        target = {"server": {"command": [sys.executable, str(HERE / "talkative_server.py"), "{port}",
                                         str(record)],
                             "ready": "port_open"}}
        for carrier in CARRIERS:
            with self.subTest(carrier):
                record.unlink(missing_ok=True)
                profile = {"extends": "netra", "login": {"kind": "mint", "secret_env": "WSRACE_JWT_SECRET"}}
                deadlines = {"event_gap": duration(1000), "run": duration(2000), "total": duration(10000)}
                scenario = conversation(f"talkative_{carrier}", target=target, profile=profile,
                                        deadlines=deadlines,
                                        users={"count": 2, "carrier": carrier})
                finished = self.run_scenario(scenario, environment={"WSRACE_JWT_SECRET": SECRET})
                self.assert_found(finished, "close_codes", "1011")
                sent = record.read_bytes()
                patterns = [rb"bearer (\S+)", rb"[?&]token=([^ &]+)", rb"ticket=([^ &]+)",
                            rb"jwt\.([\w-]{40,})"]
                secrets = {match for pattern in patterns
                           for match in re.findall(pattern, sent, re.IGNORECASE)}
                self.assertGreaterEqual(len(secrets), 2 if carrier != "ticket" else 1, sent)
                self.assert_keeps(finished, secrets | {SECRET.encode()})
                self.assertIn("[redacted]", finished.read("server.log"))


class CutShort(Artefacts):
    """Runs that somebody ends from outside, in the middle."""

    def started(self, **changes):
        """A run whose users have had their conversations, as its history shows, and now wait for a minute."""
        self.out = self.folder / "cut-short"
        journey = [*CONVERSATION, {"pause": "60s"}, "close"]
        started = self.start("run", self.write(conversation("cut_short", journey=journey, **changes)),
                             "--out", self.out)
        self.addCleanup(lambda: started.__exit__(None, None, None))
        return started

    def completed(self):
        """How many runs the history says are completed, as far as it is on disk now."""
        if not (self.out / "history.0").exists():
            return 0
        copy = self.folder / "so-far"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.out, copy)
        self.call("report", copy, "--format", "jsonl")
        exported = copy / "history.jsonl"
        return exported.read_text().count('"agent_completed"') if exported.exists() else 0

    def until_recorded(self, started):
        wait_until(lambda: started.process.poll() is not None or self.completed() == 8,
                   "the conversations are in the history")
        self.assertIsNone(started.process.poll(), "the run has ended by itself")
        self.assertTrue(started.left_behind(), "no server is running: that none is left would prove nothing")

    def test_metrics_are_there_while_a_run_goes_on_and_are_replaced_at_its_end(self):
        started = self.started()
        metrics = self.folder / "cut-short" / "metrics.prom"
        wait_until(metrics.exists, "metrics.prom is there")
        self.assertIsNone(started.process.poll())
        live = metrics.read_text()
        self.assertIn('wsrace_live_users{scenario="cut_short"}', live)
        self.assertTrue(live.endswith("\n# EOF\n"))
        self.until_recorded(started)
        self.assert_interrupted(started, signal.SIGINT)
        self.assertNotIn("wsrace_live", metrics.read_text())
        self.assertIn('wsrace_runs_completed_total{scenario="cut_short"} 8', metrics.read_text())

    def assert_interrupted(self, started, number):
        begun = time.monotonic()
        started.send(number)
        finished = started.finish(self.out)
        took = time.monotonic() - begun
        self.assert_status(finished, 130)
        self.assertLess(took, 2 * FACTOR, finished.text())
        self.assertEqual(started.left_behind(), [])
        return finished

    def test_an_interrupted_run_ends_soon_with_the_report_of_what_was_recorded(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number.name):
                started = self.started()
                self.until_recorded(started)
                finished = self.assert_interrupted(started, number)
                self.assert_artefacts(finished, supervised=True)
                self.assertTrue(finished.verdict["run"]["interrupted"])
                self.assertEqual(finished.verdict["counts"]["runs_completed"], 8)
                self.assertIn("interrupted", finished.out.lower())
                self.assertIn("nterrupted", finished.read("summary.md"))
                self.out.rename(self.folder / number.name)

    def test_an_interruption_while_the_server_starts_ends_soon_too(self):
        command = [*SERVE, "--cold-start", "60s"]
        started = self.started(target={"server": {"command": command, "ready": "http",
                                                  "ready_within": "90s"}})
        wait_until(lambda: (self.out / "server.log").exists() and len(started.left_behind()) >= 2,
                   "the server runs")
        finished = self.assert_interrupted(started, signal.SIGINT)
        self.assertIn("interrupted", (finished.out + finished.err).lower())

    def test_a_killed_harness_leaves_no_server_and_a_history_that_says_it_is_not_complete(self):
        started = self.started()
        self.until_recorded(started)
        started.send(signal.SIGKILL)
        started.finish()
        wait_until(lambda: not started.left_behind(), "the server has gone with its harness")
        report = self.call("report", self.out)
        report.folder = self.out
        self.assertEqual(report.verdict["counts"]["runs_completed"], 8, report.text())
        self.assertTrue(report.verdict["run"]["truncated"], report.text())
        self.assertRegex(report.out.lower(), "torn|not complete|killed")
        self.assert_status(report, 3)

    def test_a_history_that_was_cut_in_the_middle_of_a_record_is_read_up_to_there(self):
        finished = self.run_scenario(conversation("torn"))
        history = finished.folder / "history.0"
        history.write_bytes(history.read_bytes()[:-1001])
        report = self.call("report", finished.folder)
        self.assertTrue(finished.verdict["run"]["truncated"], report.text())
        self.assertRegex(report.out.lower(), "torn|not complete")


if __name__ == "__main__":
    main()
