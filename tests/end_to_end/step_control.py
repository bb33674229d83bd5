"""Steps that are moved, cut and stretched on purpose, as the server's sockets see them."""

import json
import time

from byte_recorder import Recorder, converse, noise, small_buffers
from fault_servers import TEXT, frame
from wsrace_process import (EndToEnd, FACTOR, NO_THRESHOLDS, ReferenceServer, duration, main,
                            self_signed_certificate)

PONG = 10
ENDINGS = ["fin", "reset", "half_close", "silence"]
SEEN = {"fin": "FIN", "reset": "RST", "half_close": "FIN"}
TALK = ["await_welcome", {"request": {"text": "hello {canary}"}}, "await_events", "close"]


def scenario(name, journey, **changes):
    """One user without a login; the deadlines hold unless the harness itself is why they are missed."""
    deadlines = {"connect": duration(5000), "handshake": duration(5000), "welcome": duration(5000),
                 "first_event": duration(5000), "event_gap": duration(5000), "run": duration(10000),
                 "close": duration(5000), "total": duration(30000)}
    return {"name": name, "profile": {"extends": "netra", "login": {"kind": "none"}, "carrier": "none"},
            "users": {"count": 1}, "journey": ["login", *journey], "deadlines": deadlines,
            "thresholds": NO_THRESHOLDS, **changes}


def seconds(milliseconds):
    return milliseconds * FACTOR / 1000


def open_to(client):
    """A server's part of opening a connection."""
    client.read_head()
    client.upgrade()
    client.welcome()


class StepControl(EndToEnd):
    def visit(self, name, journey, *scripts, status=0, **changes):
        """Every connection of one user, but the one that only looks whether the target is there."""
        with Recorder(*scripts) as server:
            finished = self.run_scenario(scenario(name, journey, **changes), "--target", server.url)
            self.assert_status(finished, status)
        return server.recorded[1:], finished


class Upgrade(StepControl):
    def test_whole_comes_in_one_piece(self):
        (client, ), _ = self.visit("whole", [{"connect": {"upgrade": "whole"}}, *TALK], converse)
        self.assertTrue(client.pieces[0][1].endswith(b"\r\n\r\n"), client.pieces[0])

    def test_a_trickled_upgrade_comes_byte_by_byte(self):
        gap = 2
        journey = [{"connect": {"upgrade": {"trickle": duration(gap)}}}, *TALK]
        (client, ), finished = self.visit("trickle", journey, converse)
        head = client.received().index(b"\r\n\r\n") + 4
        single = [at for at, data in client.pieces[:head] if len(data) == 1]
        self.assertGreater(len(single), head / 2)
        self.assertGreater(single[-1] - single[0], seconds(gap) * len(single) / 2)
        self.assertEqual(finished.verdict["counts"]["runs_completed"], 1)

    def test_an_early_request_shares_a_piece_with_the_end_of_the_upgrade(self):
        journey = ["connect", {"request": {"text": "hello {canary}", "early": True}}, "await_welcome",
                   "await_events", "close"]
        (client, ), finished = self.visit("early", journey, converse)
        head, _, rest = client.pieces[0][1].partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"GET "))
        self.assertEqual(rest[0], 0x80 | TEXT)
        self.assertEqual(rest[1], 0x80 | 126)  # masked, and its length in two bytes
        self.assertEqual(len(rest), 2 + 2 + 4 + int.from_bytes(rest[2:4], "big"))
        self.assertEqual(finished.verdict["counts"]["runs_completed"], 1)

    def test_a_trickled_upgrade_ends_together_with_the_early_request(self):
        journey = [{"connect": {"upgrade": {"trickle": duration(1)}}},
                   {"request": {"text": "hello {canary}", "early": True}}, "await_events", "close"]
        (client, ), _ = self.visit("early_trickle", journey, converse)
        last = next(data for _, data in client.pieces if b"\n" + bytes([0x80 | TEXT]) in data)
        self.assertGreater(len(last), 50)

    def test_a_request_that_was_refused_with_its_upgrade_counts_as_never_asked(self):
        def refuse(client):
            client.read_head()
            client.answer(503, Retry_After="0")

        journey = ["connect", {"request": {"text": "hello {canary}", "early": True}}, "await_events", "close"]
        clients, finished = self.visit("early_refused", journey, refuse, converse)
        self.assertEqual(len(clients), 2)
        self.assertEqual(finished.verdict["counts"]["runs_completed"], 1)

    def test_a_delayed_upgrade_comes_that_much_later_than_the_connection(self):
        (client, ), _ = self.visit("delayed", ["connect", *TALK], converse,
                                   faults=[{"at": "upgrade_sent", "delay": duration(400)}])
        self.assertGreater(client.pieces[0][0] - client.began, seconds(200))


