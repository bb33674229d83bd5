"""The reference server keeps the protocol.

Run: WSRACE=build/dev/harness/wsrace python3 test_reference_server.py
"""

import asyncio
import base64
import json
import os
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import websockets

sys.path.insert(0, os.path.dirname(__file__))
from server_process import (EVENTS, LIMIT, PROGRAM, Server, abort, b64, close_code, drain, mint, receive,
                            receive_until, run_frames, send)


async def refused(awaitable):
    """The HTTP status with which an upgrade is refused, and the headers."""
    try:
        connection = await awaitable
    except websockets.InvalidStatusCode as error:
        return error.status_code, error.headers
    await connection.close()
    return 101, {}


class Login(unittest.IsolatedAsyncioTestCase):
    async def test_registering_and_logging_in_gives_tokens(self):
        async with Server() as server:
            body = {"email": "a@example.org", "password": "p", "name": "A"}
            status, registered, _ = await server.http("POST", "/auth/register", body)
            self.assertEqual(status, 200)
            self.assertRegex(registered["user"]["id"], r"^u-\w{4}-1$")
            self.assertEqual(registered["user"]["email"], "a@example.org")
            self.assertEqual((registered["token_type"], registered["expires_in"]), ("Bearer", 900))
            self.assertEqual((await server.http("POST", "/auth/register", body))[0], 409)
            self.assertEqual((await server.http("POST", "/auth/register", {"email": "b"}))[0], 422)
            self.assertEqual((await server.http("POST", "/auth/login", body))[0], 200)
            self.assertEqual((await server.http("POST", "/auth/login", {**body, "password": "q"}))[0], 401)
            self.assertEqual((await server.http("POST", "/auth/login", {**body, "email": "n"}))[0], 401)
            self.assertEqual((await server.http("POST", "/auth/login", {"email": "b"}))[0], 422)
            self.assertEqual((await server.http("POST", "/auth/login", b"{not json"))[0], 422)

    async def test_tokens_refresh_and_validate(self):
        async with Server() as server:
            tokens = await server.user("a")
            refresh = {"refresh_token": tokens["refresh_token"]}
            status, fresh, _ = await server.http("POST", "/auth/refresh", refresh)
            self.assertEqual(status, 200)
            self.assertEqual((await server.http("POST", "/auth/refresh", {"refresh_token": "x"}))[0], 401)
            self.assertEqual((await server.http("POST", "/auth/refresh", {}))[0], 422)
            access = {"refresh_token": tokens["access_token"]}
            self.assertEqual((await server.http("POST", "/auth/refresh", access))[0], 401)
            _, valid, _ = await server.http("POST", "/auth/validate", {"token": fresh["access_token"]})
            self.assertEqual((valid["valid"], valid["user_id"], valid["email"]),
                             (True, tokens["user"]["id"], "a@example.org"))
            self.assertIn("permissions", valid)
            status, bad, _ = await server.http("POST", "/auth/validate", {"token": "a.b.c"})
            self.assertEqual((status, bad["valid"]), (200, False))
            self.assertTrue(bad["error"] and bad["message"])

    async def test_a_single_use_ticket_admits_one(self):
        async with Server("--threads", "2", "--auth-delay", "2ms") as server:
            tokens = await server.user("a")
            bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
            self.assertEqual((await server.http("POST", "/api/websocket/ticket", {}))[0], 401)
            status, ticket, _ = await server.http("POST", "/api/websocket/ticket",
                                                  {"ttl_seconds": 60, "single_use": True}, **bearer)
            self.assertEqual((status, ticket["single_use"]), (200, True))
            self.assertIn("/ws?ticket=", ticket["websocket_url"])
            path = f"/ws?ticket={ticket['ticket_id']}"
            outcomes = await asyncio.gather(*(refused(server.open(path=path)) for _ in range(8)))
            self.assertEqual(sorted(status for status, _ in outcomes), [101] + [401] * 7)
            _, ticket, _ = await server.http("POST", "/api/websocket/ticket", {"single_use": False}, **bearer)
            for _ in range(2):
                connection = await server.connect(path=f"/ws?ticket={ticket['ticket_id']}")
                self.assertEqual(connection.welcome["user_id"], tokens["user"]["id"])


