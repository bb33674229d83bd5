#!/usr/bin/env bash
# Builds and passes the tests.
#
#   scripts/test.sh          the suite, in the development build
#   scripts/test.sh --all    also lint, ThreadSanitizer, AddressSanitizer + UBSan with GCC and with Clang, and a fresh install
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh --all

run_preset() {
    echo
    echo "== $1 =="
    scripts/build.sh "$1"
    ctest --preset "$1" --parallel 2
}

if [[ "${1:-}" == "--all" ]]; then
    scripts/lint.sh
    run_preset dev
    run_preset tsan
    run_preset asan
    run_preset clang
    scripts/fresh_install.sh
else
    run_preset dev
fi
