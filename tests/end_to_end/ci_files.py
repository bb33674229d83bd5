"""docs/ci: the files parse, name scripts that are there, upload what they leave, and their shell steps work.

Steps are run as they stand, in a folder that looks like a checkout, with small options in the variables
that are there for it. `scripts/test.sh` alone is not: it is what runs this test. Exit status 77 when
python3-yaml is missing.
"""

import os
import re
import subprocess
import sys

from staging import Authority, KEY, minted
from wsrace_process import LIMIT, SOURCE, WSRACE, EndToEnd, ReferenceServer, main

try:
    import yaml
except ImportError:
    sys.stderr.write("ci_files: python3-yaml is missing\n")
    sys.exit(77)

FOLDER = SOURCE / "docs" / "ci"
GITHUB = sorted((FOLDER / "github").glob("*.yml"))
GITLAB = FOLDER / "gitlab-ci.yml"
NIGHT = "--seeds 1 --first-seed 7 --hunt 0 --self-test 1 --scenarios golden_path"
SUITE = "scripts/test.sh"


def github_jobs():
    """File, name and content of each job."""
    for file in GITHUB:
        for name, job in yaml.safe_load(file.read_text())["jobs"].items():
            yield file.name, name, job


def gitlab_jobs():
    return {name: job for name, job in yaml.safe_load(GITLAB.read_text()).items() if "script" in job}


def all_scripts():
    """Every line of shell in the files."""
    for _, _, job in github_jobs():
        for step in job["steps"]:
            yield from step.get("run", "").splitlines()
    for job in gitlab_jobs().values():
        yield from job["script"]