class Ids(unittest.IsolatedAsyncioTestCase):
    async def test_two_starts_of_the_server_share_no_id_but_accept_each_other_s_tokens(self):
        seen, token = [], None
        for _ in range(2):
            async with Server() as server:
                tokens = await server.user("a")
                connection = await server.connect(token or tokens["access_token"])
                await send(connection, "chat", content="x")
                run = (await run_frames(connection))[-1]
                seen.append({tokens["user"]["id"], connection.welcome["connection_id"], run["run_id"],
                             run["thread_id"]})
                self.assertTrue(token is None or connection.welcome["user_id"] in seen[0])
                token = tokens["access_token"]
        self.assertEqual([len(ids) for ids in seen], [4, 4])
        self.assertEqual(seen[0] & seen[1], set())


class Handshake(unittest.IsolatedAsyncioTestCase):
    async def test_each_token_carrier_admits(self):
        async with Server() as server:
            tokens = await server.user("a")
            token = tokens["access_token"]
            encoded = b64(token.encode())
            for arguments, selected in [
                ({"token": token}, None),
                ({"token": token, "subprotocols": ["jwt-auth"]}, "jwt-auth"),
                ({"subprotocols": ["jwt-auth", f"jwt.{encoded}"]}, "jwt-auth"),
                ({"subprotocols": [f"jwt.{encoded}"]}, None),
                ({"path": f"/ws?token={token}"}, None),
                ({"token": token, "path": "/api/v1/websocket"}, None),
            ]:
                with self.subTest(arguments=list(arguments)):
                    connection = await server.connect(**arguments)
                    self.assertEqual(connection.subprotocol, selected)
                    self.assertEqual(connection.welcome["user_id"], tokens["user"]["id"])
                    self.assertIn("max_message_size", connection.welcome["config"])

    async def test_tokens_of_the_clients_own_making(self):
        async with Server() as server:
            now = int(time.time())
            for token, status in [
                (mint("u-77"), 101),
                (mint("u-77", aud="wsrace"), 101),
                (mint("u-77", aud=["other", "wsrace"]), 101),
                (mint("u-77", aud="other"), 401),
                (mint("u-77", algorithm="none"), 401),
                (mint("u-77", algorithm="HS512"), 401),
                (mint("u-77", secret="other"), 401),
                (mint("u-77", exp=now - 1), 401),
                (mint("u-77", iat=now + 3600), 401),
                (mint("u-77", type="refresh"), 401),
                (mint(""), 401),
                (mint("u-77")[:-2], 401),
                ("nonsense", 401),
                ("a.b.c", 401),
                ("", 401),
            ]:
                with self.subTest(token=token[:60]):
                    self.assertEqual((await refused(server.open(token)))[0], status)

    async def test_what_is_not_an_upgrade_is_told_so(self):
        async with Server() as server:
            self.assertEqual((await server.http("GET", "/ws"))[0], 426)
            self.assertEqual((await server.http("GET", "/nowhere"))[0], 404)
            self.assertEqual((await server.http("GET", "/auth/login"))[0], 405)
            self.assertEqual((await refused(server.open(mint("u"), path="/other")))[0], 404)

    async def test_an_origin_that_is_not_allowed_gets_403(self):
        async with Server("--allow-origin", "https://good.example") as server:
            self.assertEqual((await refused(server.open(mint("u"), Origin="https://bad.example")))[0], 403)
            self.assertEqual((await refused(server.open(mint("u"), Origin="https://good.example")))[0], 101)

    async def test_a_full_server_refuses_with_503_and_has_room_again(self):
        async with Server("--max-connections", "2") as server:
            first = await server.connect(mint("a"))
            await server.connect(mint("b"))
            status, headers = await refused(server.open(mint("c")))
            self.assertEqual((status, headers["Retry-After"]), (503, "1"))
            await first.close()
            await server.connect(mint("c"))

    async def test_the_rate_limit_counts_users_not_addresses(self):
        async with Server("--rate-limit", "3/s") as server:
            for _ in range(3):
                connection = await server.connect(mint("a"))
            status, headers = await refused(server.open(mint("a")))
            self.assertEqual((status, headers["Retry-After"]), (429, "1"))
            await server.connect(mint("b"))
            for _ in range(4):
                await send(connection, "ping")
            frames = await receive_until(connection, "error_message")
            self.assertEqual([frame["type"] for frame in frames], ["pong"] * 3 + ["error_message"])
            self.assertEqual(await close_code(connection), 1008)

    async def test_a_message_in_the_same_segment_as_the_upgrade_is_not_lost(self):
        async with Server() as server:
            for text in ["short", "long " * 4000]:
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1 << 22)
                body = json.dumps({"type": "chat", "content": text}).encode()
                length = bytes([0x80 | 126]) + struct.pack(">H", len(body))
                if len(body) < 126:
                    length = bytes([0x80 | len(body)])
                key = base64.b64encode(bytes(16)).decode()
                request = (f"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
                           f"Authorization: Bearer {mint('u')}\r\n\r\n").encode()
                writer.write(request + b"\x81" + length + bytes(4) + body)
                received = await asyncio.wait_for(reader.readuntil(b"agent_completed"), LIMIT)
                self.assertIn(b"connection_established", received)
                writer.close()

    async def test_tls_serves_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            certificate, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                            "/CN=localhost", "-keyout", key, "-out", certificate],
                           check=True, capture_output=True)
            async with Server("--tls-cert", certificate, "--tls-key", key) as server:
                trusted = ssl.create_default_context(cafile=certificate)
                trusted.check_hostname = False
                connection = await websockets.connect(
                    f"wss://127.0.0.1:{server.port}/ws", ssl=trusted,
                    extra_headers={"Authorization": f"Bearer {mint('u')}"})
                await receive(connection)
                await send(connection, "chat", content="over tls")
                self.assertEqual([frame["type"] for frame in await run_frames(connection)], EVENTS)
                self.assertEqual(await server.stop(), 0)
                self.assertEqual(await close_code(connection), 1001)


