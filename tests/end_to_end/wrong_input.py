"""What wsrace says of wrong input: every mistake at once, with its place; nothing started or left behind."""

import resource
import sys

from wsrace_process import EndToEnd, main

COMMANDS = ["run", "check", "report", "serve", "proxy"]


def valid(**changes):
    return {"name": "valid", "journey": ["login", "connect"],
            "target": {"server": {"command": ["wsrace", "serve", "--port", "{port}"]}}, **changes}


def at_most_64_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def at_most_256_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))


class WrongInput(EndToEnd):
    def rejected(self, *arguments, **options):
        """Exit status 2, words on stderr only, and no folder."""
        out = self.folder / "out"
        finished = self.call("run", *arguments, "--out", out, directory=self.folder, **options)
        self.assert_status(finished, 2)
        self.assertTrue(finished.err.strip(), "nothing was said")
        self.assertFalse(out.exists(), f"{out} was made\n{finished.text()}")
        self.assertFalse((self.folder / "out").exists())
        return finished

    def assert_lines(self, finished, *wanted):
        """Each of these stands in a line of its own, with the scenario's file before it."""
        lines = finished.err.splitlines()
        for parts in wanted:
            matching = [line for line in lines if all(part in line for part in parts)]
            self.assertEqual(len(matching), 1, f"{parts}: {matching}\n{finished.text()}")
            self.assertIn(".json", matching[0])


class Scenarios(WrongInput):
    def test_all_mistakes_of_a_scenario_are_listed_at_once_with_path_and_suggestion(self):
        scenario = valid(users={"counts": 3, "arrival": {"pattern": "rampp"}}, deadlines={"run": 5},
                         faults=[{"at": "conect", "delay": "5 parsecs"}], checks={"isolatoin": True})
        finished = self.rejected(self.write(scenario))
        self.assert_lines(finished, ["$.users.counts", 'did you mean "count"'],
                          ["$.users.arrival.pattern", '"ramp"'],
                          ["$.deadlines.run"], ["$.faults[0].at", '"connect"'], ["$.faults[0].delay",
                                                                                 "5 parsecs"],
                          ["$.checks.isolatoin", '"isolation"'])
        self.assertIn("6 mistakes; nothing was started", finished.err)

    def test_check_names_the_same_mistakes_and_starts_nothing(self):
        file = self.write(valid(users={"count": 0}))
        finished = self.call("check", file)
        self.assert_status(finished, 2)
        self.assert_lines(finished, [str(file), "$.users.count"])

    def test_a_file_that_is_not_json_names_line_and_column(self):
        file = self.folder / "broken.json"
        file.write_text('{"name": "broken",\n "journey": ["login" "connect"]}\n')
        finished = self.rejected(file)
        self.assertRegex(finished.err, r"broken\.json.*(line 2|:2:)")

    def test_a_field_that_stands_twice_is_a_mistake(self):
        file = self.folder / "twice.json"
        file.write_text('{"name": "a", "name": "b", "journey": ["login", "connect"]}')
        self.assertIn("name", self.rejected(file).err)

    def test_steps_that_can_never_work_are_named_by_their_place(self):
        finished = self.rejected(self.write(valid(journey=["login", "connect", "close", "ping"])))
        self.assert_lines(finished, ["$.journey[3]", "reconnect first"])

    def test_a_missing_file_and_a_misspelt_shipped_scenario_are_told(self):
        self.assertIn("no_such_file.json", self.rejected("no_such_file.json").err)
        self.assertIn("golden_path", self.rejected("golden_pth").err)

    def test_a_wrong_set_names_its_path(self):
        file = self.write(valid())
        self.assertIn("users.cont", self.rejected(file, "--set", "users.cont=3").err)
        self.assertIn("deadlines.run", self.rejected(file, "--set", "deadlines.run=soon").err)
        self.assertTrue(self.rejected(file, "--set", "no_equals_sign").err)

    def test_a_file_of_authorities_that_is_not_there_is_told_before_anything_starts(self):
        target = {"url": "wss://127.0.0.1:9/ws", "tls": {"ca_file": "missing.pem"}}
        self.assertIn("missing.pem", self.rejected(self.write(valid(target=target))).err)

    def test_a_scenario_without_a_target_says_how_to_name_one(self):
        scenario = valid()
        del scenario["target"]
        finished = self.rejected(self.write(scenario))
        self.assertIn("--target", finished.err)
        self.assertIn("--server", finished.err)

    def test_credentials_that_are_not_there_are_named_by_their_variable(self):
        for profile, variable in [("netra_mint", "WSRACE_JWT_SECRET"), ("netra_token", "WSRACE_TOKEN")]:
            with self.subTest(profile):
                finished = self.rejected(self.write(valid(profile=profile)), environment={variable: ""})
                self.assertIn(variable, finished.err)


