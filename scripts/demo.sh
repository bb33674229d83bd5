#!/usr/bin/env bash
# The main job, shown: 200 users against the embedded reference server, correct; then the same with a real bug switched on.
# Installs what is missing, builds, and takes less than a minute after that. The development build is the quickest to make, and the
# one that the tests need; WSRACE_PRESET=release is the one to work with.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh
preset=${WSRACE_PRESET:-dev}
scripts/build.sh "$preset" wsrace

wsrace=build/$preset/harness/wsrace
out=$(mktemp --directory -t wsrace-demo-XXXXXX)

echo
echo "== 1. The correct server: expected to pass =="
"$wsrace" run scenarios/golden_path.json --seed 1 --out "$out/correct"

echo
echo "== 2. The same with the bug shared_manager (one global manager, its socket overwritten by each connect): expected to fail =="
status=0
"$wsrace" run scenarios/golden_path.json --seed 1 --out "$out/shared_manager" \
    --server 'wsrace serve --port {port} --bug shared_manager' || status=$?
echo
if [[ $status -ne 1 ]]; then
    echo "demo: the bug was not found (exit status $status)" >&2
    exit 1
fi
echo "demo: the correct server passed, the bug was found and named. Artefacts: $out"