class Runs(unittest.IsolatedAsyncioTestCase):
    async def test_five_events_in_order_echo_the_request(self):
        async with Server() as server:
            connection = await server.connect(mint("u-5"))
            for kind, field in [("start_agent", "user_request"), ("user_message", "content"),
                                ("chat", "content")]:
                await send(connection, kind, **{field: "tell CANARY-1"}, thread_id=None)
                frames = await run_frames(connection)
                self.assertEqual([frame["type"] for frame in frames], EVENTS)
                self.assertEqual({frame["user_id"] for frame in frames}, {"u-5"})
                self.assertEqual(len({frame["run_id"] for frame in frames}), 1)
                self.assertEqual(len({frame["thread_id"] for frame in frames}), 1)
                self.assertEqual(sorted(frame["timestamp"] for frame in frames),
                                 [frame["timestamp"] for frame in frames])
                for frame in frames:
                    self.assertIn("CANARY-1", json.dumps(frame["payload"]))
                started, thinking, executing, completed, ended = (frame["payload"] for frame in frames)
                self.assertEqual(started["context"]["user_request"], "tell CANARY-1")
                self.assertEqual(thinking["step_number"], 1)
                self.assertEqual(executing["execution_id"], completed["execution_id"])
                self.assertEqual(executing["tool_name"], completed["tool_name"])
                self.assertIsInstance(completed["execution_time_ms"], int)
                self.assertEqual(ended["status"], "completed")
                self.assertIn("CANARY-1", ended["final_response"])

    async def test_fields_may_be_flat(self):
        async with Server() as server:
            connection = await server.connect(mint("u"))
            await connection.send(json.dumps({"type": "chat", "content": "flat", "thread_id": "mine",
                                              "settings": {"thinking_steps": 2, "tool_calls": 2}}))
            frames = await run_frames(connection)
            self.assertEqual([frame["type"] for frame in frames],
                             ["agent_started", *["agent_thinking"] * 2,
                              *["tool_executing", "tool_completed"] * 2, "agent_completed"])
            self.assertEqual({frame["thread_id"] for frame in frames}, {"mine"})

    async def test_concurrent_runs_stay_with_their_connections(self):
        async with Server("--threads", "4") as server:
            connections = [await server.connect(mint(f"u-{i % 5}")) for i in range(20)]
            for i, connection in enumerate(connections):
                for j in range(3):
                    await send(connection, "chat", content=f"<{i}.{j}>", thread_id="common")
            for i, connection in enumerate(connections):
                frames = []
                while sum(frame["type"] == "agent_completed" for frame in frames) < 3:
                    frames.append(await receive(connection))
                self.assertEqual(len(frames), 15)
                for frame in frames:
                    self.assertEqual(frame["user_id"], f"u-{i % 5}")
                    self.assertIn(f"<{i}.", json.dumps(frame))

    async def test_a_ping_is_answered_during_a_run(self):
        async with Server("--step-delay", "200ms") as server:
            connection = await server.connect(mint("u"))
            await send(connection, "chat", content="x")
            await receive_until(connection, "agent_started")
            await send(connection, "ping", timestamp=42)
            pong = await receive(connection)
            self.assertEqual(pong, {"type": "pong", "data": {"timestamp": 42, "user_id": "u"}})

    async def test_stop_ends_the_run_at_once_and_closes_its_tool(self):
        async with Server("--step-delay", "2s") as server:
            connection = await server.connect(mint("u"))
            other = await server.connect(mint("other"))
            await send(connection, "chat", content="x")
            run = (await receive_until(connection, "agent_started"))[-1]["run_id"]
            await send(other, "stop_agent", run_id=run)
            self.assertEqual((await receive(other))["error_code"], "RUN_NOT_FOUND")
            await send(connection, "stop_agent", run_id=run)
            ended = await receive(connection)
            self.assertEqual((ended["type"], ended["payload"]["status"]), ("agent_completed", "stopped"))
        async with Server("--step-delay", "50ms") as server:
            connection = await server.connect(mint("u"))
            await send(connection, "chat", content="x")
            await receive_until(connection, "tool_executing")
            await send(connection, "stop_agent")
            closing = await run_frames(connection)
            self.assertEqual([frame["payload"]["status"] for frame in closing], ["cancelled", "stopped"])

    async def test_a_failing_tool_ends_the_run_and_not_the_connection(self):
        async with Server() as server:
            connection = await server.connect(mint("u"))
            for payload in [{"content": "C", "settings": {"tool": "unstable"}},
                            {"content": "C use tool unstable"},
                            {"content": "C", "context": {"tool": "no_such_tool"}}]:
                await send(connection, "chat", **payload)
                frames = await run_frames(connection)
                self.assertEqual([frame["type"] for frame in frames], EVENTS[:-1] + ["agent_error"])
                self.assertEqual(frames[-2]["payload"]["status"], "failed")
                self.assertIn("C", frames[-1]["payload"]["user_request"])
            await send(connection, "chat", content="good")
            self.assertEqual([frame["type"] for frame in await run_frames(connection)], EVENTS)

    async def test_one_name_used_by_two_users_is_two_threads(self):
        async with Server() as server:
            a, b = await server.connect(mint("a")), await server.connect(mint("b"))
            for connection, text in [(a, "from a"), (b, "from b")]:
                await send(connection, "chat", content=text, thread_id="shared")
                frames = await run_frames(connection)
                self.assertEqual(frames[0]["payload"]["context"]["thread_messages"], 1)
            self.assertEqual(await drain(a), [])
            self.assertEqual(await drain(b), [])


