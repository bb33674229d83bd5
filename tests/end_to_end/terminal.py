"""What a person sees: it fits 24 lines of 80 columns, in colours on terminals only, and not with NO_COLOR."""

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

from wsrace_process import EndToEnd, LIMIT, WSRACE, main

ESCAPE = re.compile(r"\x1b\[[0-9;]*[mK]")
BUGGY = "wsrace serve --port {port} --step-delay 50ms --bug first_match_router,two_emitters,masked_failure"


class Terminal(EndToEnd):
    def on_terminal(self, *words, lines=24, columns=80, **environment):
        """Everything that the command writes to a terminal of this size."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        names = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        with subprocess.Popen([WSRACE, *map(str, words)], stdin=theirs, stdout=theirs, stderr=theirs,
                              env={**names, **environment}) as process:
            os.close(theirs)
            said = b""
            with contextlib.suppress(OSError):  # EIO: nobody has the other end open any more
                while piece := os.read(ours, 65536):
                    said += piece
            process.wait(LIMIT)
        os.close(ours)
        return said.decode(errors="replace").replace("\r\n", "\n")

    def failing(self):
        finished = self.run_scenario("golden_path", "--users", "30", "--server", BUGGY, "--seed", "7")
        self.assert_status(finished, 1)
        return finished

    def test_the_final_block_fits_the_smallest_terminal(self):
        folder = self.failing().folder
        text = self.on_terminal("report", folder, "--format", "terminal")
        plain = [ESCAPE.sub("", line) for line in text.splitlines()]
        self.assertTrue(plain[0].startswith("FAIL golden_path"), text)
        rows = sum(max(1, -(-len(line) // 80)) for line in plain)
        self.assertLessEqual(rows, 24, text)
        cut = [line for line in plain if not line.startswith(("Repeat", "Artefacts"))]
        self.assertLessEqual(max(map(len, cut)), 80, text)
        self.assertIn("signatures in verdict.json", text)
        self.assertIn(f"Artefacts  {folder}:", ESCAPE.sub("", text))
        larger = self.on_terminal("report", folder, "--format", "terminal", lines=60, columns=110)
        self.assertGreater(len(larger.splitlines()), len(plain))

    def test_colours_on_a_terminal_only_and_not_with_no_color(self):
        folder = self.failing().folder
        words = ("report", folder, "--format", "terminal")
        self.assertIn("\x1b[31;1mFAIL", self.on_terminal(*words))
        self.assertIn("\x1b[31;1mFAIL", self.on_terminal(*words, NO_COLOR=""),
                      "an empty one counts as not set")
        self.assertNotIn("\x1b", self.on_terminal(*words, NO_COLOR="1"))
        self.assertNotIn("\x1b", self.call(*words).out)

    def test_a_run_shows_how_it_goes_on_one_line_and_then_the_block(self):
        out = self.folder / "live"
        text = self.on_terminal("run", "golden_path", "--users", "5", "--seed", "1", "--out", out,
                                NO_COLOR="1")
        self.assertIn("users ", text)
        self.assertEqual(ESCAPE.findall(text.replace("\x1b[K", "")), [], "only the line's own erasure")
        self.assertIn("\nPASS golden_path", ESCAPE.sub("", text).replace("\r", "\n"))


if __name__ == "__main__":
    main()
