"""The servers of tests/interop as commands, and how a test is skipped where their packages are missing."""

import shutil
import subprocess
import sys

from wsrace_process import SOURCE, main

FOLDER = SOURCE / "tests" / "interop"
SECRET = "interop-secret-of-this-test"
SKIPPED = 77
FASTAPI = [sys.executable, str(FOLDER / "fastapi_server.py")]
NODE = ["node", str(FOLDER / "node_server.cjs")]


def fastapi_is_there():
    return subprocess.run([sys.executable, "-c", "import fastapi, uvicorn, websockets"],
                          capture_output=True).returncode == 0


def node_is_there():
    look = "module.paths.push('/usr/share/nodejs'); require('ws')"
    has_node = shutil.which("node") is not None
    return has_node and subprocess.run(["node", "-e", look], capture_output=True).returncode == 0


def main_or_skipped(name):
    """Runs the tests; ends with 77 and a word on stderr if a package is missing and what could run passed."""
    packages = {"FastAPI": fastapi_is_there(), "Node": node_is_there()}
    missing = [package for package, there in packages.items() if not there]
    try:
        main()
    except SystemExit as end:
        if end.code in (0, None, False) and missing:
            print(f"{name}: skipped for {' and '.join(missing)}, whose packages are missing", file=sys.stderr)
            sys.exit(SKIPPED)
        raise