class Ends(unittest.IsolatedAsyncioTestCase):
    async def test_bad_messages_are_answered_and_the_connection_stays(self):
        async with Server() as server:
            connection = await server.connect(mint("u"))
            for text, code in [("{nonsense", "INVALID_JSON"), ("[1]", "INVALID_JSON"),
                               ('{"type":"dance"}', "UNKNOWN_TYPE"), ('{"type":7}', "UNKNOWN_TYPE"),
                               ('{"type":"chat"}', "INVALID_FIELD"),
                               ('{"type":"chat","content":"x","thread_id":3}', "INVALID_FIELD")]:
                await connection.send(text)
                frame = await receive(connection)
                self.assertEqual((frame["type"], frame["error_code"]), ("error_message", code))
            self.assertEqual(await drain(connection), [])

    async def test_oversized_and_binary_messages_close(self):
        async with Server("--max-message-size", "1024") as server:
            connection = await server.connect(mint("u"))
            await connection.send("x" * 1025)
            self.assertEqual(await close_code(connection), 1009)
            connection = await server.connect(mint("u"))
            await connection.send(b"binary")
            self.assertEqual(await close_code(connection), 1003)

    async def test_a_stopping_server_says_1001(self):
        async with Server("--threads", "2", "--step-delay", "5s") as server:
            connections = [await server.connect(mint(f"u-{i}")) for i in range(10)]
            await send(connections[0], "chat", content="long")
            await receive_until(connections[0], "agent_started")
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"GET /health HT")
            await writer.drain()
            self.assertEqual(await server.stop(), 0)
            self.assertEqual({await close_code(connection) for connection in connections}, {1001})

    async def test_counters_return_to_zero(self):
        async with Server() as server:
            a, b = await server.connect(mint("a")), await server.connect(mint("a"))
            _, busy, _ = await server.http("GET", "/ws/stats")
            self.assertEqual(busy, {"active_connections": 2, "total_connections": 2, "active_runs": 0,
                                    "managers": 1})
            await send(a, "chat", content="x")
            await receive_until(a, "agent_started")
            await a.close()
            abort(b)
            deadline = time.monotonic() + LIMIT
            while True:
                _, idle, _ = await server.http("GET", "/ws/health")
                if idle["active_connections"] == idle["managers"] == idle["active_runs"] == 0:
                    break
                self.assertLess(time.monotonic(), deadline, idle)

    async def test_a_lost_connection_hands_the_rest_to_the_next(self):
        async with Server("--step-delay", "60ms", "--threads", "2") as server:
            for _ in range(4):
                first = await server.connect(mint("a"))
                tab = await server.connect(mint("a"))
                await send(first, "chat", content="x")
                seen = await receive_until(first, "agent_thinking")
                abort(first)
                second = await server.connect(mint("a"))
                seen += await run_frames(second)
                self.assertEqual([frame["type"] for frame in seen], EVENTS)
                self.assertEqual(await drain(tab), [])
                await tab.close()
                await second.close()

    async def test_heartbeats_come(self):
        async with Server("--heartbeat", "100ms") as server:
            connection = await server.connect(mint("u"))
            self.assertEqual(connection.welcome["config"]["heartbeat_interval"], 0.1)
            self.assertEqual([(await receive(connection))["type"] for _ in range(3)], ["heartbeat"] * 3)