class Checkout(EndToEnd):
    def setUp(self):
        super().setUp()
        self.checkout = self.folder / "checkout"
        self.checkout.mkdir()
        for name in ("scripts", "scenarios", "profiles"):
            (self.checkout / name).symlink_to(SOURCE / name)
        self.summary = self.folder / "job-summary.md"

    def typed(self, script, **environment):
        """The lines as a runner starts them: its exit status and output."""
        names = {**os.environ, "WSRACE": WSRACE, "GITHUB_STEP_SUMMARY": str(self.summary), **environment}
        done = subprocess.run(["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
                              check=False,
                              cwd=self.checkout, env=names, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=3 * LIMIT)
        return done.returncode, f"$ {script}\n{done.stdout}"

    def server(self, *options):
        authority = Authority(self.folder)
        certificate, key = authority.sign("server", "IP:127.0.0.1")
        return authority, ReferenceServer("--tls-cert", certificate, "--tls-key", key, "--jwt-secret-env",
                                          "STAGING_KEY", *options, environment={"STAGING_KEY": KEY})

    def smoke_environment(self, authority, server):
        scenario = self.write({"name": "tiny", "profile": "netra_token", "users": {"count": 2},
                               "journey": ["login", "connect", "await_welcome",
                                           {"request": {"text": "hello {canary}"}}, "await_events", "close"]})
        return {"STAGING_URL": f"wss://127.0.0.1:{server.port}/ws", "WSRACE_TOKEN": minted(),
                "SMOKE_OPTIONS": f"--scenario {scenario} --ca-file {authority.certificate}"}

    def github(self, file, step):
        found, = [one for name, _, job in github_jobs() if name == file for one in job["steps"]
                  if one.get("name") == step]
        return found

    def assert_uploaded(self, *paths):
        """What a runner would upload is there, and holds something."""
        for path in paths:
            files = [file for file in self.checkout.glob(path.rstrip("/"))
                     if file.is_file() or any(file.iterdir())]
            self.assertTrue(files, f"{path}: nothing to upload")


class Files(Checkout):
    def test_they_name_scripts_that_are_there_with_options_that_they_know(self):
        called = [word for line in all_scripts() for word in re.findall(r"scripts/\w+\.sh", line)]
        self.assertEqual(set(called), {SUITE, "scripts/nightly_ci.sh", "scripts/staging_smoke.sh"})
        for line in all_scripts():
            for script in re.findall(r"scripts/\w+\.sh", line):
                text = (SOURCE / script).read_text()
                for option in re.findall(r"--[\w-]+", line):
                    self.assertIn(option, text, line)
        for file in (*GITHUB, GITLAB):
            for option in re.findall(r"_OPTIONS: (.*)", file.read_text()):
                for name in re.findall(r"--[\w-]+", option):
                    self.assertIn(name, (SOURCE / "scripts/nightly_ci.sh").read_text() +
                                  (SOURCE / "scripts/staging_smoke.sh").read_text())

    def test_secrets_are_names_and_rights_are_few(self):
        for file in (*GITHUB, GITLAB):
            self.assertNotRegex(file.read_text(), r"(?m)WSRACE_TOKEN: (?!\$\{\{ secrets\.)")
        for file in GITHUB:
            rights = yaml.safe_load(file.read_text())["permissions"]
            self.assertEqual(rights.pop("contents"), "read")
            self.assertLessEqual(set(rights), {"security-events"})

    def test_artefacts_are_kept_also_of_what_fails(self):
        for file, name, job in github_jobs():
            uploads = [step for step in job["steps"] if "upload" in step.get("uses", "")]
            self.assertEqual(bool(uploads), file != "tests.yml", f"{file}: {name}")
            for step in uploads:
                self.assertIn("always()", step["if"])
        for name, job in gitlab_jobs().items():
            if job["script"] != [SUITE]:
                self.assertEqual(job["artifacts"]["when"], "always", name)
                self.assertIn("junit", job["artifacts"]["reports"], name)


class GitHub(Checkout):
    def test_a_green_and_a_red_night(self):
        night, summary = self.github("nightly.yml", "Night")["run"], self.github("nightly.yml",
                                                                                 "Summary")["run"]
        status, text = self.typed(night, NIGHT_OPTIONS=NIGHT)
        self.assertEqual(status, 0, text)
        status, text = self.typed(summary, NIGHT_OPTIONS=NIGHT)
        self.assertEqual(status, 0, text)
        self.assertIn("| golden_path | 7 | pass |", self.summary.read_text())
        self.assert_uploaded(self.github("nightly.yml", "Artefacts")["with"]["path"],
                             "out/nightly/junit/*.xml")
        subprocess.run(["rm", "-r", str(self.checkout / "out"), str(self.summary)], check=True)
        server = self.folder / "server.sh"
        server.write_text(f"#!/bin/sh\necho /app/a.py:3: DeprecationWarning: old\n"
                          f"exec {WSRACE} serve --port $1 --bug first_match_router\n")
        server.chmod(0o755)
        broken = night.replace("$NIGHT_OPTIONS", f"$NIGHT_OPTIONS --server '{server} {{port}}'")
        status, text = self.typed(broken, NIGHT_OPTIONS=NIGHT)
        self.assertEqual(status, 1, text)
        status, text = self.typed(summary)
        self.assertEqual(status, 0, text)
        self.assertIn("| golden_path | 7 | fail |", self.summary.read_text())
        self.assertIn("## wsrace: FAIL golden", self.summary.read_text())
        self.assert_uploaded(self.github("nightly.yml", "Code scanning")["with"]["sarif_file"])

    def test_a_smoke_test_that_passes_and_one_that_fails(self):
        smoke, summary = (self.github("staging_smoke.yml", step)["run"] for step in ("Smoke", "Summary"))
        authority, server = self.server()
        with server:
            status, text = self.typed(smoke, **self.smoke_environment(authority, server))
        self.assertEqual(status, 0, text)
        status, text = self.typed(summary)
        self.assertEqual(status, 0, text)
        self.assertIn("## wsrace: PASS tiny", self.summary.read_text())
        self.assert_uploaded(self.github("staging_smoke.yml", "Artefacts")["with"]["path"])
        subprocess.run(["rm", "-r", str(self.checkout / "out"), str(self.summary)], check=True)
        with server:
            wrong = {**self.smoke_environment(authority, server), "WSRACE_TOKEN": "not-a-token"}
            status, text = self.typed(smoke, **wrong)
        self.assertIn(status, (1, 3), text)
        status, text = self.typed(summary)
        self.assertEqual(status, 0, text)
        self.assertNotIn("PASS", self.summary.read_text())


class GitLab(Checkout):
    def test_the_night(self):
        job = gitlab_jobs()["wsrace night"]
        status, text = self.typed("\n".join(job["script"]), NIGHT_OPTIONS=NIGHT)
        self.assertEqual(status, 0, text)
        self.assert_uploaded(*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"])

    def test_the_smoke_test(self):
        job = gitlab_jobs()["wsrace staging smoke"]
        authority, server = self.server()
        with server:
            status, text = self.typed("\n".join(job["script"]), **self.smoke_environment(authority, server))
        self.assertEqual(status, 0, text)
        self.assert_uploaded(*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"])
        status, text = self.typed("\n".join(job["script"]), STAGING_URL="wss://prod.example.com/ws",
                                  WSRACE_TOKEN="x",
                                  SMOKE_OPTIONS="")
        self.assertEqual(status, 2, text)


if __name__ == "__main__":
    main()