class CommandLine(WrongInput):
    def test_wrong_urls_are_refused_without_repeating_their_password(self):
        file = self.write(valid())
        for url in ("nonsense", "ftp://127.0.0.1/ws", "ws://user:hunter2@127.0.0.1:1/ws",
                    "ws://127.0.0.1:0/ws",
                    "ftp://user:hunter2@127.0.0.1/ws"):
            with self.subTest(url):
                finished = self.rejected(file, "--target", url)
                self.assertNotIn("hunter2", finished.out + finished.err)

    def test_options_that_exclude_each_other_or_are_unknown_are_usage_errors(self):
        file = self.write(valid())
        self.rejected(file, "--target", "ws://127.0.0.1:1/ws", "--server", "x {port}")
        self.rejected(file, "--no-such-option")
        self.rejected(file, "--users", "many")
        self.rejected(file, "--users", "0")
        self.rejected(file, "--repeat", "0")
        self.rejected(file, "--server", "wsrace serve")
        self.rejected()

    def test_a_quote_that_is_not_closed_is_a_usage_error(self):
        self.assertIn("quote",
                      self.rejected(self.write(valid()), "--server", "wsrace serve --port '{port}").err)

    def test_a_seed_that_is_no_number_is_a_usage_error(self):
        for seed in ("1.5", "x"):
            with self.subTest(seed):
                self.rejected(self.write(valid()), "--seed", seed)

    def test_a_negative_seed_is_a_usage_error(self):
        self.rejected(self.write(valid()), "--seed", "-1")

    def test_a_seed_of_more_than_64_bits_is_a_usage_error(self):
        self.rejected(self.write(valid()), "--seed", "99999999999999999999999")

    def test_an_unknown_command_is_told_with_a_suggestion(self):
        for typed, meant in [("rnu", "run"), ("reportt", "report"), ("chek", "check")]:
            with self.subTest(typed):
                finished = self.call(typed)
                self.assert_status(finished, 2)
                self.assertIn(f'did you mean "{meant}"', finished.err)
        self.assert_status(self.call(), 2)

    def test_every_help_shows_examples_and_exit_statuses(self):
        for command in COMMANDS:
            with self.subTest(command):
                finished = self.call(command, "--help")
                self.assert_status(finished, 0)
                self.assertIn("Examples:", finished.out)
                self.assertIn("Exit status:", finished.out)
                self.assertGreaterEqual(finished.out.count(f"wsrace {command}"), 2)
        overview = self.call("--help")
        self.assert_status(overview, 0)
        for command in COMMANDS:
            self.assertIn(f"  {command} ", overview.out)

    def test_a_folder_that_is_not_empty_is_left_as_it_was(self):
        kept = self.folder / "kept"
        kept.mkdir()
        (kept / "precious").write_text("data")
        finished = self.call("run", self.write(valid()), "--out", kept)
        self.assert_status(finished, 2)
        self.assertIn("not empty", finished.err)
        self.assertEqual([file.name for file in kept.iterdir()], ["precious"])

    def test_report_wants_the_folder_of_a_run(self):
        finished = self.call("report", self.folder)
        self.assert_status(finished, 2)
        self.assertIn("not the folder of a run", finished.err)
        self.assert_status(self.call("report", self.folder / "missing"), 2)