class Aborts(StepControl):
    """Whoever gives up comes back, and the target passes: nothing of it is its fault."""

    def abort(self, after, by, script):
        journey = [{"connect": {"abort": {"after": after, "by": by}}}, {"pause": duration(600)}, "reconnect",
                   *TALK]
        seen = []
        clients, finished = self.visit(f"abort_{after}_{by}", journey,
                                       lambda client: seen.append(script(client)), converse)
        self.assertEqual(len(clients), 2)
        self.assertEqual(finished.verdict["counts"]["runs_completed"], 1)
        return clients[0], seen[0]

    def end_of(self, client, by):
        """How the connection ended once all that was to come had come; None: it did not, for a while."""
        if by == "silence":
            return None if client.is_quiet_for(seconds(300)) else client.until_end()
        return client.until_end()

    def test_after_tcp_connect(self):
        for by in ENDINGS:
            with self.subTest(by=by):
                client, end = self.abort("tcp_connect", by, lambda client: self.end_of(client, by))
                self.assertEqual((client.received(), end), (b"", SEEN.get(by)))

    def test_after_half_of_the_upgrade(self):
        def script(client, by):
            client.exactly(1)  # it comes in one piece
            return self.end_of(client, by)

        for by in ENDINGS:
            with self.subTest(by=by):
                client, end = self.abort("upgrade_part", by, lambda client: script(client, by))
                self.assertEqual(end, SEEN.get(by))
                self.assertTrue(client.received().startswith(b"GET "))
                self.assertNotIn(b"\r\n\r\n", client.received())

    def test_after_the_upgrade_was_sent(self):
        def script(client, by):
            client.read_head()
            end = self.end_of(client, by)
            return end, by == "half_close" and client.is_heard_for(seconds(200))

        for by in ENDINGS:
            with self.subTest(by=by):
                client, seen = self.abort("upgrade_sent", by, lambda client: script(client, by))
                self.assertEqual(seen, (SEEN.get(by), by == "half_close"))
                self.assertTrue(client.received().endswith(b"\r\n\r\n"))

    def test_after_the_answer(self):
        def script(client, by):
            client.read_head()
            quiet = client.is_quiet_for(seconds(100))
            client.upgrade()
            return quiet, self.end_of(client, by)

        for by in ENDINGS:
            with self.subTest(by=by):
                client, seen = self.abort("answered", by, lambda client: script(client, by))
                self.assertEqual(seen, (True, SEEN.get(by)))
                self.assertTrue(client.received().endswith(b"\r\n\r\n"))

    def test_after_the_welcome(self):
        def script(client, by):
            client.read_head()
            client.upgrade()
            quiet = client.is_quiet_for(seconds(100))
            client.welcome()
            return quiet, self.end_of(client, by)

        for by in ENDINGS:
            with self.subTest(by=by):
                client, seen = self.abort("welcome", by, lambda client: script(client, by))
                self.assertEqual(seen, (True, SEEN.get(by)))
                self.assertTrue(client.received().endswith(b"\r\n\r\n"))

    def test_the_reference_server_passes_and_others_are_unharmed(self):
        for after in ["tcp_connect", "tls", "upgrade_part", "upgrade_sent", "answered", "welcome"]:
            with self.subTest(after=after), ReferenceServer() as server:
                aborting = [["login", {"connect": {"abort": {"after": after, "by": by}}},
                             {"pause": duration(50)}, "reconnect", *TALK] for by in ENDINGS]
                plan = scenario(f"others_{after}", [], profile="netra",
                                users={"count": 3, "connections": len(ENDINGS) + 1},
                                journeys=[["login", "connect", *TALK], *aborting],
                                checks={"tab_independence": True})
                del plan["journey"]
                finished = self.run_scenario(plan, "--target", f"ws://127.0.0.1:{server.port}/ws")
                self.assert_status(finished, 0)
                self.assertEqual(finished.verdict["counts"]["runs_completed"], 3 * 5)


