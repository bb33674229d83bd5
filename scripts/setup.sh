#!/usr/bin/env bash
# Installs what the project is built and tested with, from Debian 12 packages; what is there already stays as it is.
#
#   scripts/setup.sh          what the program needs to be built
#   scripts/setup.sh --all    the tests' and the linters' packages, too
set -euo pipefail

build_packages=(
    build-essential cmake ninja-build ccache
    libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev
    nlohmann-json3-dev libcli11-dev libfmt-dev libspdlog-dev libssl-dev libpugixml-dev libsqlite3-dev libjs-chart.js
    catch2 python3 # for configuring, which the tests are part of
)
test_packages=(
    libvalijson-dev libxml2-utils openssl util-linux git
    clang-16 libclang-rt-16-dev clang-format-14 clang-tidy-16 shellcheck # libclang-rt has libFuzzer
    python3-fastapi python3-uvicorn python3-websockets nodejs node-ws chromium
    python3-jsonschema python3-prometheus-client python3-yaml man-db groff-base # what other tools make of our files
)

wanted=("${build_packages[@]}")
if [[ "${1:-}" == "--all" ]]; then wanted+=("${test_packages[@]}"); fi

missing=()
for package in "${wanted[@]}"; do
    # A Node.js from elsewhere serves as well as Debian's, and the two may exclude each other.
    if [[ "$package" == nodejs ]] && command -v node >/dev/null; then continue; fi
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ "$status" == "installed" ]] || missing+=("$package")
done
if [[ ${#missing[@]} -eq 0 ]]; then exit 0; fi

as_root=()
if [[ "$(id --user)" -ne 0 ]]; then as_root=(sudo); fi
echo "setup: installing ${missing[*]}"
"${as_root[@]}" apt-get update --quiet=2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends \
    "${missing[@]}" >/dev/null
