#!/usr/bin/env bash
# Builds and passes the tests.
#
#   scripts/test.sh          the suite, in the development build
#   scripts/test.sh --all    also lint, ThreadSanitizer, AddressSanitizer + UBSan with GCC and with Clang, and a fresh install
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh --all

run_preset() { # PRESET [CTEST OPTIONS...]
    local preset=$1
    shift
    echo
    echo "== $preset =="
    scripts/build.sh "$preset"
    ctest --preset "$preset" --parallel 2 "$@"
}

if [[ "${1:-}" == "--all" ]]; then
    scripts/lint.sh
    run_preset dev
    # What threads and memory can get wrong is in the unit tests, the reference server's, and every shipped scenario on the correct
    # server; what is found, faults of targets and of usage, and what the documents promise, are judged in the development build.
    run_preset tsan --exclude-regex 'artefacts|faulty_targets|wrong_input|interop|your_server'
    run_preset asan --exclude-regex 'artefacts|faulty_targets|wrong_input|interop|your_server'
    # Clang is the second opinion on GCC's coroutines.
    run_preset clang --exclude-regex 'end_to_end'
    scripts/fresh_install.sh
else
    run_preset dev
fi
