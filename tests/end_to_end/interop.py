"""wsrace judges servers that the project did not write: clean if correct, failed if they have a race.

Exit status 77, and a word on stderr, when a package that a server needs is missing; what could run passed.
"""

import json
import unittest

from framework_servers import (FASTAPI, FOLDER, NODE, SECRET, fastapi_is_there, main_or_skipped,
                               node_is_there)
from wsrace_process import FACTOR, EndToEnd

STEP_DELAY = str(int(20 * FACTOR))  # milliseconds: long enough for the runs of all users to overlap


class Interop(EndToEnd):
    def judge(self, server, profile, *bugs):
        """The shipped conversations against this server, started by wsrace."""
        command = [*server, "--port", "{port}", "--step-delay", STEP_DELAY]
        for bug in bugs:
            command += ["--bug", bug]
        target = json.dumps({"server": {"command": command}})
        deadlines = [f"deadlines.{name}={int(seconds * FACTOR)}s"
                     for name, seconds in (("first_event", 3), ("event_gap", 3), ("run", 4))]
        options = [word for change in (f"target={target}", f"profile={profile}", *deadlines)
                   for word in ("--set", change)]
        finished = self.run_scenario(str(FOLDER / "conversations.json"), "--seed", "1", *options,
                                     environment={"WSRACE_JWT_SECRET": SECRET})
        self.assert_artefacts(finished, supervised=True)
        self.assertEqual(finished.verdict["counts"]["connected"], 20, finished.text())
        return finished

    def assert_clean(self, server, profile):
        finished = self.judge(server, profile)
        self.assert_status(finished, 0)
        self.assertEqual(finished.verdict["counts"]["runs_completed"], 40, finished.text())
        judged = {check["id"]: check["sample_size"] for check in finished.verdict["checks"]
                  if check["verdict"] == "pass"}
        for check in ("isolation", "five_events", "exactly_once", "event_order", "tool_pairing", "schema",
                      "liveness"):
            self.assertGreater(judged.get(check, 0), 0, f"{check} judged nothing\n{finished.text()}")

    def assert_race_found(self, server, bug):
        finished = self.judge(server, "netra", bug)
        self.assert_found(finished, "isolation", "user")


@unittest.skipUnless(fastapi_is_there(), "fastapi, uvicorn or websockets is missing for this python3")
class FastApi(Interop):
    def test_the_correct_server_is_clean_with_passwords_and_with_minted_tokens(self):
        for profile in ("netra", "netra_mint"):
            with self.subTest(profile):
                self.assert_clean(FASTAPI, profile)

    def test_shared_manager_is_found(self):
        self.assert_race_found(FASTAPI, "shared_manager")

    def test_a_refusal_by_403_is_named(self):
        target = json.dumps({"server": {"command": [*FASTAPI, "--port", "{port}"]}})
        finished = self.run_scenario(str(FOLDER / "conversations.json"), "--set", f"target={target}", "--set",
                                     "users.carriers=[\"none\"]", "--set", "profile=netra")
        self.assert_found(finished, "handshake", "HTTP 403")


@unittest.skipUnless(node_is_there(), "node or its package ws is missing")
class Node(Interop):
    def test_the_correct_server_is_clean_with_passwords_and_with_minted_tokens(self):
        for profile in ("netra", "netra_mint"):
            with self.subTest(profile):
                self.assert_clean(NODE, profile)

    def test_first_match_router_is_found(self):
        self.assert_race_found(NODE, "first_match_router")

    def test_swapped_payload_is_found(self):
        self.assert_race_found(NODE, "swapped_payload")


if __name__ == "__main__":
    main_or_skipped("interop")
