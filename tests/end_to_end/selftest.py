"""`wsrace selftest`: finds what it draws, and says so when it has become blind."""

import json
import re
import shutil
from pathlib import Path

from wsrace_process import EndToEnd, SOURCE, main

ALL = 23  # that there are to draw from
CHECKS = ("isolation", "routing", "credentials", "handshake", "close_codes", "tab_independence",
          "exactly_once", "event_order", "liveness", "acknowledged", "reconnect", "five_events",
          "overload_refusal")


def copied_data(folder):
    """Shipped scenarios and profiles, to be changed."""
    data = folder / "data"
    for kind in ("scenarios", "profiles"):
        shutil.copytree(SOURCE / kind, data / kind)
    return data


def blind_data(folder):
    """The same with the checks off that would find something."""
    data = copied_data(folder)
    for file in (data / "scenarios").glob("*.json"):
        scenario = json.loads(file.read_text())
        scenario["checks"] = {check: False for check in CHECKS}
        scenario.pop("$schema", None)
        file.write_text(json.dumps(scenario))
    return data


class SelfTest(EndToEnd):
    def drawn(self, finished):
        """Which bugs were tried with which scenario, in order."""
        return re.findall(r"^  \w+ +(\w+) +(\w+) +\d", finished.out, re.MULTILINE)

    def test_all_that_it_can_draw_is_found_and_nothing_without_a_bug(self):
        finished = self.call("selftest", "--sample", str(ALL), "--seed", "1")
        self.assert_status(finished, 0)
        self.assertRegex(finished.out, r"(?m)^  ok +no bug +golden_path .*nothing found$")
        self.assertEqual(len(set(self.drawn(finished))), ALL)
        self.assertNotIn("WRONG", finished.out)
        self.assertIn(f"PASS selftest  {ALL} of {ALL} bugs found", finished.out)

    def test_the_seed_decides_what_is_drawn(self):
        def tried(seed):
            finished = self.call("selftest", "--sample", "2", "--seed", seed)
            self.assert_status(finished, 0)
            return self.drawn(finished)
        self.assertEqual(tried("5"), tried("5"))
        self.assertNotEqual(tried("5"), tried("6"))

    def test_blindness_is_said_and_what_was_seen_kept(self):
        finished = self.call("selftest", "--sample", "2", "--seed", "5",
                             environment={"WSRACE_DATA": str(blind_data(self.folder))})
        self.assert_status(finished, 3)
        self.assertRegex(finished.out,
                         "FAIL selftest  .*was not found by .*every later result .* inconclusive")
        kept = Path(re.search(r"^Artefacts  (.*)$", finished.out, re.MULTILINE)[1])
        self.assertTrue(list(kept.glob("*/verdict.json")))
        shutil.rmtree(kept)

    def test_a_server_that_is_not_clean_is_said_too(self):
        data = copied_data(self.folder)
        file = data / "scenarios" / "golden_path.json"
        scenario = json.loads(file.read_text())
        scenario["target"]["server"]["command"] += ["--bug", "first_match_router"]
        file.write_text(json.dumps(scenario))
        out = self.folder / "kept"
        finished = self.call("selftest", "--sample", "1", "--seed", "5", "--out", str(out),
                             environment={"WSRACE_DATA": str(data)})
        self.assert_status(finished, 3)
        self.assertIn("the correct server was not found to be clean", finished.out)
        self.assertTrue((out / "golden_path-correct" / "verdict.json").is_file())

    def test_wrong_input_gets_one_message(self):
        used = self.folder / "used"
        used.mkdir()
        (used / "notes").write_text("of somebody else")
        for options in (["--sample", "0"], ["--sample", "99"], ["--seed", "-1"], ["golden_path"],
                        ["--out", str(used)], ["--out", str(used / "notes")]):
            with self.subTest(options):
                finished = self.call("selftest", *options)
                self.assert_status(finished, 2)
                self.assertEqual(finished.out, "")
                self.assertTrue(finished.err.strip())
        self.assertEqual([file.name for file in used.iterdir()], ["notes"])


if __name__ == "__main__":
    main()
