"""Where and with what it was measured."""

import hashlib
import os
import platform
import re
import subprocess
from pathlib import Path

from configurations import SOURCE


def first_match(pattern, text, otherwise="unknown"):
    found = re.search(pattern, text, re.MULTILINE)
    return found[1].strip() if found else otherwise


def output_of(*command):
    try:
        finished = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, check=False)
    except OSError:  # not installed
        return ""
    return finished.stdout.strip() if finished.returncode == 0 else ""


def commit():
    """The sources' commit, and whether anything but documents differs from it."""
    revision = output_of("git", "rev-parse", "--short=12", "HEAD")
    changed = output_of("git", "status", "--porcelain", "--", ".", ":!docs", ":!*.md")
    return (revision or "unknown") + (" with changes" if changed else "")


def build_of(program):
    """Build type and compiler of the folder that the program was built in."""
    for folder in Path(program).resolve().parents:
        cache = folder / "CMakeCache.txt"
        if cache.exists():
            text = cache.read_text(errors="replace")
            kind = first_match(r"^CMAKE_BUILD_TYPE:\w+=(.*)$", text)
            flags = first_match(rf"^CMAKE_CXX_FLAGS_{kind.upper()}:\w+=(.*)$", text, "")
            compiler = output_of(first_match(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", text, "c++"), "--version")
            compiler = compiler.partition("\n")[0] or "unknown compiler"
            return f"preset {folder.name} ({kind}, {flags}), {compiler}"
    return "not in a build folder"


def digest_of(program):
    return hashlib.sha256(Path(program).read_bytes()).hexdigest()[:16]


def shown_path(path):
    """A path that says something on other machines, too."""
    path = Path(path).resolve()
    return str(path.relative_to(SOURCE)) if path.is_relative_to(SOURCE) else path.name


def describe(program):
    memory = int(first_match(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), "0")) / 2**20
    processor = first_match(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), platform.machine())
    release = Path("/etc/os-release")
    system = first_match(r'^PRETTY_NAME="?([^"\n]*)', release.read_text() if release.exists() else "")
    return {"machine": f"{processor}, {os.cpu_count()} cores, {memory:.1f} GiB",
            "system": f"{system}, {platform.system()} {platform.release()}",
            "version": output_of(str(program), "--version") or "unknown version",
            "program": digest_of(program), "commit": commit(), "build": build_of(program)}
