#!/bin/sh
# Everything that judges the source without running it: clang-format, check_style.py, shellcheck, clang-tidy.
#
#   scripts/lint.sh [--build DIR] [--changed REV]
#
#   --build DIR     a configured build folder, whose compile_commands.json clang-tidy reads; without it, no clang-tidy
#   --changed REV   format and tidy only what differs from this revision
#
# Runs all of them even if one finds something; exit status 1 if any did. clang-tidy leaves out files that include Beast or
# Asio, which take a minute each, and tests.
set -u

usage() { sed -n '2,10p' "$0" | cut -c3-; }

build=
base=
while [ $# -gt 0 ]; do
    case $1 in
    --build) build=${2:?--build needs a folder}; shift 2 ;;
    --changed) base=${2:?--changed needs a revision}; shift 2 ;;
    --help) usage; exit 0 ;;
    *) echo "lint.sh: unknown option $1" >&2; usage >&2; exit 2 ;;
    esac
done
if [ -n "$build" ]; then
    [ -f "$build/compile_commands.json" ] || { echo "lint.sh: no compile_commands.json in $build" >&2; exit 2; }
    build=$(cd "$build" && pwd)
fi
cd "$(dirname "$0")/.." || exit 2
failed=0

# The tool in the version the project is written for, else whatever there is under its plain name.
tool() { command -v "$1-$2" || command -v "$1"; }

changed_files() {
    if [ -n "$base" ]; then
        git diff --name-only --diff-filter=d "$base" -- "$@"
        git ls-files --others --exclude-standard -- "$@"
    else
        git ls-files --cached --others --exclude-standard -- "$@"
    fi
}

# The translation units to tidy: those changed, and those that name a changed header; of these, what the build compiles.
units() {
    {
        changed_files 'harness/*.cpp' 'reports/*.cpp'
        [ -z "$base" ] || changed_files 'harness/*.hpp' 'reports/*.hpp' | sed 's|^harness/||' |
            while read -r header; do grep -rlF "\"$header\"" harness reports --include='*.cpp'; done
    } | sort -u | while read -r unit; do
        grep -qF "/$unit\"" "$build/compile_commands.json" && grep -LE '#include <boost/(beast|asio)' "$unit"
    done
}

echo "== clang-format"
if format=$(tool clang-format 14); then
    changed_files '*.cpp' '*.hpp' | xargs -r "$format" --dry-run -Werror --style=file 2>&1 |
        sed -n 's/^\([^ :]*\):[0-9]*:[0-9]*: error:.*/\1: not formatted (clang-format -i)/p' | sort -u | grep . && failed=1
else
    echo "not installed"
fi

echo "== check_style"
python3 scripts/check_style.py || failed=1
python3 tests/style/check_style_test.py 2>&1 | tail -n 1 | grep -q '^OK' || { echo "its own test fails"; failed=1; }

echo "== shellcheck"
if command -v shellcheck >/dev/null; then
    git ls-files --cached --others --exclude-standard -- '*.sh' | xargs -r shellcheck || failed=1
else
    echo "not installed"
fi

if [ -n "$build" ]; then
    echo "== clang-tidy"
    if tidy=$(tool clang-tidy 16); then
        # The warnings that the database switches off by GCC's names are unknown to clang.
        units | xargs -r -P 2 -n 3 "$tidy" -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option 2>&1 |
            grep -vE '^[0-9]+ (warning|error)s? |^Suppressed|^Use -header-filter|^Error while processing|^$' && failed=1
    else
        echo "not installed"
    fi
fi

[ "$failed" = 0 ] && echo "lint: clean"
exit "$failed"
