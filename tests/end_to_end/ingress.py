"""The ingress model: what it does to whom is seen in the history, and blamed on nobody else."""

import itertools
import json
import shutil
import sys
from pathlib import Path

from wsrace_process import EndToEnd, FACTOR, WSRACE, duration, main

PASSES = {"event_latency_p95": "5s", "event_latency_p99": "10s", "golden_path": False,
          "connection_success": False}
TALK = ["login", "connect", "await_welcome", {"request": {"text": "hello {canary}"}}, "await_events"]


def scenario(ingress, command=("wsrace", "serve", "--port", "{port}"), journey=(*TALK, "close"), instances=1,
             **changes):
    server = {"command": list(command), "instances": instances, "ingress": ingress,
              "stop_within": duration(5000)}
    return {"name": "ingress", "profile": "netra", "target": {"server": server}, "users": {"count": 20},
            "journey": list(journey), "thresholds": PASSES, **changes}


class Ingress(EndToEnd):
    def events(self, finished):
        self.call("report", finished.folder, "--format", "jsonl")
        lines = (finished.folder / "history.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def acts(self, events, word):
        return [e for e in events if e["kind"] == "fault" and e["text"].startswith(f"ingress: {word}")]

    def life(self, events, what):
        return {e["instance"]: e["at_ns"] for e in events if e["kind"] == "life_cycle" and e["type"] == what}

    def test_two_instances_with_affinity_are_clean_and_both_serve(self):
        finished = self.run_scenario("two_instances")
        self.assert_status(finished, 0)
        routed = [e for e in self.acts(self.events(finished), "to instance") if "user" in e]
        homes = {}
        for event in routed:
            homes.setdefault(event["user"], set()).add(event["text"][-1])
        self.assertEqual({len(home) for home in homes.values()}, {1}, homes)
        self.assertEqual(set.union(*homes.values()), {"0", "1"})

    def test_events_that_another_instance_has_are_found_and_explained(self):
        finished = self.run_scenario("two_instances", "--set", "users.count=6", "--set", "deadlines.run=3s",
                                     "--set", 'target.server.ingress={"reroute_on_reconnect": true}')
        self.assert_found(finished, "five_events", r"the run was started on instance (\d), "
                                                   r"and the user's connection is on instance (?!\1)")

    def test_without_affinity_some_lose_the_rest_of_their_run(self):
        finished = self.run_scenario("two_instances", "--set", "users.count=12", "--set", "deadlines.run=3s",
                                     "--set", "target.server.ingress={}")
        self.assert_found(finished, "five_events", "the user's connection is on instance")

    def test_idle_connections_are_cut_and_not_before_their_time(self):
        finished = self.run_scenario("lb_idle_cut")
        self.assert_status(finished, 0)
        events = self.events(finished)
        cuts = self.acts(events, "idle cut")
        self.assertGreaterEqual(len(cuts), 20)
        for cut in cuts:
            whose = (cut["user"], cut["connection"], cut["incarnation"])
            frames = [e["at_ns"] for e in events if e["kind"] == "frame" and e["at_ns"] < cut["at_ns"]
                      and (e["user"], e["connection"], e["incarnation"]) == whose]
            # What the user has seen had passed the ingress a moment before.
            self.assertGreaterEqual(cut["at_ns"] - max(frames), 450e6, cut)

    def test_who_lost_its_token_on_the_way_is_refused_and_nobody_else(self):
        finished = self.run_scenario("lb_header_strip")
        self.assert_status(finished, 0)
        answered = [e for e in self.events(finished) if e["type"] == "upgrade_answered"]
        answers = {e["user"]: e["outcome"] for e in answered}
        self.assertEqual(len(answers), 40)
        for user, outcome in answers.items():  # authorization, subprotocol, query, ticket in turn
            self.assertEqual(outcome, "http_status" if user % 4 < 2 else "ok", user)

    def test_connections_wait_for_the_port_and_go_on_together(self):
        late = ("/bin/sh", "-c", 'sleep 0.7; exec "$0" serve --port "$1"', WSRACE, "{port}")
        users = {"count": 30, "arrival": {"pattern": "all_at_once", "after": "server.spawn"}}
        patience = {"login": "20s", "retry": "20s", "first_event": "20s"}
        queue = {"queue": {"limit": 10}}
        finished = self.run_scenario(scenario(queue, late, users=users, deadlines=patience))
        self.assert_status(finished, 0)
        events = self.events(finished)
        self.assertGreaterEqual(len(self.acts(events, "refused with 503")), 20)
        opened = self.life(events, "port_open")[0]
        waited = [e for e in self.acts(events, "queued") if e["at_ns"] < opened]
        routed = [e["at_ns"] for e in self.acts(events, "to instance")]
        self.assertEqual(len(waited), 10)
        self.assertGreaterEqual(min(routed), opened)

    def test_a_connection_is_ended_when_its_time_is_up(self):
        journey = [*TALK, {"pause": duration(900)}, "drop", "reconnect", "await_welcome", "close"]
        finished = self.run_scenario(scenario({"request_limit": {"after": duration(600), "by": "reset"}},
                                              journey=journey))
        self.assert_status(finished, 0)
        events = self.events(finished)
        self.assertEqual(len(self.acts(events, "ended after")), 20)
        ends = [e for e in events if e["kind"] == "end" and e["type"] == "reset"]
        self.assertEqual(len(ends), 20)

    def test_the_same_end_without_the_ingress_is_a_finding(self):
        """The other direction: an end is excused because the ingress made it, and for no other reason."""
        script = '"$0" serve --port "$1" & sleep 1.5; kill -9 $!; sleep 60'
        crashing = ("/bin/sh", "-c", script, WSRACE, "{port}")
        finished = self.run_scenario(scenario({}, crashing, journey=[*TALK, {"pause": "3s"}, "close"]))
        self.assert_found(finished, "close_codes", "1006")

    def test_instances_come_and_go_under_load(self):
        talk = {"repeat": {"times": 12, "steps": [{"request": {"text": "again {canary}"}}, "await_events"]}}
        journey = ["login", "connect", "await_welcome", talk, "close",
                   "reconnect", "await_welcome", talk, "close"]
        scale = [{"at": "300ms", "add": 1}, {"at": "1500ms", "remove": 1}]
        slow = ("wsrace", "serve", "--port", "{port}", "--step-delay", "20ms")
        finished = self.run_scenario(scenario(
            {"scale": scale, "drain": "5s"}, slow, journey,
            users={"count": 40, "arrival": {"pattern": "ramp", "over": "1200ms"}},
            checks={"close_codes": {"expect": [1001]}}))
        self.assert_status(finished, 0)
        events = self.events(finished)
        added = [e["at_ns"] for e in self.acts(events, "to instance 1")]
        self.assertTrue(added)
        self.assertGreaterEqual(min(added), self.life(events, "port_open")[1])
        drained = [e["at_ns"] for e in events if e["kind"] == "life_cycle" and e["type"] == "terminating"
                   and e["instance"] == 1][0]
        self.assertLess(max(added), drained)

    def test_two_revisions_serve_side_by_side(self):
        other = {"weight": 0.5, "command": ["wsrace", "serve", "--port", "{port}", "--step-delay", "30ms"]}
        finished = self.run_scenario(scenario({"revisions": other, "affinity": 1.0}))
        self.assert_status(finished, 0)
        events = self.events(finished)
        for instance in (0, 1):
            self.assertTrue(self.acts(events, f"to instance {instance}"))
        self.assertEqual(set(self.life(events, "ready")), {0, 1})

    def test_the_same_seed_spreads_users_in_the_same_way(self):
        def placed(number):
            finished = self.run_scenario(scenario({}, instances=3), "--seed", number)
            self.assert_status(finished, 0)
            routed = self.acts(self.events(finished), "to instance")
            return {e["user"]: e["text"] for e in routed if "user" in e}
        first = placed("7")
        self.assertEqual(len(first), 20)
        self.assertEqual(first, placed("7"))
        self.assertNotEqual(first, placed("8"))


class FromOutside(EndToEnd):
    """What reaches the instances, as they see it themselves."""

    def play(self, ingress, journey=(*TALK, "close"), **changes):
        """What each instance saw of the ingress; the harness's own questions are left out."""
        seen = self.folder / "seen"
        seen.mkdir()
        command = (sys.executable, str(Path(__file__).with_name("observed_instance.py")), "{port}", str(seen))
        ingress = {"forwarded_for": "per_user", **ingress}
        changes = {"checks": {"baseline": False}, **changes}  # the one who writes down keeps its sockets
        self.finished = self.run_scenario(scenario(ingress, command, journey, **changes))
        self.assert_status(self.finished, 0)
        instances = [json.loads(file.read_text()) for file in sorted(seen.iterdir())]
        for one in instances:
            one["connections"] = [each for each in one["connections"]
                                  if "X-Forwarded-For: 10." in each["head"]]
            self.assertTrue(one["connections"])
        return instances

    def upgrades(self, instance):
        return [one for one in instance["connections"] if one["head"].startswith("GET /ws")]

    def test_no_more_connections_at_a_time_than_the_cap(self):
        instance, = self.play({"concurrency": 3, "queue": {"limit": 100}})
        self.assertEqual(len(self.upgrades(instance)), 20)
        moments = sorted([(one["opened"], 1) for one in instance["connections"]] +
                         [(one["ended"], -1) for one in instance["connections"]])
        most = max(itertools.accumulate(step for _, step in moments))
        self.assertEqual(most, 3)

    def test_headers_are_taken_out_and_put_in(self):
        instance, = self.play({"strip_headers": ["Authorization"], "add_headers": {"X-Region": "north"}},
                              users={"count": 4, "carrier": "query"})
        addresses = set()
        for one in self.upgrades(instance):
            self.assertNotIn("authorization:", one["head"].lower())
            self.assertNotIn("x-wsrace-caller", one["head"].lower())
            self.assertIn("\r\nX-Region: north", one["head"])
            addresses.update(line for line in one["head"].split("\r\n") if line.startswith("X-Forwarded-For"))
        self.assertEqual(len(addresses), 4)

    def test_an_idle_connection_is_cut_at_the_instance_too(self):
        journey = [*TALK, {"pause": duration(1500)}, "drop"]
        for by, end in (("fin", "fin"), ("reset", "reset")):
            with self.subTest(by):
                instance, = self.play({"idle_cut": {"after": duration(500), "by": by}}, journey)
                for one in self.upgrades(instance):
                    self.assertEqual(one["end"], end)
                    # Who writes down may be late to see the one, and in time for the other.
                    self.assertGreaterEqual(one["ended"] - one["passed"], 0.3 * FACTOR)
                shutil.rmtree(self.folder / "seen")

    def test_a_long_connection_is_ended_at_the_instance_too(self):
        journey = [*TALK, {"pause": duration(1500)}, "drop"]
        instance, = self.play({"request_limit": {"after": duration(600), "by": "reset"}}, journey)
        for one in self.upgrades(instance):
            self.assertEqual(one["end"], "reset")
            self.assertGreaterEqual(one["ended"] - one["opened"], 0.3 * FACTOR)

    def test_a_user_brings_its_cookie_back_to_its_instance(self):
        journey = [*TALK, "close", "reconnect", "await_welcome", "close"]
        instances = self.play({"affinity": 1}, journey, instances=2)
        for instance in instances:
            brought = {line for one in self.upgrades(instance) for line in one["head"].split("\r\n")
                       if line.startswith("Cookie: ")}
            self.assertEqual(len(brought), 1, brought)

    def test_an_instance_that_is_drained_gets_nobody_more(self):
        journey = ["login", {"repeat": {"times": round(10 * FACTOR), "steps": [*TALK[1:], "close"]}}]
        instances = self.play({"scale": [{"at": duration(500), "remove": 1}], "drain": duration(5000)},
                              journey, instances=2, users={"count": 10})
        instances.sort(key=lambda one: one["told"])
        drained, other = instances
        self.assertLess(drained["told"], max(one["opened"] for one in other["connections"]))
        for one in drained["connections"]:
            self.assertLess(one["opened"], drained["told"])


if __name__ == "__main__":
    main()
