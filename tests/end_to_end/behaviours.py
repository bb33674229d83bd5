"""Each behaviour of `users.behaviours`, as a proxy in front of the server sees it."""

import json
import time

from observing_proxy import ObservingProxy
from wsrace_process import EndToEnd, FACTOR, NO_THRESHOLDS, ReferenceServer, duration, main

SECRET = {"WSRACE_JWT_SECRET": "a-secret-of-this-test-7d1c"}
TEXT = {"text": "ordinary {canary}", "thread": "notes-{user}"}
ORDINARY = ["login", "connect", "await_welcome", {"request": TEXT}, "await_events", "close"]
STEP = 20 * FACTOR  # milliseconds between two events of a run


class Behaviours(EndToEnd):
    def play(self, behaviour, *options, users=2, **settings):
        """One user with the behaviour and others without; the run must be clean. What the proxy saw."""
        server_options = ["--jwt-secret-env", "WSRACE_JWT_SECRET", "--step-delay", f"{STEP}ms", *options]
        with ReferenceServer(*server_options, environment=SECRET) as server:
            with ObservingProxy(server.port) as proxy:
                scenario = {"name": behaviour, "target": {"url": f"ws://127.0.0.1:{proxy.port}/ws"},
                            "users": {"count": users,
                                      "behaviours": [{"behaviour": behaviour, "users": 1, **settings}]},
                            "journey": ORDINARY, "thresholds": NO_THRESHOLDS}
                finished = self.run_scenario(scenario, environment=SECRET)
        self.assert_status(finished, 0)
        self.plan = json.loads(finished.read("plan.json"))
        self.finished = finished
        return self.of_the_one(proxy.upgrades())

    def of_the_one(self, upgrades):
        """The connections of the user with the behaviour: all but those with an ordinary question."""
        ordinary = {one.token for one in upgrades if "ordinary" in json.dumps(one.messages())}
        return [one for one in upgrades if one.token not in ordinary]

    def asked(self, conversation):
        return [one["payload"] for one in conversation.messages() if one["type"] == "start_agent"]

    def types(self, conversation):
        return [event["type"] for event in conversation.events()]

    def test_a_leaver_goes_in_the_middle_of_a_run_and_does_not_come_back(self):
        for by, end in (("reset", "reset"), ("fin", "fin")):
            with self.subTest(by):
                left, = self.play("leaver", by=by)
                self.assertEqual(len(self.asked(left)), 1)
                self.assertIn("agent_started", self.types(left))
                self.assertNotIn("agent_completed", self.types(left))
                self.assertEqual(left.end, end)
                self.assertNotIn(8, [opcode for opcode, _ in left.frames_sent()], "a close frame")
        left, = self.play("leaver", by="close", at="welcome")
        self.assertEqual(self.asked(left), [])
        self.assertEqual(left.frames_sent()[-1][0], 8)

    def test_an_aborter_breaks_a_handshake_off_and_comes_back(self):
        for by in ("reset", "fin"):
            with self.subTest(by):
                aborted, back = self.play("aborter", at="upgrade_sent", by=by)
                self.assertEqual(aborted.end, by)
                self.assertEqual(aborted.frames_sent(), [])
                self.assertEqual(back.status, 101)
                self.assertLess(aborted.opened, back.opened)
                self.assertIn("agent_completed", self.types(back))

    def test_a_slow_reader_asks_on_while_it_does_not_read(self):
        slow, = self.play("slow_reader", times=4, **{"for": duration(200)})
        self.assertEqual(len(self.asked(slow)), 6)
        self.assertEqual(self.types(slow).count("agent_completed"), 6)

    def test_a_double_connector_has_two_connections_and_uses_one(self):
        idle, used = sorted(self.play("double_connector"), key=lambda one: len(self.asked(one)))
        self.assertTrue(idle.overlaps(used))
        self.assertEqual((len(self.asked(idle)), len(self.asked(used))), (0, 1))
        self.assertIn("agent_completed", self.types(used))

    def test_an_instant_reconnector_is_back_for_the_rest(self):
        connections = self.play("instant_reconnector", times=2)
        self.assertEqual([one.end for one in connections[:2]], ["reset", "reset"])
        self.assertEqual(len(connections), 3)
        for before, after in zip(connections, connections[1:]):
            self.assertLess(after.opened - before.ended, STEP * 3 / 1000, "comes back within the run")
            ended = 0 if before is connections[0] else 1
            self.assertEqual(self.types(before).count("agent_completed"), ended)
            self.assertIn("agent_completed", self.types(after))
        self.assertEqual(self.finished.verdict["counts"]["runs_completed"], 4)

    def test_an_early_sender_does_not_wait_for_its_welcome(self):
        early, = self.play("early_sender", "--manager-delay", f"{200 * FACTOR}ms")
        head, _, rest = bytes(early.first).partition(b"\r\n\r\n")
        self.assertTrue(rest, f"nothing behind the head in the first segment: {head}")
        self.assertEqual(len(self.asked(early)), 1)
        self.assertLess(early.spoke["client"], early.spoke["server"])

    def test_a_tab_closer_ends_one_tab_while_the_other_one_has_a_run(self):
        for by, end in (("reset", "reset"), ("fin", "fin")):
            with self.subTest(by):
                closing, working = sorted(self.play("tab_closer", by=by, after=duration(30)),
                                          key=lambda one: len(self.asked(one)))
                self.assertEqual((len(self.asked(closing)), len(self.asked(working))), (0, 2))
                self.assertEqual(closing.end, end)
                self.assertLess(closing.ended, working.ended)
                self.assertEqual(self.types(working).count("agent_completed"), 2)

    def test_a_silent_witness_stays_and_says_nothing(self):
        witness, = self.play("silent_witness", **{"for": duration(300)})
        self.assertEqual(witness.messages(), [])
        self.assertGreaterEqual(witness.ended - witness.opened, 0.3 * FACTOR)
        self.assertEqual(self.types(witness), ["connection_established"])

    def test_a_token_sharer_has_several_connections_at_once_with_one_token(self):
        connections = self.play("token_sharer", connections=4, times=2)
        self.assertEqual(len(connections), 8)
        self.assertEqual(len({one.token for one in connections}), 1)
        first = connections[:4]
        self.assertTrue(all(one.overlaps(other) for one in first for other in first))
        self.assertEqual({one.status for one in connections}, {101})

    def test_a_thread_squatter_names_the_thread_of_another_user(self):
        squatter, = self.play("thread_squatter", users=3, request={"text": "squat {canary}"})
        other = next(user["other_user"] for user in self.plan["users"] if "role" in user)
        self.assertNotIn("role", self.plan["users"][other])
        self.assertEqual([one["thread_id"] for one in self.asked(squatter)], [f"notes-{other}"] * 2)

    def test_a_ticket_racer_brings_one_ticket_many_times_at_once(self):
        connections = self.play("ticket_racer", connections=5, times=3)
        tickets = {one.ticket for one in connections}
        self.assertEqual(len(connections), 15)
        self.assertEqual(len(tickets), 3)
        for ticket in tickets:
            statuses = sorted(one.status for one in connections if one.ticket == ticket)
            self.assertEqual(statuses, [101, 401, 401, 401, 401])
        first = [one for one in connections if one.ticket == connections[0].ticket]
        self.assertTrue(any(one.overlaps(other) for one in first for other in first if one is not other))

    def test_a_forger_tries_every_bad_token_and_then_its_own(self):
        upgrades = self.play("forger")
        self.assertEqual([one.status for one in upgrades], [401] * 6 + [101])
        missing, malformed, expired, wrong_key, alg_none, other_audience, own = upgrades
        self.assertIsNone(missing.token)
        self.assertEqual(malformed.token.count("."), 1)
        self.assertLess(expired.claims()["exp"], time.time())
        self.assertEqual(wrong_key.claims(), own.claims())
        self.assertNotEqual(wrong_key.token, own.token)
        self.assertEqual((alg_none.claims(), alg_none.token.endswith(".")), (own.claims(), True))
        self.assertNotEqual(other_audience.claims().get("aud"), own.claims().get("aud"))
        self.assertEqual({one.claims()["sub"] for one in upgrades[2:]}, {own.claims()["sub"]})

    def test_a_server_that_lets_a_forger_in_is_found(self):
        """Its own audience is the one that the forger's token is for."""
        behaviour = {"behaviour": "forger", "users": 1, "tokens": ["wrong_key", "other_audience"]}
        options = ["--audience", "wsrace-another-service", "--jwt-secret-env", "WSRACE_JWT_SECRET"]
        with ReferenceServer(*options, environment=SECRET) as server:
            scenario = {"name": "let_in", "target": {"url": f"ws://127.0.0.1:{server.port}/ws"},
                        "users": {"count": 2, "behaviours": [behaviour]}, "journey": ORDINARY}
            finished = self.run_scenario(scenario, environment=SECRET)
        self.assert_found(finished, "credentials", r"admitted with a forged token \(other_audience\)")
        self.assertEqual(finished.failed_checks()["credentials"]["violation_count"], 1)

    def test_secrets_of_forgeries_are_needed_for_a_deployed_target_only(self):
        scenario = {"name": "no_secret", "target": {"url": "ws://127.0.0.1:9/ws"}, "journey": ORDINARY,
                    "users": {"count": 1, "behaviours": [{"behaviour": "forger", "users": 1}]}}
        refused = self.call("run", self.write(scenario), environment={"WSRACE_JWT_SECRET": ""})
        self.assert_status(refused, 2)
        self.assertIn("WSRACE_JWT_SECRET", refused.err)


if __name__ == "__main__":
    main()
