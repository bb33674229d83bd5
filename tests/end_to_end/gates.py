"""Starting gates and constraints, as the target sees them: what came when, and in which order."""

from fault_servers import EVENTS
from recording_server import RecordingServer
from wsrace_process import FACTOR, NO_THRESHOLDS, EndToEnd, duration, main

REQUEST = {"request": {"text": "hello {canary}"}}
JOURNEY = ["connect", "await_welcome", REQUEST, "await_events", "close"]
WIDE = duration(20_000)  # a tolerance that no machine exceeds
UNSEEN = ("baseline", "server_log", "sanitizer")  # checks of what a target does behind its port
PATIENT = {"handshake": "60s", "welcome": "60s", "first_event": "60s", "event_gap": "60s", "run": "60s"}
PATIENT_GATE = {"within": WIDE, "tolerance": WIDE}
REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def scenario(url, users, journey=None, **changes):
    return {"name": "gates", "target": {"url": url},
            "profile": {"extends": "netra", "name": "recorded", "login": {"kind": "none"}, "carrier": "none",
                        "headers": {"X-User": "{user}"}},
            "users": {"count": users, "arrival": {"pattern": "ramp", "over": "200ms"}},
            "journey": journey or JOURNEY, "thresholds": NO_THRESHOLDS,
            "checks": {check: {"required": False} for check in UNSEEN}, **changes}


class Gates(EndToEnd):
    def schedule(self, finished, result, number=0):
        found = finished.verdict["schedule"][number]
        self.assertEqual(found["result"], result, finished.text())
        return found

    def late_user(self, ready):
        """User 0 gets no further than its first upgrade before `ready(server)`: what the others have sent
        until then they sent without it."""
        let_on = []

        def answer(connection):
            if connection.user == 0 and not let_on and ready(server):
                let_on.append(connection)
            return True if connection.user != 0 or let_on else None
        server = RecordingServer(answer)
        return server

    def assert_held_for(self, late, messages):
        """All but the last byte of each had come before user 0 was let on; the last came after, by itself."""
        self.assertLess(max(one.but_last for one in messages), late.said["answered"])
        self.assertLess(late.said["answered"], min(one.last for one in messages))
        self.assertEqual([one.alone for one in messages], [True] * len(messages))
        lasts = [one.last for one in messages]
        print(f"{len(lasts)} last bytes read within {1000 * (max(lasts) - min(lasts)):.2f} ms", flush=True)


class Release(Gates):
    def test_upgrades_wait_for_their_last_byte_and_get_it_together(self):
        def ready(server):
            upgrades = [one.upgrade for one in server.connections if one.upgrade]
            return sum(one.but_last is not None and one.last is None for one in upgrades) == 39
        journey = ["connect", "close", "reconnect", *JOURNEY[1:]]
        gate = {"at": "upgrade_sent", "step": 2, **PATIENT_GATE}
        with self.late_user(ready) as server:
            finished = self.run_scenario(scenario(server.url, 40, journey, gates=[gate], deadlines=PATIENT))
            self.assert_status(finished, 0)
            late = next(one for one in server.connections if one.user == 0)
            others = [one for one in server.connections if one.user and one.requests]
            self.assertEqual(len(others), 39)
            self.assert_held_for(late, [one.upgrade for one in others])
        gate = self.schedule(finished, "kept")
        self.assertEqual(gate["met"], 40)
        self.assertGreater(gate["p50_ns"], 0)
        self.assertIn("40 connections were released", finished.out)
        self.assertIn("gate 0 at upgrade_sent", finished.read("summary.md"))

    def test_requests_wait_for_their_last_byte_across_workers(self):
        def ready(server):
            requests = [one.requests[0] for one in server.connections if one.requests]
            return sum(one.but_last is not None for one in requests) == 39
        with self.late_user(ready) as server:
            gate = {"at": "request", **PATIENT_GATE}
            finished = self.run_scenario(scenario(server.url, 40, gates=[gate], deadlines=PATIENT),
                                         "--workers", "3")
            self.assert_status(finished, 0)
            users = server.users()
            self.assert_held_for(users[0], [users[user].requests[0] for user in range(1, 40)])
        self.assertEqual(self.schedule(finished, "kept")["met"], 40)

    def test_connects_wait_until_everybody_is_there(self):
        journey = ["connect", "await_welcome", "close", "reconnect", *JOURNEY[1:]]
        with RecordingServer() as server:
            gate = {"at": "connect", "step": 2, **PATIENT_GATE}
            finished = self.run_scenario(scenario(server.url, 10, journey, gates=[gate]))
            self.assert_status(finished, 0)
            accepted = sorted(one.accepted for one in server.connections if one.user is not None)
            first = [one for one in server.connections if one.user is not None and not one.requests]
            closed = [one.said["close"] for one in first]
            self.assertEqual(len(accepted), 20)
            self.assertEqual(len(closed), 10)
            self.assertLess(max(closed), accepted[10])

    def test_groups_do_not_wait_for_each_other(self):
        def ready(server):
            return sum("event 5" in one.said for one in server.connections) == 8
        with self.late_user(ready) as server:
            gate = {"at": "request", "size": 4, **PATIENT_GATE}
            finished = self.run_scenario(scenario(server.url, 12, gates=[gate], deadlines=PATIENT))
            self.assert_status(finished, 0)
            users, let_on = server.users(), server.users()[0].said["answered"]
            self.assertLess(max(users[user].requests[0].last for user in range(4, 12)), let_on)
            self.assertLess(let_on, min(users[user].requests[0].last for user in range(1, 4)))
        self.assertEqual(self.schedule(finished, "kept")["met"], 12)
        self.assertEqual(finished.read("plan.json").count('"group":'), 3)


