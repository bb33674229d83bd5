"""What wsrace says of targets that fail, each in its own way: the right status, check and words, no crash."""

import json
import os
import resource
import socket
import sys

import fault_servers as faults
from fault_servers import close_frame, frame
from wsrace_process import EndToEnd, NO_THRESHOLDS, ReferenceServer, duration, main, self_signed_certificate

USERS = 3
EIGHT_MEBIBYTES = 8 * 1024 * 1024


def conversation(name, **changes):
    """Some users who have one short conversation without a login, with short deadlines."""
    deadlines = {"connect": duration(1000), "handshake": duration(1000), "welcome": duration(500),
                 "first_event": duration(1000), "event_gap": duration(500), "run": duration(2000),
                 "close": duration(500), "total": duration(8000)}
    journey = ["login", "connect", "await_welcome", {"request": {"text": "hello {canary}"}}, "await_events",
               "close"]
    return {"name": name, "profile": {"extends": "netra", "login": {"kind": "none"}, "carrier": "none"},
            "users": {"count": USERS}, "journey": journey, "deadlines": deadlines,
            "thresholds": NO_THRESHOLDS, **changes}


class FaultyTargets(EndToEnd):
    def visit(self, server, url=None, **changes):
        """A run against this server, which must have been talked to."""
        with server:
            name = type(server).__name__.lower()
            finished = self.run_scenario(conversation(name, **changes), "--target", url or server.url)
            self.assertGreaterEqual(server.conversations, USERS, f"nobody came\n{finished.text()}")
        return finished

    def judged(self, finished, check, pattern):
        """Every user has this finding: the failed check counts no fewer."""
        self.assert_found(finished, check, pattern)
        self.assertGreaterEqual(finished.failed_checks()[check]["violation_count"], USERS)
        for violation in finished.failed_checks()[check]["violations"]:
            self.assertTrue(violation["evidence"], violation)


class Correct(FaultyTargets):
    def test_a_correct_scripted_server_passes_so_that_the_others_fail_for_their_fault(self):
        finished = self.visit(faults.Target())
        self.assert_status(finished, 0)
        self.assertEqual(finished.verdict["counts"]["runs_completed"], USERS)


class Opening(FaultyTargets):
    def test_an_unreachable_target_is_inconclusive_and_says_why(self):
        with socket.socket() as bound:  # bound and not listening: nobody else gets the port
            bound.bind(("127.0.0.1", 0))
            url = f"ws://127.0.0.1:{bound.getsockname()[1]}/ws"
            finished = self.run_scenario(conversation("unreachable"), "--target", url)
        self.assert_status(finished, 3)
        self.assertIn("cannot be reached: Connection refused", finished.err)
        self.assertIn(url, finished.err)
        self.assertIn("cannot be reached", finished.verdict["summary"])

    def test_a_target_that_never_answers_is_a_timeout_of_the_handshake(self):
        self.judged(self.visit(faults.Mute()), "handshake", r"upgrade_answered: timeout")

    def test_a_target_that_is_not_http_is_a_protocol_error(self):
        self.judged(self.visit(faults.NotHttp()), "handshake", r"upgrade_answered: protocol_error")

    def test_http_without_websockets_is_named_by_its_status(self):
        for status in (200, 404):
            with self.subTest(status=status):
                self.judged(self.visit(faults.PlainHttp(status)), "handshake",
                            rf"upgrade_answered: HTTP {status}\b")

    def test_a_wrong_accept_header_is_a_protocol_error(self):
        self.judged(self.visit(faults.WrongAccept()), "handshake", r"upgrade_answered: protocol_error")

    def test_an_unoffered_subprotocol_is_the_only_finding(self):
        finished = self.visit(faults.UnofferedSubprotocol())
        self.judged(finished, "close_codes", r'unoffered subprotocol.*"graphql-ws"')
        self.assertEqual(list(finished.failed_checks()), ["close_codes"], finished.text())

    def test_silence_after_101_is_no_welcome(self):
        self.judged(self.visit(faults.NoWelcome()), "handshake", r"no welcome")