class Drops(StepControl):
    def drop(self, by, script):
        journey = ["connect", "await_welcome", {"drop": by}, {"pause": duration(600)}, "reconnect", *TALK]
        seen = []

        def welcome(client):
            open_to(client)
            seen.append(script(client))

        (client, _), _ = self.visit(f"drop_{by}", journey, welcome, converse)
        return client, seen[0]

    def test_half_close_ends_one_direction_only(self):
        _, (end, heard) = self.drop("half_close",
                                    lambda client: (client.until_end(), client.is_heard_for(seconds(200))))
        self.assertEqual((end, heard), ("FIN", True))

    def test_fin_ends_both_directions_as_soon_as_what_was_under_way_is_read(self):
        def script(client):
            return client.until_end(), all(client.is_heard_for(seconds(100)) for _ in range(20))

        _, (end, heard) = self.drop("fin", script)
        self.assertEqual((end, heard), ("FIN", False))

    def test_silence_answers_nothing_and_ends_nothing(self):
        def is_answered(client):
            client.send(frame(b"are you there", 9))
            return not client.is_quiet_for(seconds(200)) and client.piece()

        def script(client):
            before = 0
            while before < 100 and is_answered(client):  # the drop has not come yet
                before += 1
            return before, is_answered(client), client.end, client.is_heard_for(seconds(20))

        _, (before, *after) = self.drop("silence", script)
        self.assertLess(before, 100)
        self.assertEqual(after, [False, None, True])

    def test_a_delay_after_an_event_is_kept(self):
        times = []

        def two_events(client):
            open_to(client)
            text = client.read_request()
            times.append(time.monotonic())
            client.send_events(text, 2)
            client.until_end()
            times.append(time.monotonic())

        journey = ["connect", "await_welcome", {"request": {"text": "hello {canary}"}}, {"await_event": 2},
                   {"drop": "reset"}]
        (client, ), _ = self.visit("event", journey, two_events, status=3,  # the run is not to be judged
                                   faults=[{"at": {"event": 2}, "delay": duration(300)}])
        self.assertEqual(client.end, "RST")
        self.assertGreater(times[1] - times[0], seconds(300))


class Reading(StepControl):
    """A server that writes much into small buffers gets rid of it no sooner than it is read."""

    def flood(self, name, *slow, status=0, **changes):
        taken = []

        def script(client):
            small_buffers(client)
            open_to(client)
            text = client.read_request()
            began = time.monotonic()
            for _ in range(round(16 * FACTOR)):  # more than is read while that is slow
                client.send(noise(16000))
            taken.append(time.monotonic() - began)
            client.send_events(text)
            client.await_close()

        journey = [{"connect": {"receive_buffer": 4096}}, "await_welcome", *slow,
                   {"request": {"text": "hello {canary}"}}, "await_events", "close"]
        deadlines = {**scenario("", [])["deadlines"], "first_event": duration(500)}
        _, finished = self.visit(name, journey, script, status=status, deadlines=deadlines, **changes)
        return taken[0], finished

    def test_a_server_cannot_write_to_who_has_stopped_reading_and_lateness_is_not_its_fault(self):
        took, _ = self.flood("stop_reading", {"stop_reading": duration(1500)})
        self.assertGreater(took, seconds(1000))

    def test_a_server_writes_as_slowly_as_it_is_read(self):
        slow = {"read_slowly": {"rate": "64KiB", "for": duration(1500)}}
        took, finished = self.flood("read_slowly", slow)
        self.assertGreater(took, seconds(1000))
        self.call("report", finished.folder, "--format", "jsonl")
        self.assertIn('"reading_resumed"', finished.read("history.jsonl"))