class Void(Gates):
    def test_who_never_comes_is_waited_for_and_no_longer(self):
        with RecordingServer(answer=lambda connection: connection.user != 0) as server:
            finished = self.run_scenario(scenario(server.url, 5, gates=[
                {"at": "request", "within": "700ms", "tolerance": WIDE}]))
            self.assert_status(finished, 3)
            others = [one for user, one in server.users().items() if user != 0]
            self.assertEqual(len(others), 4)
            # The gate's time runs from when the first one came to it, and that was after its welcome.
            held = min(one.requests[0].last for one in others) - min(one.said["welcome"] for one in others)
            self.assertGreaterEqual(held, 0.7)
        self.assertTrue(finished.verdict["void"])
        self.assertEqual(self.schedule(finished, "missed")["missing"], 1)
        self.assertIn("1 had not come when time was up", finished.verdict["summary"])

    def test_who_cannot_come_any_more_is_not_waited_for(self):
        answer = {0: REFUSAL}
        with RecordingServer(answer=lambda connection: answer.get(connection.user, True)) as server:
            finished = self.run_scenario(scenario(server.url, 5, gates=[
                {"at": "request", "within": "100s", "tolerance": WIDE}], deadlines={"total": "4m"}))
        gate = self.schedule(finished, "kept")
        self.assertEqual((gate["met"], gate["left"]), (4, 1))
        self.assertFalse(finished.verdict["void"])

    def test_a_skew_beyond_the_tolerance_is_no_verdict_on_the_target(self):
        server = RecordingServer()
        server.on_request = server.close_after(len(EVENTS), 1011)
        with server:
            gate = {"at": "request", "within": WIDE, "tolerance": "0us"}
            finished = self.run_scenario(scenario(server.url, 6, gates=[gate]))
            self.assert_status(finished, 3)
            self.assertTrue(finished.verdict["void"])
            self.assertEqual(finished.verdict["verdict"], "inconclusive")
            self.assertIn("close_codes", finished.failed_checks(), finished.text())
            self.schedule(finished, "missed")
            gate["tolerance"] = WIDE
            self.assert_found(self.run_scenario(scenario(server.url, 6, gates=[gate])), "close_codes", "1011")

    def test_a_gate_that_nobody_reaches_proves_nothing(self):
        with RecordingServer(answer=lambda _: REFUSAL) as server:
            finished = self.run_scenario(scenario(
                server.url, 3, gates=[{"at": "request"}],
                checks={check: False for check in ("handshake", *UNSEEN)}))
        self.assert_status(finished, 3)
        self.assertFalse(finished.verdict["void"])
        self.assertEqual(self.schedule(finished, "unmet")["left"], 3)


