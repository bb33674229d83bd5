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
import os
import secrets

import uvicorn
from fastapi import FastAPI, WebSocket
from fastapi.responses import JSONResponse
from fastapi_admission import Admission
from fastapi_bugs import BUGS
from fastapi_connection import MAX_MESSAGE_BYTES, REQUESTS, Connection
from fastapi_delivery import Managers, Router, Threads, unless_gone
from fastapi_dependencies import Knowledge, Store
from fastapi_login import InvalidToken, Tickets, Tokens, add_login
from fastapi_runs import Supervisor
from uvicorn.protocols.websockets.websockets_impl import WebSocketProtocol

GOODBYE_SECONDS = 2  # a client that does not answer the close must not hold up the shutdown
SHARE_OF_KEYS = 0.25  # how much of a cold start passes until the keys are there; the rest is the supervisor's


class Server:
    """What all connections share. Used on the event loop only."""

    def __init__(self, options):
        self.options = options
        self.bugs = frozenset(options.bug)
        self.store = Store(options.save_time / 1000)
        self.tokens = Tokens(os.environ.get("WSRACE_JWT_SECRET") or secrets.token_hex(32), options.audience)
        self.tickets = Tickets(self.store, self.bugs)
        self.admission = Admission(self.tokens, self.tickets, options.rate_limit, self.bugs)
        self.managers = Managers(self.bugs)
        self.threads = Threads(self.bugs)
        self.router = Router(self.bugs)
        self.numbers = itertools.count(1)
        self.connections = {}
        self.total_connections = 0
        self.leaving = False
        self.cold_start = options.cold_start / 1000
        self.starting = None
        self.keys_are_there = self.cold_start == 0
        self.supervisor = self.make_supervisor() if self.cold_start == 0 else None

    def make_supervisor(self):
        knowledge = Knowledge(self.options.fetch_time / 1000, self.options.fetch_limit / 1000, self.bugs)
        return Supervisor(self.store, knowledge, self.threads, self.options.step_delay / 1000, self.bugs)

    async def start_up(self):
        """uvicorn opens its port only after the start-up of the application has returned, and an orchestrator
        does not wait for long: what takes a while is fetched by a task of its own."""
        if self.cold_start > 0:
            self.starting = asyncio.create_task(self.fetch_dependencies())

    async def fetch_dependencies(self):
        await asyncio.sleep(self.cold_start * SHARE_OF_KEYS)
        self.keys_are_there = True
        await asyncio.sleep(self.cold_start * (1 - SHARE_OF_KEYS))
        self.supervisor = self.make_supervisor()

    def lets_users_in(self):
        if "accept_before_supervisor" in self.bugs:
            return self.keys_are_there
        return self.supervisor is not None

    async def serve(self, socket):
        """One WebSocket from upgrade request to end. Closing before accept makes uvicorn answer 403."""
        try:
            if self.leaving:
                raise InvalidToken("server_going_away")
            claims, subprotocol = await self.admission.admit(socket)
        except InvalidToken:
            await socket.close()
            return
        await socket.accept(subprotocol=subprotocol)
        connection = Connection(self, socket, claims["sub"])
        self.welcome(connection)
        try:
            self.managers.enter(connection)
            with unless_gone():
                await connection.serve()
        except Exception:
            await connection.close(1011, "internal error")
            raise
        finally:
            await self.dismiss(connection)

    def welcome(self, connection):
        self.connections[connection.connection_id] = connection
        self.total_connections += 1
        self.router.register(REQUESTS, connection)

    async def dismiss(self, gone):
        """Takes a connection that has ended out of all tables, and ends what is left of it."""
        left = [gone]
        if "close_one_closes_all" in self.bugs:
            # Bug: a user's connection ends, so what is the user's is cleaned up.
            left = [one for one in self.connections.values() if one.user_id == gone.user_id]
        for connection in left:
            await connection.leave()
            if self.connections.pop(connection.connection_id, None) is None:
                continue
            self.router.forget(connection)
            self.threads.forget(connection)
            self.managers.leave(connection)
            await connection.close()

    async def say_goodbye(self):
        """Runs end, then every client is told 1001; its own task notices the close and cleans up."""
        self.leaving = True
        if self.starting is not None:
            self.starting.cancel()
        connections = list(self.connections.values())
        await asyncio.gather(*(connection.leave() for connection in connections))
        closing = [asyncio.create_task(connection.close(1001, "server going away"))
                   for connection in connections]
        if closing:
            await asyncio.wait(closing, timeout=GOODBYE_SECONDS)

    def counters(self):
        return {"status": "healthy", "active_connections": len(self.connections),
                "total_connections": self.total_connections, "managers": len(self.managers),
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
    parser.add_argument("--save-time", type=float, default=1, metavar="MS",
                        help="how long it takes to write down an event or the use of a ticket")
    parser.add_argument("--fetch-time", type=float, default=0, metavar="MS",
                        help="how long it takes to fetch what agents want to know; 0: nothing")
    parser.add_argument("--fetch-limit", type=float, default=100, metavar="MS",
                        help="how long a run waits for that until it goes on without")
    parser.add_argument("--rate-limit", type=int, default=0, metavar="N",
                        help="connects per second and user; 0: any number")
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