class Resources(WrongInput):
    def test_too_many_users_for_the_descriptor_limit_are_told_before_anything_starts(self):
        finished = self.rejected(self.write(valid(users={"count": 500})), preexec=at_most_256_files)
        self.assertIn("500 users", finished.err)
        self.assertIn("file descriptors", finished.err)
        self.assertRegex(finished.err, r"at most \d+ users fit")

    def test_as_many_users_as_were_said_to_fit_do_fit(self):
        scenario = valid(users={"count": 500}, thresholds={"connection_success": False, "golden_path": False},
                         journey=["login", "connect", "await_welcome", {"pause": "500ms"}, "close"])
        message = self.rejected(self.write(scenario), preexec=at_most_256_files).err
        fit = int(message.split("at most ")[1].split(" users")[0])
        folder = self.folder / "fits"
        finished = self.call("run", self.write(scenario), "--users", fit, "--out", folder,
                             preexec=at_most_256_files)
        finished.folder = folder
        self.assert_status(finished, 0)
        self.assertEqual(finished.verdict["counts"]["connected"], fit)

    def test_no_descriptors_at_all_is_a_refusal_and_no_crash(self):
        finished = self.rejected(self.write(valid()), preexec=at_most_64_files)
        self.assertIn("file descriptors", finished.err)


class Servers(EndToEnd):
    """A server that cannot be started is the target's fault, not the input's: inconclusive."""

    def start_server(self, *command, **server):
        return self.run_scenario(valid(target={"server": {"command": [*command], **server}}))

    def inconclusive(self, *command, **server):
        finished = self.start_server(*command, **server)
        self.assert_status(finished, 3)
        return finished

    def test_a_command_that_does_not_exist_is_named(self):
        finished = self.inconclusive("no-such-server-program", "{port}")
        self.assertIn("no-such-server-program", finished.err)
        self.assertIn("No such file", finished.err)

    def test_a_server_that_ends_at_once_is_quoted(self):
        script = "import sys; print('my last words', file=sys.stderr); sys.exit(7)"
        finished = self.inconclusive(sys.executable, "-c", script, "{port}")
        self.assertIn("exit status 7", finished.err)
        self.assertIn("my last words", finished.err)
        self.assertIn("my last words", finished.read("server.log"))

    def test_a_server_that_crashes_while_it_starts_is_a_finding(self):
        finished = self.start_server(sys.executable, "-c", "import os; os.kill(os.getpid(), 11)", "{port}")
        self.assertIn("signal 11", finished.err)
        self.assert_found(finished, "sanitizer", "SIGSEGV")

    def test_a_server_that_never_opens_its_port_is_given_up_in_time(self):
        script = "import signal; print('still thinking', flush=True); signal.pause()"
        finished = self.inconclusive(sys.executable, "-c", script, "{port}", ready_within="1s")
        self.assertIn("not its port was open within 1 s", finished.err)
        self.assertIn("still thinking", finished.err)

    def test_a_server_that_ignores_sigterm_and_its_children_are_killed(self):
        script = ("import signal, subprocess, sys\n"
                  "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                  "subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
                  "signal.pause()")
        self.inconclusive(sys.executable, "-c", script, "{port}", ready_within="1s", stop_within="1s")

    def test_users_that_arrive_with_the_spawn_wait_for_the_port(self):
        scenario = valid(users={"count": 3,
                                "arrival": {"pattern": "ramp", "over": "2s", "after": "server.spawn"}},
                         thresholds={"connection_success": False, "golden_path": False})
        finished = self.run_scenario(scenario)
        self.assertGreater(finished.verdict["counts"]["connected"], 0, finished.text())


if __name__ == "__main__":
    main()