class ColdStart(unittest.IsolatedAsyncioTestCase):
    async def test_until_ready_everything_is_refused_with_retry_after(self):
        async with Server("--cold-start", "1800ms") as server:
            status, headers = await refused(server.open(mint("u")))
            self.assertEqual((status, headers["Retry-After"]), (503, "2"))
            login = await server.http("POST", "/auth/login", {"email": "a", "password": "b"})
            self.assertEqual(login[0], 503)
            self.assertEqual((await server.http("GET", "/health"))[0], 200)
            statuses = []
            deadline = time.monotonic() + LIMIT
            while not statuses or statuses[-1] != 101:
                self.assertLess(time.monotonic(), deadline)
                statuses.append((await refused(server.open(mint("u"))))[0])
            self.assertEqual(set(statuses), {503, 101})
            self.assertEqual((await server.http("GET", "/health/ready"))[0], 200)
            connection = await server.connect(mint("u"))
            await send(connection, "chat", content="x")
            self.assertEqual([frame["type"] for frame in await run_frames(connection)], EVENTS)

    async def test_a_server_can_be_stopped_while_it_starts(self):
        async with Server("--cold-start", "60s") as server:
            self.assertEqual((await server.http("GET", "/health/ready"))[0], 503)
            self.assertEqual(await server.stop(), 0)