class Constraints(Gates):
    """The server notes a time before it says something: no gap that is counted from there is too short."""

    def bound(self, url, at, after, gap, **more):
        constraint = {"step": {"at": at, "users": "odd"}, "after": {"at": after, "users": "previous"},
                      "gap": f"{gap}ms", "within": "30s", "tolerance": WIDE, **more}
        return scenario(url, 10, constraints=[constraint])

    def assert_kept(self, finished, count=5):
        self.assert_status(finished, 0)
        self.assertEqual(self.schedule(finished, "kept")["met"], count)

    def assert_gaps(self, server, gap, said, when):
        users = server.users()
        gaps = [when(users[user + 1]) - users[user].said[said] for user in range(0, len(users), 2)]
        self.assertGreaterEqual(min(gaps), gap / 1000, gaps)
        print("gaps beyond the planned one, ms:",
              ", ".join(f"{1000 * one - gap:.2f}" for one in gaps), flush=True)

    def test_a_connect_after_a_welcome(self):
        with RecordingServer() as server:
            self.assert_kept(self.run_scenario(self.bound(server.url, "connect", "welcome", 30)))
            self.assert_gaps(server, 30, "welcome", lambda one: one.accepted)

    def test_the_last_byte_of_an_upgrade_after_an_answer(self):
        with RecordingServer() as server:
            self.assert_kept(self.run_scenario(self.bound(server.url, "upgrade_sent", "answered", 50)))
            self.assert_gaps(server, 50, "answered", lambda one: one.upgrade.last)
            self.assertTrue(all(one.upgrade.alone for user, one in server.users().items() if user % 2))

    def test_the_last_byte_of_a_request_after_the_third_event_across_workers(self):
        with RecordingServer() as server:
            finished = self.run_scenario(self.bound(server.url, "request", "event:3", 80), "--workers", "2")
            self.assert_kept(finished)
            self.assert_gaps(server, 80, "event 3", lambda one: one.requests[0].last)
            self.assertTrue(all(one.requests[0].alone for user, one in server.users().items() if user % 2))

    def test_no_gap_at_all_keeps_the_order(self):
        with RecordingServer() as server:
            self.assert_kept(self.run_scenario(self.bound(server.url, "connect", "close", 0)))
            users = server.users()
            for user in range(0, 10, 2):
                self.assertLess(users[user].said["event 5"], users[user + 1].accepted)

    def test_two_connections_of_one_user(self):
        constraint = {"step": {"at": "request", "connection": 1}, "gap": "40ms",
                      "within": "30s", "tolerance": WIDE,
                      "after": {"at": "completed", "users": "same", "connection": 0}}
        with RecordingServer() as server:
            one = scenario(server.url, 3, constraints=[constraint])
            one["users"]["connections"] = 2
            self.assert_kept(self.run_scenario(one), 3)
            for user in range(3):
                first, second = sorted((c for c in server.connections if c.user == user),
                                       key=lambda c: c.requests[0].last)
                self.assertGreaterEqual(second.requests[0].last - first.said["event 5"], 0.04)

    def test_what_does_not_come_in_time_makes_the_run_void(self):
        server = RecordingServer()
        server.on_request = lambda connection, text: server.send_events(connection, text, 1)
        with server:
            late = self.bound(server.url, "request", "event:3", 0, within="600ms")
            late["deadlines"] = {"run": f"{2 * FACTOR}s", "first_event": f"{2 * FACTOR}s", "event_gap": "1s"}
            finished = self.run_scenario(late)
            self.assert_status(finished, 3)
            self.assertEqual(self.schedule(finished, "missed")["missing"], 5)
            users = server.users()
            for user in range(1, 10, 2):
                self.assertGreaterEqual(users[user].requests[0].last - users[user].said["welcome"], 0.6)

    def test_a_step_later_than_the_tolerance_makes_the_run_void(self):
        with RecordingServer() as server:
            finished = self.run_scenario(self.bound(server.url, "request", "welcome", 20, tolerance="0us"))
        self.assert_status(finished, 3)
        self.assertTrue(finished.verdict["void"])
        self.assertEqual(self.schedule(finished, "missed")["late"], 5)

    def test_waits_that_never_end_are_refused(self):
        circle = scenario("ws://127.0.0.1:1/ws", 2, constraints=[
            {"step": {"at": "connect", "users": 0}, "after": {"at": "close", "users": 1}, "gap": "0ms"},
            {"step": {"at": "connect", "users": 1}, "after": {"at": "close", "users": 0}, "gap": "0ms"}])
        finished = self.call("check", self.write(circle))
        self.assert_status(finished, 2)
        self.assertIn("can never be kept", finished.text())


if __name__ == "__main__":
    main()
