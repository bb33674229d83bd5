"""`wsrace coldstart` on servers that the project did not write: the window of a mistake, none without it.

Exit status 77, and a word on stderr, when a package that a server needs is missing; what could run passed.
"""

import json
import unittest

from framework_servers import FASTAPI, NODE, SECRET, fastapi_is_there, main_or_skipped, node_is_there
from wsrace_process import FACTOR, EndToEnd

COLD_START = 600  # milliseconds; the mistaken servers let users in after a quarter of it
RANGE = ["--offsets", "0..900ms", "--boots", "12", "--seed", "1"]
TOLERANCE = 20 * FACTOR  # ms; a machine that is busy with other things opens ports late
JOURNEY = ["login", "connect", "await_welcome", {"request": {"text": "hello {canary}"}}, "await_events",
           "close"]


class ColdStartInterop(EndToEnd):
    def search(self, server, *options):
        """The window of this server from the moment its port is open, and what was found as JSON."""
        command = [*server, "--port", "{port}", "--cold-start", str(COLD_START), *options]
        scenario = {"name": "cold_start_interop", "profile": "netra_mint", "journey": JOURNEY,
                    "target": {"server": {"command": command, "ready": "port_open"}}}
        folder = self.folder / "search"
        finished = self.call("coldstart", self.write(scenario), "--out", folder, *RANGE,
                             environment={"WSRACE_JWT_SECRET": SECRET})
        finished.folder = folder
        return finished, json.loads(finished.read("coldstart.json"))

    def assert_edge(self, edge, wanted, text):
        self.assertTrue(edge["measured"], text)
        self.assertLess(abs(edge["at_ms"] - wanted), TOLERANCE, text)

    def assert_window(self, server):
        finished, found = self.search(server, "--bug", "accept_before_supervisor")
        text = finished.text()
        self.assert_status(finished, 1)
        self.assertEqual([window["outcome"] for window in found["windows"]], ["internal_error"], text)
        self.assert_edge(found["windows"][0]["from"], COLD_START / 4, text)
        self.assert_edge(found["windows"][0]["until"], COLD_START, text)
        # A failure that stands alone, as of a boot that was late on a busy machine, is an outlier, no window.
        self.assertEqual(found["stretches"][0]["outcome"], "retry_later", text)
        self.assertEqual(found["stretches"][-1]["outcome"], "good", text)
        self.assertIsNone(found["readiness_lie"], text)
        self.assertRegex(finished.out, r"arrive between \d+ ms and \d+ ms after the port opens get 1011")

    def assert_none(self, server):
        finished, found = self.search(server)
        self.assert_status(finished, 0)
        self.assertEqual(found["windows"], [], finished.text())
        self.assertEqual({stretch["outcome"] for stretch in found["stretches"]}, {"retry_later", "good"},
                         finished.text())
        self.assertIsNone(found["readiness_lie"], finished.text())


@unittest.skipUnless(fastapi_is_there(), "fastapi, uvicorn or websockets is missing for this python3")
class FastApi(ColdStartInterop):
    def test_users_who_are_let_in_before_the_supervisor_is_there_get_1011(self):
        self.assert_window(FASTAPI)

    def test_the_correct_server_has_no_window(self):
        self.assert_none(FASTAPI)


@unittest.skipUnless(node_is_there(), "node or its package ws is missing")
class Node(ColdStartInterop):
    def test_users_who_are_let_in_before_the_supervisor_is_there_get_1011(self):
        self.assert_window(NODE)

    def test_the_correct_server_has_no_window(self):
        self.assert_none(NODE)


if __name__ == "__main__":
    main_or_skipped("cold_start_interop")
