"""scripts/staging_smoke.sh against the reference server over wss, with a test's own authority: pass, a bug, a
wrong certificate, what looks like production, a missing token, and nothing secret on any command line."""

import base64
import hashlib
import hmac
import json
import os
import subprocess
import time

from wsrace_process import LIMIT, SOURCE, WSRACE, EndToEnd, Finished, ReferenceServer, main

KEY = "a-signing-key-of-the-test-7f31"
NOWHERE = "wss://192.0.2.1:9/ws"  # reserved for documentation: nobody is there


def minted(subject="smoke-user"):
    """A token as the deployment's authentication service would give to a person."""
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    signed = b".".join([part({"alg": "HS256", "typ": "JWT"}),
                        part({"sub": subject, "exp": int(time.time()) + 3600, "permissions": ["chat"]})])
    signature = hmac.new(KEY.encode(), signed, hashlib.sha256).digest()
    return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


class Authority:
    """A certificate authority that no system knows, and certificates that it has signed."""

    def __init__(self, folder):
        self.folder = folder
        self.certificate, self.key = folder / "ca.pem", folder / "ca-key.pem"
        openssl("req", "-x509", "-newkey", "ec", "-nodes", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-days", 2,
                "-subj", "/CN=staging test authority", "-keyout", self.key, "-out", self.certificate)

    def sign(self, name, alternative):
        """Certificate and key of a server that goes by this alternative name."""
        request, key = self.folder / f"{name}.csr", self.folder / f"{name}-key.pem"
        certificate, names = self.folder / f"{name}.pem", self.folder / f"{name}.ext"
        names.write_text(f"subjectAltName={alternative}\n")
        openssl("req", "-new", "-newkey", "ec", "-nodes", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key,
                "-CAcreateserial",
                "-days", 2, "-extfile", names, "-out", certificate)
        return certificate, key


