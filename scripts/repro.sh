#!/usr/bin/env bash
# What a night has found, on your machine: builds wsrace if that is needed, plays the plan again, and says how often it fails.
#
#   scripts/repro.sh PLAN|FOLDER [--fixed] [--times N] [--server 'CMD {port}'] [OPTION...]
#
# PLAN is a reproducer.json or a run's plan.json; FOLDER holds one: a run's, a race's (race-1), or what was downloaded of a night,
# whose plans are listed then. --fixed: is it fixed? plays until that can be said. OPTION: any of `wsrace repro`.
#
# Printed: p with its 95 % interval, and where a failing run is kept. WSRACE names another program than the release build.
# Exit status: 0 it did not fail (--fixed: fixed), 1 it failed (still there), 2 usage, 3 nothing can be said, 130 interrupted.
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/.."

usage() {
    sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' scripts/repro.sh >&2
    echo "repro: $1" >&2
    exit 2
}

[[ $# -gt 0 && $1 != -* ]] || usage 'expected a plan or a folder first'
case "$1" in /*) plan=$1 ;; *) plan=$here/$1 ;; esac
shift
[[ -e $plan ]] || usage "$plan: no such file or folder"

if [[ -d $plan && ! -f $plan/reproducer.json && ! -f $plan/plan.json ]]; then
    mapfile -t found < <({ find "$plan" -name reproducer.json && grep -rlx 1 --include=status "$plan"; } | sort)
    [[ ${#found[@]} -gt 0 ]] || usage "$plan: no reproducer.json or plan.json in it, and no failed run below it"
    echo "repro: $plan holds several; one of:" >&2
    for file in "${found[@]}"; do
        if [[ -f ${file%/*}/reproducer.json || -f ${file%/*}/plan.json ]]; then echo "  scripts/repro.sh ${file%/*}" >&2; fi
    done
    exit 2
fi

wsrace=${WSRACE:-build/release/harness/wsrace}
if [[ -z ${WSRACE:-} && ! -x $wsrace ]]; then
    scripts/setup.sh
    scripts/build.sh release wsrace
fi
exec "$wsrace" repro "$plan" "$@"