class Frames(FaultyTargets):
    def test_a_text_frame_that_is_not_json_does_not_disturb_the_run(self):
        finished = self.visit(faults.SendsAndGoesOn(frame(b"hello, this is not { JSON")))
        self.judged(finished, "schema", r"a text frame that is not JSON")
        self.assertEqual(list(finished.failed_checks()), ["schema"], finished.text())
        self.assertEqual(finished.verdict["counts"]["runs_completed"], USERS)

    def test_frames_that_violate_rfc_6455_are_protocol_errors_each_with_its_reason(self):
        for name, data, reason in [("utf8", frame(b'{"type":"\xff\xfe"}'), "UTF-8|payload"),
                                   ("reserved_bits", frame(b"{}", first_byte=0xF1), "reserved bits|RSV"),
                                   ("reserved_opcode", frame(b"{}", opcode=3), "opcode"),
                                   ("masked", b"\x81\x82abcd" + b"{}", "mask"),
                                   ("long_ping", frame(b"x" * 200, opcode=9), "control")]:
            with self.subTest(name):
                finished = self.visit(faults.Sends(data))
                self.judged(finished, "close_codes",
                            rf"(?i)protocol error while a run was going on.*({reason})")

    def test_an_announced_exbibyte_is_refused_without_taking_the_memory(self):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        finished = self.visit(faults.Sends(frame(b"{", announced=2**60)))
        self.judged(finished, "close_codes", r"while a run was going on.*limit")
        after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.assertLess(after, max(before, 1024 * 1024), "kilobytes of the largest process")

    def test_a_huge_message_is_refused_and_says_which_limit(self):
        text = json.dumps({"type": "agent_thinking", "payload": {"reasoning": "x" * EIGHT_MEBIBYTES}})
        finished = self.visit(faults.Sends(frame(text.encode())))
        self.judged(finished, "close_codes", r"while a run was going on.*limit")

    def test_a_connection_cut_in_the_middle_of_a_frame_is_1006(self):
        finished = self.visit(faults.EndsMidRun(frame(b'{"type":', announced=500)))
        self.judged(finished, "close_codes", r"1006 \(end of file\) while a run was going on")


class Ends(FaultyTargets):
    def test_each_end_in_the_middle_of_a_run_is_told_apart(self):
        for server, pattern in [(faults.EndsMidRun(close_frame(1011, b"boom")),
                                 r"1011 while a run.*reason: boom"),
                                (faults.EndsMidRun(close_frame(1000)), r"1000 while a run was going on"),
                                (faults.EndsMidRun(close_frame(4321)), r"4321 while a run was going on"),
                                (faults.EndsMidRun(), r"1006 \(end of file\) while a run was going on"),
                                (faults.EndsMidRun(reset=True), r"1006 \(reset\) while a run was going on")]:
            with self.subTest(pattern):
                finished = self.visit(server)
                self.judged(finished, "close_codes", pattern)
                self.judged(finished, "five_events", r"no .*agent_completed")

    def test_a_close_frame_counts_although_the_target_then_keeps_tcp_open(self):
        finished = self.visit(faults.Sends(close_frame(1011, b"boom")))
        self.judged(finished, "close_codes", r"1011 while a run was going on, reason: boom")
        self.assertFalse(finished.verdict["run"]["interrupted"], finished.text())

    def test_a_close_that_is_never_answered_is_its_only_finding(self):
        finished = self.visit(faults.NeverAnswersClose())
        self.judged(finished, "close_codes", r"our close not answered")
        self.assertEqual(list(finished.failed_checks()), ["close_codes"], finished.text())


class Silence(FaultyTargets):
    def test_a_run_that_was_awaited_in_vain_is_not_waited_for_again(self):
        ask = [{"request": {"text": "hello {canary}"}}, "await_events"]
        journey = ["login", "connect", "await_welcome", *ask * 3, "close"]
        finished = self.visit(faults.ForgetsTheFirstRequest(), journey=journey)
        self.judged(finished, "five_events", "nothing at all|no agent_started")
        self.assertEqual(finished.verdict["counts"]["runs_completed"], 2 * USERS)
        self.call("report", finished.folder, "--format", "jsonl")
        events = [json.loads(line) for line in finished.read("history.jsonl").splitlines()]
        for user in range(USERS):
            awaited = [event["outcome"] for event in events
                       if event["type"] == "events_awaited" and event["user"] == user]
            self.assertEqual(awaited, ["timeout", "ok", "ok"])


class Process(FaultyTargets):
    def test_a_server_that_dies_in_the_middle_of_a_run_is_a_finding_and_ends_the_run(self):
        script = ("import os, sys; sys.path.insert(0, sys.argv[1]); import fault_servers, threading\n"
                  "class Dies(fault_servers.Target):\n"
                  "    def converse(self, client):\n"
                  "        client.send_events(client.read_request(), count=2)\n"
                  "        os.abort()\n"
                  "with Dies(int(sys.argv[2])): threading.Event().wait()\n")
        here = os.path.dirname(os.path.abspath(__file__))
        target = {"server": {"command": [sys.executable, "-c", script, here, "{port}"], "ready": "port_open"}}
        finished = self.run_scenario(conversation("dies", target=target))
        self.assert_found(finished, "sanitizer", r"signal 6|SIGABRT|Aborted")
        self.assert_found(finished, "close_codes", r"1006 \((end of file|reset)\)")
        self.assertFalse(finished.verdict["run"]["interrupted"], finished.text())