class Pongs(StepControl):
    def ping(self, pongs, request=TALK[1], extra=()):
        """What the client sent after a ping, to its close: opcodes, payloads, and seconds since the ping."""
        seen = []

        def script(client):
            client.read_head()
            client.upgrade()
            began = time.monotonic()
            client.send(frame(b"are you there", 9))
            client.welcome()
            while True:
                opcode, payload = client.read_frame()
                seen.append((opcode, payload, time.monotonic() - began))
                if opcode == TEXT:
                    client.send_events(json.loads(payload)["payload"]["user_request"])
                if opcode == 8:
                    return client.send(frame(payload, 8))

        journey = [{"connect": {"pongs": pongs}}, "await_welcome", *extra, request, "await_events",
                   {"pause": duration(600)}, "close"]
        self.visit("pongs", journey, script)
        return seen

    def opcodes(self, seen):
        return [opcode for opcode, _, _ in seen]

    def test_answered(self):
        seen = self.ping("answer")
        self.assertEqual(self.opcodes(seen), [PONG, TEXT, 8])
        self.assertEqual(seen[0][1], b"are you there")

    def test_withheld(self):
        self.assertEqual(self.opcodes(self.ping("withhold")), [TEXT, 8])

    def test_late(self):
        seen = self.ping({"late": duration(300)})
        pong = [one for one in seen if one[0] == PONG]
        self.assertEqual([payload for _, payload, _ in pong], [b"are you there"])
        self.assertGreater(pong[0][2], seconds(300))

    def test_unsolicited(self):
        for pongs in ("answer", "withhold"):
            with self.subTest(pongs=pongs):
                seen = self.ping(pongs, extra=[{"pong": "unsolicited"}])
                self.assertIn((PONG, b""), [one[:2] for one in seen])
                self.assertEqual(self.opcodes(seen).count(PONG), 2 if pongs == "answer" else 1)

    def test_a_server_that_gives_up_on_who_withholds_pongs_is_in_its_right(self):
        def impatient(client):
            client.read_head()
            client.upgrade()
            client.send(frame(b"are you there", 9))
            client.welcome()
            while client.read_frame()[0] != TEXT:
                pass  # the pong, where there is one
            client.send(frame(b"\x03\xf3keepalive ping timeout", 8))
            client.until_end()

        rest = ["await_welcome", {"request": {"text": "hello {canary}"}}, "await_events"]
        # Nothing was left to judge, and nothing failed.
        self.visit("impatient", [{"connect": {"pongs": "withhold"}}, *rest], impatient, status=3)
        self.visit("unfair", ["connect", *rest], impatient, status=1)


class OverTls(StepControl):
    def test_all_of_it_works_above_tls(self):
        certificate, key = self_signed_certificate(self.folder)
        early = {"request": {"text": "early {canary}", "early": True}}
        rest = ["await_welcome", {"await_event": 2}, {"stop_reading": duration(50)}, {"pong": "unsolicited"},
                "await_events"]
        trickle = {"connect": {"upgrade": {"trickle": duration(1)}, "receive_buffer": 4096}}
        late = {"connect": {"pongs": {"late": duration(10)}}}
        journeys = [["login", trickle, early, *rest, {"drop": "half_close"}],
                    ["login", late, early, *rest, {"drop": "silence"}, {"pause": duration(50)}]]
        journeys += [["login", {"connect": {"abort": {"after": after, "by": by}}}, {"pause": duration(20)},
                      "reconnect", *TALK]
                     for after, by in zip(["tls", "upgrade_part", "upgrade_sent"], ENDINGS)]
        with ReferenceServer("--tls-cert", certificate, "--tls-key", key) as server:
            plan = scenario("tls", [], profile="netra", journeys=journeys,
                            users={"count": 2, "connections": len(journeys)},
                            faults=[{"at": "tls", "delay": duration(20)}],
                            target={"url": f"wss://127.0.0.1:{server.port}/ws", "tls": {"verify": False}})
            del plan["journey"]
            finished = self.run_scenario(plan)
        self.assert_status(finished, 0)
        self.assertEqual(finished.verdict["counts"]["runs_completed"], 2 * len(journeys))


if __name__ == "__main__":
    main()