class FirstUse(unittest.IsolatedAsyncioTestCase):
    async def test_all_who_come_while_a_manager_is_built_wait_for_it(self):
        async with Server("--threads", "3", "--manager-delay", "100ms") as server:
            tabs = await asyncio.gather(*(server.open(mint("a")) for _ in range(9)))
            for tab in tabs:
                await send(tab, "chat", content="x")
            for tab in tabs:
                frames = [frame["type"] for frame in await run_frames(tab)]
                self.assertEqual(frames, ["connection_established", *EVENTS])
            self.assertEqual((await server.http("GET", "/ws/stats"))[1]["managers"], 1)

    async def test_who_leaves_while_a_manager_is_built_leaves_nothing_behind(self):
        async with Server("--manager-delay", "100ms") as server:
            leaver, stayer = await asyncio.gather(server.open(mint("a")), server.open(mint("a")))
            abort(leaver)
            await send(stayer, "chat", content="x")
            frames = [frame["type"] for frame in await run_frames(stayer)]
            self.assertEqual(frames, ["connection_established", *EVENTS])
            abort(stayer)
            deadline = time.monotonic() + LIMIT
            counters = None
            while counters != (0, 0):
                self.assertLess(time.monotonic(), deadline, counters)
                _, stats, _ = await server.http("GET", "/ws/stats")
                counters = stats["active_connections"], stats["managers"]

    async def test_runs_that_need_the_tools_together_all_get_them(self):
        async with Server("--threads", "3", "--step-delay", "50ms") as server:
            tabs = await asyncio.gather(*(server.connect(mint(name)) for name in "abcdef"))
            for tab in tabs:
                await send(tab, "chat", content="x")
            for tab in tabs:
                self.assertEqual([frame["type"] for frame in await run_frames(tab)], EVENTS)

    async def test_a_server_can_be_stopped_while_something_is_made(self):
        async with Server("--manager-delay", "300ms") as server:
            tabs = await asyncio.gather(server.open(mint("a")), server.open(mint("a")))
            self.assertEqual(await server.stop(), 0)
            self.assertEqual([await close_code(tab) for tab in tabs], [1001, 1001])


class CommandLine(unittest.TestCase):
    def call(self, *options):
        return subprocess.run([*PROGRAM, "serve", *options], capture_output=True, text=True, timeout=LIMIT)

    def test_an_unknown_bug_gets_a_suggestion(self):
        result = self.call("--bug", "shared_manger")
        self.assertEqual(result.returncode, 2)
        self.assertIn('did you mean "shared_manager"', result.stderr)

    def test_help_and_the_list_of_bugs(self):
        self.assertIn("Examples:", self.call("--help").stdout)
        self.assertIn("two_emitters (TTT)", self.call("--list-bugs").stdout)
        self.assertEqual(self.call("--step-delay", "5 parsecs").returncode, 2)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
