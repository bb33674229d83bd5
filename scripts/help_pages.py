#!/usr/bin/python3
"""Makes the man page and the completion of bash, out of what `wsrace --help` and `wsrace COMMAND --help` say.

    scripts/help_pages.py WSRACE --man FILE --bash FILE [--scenarios DIR]

The build does it (harness/CMakeLists.txt), and `cmake --install` puts both where man and bash look for them.
"""
import argparse
import re
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

# `flags`: as "-q,--quiet"; `value`: what stands behind them, as "TEXT:{a,b}"; `words`: the explanation.
Option = namedtuple("Option", "flags value words")
# `usage`: the line behind "Usage:"; `rest`: examples and all that follows the options, as lines.
Page = namedtuple("Page", "name purpose usage positionals options rest")

INDENT = 12  # an explanation that has a line of its own is indented by more than this
ENTRY = re.compile(r"^  (\S.*?)(?:(?<=\S) {2,}(\S.*))?$")
HEADINGS = {"Positionals:": "positionals", "Options:": "options"}


def said(program, *words):
    done = subprocess.run([*program, *words], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        command = " ".join([*program, *words])
        sys.exit(f"help_pages: {command} ended with {done.returncode}\n{done.stderr}")
    return done.stdout.splitlines()


def entries(lines):
    """The options or positionals of a section: CLI11's two columns, or the second below a full first one."""
    found = []
    for line in lines:
        entry = ENTRY.match(line)
        if len(line) - len(line.lstrip()) > INDENT and found:
            found[-1] = found[-1]._replace(words=(found[-1].words + " " + line.strip()).strip())
        elif entry:
            flags, _, value = entry[1].partition(" ")
            found.append(Option(flags, value, (entry[2] or "").strip()))
    return found


def page_of(name, text):
    """What a command says of itself, taken apart."""
    sections, current, usage, purpose, rest = {"positionals": [], "options": []}, None, "", [], []
    for line in text:
        if line in HEADINGS:
            current = HEADINGS[line]
        elif line.startswith("Usage:"):
            usage, current = line[len("Usage:"):].strip(), "usage"
        elif current in sections and line.startswith("  "):
            sections[current].append(line)
        elif current is None:
            purpose.append(line)
        elif line and not line.startswith("  ") or rest:
            current = "rest"
            rest.append(line)
    return Page(name, " ".join(purpose).strip(), usage, entries(sections["positionals"]),
                entries(sections["options"]), rest)


def commands_of(text):
    """Name and purpose of each command, as `wsrace --help` lists them."""
    return [match.groups() for match in map(re.compile(r"^  (\w+) +(\S.*)$").match, text) if match]


# --- man

def plain(text):
    """Text that troff shows as it is."""
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("~", r"\(ti").replace("^", r"\(ha")
    text = text.replace("'", r"\(aq").replace("`", r"\(ga")
    return r"\&" + text if text.startswith(".") else text


def man_entry(option):
    shown = r"\fB" + plain(option.flags).replace(",", r"\fR, \fB") + r"\fR"
    if option.value:
        shown += " " + plain(option.value)
    return [".TP", shown, plain(option.words) or r"\&"]


def man_rest(lines):
    """Examples and tables keep their lines; blank lines part paragraphs."""
    out, literal = [], False
    for line in lines:
        if line and not literal:
            out += [".PP", ".nf"]
            literal = True
        if not line and literal:
            out.append(".fi")
            literal = False
        elif line:
            out.append(plain(line))
    return out + ([".fi"] if literal else [])


def man_page(version, purpose, pages):
    out = [f'.TH WSRACE 1 "" "wsrace {version}" "User Commands"', ".SH NAME",
           rf"wsrace \- {plain(purpose)}", ".SH SYNOPSIS",
           r"\fBwsrace\fR \fICOMMAND\fR [\fIOPTIONS\fR]", ".br",
           r"\fBwsrace\fR \fICOMMAND\fR \fB\-\-help\fR", ".br",
           r"\fBwsrace\fR \fB\-\-version\fR", ".SH COMMANDS"]
    for page in pages:
        out += [f".SS {page.name}", plain(page.purpose), ".PP", rf"\fBUsage:\fR {plain(page.usage)}"]
        for option in page.positionals + page.options:
            out += man_entry(option)
        out += man_rest(page.rest)
    out += [".SH EXIT STATUS"]
    for status, words in ((0, "pass"), (1, "violations found"), (2, "usage or invalid input"),
                          (3, "inconclusive, or the target was not reachable"), (130, "interrupted")):
        out += [".TP", rf"\fB{status}\fR", words]
    out += [".SH ENVIRONMENT"]
    for name, words in (("WSRACE_TOKEN, WSRACE_JWT_SECRET",
                         "credentials, as the profile names them; never options"),
                        ("WSRACE_DENY_HOSTS", "patterns of hosts that nothing may be sent to"),
                        ("WSRACE_DATA",
                         "the folder with scenarios and profiles, instead of the installed one"),
                        ("NO_COLOR", "no colours on the terminal, whatever its value")):
        out += [".TP", rf"\fB{plain(name)}\fR", plain(words)]
    return "\n".join(out) + "\n"


# --- bash

def choices_of(option):
    """The values that an option takes, where its help lists them: TEXT:{a,b}."""
    listed = re.search(r"\{([\w,.-]+)\}", option.value)
    return listed[1].split(",") if listed else []


BASH = r"""# Completion of wsrace for bash; made by scripts/help_pages.py.
_wsrace() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
    local words='' choices='' scenarios='@SCENARIOS@' first=''
    COMPREPLY=()
    if [[ $COMP_CWORD -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W '@COMMANDS@ --help --version' -- "$word")
        return
    fi
    case "$command" in
@CASES@
    *) return ;;
    esac
    if [[ -n $choices ]]; then
        local last=${word##*,} # several with commas
        mapfile -t COMPREPLY < <(compgen -P "${word%"$last"}" -W "$choices" -- "$last")
    elif [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    else
        if [[ -n $first && $before != -* ]]; then mapfile -t COMPREPLY < <(compgen -W "$first" -- "$word"); fi
        local file
        compopt -o filenames 2>/dev/null
        while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$word")
    fi
}
complete -F _wsrace wsrace
"""


def bash_case(page):
    flags = " ".join(flag for option in page.options for flag in option.flags.split(","))
    first = "first=$scenarios" if any(option.flags == "SCENARIO" for option in page.positionals) else "first="
    lines = [f"    {page.name})", f"        words='{flags}' {first}"]
    listed = [(option, choices_of(option)) for option in page.options]
    if any(choices for _, choices in listed):
        lines.append('        case "$before" in')
        for option, choices in listed:
            if choices:
                lines.append(f"        {option.flags.replace(',', ' | ')}) choices='{' '.join(choices)}' ;;")
        lines.append("        esac")
    return "\n".join(lines + ["        ;;"])


def bash_file(pages, scenarios):
    return (BASH.replace("@SCENARIOS@", " ".join(scenarios))
            .replace("@COMMANDS@", " ".join(page.name for page in pages))
            .replace("@CASES@", "\n".join(map(bash_case, pages))))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("wsrace", nargs="+", help="the program, behind what it takes to start it")
    parser.add_argument("--man", type=Path, required=True)
    parser.add_argument("--bash", type=Path, required=True)
    parser.add_argument("--scenarios", type=Path, help="the folder whose scenarios are completed by name")
    options = parser.parse_args()
    overview = said(options.wsrace, "--help")
    version, _, purpose = overview[0].removeprefix("wsrace ").partition(": ")
    pages = [page_of(name, said(options.wsrace, name, "--help")) for name, _ in commands_of(overview)]
    scenarios = sorted(file.stem for file in options.scenarios.glob("*.json")) if options.scenarios else []
    options.man.parent.mkdir(parents=True, exist_ok=True)
    options.bash.parent.mkdir(parents=True, exist_ok=True)
    options.man.write_text(man_page(version, purpose, pages))
    options.bash.write_text(bash_file(pages, scenarios))


if __name__ == "__main__":
    main()
