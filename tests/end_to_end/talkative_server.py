#!/usr/bin/python3
"""A target that repeats its clients' credentials wherever it can: in its log, in frames, in a close reason.

Run: talkative_server.py PORT FILE. What the clients sent is appended to FILE, outside of the harness's reach.
"""

import json
import sys
import threading

from fault_servers import EVENTS, Target, close_frame

TICKET = "tick-Zx81-secret-ticket-0123456789"


class Talkative(Target):
    def __init__(self, port, record):
        super().__init__(port)
        self.record = record

    def note(self, text):
        with self.lock, open(self.record, "a") as file:
            file.write(text + "\n")
        print(text, flush=True)
        print(text, file=sys.stderr, flush=True)

    def serve(self, client, number):
        self.note(client.request_line)
        for name, value in client.headers.items():
            self.note(f"{name}: {value}")
        if client.request_line.startswith("POST"):
            self.note(client.read_body().decode())
            client.answer(200, json.dumps({"ticket_id": TICKET, "single_use": True}),
                          Content_Type="application/json")
            return
        secret = self.credential(client)
        client.upgrade(protocol=client.headers.get("sec-websocket-protocol", "").rpartition(", ")[2])
        client.welcome()
        text = client.read_request()
        client.send_json({"type": "error_message", "error_code": "E", "error_message": f"token={secret}",
                          "details": {"access_token": secret, "header": f"Authorization: Bearer {secret}"}})
        client.send_json({"type": f"unheard_of Bearer {secret}", "token": secret})
        client.send(b"\x81" + bytes([len(b"not JSON, token=ab")]) + b"not JSON, token=ab")
        for kind, fields in EVENTS:
            client.send_json({"type": kind, "run_id": "r-1", "timestamp": f"Bearer {secret}", "token": secret,
                              "payload": {**fields, "user_request": text,
                                          "authorization": f"Bearer {secret}"}})
        client.send(close_frame(1011, f"token={secret}".encode()[:120]))
        client.await_end()

    def credential(self, client):
        header = client.headers.get("authorization", "").removeprefix("Bearer ")
        query = client.request_line.split(" ")[1].rpartition("=")[2]
        return header or client.headers.get("sec-websocket-protocol", "").rpartition("jwt.")[2] or query


if __name__ == "__main__":
    with Talkative(int(sys.argv[1]), sys.argv[2]):
        threading.Event().wait()  # until SIGTERM
