"""Faults of the link: what both sockets see and when, through `wsrace proxy` and in runs.

Times are one-sided: not before.
"""

import json
import signal
import socket
import subprocess
import time

from link_peers import ANSWER, Client, EVENTS, event_frame, garbage, reset, Target, text_frame, UPGRADE
from wsrace_process import (EndToEnd, LIMIT, NO_THRESHOLDS, ReferenceServer, WSRACE, duration, main,
                            self_signed_certificate)

ALL = ANSWER + b"".join(map(event_frame, EVENTS))


class Proxy:
    """`wsrace proxy` in front of something; ended by SIGTERM, which it must survive in good order."""

    def __init__(self, upstream, *faults, options=()):
        self.command = [WSRACE, "proxy", "--upstream", upstream, *map(str, options)]
        for fault in faults:
            self.command += ["--fault", json.dumps(fault)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            raise AssertionError(f"{line}{self.process.communicate()}")
        self.address = line.split()[-1]
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.out, self.err = self.process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self.status = self.process.returncode
        if self.status != 0 or self.err:
            raise AssertionError(f"{self.command}: {self.status}\n{self.out}\n{self.err}")


class Alone(EndToEnd):
    def conversation(self, *faults, silence=LIMIT):
        """What the client got and how it ended, what the target saw, and when it began."""
        with Target() as target:
            with Proxy(target.address, *faults) as proxy, Client(proxy.address, silence) as client:
                begin = time.monotonic()
                client.send(UPGRADE)
                got = client.receive_all()
            seen = target.wait(lambda all: all and all[0].end, "an end")[0]
        return got, seen, begin, proxy.out

    def test_without_a_fault_nothing_changes(self):
        with Target() as target, Proxy(target.address) as proxy:
            with Client(proxy.address) as client:
                client.send(UPGRADE)
                self.assertEqual(client.receive(len(ALL)), ALL)
                data = garbage(300_000)
                client.send(data)
                self.assertEqual(client.receive(len(data)), data)
            seen = target.wait(lambda all: all and all[0].end, "an end")[0]
            self.assertEqual(seen.end, "FIN")
            self.assertEqual(bytes(seen.data), UPGRADE + data)
        self.assertIn("1 connections", proxy.out)

    def test_latency_is_seen_by_both(self):
        with Target() as target, Proxy(target.address, {"link": {"latency": "200ms"}}) as proxy:
            with Client(proxy.address) as client:
                begin = time.monotonic()
                client.send(UPGRADE)
                target.wait(lambda all: all and all[0].data, "the upgrade")
                self.assertGreaterEqual(time.monotonic() - begin, 0.2)
                self.assertEqual(client.receive(len(ALL)), ALL)
                self.assertGreaterEqual(time.monotonic() - begin, 0.4)
        self.assertIn("fault 0: acted on 1 connection: link: latency 200 ms", proxy.out)

    def test_jitter_differs_from_frame_to_frame_and_keeps_their_order(self):
        fault = {"link": {"jitter": "200ms"}, "direction": "up"}
        frames = [text_frame(f"frame {number}") for number in range(20)]
        with Target() as target, Proxy(target.address, fault) as proxy, Client(proxy.address) as client:
            client.send(UPGRADE)
            self.assertEqual(client.receive(len(ALL)), ALL)
            times = []
            for one in frames:
                begin = time.monotonic()
                client.send(one)
                self.assertEqual(client.receive(len(one)), one)
                times.append(time.monotonic() - begin)
            self.assertGreater(max(times) - min(times), 0.05)
            client.send(b"".join(frames))
            self.assertEqual(client.receive(sum(map(len, frames))), b"".join(frames))

    def test_a_narrow_link_takes_its_time(self):
        fault = {"link": {"bandwidth": "20KiB"}, "direction": "up"}
        with Target() as target, Proxy(target.address, fault) as proxy, Client(proxy.address) as client:
            client.send(UPGRADE)
            self.assertEqual(client.receive(len(ALL)), ALL)
            data = garbage(20 * 1024)
            begin = time.monotonic()
            client.send(data)
            self.assertEqual(client.receive(len(data)), data)
            self.assertGreater(time.monotonic() - begin, 0.8)

    def test_after_the_second_event_both_sides_are_reset(self):
        (data, end, _), seen, _, out = self.conversation({"link": {"reset": True}, "after": {"event": 2}})
        self.assertEqual(data, ANSWER + event_frame(EVENTS[0]) + event_frame(EVENTS[1]))
        self.assertEqual((end, seen.end), ("RST", "RST"))
        self.assertIn("acted on 1 connection", out)

    def test_on_a_frame_a_stall_comes_before_it(self):
        fault = {"link": {"stall": "400ms"}, "on": "tool_executing"}
        with Target() as target, Proxy(target.address, fault) as proxy:
            with Client(proxy.address) as client:
                client.send(UPGRADE)
                first = ANSWER + event_frame(EVENTS[0]) + event_frame(EVENTS[1])
                self.assertEqual(client.receive(len(first)), first)
                begin = time.monotonic()
                client.receive(1)
                self.assertGreaterEqual(time.monotonic() - begin, 0.3)

    def test_while_the_upgrade_is_under_way_it_is_trickled(self):
        fault = {"link": {"bandwidth": f"{len(UPGRADE) * 2}B", "slice": 1}, "while": "upgrade",
                 "direction": "up"}
        with Target() as target, Proxy(target.address, fault) as proxy, Client(proxy.address) as client:
            begin = time.monotonic()
            client.send(UPGRADE)
            self.assertEqual(client.receive(len(ALL)), ALL)
            self.assertGreaterEqual(time.monotonic() - begin, 0.45)
            begin = time.monotonic()
            client.send(b"x" * 10_000)
            self.assertEqual(client.receive(10_000), b"x" * 10_000)

    def test_a_corrupt_header_differs_in_one_character(self):
        fault = {"link": {"corrupt_header": "Sec-WebSocket-Accept"}}
        with Target() as target, Proxy(target.address, fault) as proxy, Client(proxy.address) as client:
            client.send(UPGRADE)
            got = client.receive(len(ALL))
            self.assertEqual(sum(a != b for a, b in zip(got, ALL)), 1)
            self.assertEqual(bytes(target.connections[0].data), UPGRADE)

    def test_a_black_hole_swallows_the_rest_and_the_end(self):
        fault = {"link": {"black_hole": True}, "after": {"event": 5}}
        with Target() as target, Proxy(target.address, fault) as proxy:
            with Client(proxy.address, silence=0.3) as client:
                client.send(UPGRADE)
                self.assertEqual(client.receive(len(ALL)), ALL)
                client.send(b"to nobody")
                self.assertEqual(client.receive_all()[:2], (b"", "silence"))
                reset(client.socket)
            with Client(proxy.address) as another:  # whatever was to come of the first has come
                another.send(UPGRADE)
                self.assertEqual(another.receive(len(ALL)), ALL)
            self.assertEqual((bytes(target.connections[0].data), target.connections[0].end), (UPGRADE, None))

    def test_a_half_open_connection_is_one_of_which_the_other_side_does_not_hear(self):
        fault = {"link": {"half_open": "client"}, "after": {"event": 5}}
        with Target() as target, Proxy(target.address, fault) as proxy:
            with Client(proxy.address) as client:
                client.send(UPGRADE)
                self.assertEqual(client.receive_all()[:2], (ALL, "RST"))
            with Client(proxy.address) as another:
                another.send(UPGRADE)
                self.assertEqual(another.receive_all()[:2], (ALL, "RST"))
            self.assertEqual([seen.end for seen in target.connections], [None, None])

    def test_half_open_the_other_way_the_target_alone_is_reset(self):
        fault = {"link": {"half_open": "target"}, "after": {"event": 5}}
        with Target() as target, Proxy(target.address, fault) as proxy:
            with Client(proxy.address, silence=0.3) as client:
                client.send(UPGRADE)
                self.assertEqual(client.receive_all()[:2], (ALL, "silence"))
                seen = target.wait(lambda all: all[0].end, "an end")[0]
                self.assertEqual((bytes(seen.data), seen.end), (UPGRADE, "RST"))

    def test_a_slow_close_is_late(self):
        with Target() as target, Proxy(target.address, {"link": {"slow_close": "400ms"}}) as proxy:
            with Client(proxy.address) as client:
                client.send(UPGRADE)
                client.receive(len(ALL))
                client.socket.shutdown(socket.SHUT_WR)
                begin = time.monotonic()
                seen = target.wait(lambda all: all[0].end, "an end")[0]
                self.assertEqual(seen.end, "FIN")
                self.assertGreaterEqual(seen.ended - begin, 0.39)

    def hit(self, seed):
        """Which of 24 connections are reset."""
        fault = {"link": {"reset": True}, "after": {"event": 1}, "connections": "50%"}
        ends = []
        with Target() as target:
            with Proxy(target.address, fault, options=["--seed", seed]) as proxy:
                for _ in range(24):
                    with Client(proxy.address) as client:
                        client.send(UPGRADE)
                        client.socket.shutdown(socket.SHUT_WR)
                        ends.append(client.receive_all()[1])
        return ends

    def test_the_same_seed_hits_the_same_connections(self):
        first = self.hit(5)
        self.assertEqual(set(first), {"RST", "FIN"})
        self.assertEqual(first, self.hit(5))
        self.assertNotEqual(first, self.hit(6))

    def test_activations_are_logged(self):
        log = self.folder / "log.jsonl"
        faults = self.folder / "faults.json"
        fault = {"link": {"reset": True}, "after": {"event": 1}, "connections": [1, 1]}
        faults.write_text(json.dumps([fault]))
        with Target() as target:
            with Proxy(target.address, options=["--faults", faults, "--log", log]) as proxy:
                for _ in range(3):
                    with Client(proxy.address) as client:
                        client.send(UPGRADE)
                        client.socket.shutdown(socket.SHUT_WR)
                        client.receive_all()
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        acted = [(line["connection"], line["fault"], line["text"]) for line in lines]
        self.assertEqual(acted, [(1, 0, "reset")])

    def test_garbage_half_frames_resets_and_a_target_that_vanishes_are_survived(self):
        faults = [{"link": {"stall": "1s"}, "on": "agent_error"}, {"link": {"jitter": "1ms"}}]
        with Target() as target, Proxy(target.address, *faults) as proxy:
            for i in range(10_000):
                with Client(proxy.address) as client:
                    client.send((garbage(50), UPGRADE[:i % 100], UPGRADE + b"\x81\xfe")[i % 3])
                    if i % 2:
                        reset(client.socket)
            with Client(proxy.address) as client:
                client.send(UPGRADE)
                self.assertEqual(client.receive(len(ALL)), ALL)
                target.vanish()
                self.assertIn(client.receive_all()[1], ("FIN", "RST"))
            try:
                with Client(proxy.address) as client:
                    self.assertEqual(client.receive_all()[:2], (b"", "RST"))
            except ConnectionResetError:
                pass  # before connect() had returned

    def assert_rejected(self, pattern, *options):
        finished = self.call("proxy", *options)
        self.assert_status(finished, 2)
        self.assertRegex(finished.err, pattern)

    def test_wrong_input_gets_one_message(self):
        upstream = ["--upstream", "127.0.0.1:1"]
        self.assert_rejected("--upstream is required")
        self.assert_rejected("HOST:PORT", "--upstream", "127.0.0.1")
        self.assert_rejected("has the port 0", "--upstream", "127.0.0.1:0")
        self.assert_rejected("cannot be listened on", *upstream, "--listen", "192.0.2.1:1")
        self.assert_rejected(r'\$\.link\.latncy: unknown field.*did you mean "latency"', *upstream, "--fault",
                             '{"link": {"latncy": "1s"}}')
        self.assert_rejected("--fault: line 1", *upstream, "--fault", '{"link"')
        self.assert_rejected("nowhere.json: cannot be read", *upstream, "--faults", "nowhere.json")
        self.assert_rejected("connections, not users", *upstream, "--fault",
                             '{"link": {"slice": 1}, "users": "3%"}')
        self.assert_rejected("TLS", *upstream, "--tls", "--fault", '{"link": {"slice": 1}, "on": "pong"}')
        self.assert_rejected("--allow-faults-on 192.0.2.1", "--upstream", "192.0.2.1:9", "--fault",
                             '{"link": {"slice": 1}}')
        self.assert_rejected("2.64", *upstream, "--seed", "-1")


class InRuns(EndToEnd):
    def scenario(self, *faults, **changes):
        return {"name": "bad_link", "profile": "netra",
                "target": {"server": {"command": ["wsrace", "serve", "--port", "{port}",
                                                  "--step-delay", "20ms"]}},
                "users": {"count": 10},
                "journey": ["login", "connect", "await_welcome", {"request": {"text": "hello {canary}"}},
                            "await_events", "close"],
                "faults": list(faults), "thresholds": NO_THRESHOLDS, **changes}

    def faults_of(self, finished):
        self.call("report", finished.folder, "--format", "jsonl")
        events = map(json.loads, finished.read("history.jsonl").splitlines())
        return [event for event in events if event["kind"] == "fault"]

    def test_latency_is_measured_and_held_against_nobody(self):
        scenario = self.scenario({"link": {"latency": "100ms", "jitter": "20ms"}})
        finished = self.run_scenario(scenario, "--seed", "1")
        self.assert_status(finished, 0)
        latencies = {one["id"]: one for one in finished.verdict["latencies"]}
        for name in ("handshake", "first_event"):
            self.assertGreaterEqual(latencies[name]["p50_ns"], 200e6)
        self.assertEqual({event["user"] for event in self.faults_of(finished)}, set(range(10)))
        self.assertEqual(len(json.loads(finished.read("plan.json"))["link_faults"]), 1)

    def test_a_reset_after_an_event_of_one_user_is_his_alone(self):
        scenario = self.scenario({"link": {"reset": True}, "after": {"event": 2, "user": 7}})
        finished = self.run_scenario(scenario)
        self.assert_status(finished, 0)
        faults = self.faults_of(finished)
        self.assertEqual([(event["user"], event["text"].split(",")[0], event["flags"]) for event in faults],
                         [(7, "link: reset", ["link_lost"])])
        self.assertEqual(finished.verdict["counts"]["runs_completed"], 9)

    def assert_nobody_is_blamed(self, *faults):
        deadlines = {name: duration(2000) for name in ("run", "first_event", "event_gap")}
        deadlines |= {"close": duration(1000), "baseline": duration(8000)}
        finished = self.run_scenario(self.scenario(*faults, deadlines=deadlines), "--seed", "3")
        self.assertEqual(finished.failed_checks(), {}, finished.text())
        return {(event["user"], event["text"].split(",")[0]) for event in self.faults_of(finished)}

    def test_what_a_link_swallows_is_not_the_targets_fault(self):
        acted = self.assert_nobody_is_blamed({"link": {"black_hole": True}, "on": "tool_executing",
                                              "users": "30%"})
        self.assertTrue(1 <= len(acted) <= 6, acted)

    def test_a_side_that_is_gone_is_not_the_targets_fault(self):
        acted = self.assert_nobody_is_blamed(
            {"link": {"half_open": "target"}, "after": {"event": 1, "user": 1}},
            {"link": {"half_open": "client"}, "after": {"event": 1, "user": 2}})
        self.assertEqual(acted, {(1, "link: half open"), (2, "link: half open")})

    def test_a_spoilt_handshake_is_not_the_targets_fault(self):
        acted = self.assert_nobody_is_blamed(
            {"link": {"corrupt_header": "Sec-WebSocket-Accept"}, "connections": [0, 1]})
        self.assertEqual({text for _, text in acted}, {"link: header Sec-WebSocket-Accept corrupted"})

    def test_a_server_that_is_wrong_is_still_found_behind_a_bad_link(self):
        scenario = self.scenario({"link": {"latency": "5ms", "jitter": "20ms"}})
        command = ["wsrace", "serve", "--port", "{port}", "--bug", "shared_manager"]
        scenario["target"]["server"]["command"] = command
        scenario["users"]["count"] = 40
        self.assertEqual(self.run_scenario(scenario).status, 1)

    def test_a_target_that_is_running_already_gets_a_proxy_too(self):
        with ReferenceServer() as server:
            scenario = self.scenario({"link": {"latency": "50ms"}})
            del scenario["target"]
            finished = self.run_scenario(scenario, "--target", f"ws://127.0.0.1:{server.port}/ws")
        self.assert_status(finished, 0)
        self.assertEqual(len(self.faults_of(finished)), 10)

    def test_through_tls_bytes_are_late_and_connections_lost_all_the_same(self):
        certificate, key = self_signed_certificate(self.folder)
        secret = {"WSRACE_JWT_SECRET": "a-secret-of-this-test-2b9e"}
        with ReferenceServer("--tls-cert", certificate, "--tls-key", key, "--step-delay", "100ms",
                             "--jwt-secret-env", "WSRACE_JWT_SECRET", environment=secret) as server:
            target = {"url": f"wss://127.0.0.1:{server.port}/ws", "tls": {"ca_file": str(certificate)}}
            lost = {"link": {"reset": True}, "since": "connection", "from": "300ms", "connections": [2, 3]}
            finished = self.run_scenario(self.scenario({"link": {"latency": "50ms"}}, lost, target=target,
                                                       profile="netra_mint"), environment=secret)
            unreadable = self.scenario({"link": {"reset": True}, "on": "tool_executing"}, target=target)
            rejected = self.call("run", self.write(unreadable), "--out", self.folder / "rejected")
        self.assert_status(finished, 0)
        handshake = next(one for one in finished.verdict["latencies"] if one["id"] == "handshake")
        self.assertGreaterEqual(handshake["p50_ns"], 100e6)
        reset = [event["user"] for event in self.faults_of(finished) if "reset" in event["text"]]
        self.assertEqual(len(set(reset)), 2)
        self.assertEqual(finished.verdict["counts"]["runs_completed"], 8)
        self.assert_status(rejected, 2)
        self.assertIn("TLS", rejected.err)

    def test_links_in_front_of_an_ingress_carry_steps_that_are_held_and_broken_off(self):
        command = ["wsrace", "serve", "--port", "{port}", "--step-delay", "20ms"]
        server = {"command": command, "instances": 2, "ingress": {"affinity": 1}}
        trickled = {"connect": {"upgrade": {"trickle": "1ms"}}}
        aborted = {"connect": {"abort": {"after": "upgrade_sent", "by": "reset"}}}
        rest = ["await_welcome", {"request": {"text": "hello {canary}"}}, "await_events", "close"]
        scenario = self.scenario({"link": {"latency": "20ms", "slice": 7}}, target={"server": server},
                                 journeys=[["login", trickled, *rest],
                                           ["login", aborted, "reconnect", *rest]])
        del scenario["journey"]
        finished = self.run_scenario(scenario)
        self.assert_status(finished, 0)
        self.assertEqual(finished.verdict["counts"]["runs_completed"], 20)
        texts = [event["text"] for event in self.faults_of(finished)]
        self.assertGreaterEqual(sum("link: latency" in text for text in texts), 15)
        self.assertTrue({"0", "1"} <= {text[-1] for text in texts if "to instance" in text}, texts)

    def test_faults_do_not_reach_another_machine_unless_that_is_allowed(self):
        file = self.write(self.scenario({"link": {"latency": "50ms"}}))
        finished = self.call("run", file, "--target", "ws://192.0.2.1:9/ws", "--out", self.folder / "out")
        self.assert_status(finished, 2)
        self.assertIn("--allow-faults-on 192.0.2.1", finished.err)
        self.assertFalse((self.folder / "out").exists())


if __name__ == "__main__":
    main()
