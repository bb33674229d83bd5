#!/usr/bin/python3
"""A correct server of the agent-event protocol on FastAPI and uvicorn, apart from the reference server.

Where the protocol tolerates several forms this server picks the less usual one: the welcome is a
`system_message`, the event's name and its ids are inside `payload`, timestamps are seconds as a float, and a
refused upgrade is 403.
"""
import argparse
import asyncio
import http
import itertools
import json
import os
import secrets
import time

import uvicorn
from fastapi import FastAPI, WebSocket
from fastapi.responses import JSONResponse
from fastapi_login import InvalidToken, Tickets, Tokens, add_login, un_b64url
from starlette.websockets import WebSocketState
from uvicorn.protocols.websockets.websockets_impl import WebSocketProtocol
from websockets.exceptions import ConnectionClosed

BUGS = {"accept_before_supervisor": "users are let in once the keys are there, before the supervisor is",
        "shared_manager": "one manager for all connections; each connect overwrites its current socket"}
MAX_MESSAGE_BYTES = 65536
GOODBYE_SECONDS = 2  # a client that does not answer the close must not hold up the shutdown
SHARE_OF_KEYS = 0.25  # how much of a cold start passes until the keys are there; the rest is the supervisor's


class Manager:
    """Delivers the events of the runs of one connection."""

    def __init__(self):
        self.socket = None

    def connect(self, socket):
        self.socket = socket

    async def deliver(self, payload):
        await self.socket.send_text(json.dumps({"payload": payload, "timestamp": time.time()}))


