#!/usr/bin/env bash
# Builds and passes the tests.
#
#   scripts/test.sh          the suite, in the development build
#   scripts/test.sh --all          also lint, ThreadSanitizer, AddressSanitizer + UBSan, some seconds of fuzzing, and a fresh
#                                  install: what CI does
#   scripts/test.sh --sanitizers   the whole suite under ThreadSanitizer, and under AddressSanitizer + UBSan with GCC and Clang
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh --all

run_preset() { # PRESET [CTEST OPTIONS...]
    local preset=$1
    shift
    echo
    echo "== $preset =="
    scripts/build.sh "$preset"
    ctest --preset "$preset" --parallel 3 "$@" # most of what may run side by side waits
}

# What threads and memory can get wrong is in the unit tests, the reference server's, and every shipped scenario on the correct
# server; what is found, faults of targets and of usage, and what the documents promise, are judged in the development build.
judged_in_dev='artefacts|behaviours|faulty_targets|gates|help_pages|ingress|interop|link_faults|run_store|staging|step_control|terminal|wrong_input|your_server'

case "${1:-}" in
--all)
    scripts/lint.sh
    run_preset dev
    run_preset tsan --exclude-regex "$judged_in_dev"
    # Clang's, as a second opinion on GCC's coroutines; the rest of it, and GCC's own, is among --sanitizers.
    run_preset clang --tests-regex 'unit|reference_server|fuzz_corpus|supervision'
    echo
    echo "== fuzz =="
    # Seconds for each target, always from the same seed; scripts/fuzz.sh alone takes ten minutes for each.
    WSRACE_FUZZ_SEED=1 scripts/fuzz.sh 5
    scripts/fresh_install.sh
    ;;
--sanitizers)
    for preset in tsan asan clang; do run_preset "$preset"; done
    ;;
"") run_preset dev ;;
*)
    echo "test.sh: unknown option $1; known: --all, --sanitizers" >&2
    exit 2
    ;;
esac
