"""The man page and the completion of bash: every command and option of `--help` is in both, and both work."""

import re
import shutil
import subprocess
import unittest

from wsrace_process import SOURCE, WSRACE, EndToEnd, main

MADE = SOURCE / "scripts" / "help_pages.py"


class HelpPages(EndToEnd):
    def setUp(self):
        super().setUp()
        self.man, self.bash = self.folder / "wsrace.1", self.folder / "wsrace"
        subprocess.run([str(MADE), WSRACE, "--man", str(self.man), "--bash", str(self.bash), "--scenarios",
                        str(SOURCE / "scenarios")], check=True)

    def help_of(self, *words):
        finished = self.call(*words, "--help")
        self.assert_status(finished, 0)
        return finished.out

    def commands(self):
        found = re.findall(r"(?m)^  (\w+) +\S", self.help_of())
        self.assertIn("run", found)
        self.assertGreaterEqual(len(found), 10)
        return found

    def options(self, command):
        """Every option that stands in front of its explanation."""
        found = set()
        for line in self.help_of(command).splitlines():
            if re.match(r"^  -", line):
                found |= set(re.findall(r"(?<![\w-])--?\w[\w-]*", re.split(r" |  ", line.strip())[0]))
        self.assertIn("--help", found)
        return found

    def completed(self, *words):
        """What bash offers for the last of these words."""
        script = (f"source {self.bash}; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _wsrace; "
                  "printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "--noprofile", "--norc", "-c", script, "bash", "wsrace", *words],
                              check=True,
                              capture_output=True, text=True, cwd=self.folder)
        self.assertEqual(done.stderr, "")
        return set(done.stdout.split())

    def test_every_command_and_option_is_in_both(self):
        page = self.man.read_text().replace(r"\-", "-")
        self.assertEqual(self.completed(""), {*self.commands(), "--help", "--version"})
        for command in self.commands():
            with self.subTest(command):
                section = re.split(rf"(?m)^\.SS {command}$", page)
                self.assertEqual(len(section), 2, "a section of its own")
                text = re.split(r"(?m)^\.S[SH] ", section[1])[0]
                options = self.options(command)
                entries = set()
                for entry in re.findall(r"(?m)^\.TP\n\\fB(-.*)", text):
                    flags = entry.replace(r"\fR, \fB", " ").split(r"\fR")[0]
                    entries |= set(flags.split())
                self.assertLessEqual(options, entries)
                self.assertEqual(self.completed(command, "-"), options)

    def test_an_option_that_is_missing_would_be_noticed(self):
        self.bash.write_text(self.bash.read_text().replace("--until-fail", ""))
        self.assertNotEqual(self.completed("run", "-"), self.options("run"))

    def test_scenarios_formats_and_files_are_offered(self):
        self.assertIn("golden_path", self.completed("run", "gold"))
        self.assertNotIn("cold_start", self.completed("run", "gold"))
        self.assertIn("junit", self.completed("report", "--format", ""))
        self.assertEqual(self.completed("report", "--format", "junit,mark"), {"junit,markdown"})
        (self.folder / "mine.json").write_text("{}")
        self.assertIn("mine.json", self.completed("run", "mi"))
        self.assertEqual(self.completed("no_such_command", "-"), set())

    @unittest.skipUnless(shutil.which("man") and shutil.which("groff"), "man or groff is missing")
    def test_man_shows_it_without_a_warning(self):
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", str(self.man)], capture_output=True,
                              text=True, check=True, env={"MANWIDTH": "80", "LC_ALL": "C.UTF-8",
                                                          "PATH": "/usr/bin:/bin"})
        self.assertEqual(done.stderr, "")
        text = re.sub(r".\x08", "", done.stdout)
        self.assertRegex(text, r"wsrace\s+[-‐]\s+finds\s+race\s+conditions")
        self.assertIn("wsrace run golden_path --server 'wsrace serve --port {port} --bug shared_manager'",
                      text)
        broken = self.folder / "broken.1"
        broken.write_text(self.man.read_text() + ".nosuchmacro\n")
        done = subprocess.run(["man", "--warnings", "-l", str(broken)], capture_output=True, text=True,
                              check=False)
        self.assertNotEqual(done.stderr, "")

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is missing")
    def test_the_completion_is_clean_shell(self):
        done = subprocess.run(["shellcheck", "--shell=bash", str(self.bash)], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    main()