class Refusals(FaultyTargets):
    ONE = {"users": {"count": 1}}

    def refuse(self, *refusals, **changes):
        with faults.Refuses(refusals) as server:
            scenario = conversation("refused", **{**self.ONE, **changes})
            finished = self.run_scenario(scenario, "--target", server.url)
            self.assertGreaterEqual(server.conversations, len(refusals[:2]),
                                    f"nobody came\n{finished.text()}")
        return finished, server

    def test_a_retry_after_the_announced_time_that_succeeds_is_a_pass(self):
        for status in (503, 429):
            with self.subTest(status=status):
                finished, server = self.refuse((status, {"Retry_After": "1"}))
                self.assert_status(finished, 0)
                self.assertEqual(finished.verdict["counts"]["runs_completed"], 1)
                waited = server.admitted_at[0] - server.refused_at[0]
                self.assertGreaterEqual(waited, 0.99, "came back before it was told to")

    def test_a_refusal_that_tells_no_time_is_for_good_even_if_a_retry_would_succeed(self):
        for status, words in [(401, "refused for good.*HTTP 401"), (403, "refused for good.*HTTP 403"),
                              (429, "refused for good.*HTTP 429"), (503, "HTTP 503 without Retry-After")]:
            with self.subTest(status=status):
                finished, server = self.refuse((status, {}))
                self.assert_found(finished, "handshake", words)
                self.assertEqual(server.conversations, 1)

    def test_users_who_were_refused_and_then_admitted_by_a_reconnect_are_no_finding(self):
        journey = ["login", "connect", "await_welcome", {"request": {"text": "a {canary}"}}, "await_events",
                   "close", "reconnect", "await_welcome", {"request": {"text": "b {canary}"}},
                   "await_events", "close"]
        for status in (401, 403):
            with self.subTest(status=status):
                finished, server = self.refuse((status, {}), journey=journey)
                self.assertEqual(len(server.admitted_at), 1)
                self.assert_status(finished, 0)

    def test_users_who_may_not_retry_do_not(self):
        users = {"count": 1, "retry_refused": False}
        finished, server = self.refuse((503, {"Retry_After": "1"}), users=users)
        self.assert_found(finished, "handshake", "refused for good.*HTTP 503")
        self.assertEqual(server.conversations, 1)

    def test_a_refusal_that_never_ends_is_given_up_and_named(self):
        finished, server = self.refuse(*[(503, {"Retry_After": "1"})] * 1000,
                                       deadlines={"total": duration(3000), "run": duration(2000)})
        self.assert_found(finished, "handshake", "HTTP 503")
        self.assertGreaterEqual(len(server.refused_at), 2)


class Tls(FaultyTargets):
    """The reference server with a certificate that nobody knows."""

    def setUp(self):
        super().setUp()
        self.certificate, self.key = self_signed_certificate(self.folder)

    def run_over_tls(self, tls, **changes):
        with ReferenceServer("--tls-cert", self.certificate, "--tls-key", self.key) as server:
            target = {"url": f"wss://127.0.0.1:{server.port}/ws", "tls": tls}
            return self.run_scenario(conversation("tls", target=target, profile="netra", **changes))

    def test_an_untrusted_certificate_is_a_tls_failure_of_its_own(self):
        profile = {"extends": "netra_mint", "login": {"kind": "mint"}}
        with ReferenceServer("--tls-cert", self.certificate, "--tls-key", self.key) as server:
            scenario = conversation("untrusted", profile=profile,
                                    target={"url": f"wss://127.0.0.1:{server.port}/ws"})
            finished = self.run_scenario(scenario, environment={"WSRACE_JWT_SECRET": "s"})
        self.judged(finished, "handshake", r"tls: tls_failed")
        self.assertIn("certificate verify failed", finished.text() + finished.read("verdict.json"))

    def test_an_untrusted_certificate_fails_the_login_by_tls(self):
        self.judged(self.run_over_tls({"verify": True}), "handshake", r"login: tls_failed")

    def test_a_known_authority_and_no_verification_work_with_login_and_conversation(self):
        for tls in ({"ca_file": str(self.certificate)}, {"verify": False}):
            with self.subTest(tls=tls):
                finished = self.run_over_tls(tls)
                self.assert_status(finished, 0)
                self.assertEqual(finished.verdict["counts"]["runs_completed"], USERS)

    def test_a_target_without_tls_is_a_tls_failure(self):
        with ReferenceServer() as server:
            scenario = conversation("plain",
                                    target={"url": f"wss://127.0.0.1:{server.port}/ws",
                                            "tls": {"verify": False}})
            finished = self.run_scenario(scenario)
        self.judged(finished, "handshake", r"tls: (tls_failed|eof)")


if __name__ == "__main__":
    main()