class StagingSmoke(EndToEnd):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self.folder)
        self.scenario = self.shorter()

    def shorter(self):
        """The shipped scenario with two conversations for each user, without the minute between them."""
        scenario = json.loads((SOURCE / "scenarios" / "staging_smoke.json").read_text())
        scenario["users"]["arrival"]["over"] = "200ms"
        repeated, = [step for step in scenario["journey"] if "repeat" in step]
        repeated["repeat"]["times"] = 2
        pause, = [step for step in repeated["repeat"]["steps"] if "pause" in step]
        pause["pause"] = {"uniform": ["1ms", "50ms"]}
        scenario["name"] = "short_smoke"
        del scenario["$schema"]
        return self.write(scenario)

    def server(self, *options, alternative="IP:127.0.0.1"):
        certificate, key = self.authority.sign("server", alternative)
        return ReferenceServer("--tls-cert", certificate, "--tls-key", key, "--jwt-secret-env", "STAGING_KEY",
                               *options, environment={"STAGING_KEY": KEY})

    def smoke(self, url, *options, token=None, scenario=None, environment=None, directory=None):
        """The script to its end. The token is in the environment, or nowhere."""
        self.runs += 1
        folder = self.folder / f"run-{self.runs}"
        command = [str(word) for word in
                   (SOURCE / "scripts" / "staging_smoke.sh", url, "--scenario", scenario or self.scenario,
                    "--out", folder, *options)]
        known = {name: value for name, value in os.environ.items()
                 if name not in ("WSRACE_TOKEN", "WSRACE_DENY_HOSTS")}
        known.update({"WSRACE": WSRACE, **({"WSRACE_TOKEN": token} if token else {}), **(environment or {})})
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                              timeout=LIMIT, env=known, cwd=directory)
        return Finished(command, done.returncode, done.stdout, done.stderr, folder)

    def trusted(self, server, *options, token=None, **more):
        return self.smoke(f"wss://127.0.0.1:{server.port}/ws", "--ca-file", self.authority.certificate,
                          *options,
                          token=token or minted(), **more)

    def assert_refused(self, finished, *words):
        """Exit status 2, a message with these words, and nothing was begun."""
        self.assert_status(finished, 2)
        for word in words:
            self.assertIn(word, finished.err, finished.text())
        self.assertFalse(finished.folder.exists(), finished.text())

    def test_a_sound_deployment_passes_and_the_service_levels_have_intervals(self):
        token = minted()
        with self.server() as server:
            finished = self.trusted(server, token=token)
        self.assert_status(finished, 0)
        self.assert_artefacts(finished)
        self.assertRegex(finished.out, r"(?m)^PASS short_smoke")
        self.assertRegex(finished.out, r"connection_success +100 % \([\d.]+ % to 100 %\)")
        self.assertRegex(finished.out, r"golden_path +100 % \([\d.]+ % to 100 %\)")
        self.assertEqual(finished.verdict["counts"]["runs_completed"], 15)
        signature = token.rsplit(".", 1)[1]
        for text in (finished.out, finished.err, *(file.read_bytes().decode("latin-1")
                                                   for file in finished.folder.iterdir())):
            self.assertNotIn(signature, text)

    def test_the_shipped_scenario_takes_a_minute_and_stays_gentle(self):
        explained = self.call("check", "staging_smoke")
        self.assert_status(explained, 0)
        scenario = json.loads((SOURCE / "scenarios" / "staging_smoke.json").read_text())
        self.assertLessEqual(scenario["users"]["count"], 5)
        repeat, = [step["repeat"] for step in scenario["journey"] if "repeat" in step]
        pause, = [step["pause"]["uniform"] for step in repeat["steps"] if "pause" in step]
        longest = repeat["times"] * float(pause[1].rstrip("s"))
        self.assertTrue(30 <= longest <= 60, longest)

    def test_a_bug_of_the_deployment_fails(self):
        with self.server("--bug", "close_one_closes_all", "--step-delay", "20ms") as server:
            finished = self.trusted(server)
        self.assert_status(finished, 1)
        self.assert_artefacts(finished)
        self.assertRegex(finished.out, r"(?m)^FAIL short_smoke")

    def test_a_certificate_that_is_not_the_hosts_or_not_trusted_is_a_failure(self):
        with self.server(alternative="DNS:staging.example.com") as server:
            finished = self.trusted(server)
        self.assertIn(finished.status, (1, 3), finished.text())
        self.assertIn("tls_failed", finished.read("verdict.json"))
        self.assertEqual(finished.verdict["counts"]["connected"], 0)
        with self.server() as server:
            finished = self.smoke(f"wss://127.0.0.1:{server.port}/ws", token=minted())
        self.assertIn(finished.status, (1, 3), finished.text())
        self.assertIn("tls_failed", finished.read("verdict.json"))
        self.assertEqual(finished.verdict["counts"]["connected"], 0)

    def test_what_looks_like_production_is_refused(self):
        for host in ("prod.example.com", "api.prod.example.com", "chat-prod.example.com",
                     "PRODUCTION.example.com",
                     "www.example.com", "live.example.com."):
            with self.subTest(host):
                self.assert_refused(self.smoke(f"wss://{host}/ws", token=minted()), "deny list",
                                    host.rstrip("."))
        with self.server() as server:
            refused = self.trusted(server, "--deny", "10.* 127.0.0.*")
            self.assert_refused(refused, "deny list", "127.0.0.*")
            own = {"WSRACE_DENY_HOSTS": "127.0.0.1"}
            self.assert_refused(self.trusted(server, environment=own), "deny list")
            self.assert_status(self.trusted(server, environment={"WSRACE_DENY_HOSTS": "127.0.0.2"}), 0)

    def test_every_command_that_takes_a_target_obeys_the_deny_list(self):
        denied = {"WSRACE_DENY_HOSTS": "*.prod.example.com", "WSRACE_TOKEN": minted()}
        url = "wss://api.prod.example.com/ws"
        for words in (["run", self.scenario, "--target", url], ["hunt", self.scenario, "--target", url],
                      ["proxy", "--upstream", "api.prod.example.com:443"]):
            with self.subTest(words[0]):
                out = [] if words[0] == "proxy" else ["--out", self.folder / "denied"]
                finished = self.call(*words, *out, environment=denied)
                self.assert_status(finished, 2)
                self.assertIn("deny list (WSRACE_DENY_HOSTS: *.prod.example.com)", finished.err)
        with self.server() as server:
            finished = self.trusted(server)
        for command in ("repro", "shrink"):
            with self.subTest(command):
                stored = self.call(command, finished.folder, "--target", url, "--out", self.folder / "denied",
                                   environment=denied)
                self.assert_status(stored, 2)
                self.assertIn("deny list", stored.err)
        self.assertFalse((self.folder / "denied").exists())

    def test_a_missing_token_is_named(self):
        with self.server() as server:
            url = f"wss://127.0.0.1:{server.port}/ws"
            finished = self.smoke(url, "--ca-file", self.authority.certificate)
            self.assert_refused(finished, "WSRACE_TOKEN")
            for command in ("exit 3", "true"):
                finished = self.smoke(url, "--token-command", command)
                self.assert_refused(finished, "token command")

    def test_a_token_that_a_command_prints_is_taken_and_not_shown(self):
        token = minted()
        (self.folder / "token").write_text(token)
        with self.server() as server:
            finished = self.smoke(f"wss://127.0.0.1:{server.port}/ws", "--ca-file", "ca.pem",
                                  "--token-command",
                                  f"cat {self.folder / 'token'}", directory=self.folder)
        self.assert_status(finished, 0)
        self.assertNotIn(token, finished.out + finished.err)

    def test_a_token_that_is_not_valid_fails(self):
        with self.server() as server:
            finished = self.trusted(server, token=minted()[:-6] + "AAAAAA")
        self.assertIn(finished.status, (1, 3), finished.text())
        self.assertIn("401", finished.read("verdict.json"))

    def test_secrets_on_the_command_line_are_refused_and_not_repeated(self):
        token = minted()
        for url, options in ((f"{NOWHERE}?token={token}", ()), (NOWHERE, ("--token", token)),
                             ("wss://user:pa55word-x@192.0.2.1/ws", ())):
            with self.subTest(options or url[:30]):
                finished = self.smoke(url, *options, token=token)
                self.assert_refused(finished)
                self.assertNotIn(token, finished.out + finished.err)
                self.assertNotIn("pa55word-x", finished.out + finished.err)

    def test_tokens_do_not_cross_a_network_in_the_open(self):
        for host in ("192.0.2.1", "127.0.0.1.example.com", "localhost.example.com:80", "127.example.com"):
            self.assert_refused(self.smoke(f"ws://{host}/ws", token=minted()), "in the open")
        with ReferenceServer("--jwt-secret-env", "STAGING_KEY", environment={"STAGING_KEY": KEY}) as server:
            self.assert_status(self.smoke(f"ws://127.0.0.1:{server.port}/ws", token=minted()), 0)
        self.assert_refused(self.smoke("https://192.0.2.1/ws", token=minted()), "expected wss://")

    def test_more_users_than_a_deployment_should_get_are_refused(self):
        self.assert_refused(self.smoke(NOWHERE, "--users", "60", token=minted()),
                            "60 users against 192.0.2.1",
                            "--remote-users 60", "--remote-rate")

    def test_faults_of_the_scenario_are_left_out(self):
        scenario = json.loads(self.scenario.read_text())
        scenario.update(name="with_faults", faults=[{"link": {"reset": True}, "after": {"event": 2}}])
        file = self.write(scenario)
        with self.server() as server:
            finished = self.trusted(server, scenario=file)
        self.assert_status(finished, 0)
        self.assertNotIn("link_faults", json.loads(finished.read("plan.json")))

    def test_wrong_input_gets_one_message(self):
        for options in (["--wrong", "1"], ["--users"], ["another"], ["--scenario", "no_such_scenario"]):
            with self.subTest(options):
                self.assert_refused(self.smoke(NOWHERE, *options, token=minted()))
        done = subprocess.run([SOURCE / "scripts" / "staging_smoke.sh"], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("expected the URL", done.stderr)


if __name__ == "__main__":
    main()
