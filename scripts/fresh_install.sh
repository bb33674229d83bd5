#!/usr/bin/env bash
# A new user's first minutes: clone into an empty folder, build, install, and use what was installed from somewhere else.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp --directory -t wsrace-install-XXXXXX)
trap 'rm -rf "$folder"' EXIT

echo
echo "== fresh install =="
git clone --quiet . "$folder/clone"
(
    cd "$folder/clone"
    scripts/demo.sh
    cmake --install build/dev --prefix "$folder/prefix" >/dev/null
)
rm -rf "$folder/clone"
cd "$folder"
prefix/bin/wsrace check golden_path >/dev/null
for file in man/man1/wsrace.1 bash-completion/completions/wsrace; do
    [[ -s prefix/share/$file ]] || { echo "fresh install: share/$file is missing" >&2; exit 1; }
done
prefix/bin/wsrace run golden_path --users 5 --seed 1 --quiet --out "$folder/run"
echo "fresh install: passed"