class Connection:
    """One accepted WebSocket, its user and its runs."""

    def __init__(self, server, socket, user_id):
        self.server = server
        self.socket = socket
        self.user_id = user_id
        self.connection_id = f"c-{next(server.numbers)}"
        self.runs = {}
        self.supervisor = server.supervisor
        self.manager = server.manager_for_connection()
        self.manager.connect(socket)

    async def serve(self):
        if self.supervisor is None:
            await self.socket.close(1011, "the supervisor is not available")
            return
        await self.send({"type": "system_message", "data": {
            "event": "connection_established", "connection_id": self.connection_id, "user_id": self.user_id,
            "server_time": time.time(),
            "config": {"heartbeat_interval": 25, "max_message_size": MAX_MESSAGE_BYTES}}})
        while True:
            received = await self.socket.receive()
            if received["type"] == "websocket.disconnect":
                return
            await self.take(received.get("text"))

    async def send(self, frame):
        await self.socket.send_text(json.dumps(frame))

    async def refuse(self, code, message):
        await self.send({"type": "error_message", "error_code": code, "error_message": message, "details": {},
                         "timestamp": time.time()})

    async def take(self, text):
        try:
            message = json.loads(text)
            kind = message["type"]
        except (ValueError, KeyError, TypeError):
            await self.refuse("invalid_message", "expected a JSON object with a type")
            return
        payload = message.get("payload")
        fields = payload if isinstance(payload, dict) else message
        if kind == "ping":
            data = {"timestamp": fields.get("timestamp"), "user_id": self.user_id}
            await self.send({"type": "pong", "data": data})
        elif kind in ("start_agent", "user_message", "chat"):
            await self.start(fields.get("user_request" if kind == "start_agent" else "content"), fields)
        elif kind == "stop_agent":
            await self.stop(fields.get("run_id"))
        elif kind not in ("pong", "heartbeat"):
            await self.refuse("unknown_type", f"cannot handle {kind!r}")

    async def start(self, text, fields):
        if not isinstance(text, str):
            await self.refuse("missing_field", "the request has no text")
            return
        run_id = f"r-{next(self.server.numbers)}"
        thread_id = fields.get("thread_id") or f"t-{next(self.server.numbers)}"
        ids = {"run_id": run_id, "user_id": self.user_id, "thread_id": thread_id, "agent_name": "supervisor"}
        task = asyncio.create_task(self.run(ids, text))
        self.runs[run_id] = (task, ids)
        task.add_done_callback(lambda _: self.runs.pop(run_id, None))

    async def stop(self, run_id):
        if run_id not in self.runs:
            await self.refuse("unknown_run", "no such run on this connection")
            return
        task, ids = self.runs.pop(run_id)
        task.cancel()
        await asyncio.wait([task])
        stopped = {"status": "stopped", "result": "stopped", "final_response": "stopped",
                   "execution_time_ms": 0}
        await self.manager.deliver({"type": "agent_completed", **ids, **stopped})

    async def run(self, ids, text):
        """The agent: five events with a pause between them. A client that has left ends it."""
        begun = time.monotonic()
        try:
            events = self.supervisor(text, f"x-{next(self.server.numbers)}")
            for index, event in enumerate(events):
                if index > 0:
                    await asyncio.sleep(self.server.step_delay)
                if "execution_time_ms" in event:
                    event["execution_time_ms"] = int((time.monotonic() - begun) * 1000)
                await self.manager.deliver({**event, **ids})
        except Exception as problem:
            if self.socket.client_state == WebSocketState.CONNECTED and not is_gone(problem):
                await self.manager.deliver({"type": "agent_error", **ids, "error": str(problem)})

    async def leave(self):
        """Ends the connection's runs and awaits them, so that nothing writes after this returns."""
        tasks = [task for task, _ in self.runs.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


def is_gone(problem):
    """Whether a send failed because the peer has closed; uvicorn lets its library's own error through."""
    if isinstance(problem, RuntimeError):
        return "close" in str(problem)
    return isinstance(problem, ConnectionClosed)


def agent_events(text, execution_id):
    yield {"type": "agent_started", "status": "started", "message": "Working on it.",
           "context": {"user_request": text}}
    yield {"type": "agent_thinking", "reasoning": f"The user asks: {text}", "step_number": 1}
    yield {"type": "tool_executing", "tool_name": "search", "parameters": {"q": text},
           "execution_id": execution_id, "status": "executing"}
    yield {"type": "tool_completed", "tool_name": "search", "result": {"q": text, "hits": 3},
           "execution_id": execution_id, "execution_time_ms": 0}
    yield {"type": "agent_completed", "status": "completed", "result": f"Answer to: {text}",
           "final_response": f"Answer to: {text}", "execution_time_ms": 0}


class Server:
    """What all connections share: accounts, tokens, tickets and counters. Used on the event loop only."""

    def __init__(self, options):
        self.bugs = options.bug
        self.step_delay = options.step_delay / 1000
        self.tokens = Tokens(os.environ.get("WSRACE_JWT_SECRET") or secrets.token_hex(32), options.audience)
        self.tickets = Tickets()
        self.numbers = itertools.count(1)
        self.connections = {}
        self.total_connections = 0
        self.shared_manager = Manager()
        self.leaving = False
        self.cold_start = options.cold_start / 1000
        self.starting = None
        self.keys_are_there = self.cold_start == 0
        self.supervisor = agent_events if self.cold_start == 0 else None  # makes the events of a run

    async def start_up(self):
        """uvicorn opens its port only after the start-up of the application has returned, and an orchestrator
        does not wait for long: what takes a while is fetched by a task of its own."""
        if self.cold_start > 0:
            self.starting = asyncio.create_task(self.fetch_dependencies())

    async def fetch_dependencies(self):
        await asyncio.sleep(self.cold_start * SHARE_OF_KEYS)
        self.keys_are_there = True
        await asyncio.sleep(self.cold_start * (1 - SHARE_OF_KEYS))
        self.supervisor = agent_events

    def lets_users_in(self):
        if "accept_before_supervisor" in self.bugs:
            return self.keys_are_there
        return self.supervisor is not None

    def manager_for_connection(self):
        if "shared_manager" in self.bugs:
            return self.shared_manager
        return Manager()

    def admit(self, socket):
        """The claims and the subprotocol to answer for an upgrade request, or InvalidToken."""
        if self.leaving:
            raise InvalidToken("server_going_away")
        offers = socket.scope.get("subprotocols", [])
        answer = "jwt-auth" if "jwt-auth" in offers else None
        kind, _, bearer = socket.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self.tokens.read(bearer.strip()), answer
        for offer in offers:
            if offer.startswith("jwt."):
                try:
                    return self.tokens.read(un_b64url(offer[len("jwt."):]).decode()), answer
                except ValueError as problem:
                    raise InvalidToken("token_malformed") from problem
        if "token" in socket.query_params:
            return self.tokens.read(socket.query_params["token"]), answer
        if "ticket" in socket.query_params:
            return self.tickets.redeem(socket.query_params["ticket"]), answer
        raise InvalidToken("token_missing")

    async def serve(self, socket):
        """One WebSocket from upgrade request to end. Closing before accept makes uvicorn answer 403."""
        try:
            claims, subprotocol = self.admit(socket)
        except InvalidToken:
            await socket.close()
            return
        await socket.accept(subprotocol=subprotocol)
        connection = Connection(self, socket, claims["sub"])
        self.connections[connection.connection_id] = connection
        self.total_connections += 1
        try:
            await connection.serve()
        except Exception as problem:
            if not is_gone(problem):
                raise
        finally:
            await connection.leave()
            del self.connections[connection.connection_id]

    async def say_goodbye(self):
        """Runs end, then every client is told 1001; its own task notices the close and cleans up."""
        self.leaving = True
        if self.starting is not None:
            self.starting.cancel()
        connections = list(self.connections.values())
        await asyncio.gather(*(connection.leave() for connection in connections))
        closing = [asyncio.create_task(connection.socket.close(1001, "server going away"))
                   for connection in connections]
        if closing:
            await asyncio.wait(closing, timeout=GOODBYE_SECONDS)

    def counters(self):
        managers = 1 if "shared_manager" in self.bugs else len(self.connections)
        return {"status": "healthy", "active_connections": len(self.connections),
                "total_connections": self.total_connections, "managers": managers,
                "active_runs": sum(len(connection.runs) for connection in self.connections.values())}


def make_app(server):
    app = FastAPI(openapi_url=None)
    add_login(app, server.tokens, server.tickets)
    app.add_event_handler("startup", server.start_up)

    @app.websocket("/ws")
    @app.websocket("/api/v1/websocket")
    async def events(socket: WebSocket):
        await server.serve(socket)

    @app.get("/health")
    async def health():
        return {"status": "healthy"}

    @app.get("/health/ready")
    async def ready():
        if server.leaving:
            return JSONResponse({"status": "going_away"}, status_code=503)
        if server.supervisor is None:
            return JSONResponse({"status": "starting"}, status_code=503, headers={"Retry-After": "1"})
        return {"status": "ready"}

    @app.get("/ws/health")
    @app.get("/ws/stats")
    async def counters():
        return server.counters()

    return app


def refusing_while_starting(server):
    """uvicorn's WebSocket protocol, which answers upgrades by 503 until the application lets users in. In
    ASGI an application can only close before accept, which uvicorn makes a 403; newer versions have an
    extension for it that this one does not need."""

    class Protocol(WebSocketProtocol):
        async def process_request(self, path, headers):
            if not server.leaving and not server.lets_users_in():
                return http.HTTPStatus.SERVICE_UNAVAILABLE, [("Retry-After", "1")], b"starting\n"
            return await super().process_request(path, headers)

    return Protocol


class Listener(uvicorn.Server):
    """uvicorn, which announces its port and says 1001 before it drops its connections."""

    def __init__(self, config, server):
        super().__init__(config)
        self.application = server

    async def startup(self, sockets=None):
        await super().startup(sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            print(f"listening on 127.0.0.1:{port}", flush=True)

    async def shutdown(self, sockets=None):
        for listener in self.servers:
            listener.close()
        await self.application.say_goodbye()
        await super().shutdown(sockets)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="0: the kernel chooses")
    parser.add_argument("--bug", action="append", default=[], choices=sorted(BUGS))
    parser.add_argument("--step-delay", type=float, default=5, metavar="MS", help="pause between two events")
    parser.add_argument("--cold-start", type=float, default=0, metavar="MS",
                        help="how long keys and supervisor take to be there after the port is open")
    parser.add_argument("--audience", default="agent-events", help="what a token's `aud` must be, if any")
    return parser.parse_args()


def main():
    options = parse_options()
    server = Server(options)
    config = uvicorn.Config(make_app(server), host="127.0.0.1", port=options.port,
                            log_level="warning", access_log=False, backlog=4096,
                            ws=refusing_while_starting(server), ws_max_size=MAX_MESSAGE_BYTES)
    Listener(config, server).run()


if __name__ == "__main__":
    main()
