#!/usr/bin/env bash
# Every night: does wsrace still see, and what do the scenarios find?
#
#   scripts/nightly_ci.sh [--server 'CMD {port}'] [--scenarios 'NAME NAME'] [--seeds N] [--first-seed S] [--hunt MINUTES]
#                         [--memory FILE] [--store FILE] [--label TEXT] [--self-test BUGS] [--limit MINUTES] [--out DIR]
#
# First the self-test with 12 bugs: if it finds that wsrace is blind, nothing else is played. Then every scenario under N seeds (default 3, the
# first one is today's date), against the reference server that it names, or against the server that is given, with the scenarios
# that ask nothing of it but the protocol. Last a hunt with the first of them (default 5 minutes, 0: none), which shrinks what it
# finds; FILE keeps what it has learned for the next night. It all ends within the limit (default 60 minutes), and what was not
# played by then is named. What came of each run is kept in the store (default DIR/runs.sqlite; give one that outlives DIR to see
# trends over nights), with TEXT saying what was tested, and nightly.md ends with what `wsrace history` says of it.
#
# Left in DIR (default out/nightly): nightly.md; a run's folder for each scenario and seed, and that of the hunt; junit/ with the
# junit.xml of all runs, whose test cases are told apart by the seed's number (1, 2, ...: the same every night); sarif/ with
# results for code scanning, one file for each scenario that has some. Called again with the same DIR it goes on where it was stopped. WSRACE names another program than the release build.
# Exit status: 0 all passed, 1 violations, 2 usage, 3 inconclusive: blind, a run that proves nothing, or out of time; 130 interrupted.
set -euo pipefail
cd "$(dirname "$0")/.."
trap 'exit 130' INT TERM

usage() {
    sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' scripts/nightly_ci.sh >&2
    echo "nightly_ci: $1" >&2
    exit 2
}

number() { # OPTION VALUE
    [[ $2 =~ ^[1-9][0-9]{0,8}$ ]] || usage "$1 $2: expected a whole number, 1 at least"
}

out=out/nightly
server=
scenarios=
seeds=3
first_seed=$(date +%Y%m%d)
limit=60
hunt=5
memory=
store=
label=
sample=12
while [[ $# -gt 0 ]]; do
    [[ $# -ge 2 ]] || usage "$1: expected an option and its value"
    case "$1" in
    --out) out=$2 ;;
    --server) server=$2 ;;
    --scenarios) scenarios=$2 ;;
    --seeds) number "$1" "$2" && seeds=$2 ;;
    --first-seed) number "$1" "$2" && first_seed=$2 ;;
    --hunt) [[ $2 == 0 ]] || number "$1" "$2" && hunt=$2 ;;
    --memory) memory=$2 ;;
    --store) store=$2 ;;
    --label) label=$2 ;;
    --self-test) number "$1" "$2" && sample=$2 ;;
    --limit) number "$1" "$2" && limit=$2 ;;
    *) usage "unknown option $1" ;;
    esac
    shift 2
done
end=$((SECONDS + limit * 60))

wsrace=${WSRACE:-build/release/harness/wsrace}
if [[ -z ${WSRACE:-} && ! -x $wsrace ]]; then
    scripts/setup.sh
    scripts/build.sh release wsrace
fi

# Scenarios that need nothing but the protocol; the others name options of the reference server.
portable='golden_path conversation handshake_storm multi_tab interleaved_runs ping_during_run drop_during_run disconnect_storm witness'
if [[ -z $scenarios ]]; then
    if [[ -n $server ]]; then
        scenarios=$portable
    else
        # staging_smoke needs a URL, two_threads a build with ThreadSanitizer.
        scenarios=$(cd scenarios && printf '%s\n' *.json | sed 's/\.json$//' | grep -vx 'staging_smoke\|two_threads' | tr '\n' ' ')
    fi
fi
read -ra names <<<"$scenarios"
for name in "${names[@]}"; do "$wsrace" check "$name" >/dev/null || exit 2; done
mkdir -p "$out"
given=${server:+ --server \'$server\'}
if [[ -f $out/server && $(cat "$out/server") != "$server" ]]; then
    usage "--out $out: holds a night against another server ($(cat "$out/server")); give another folder"
fi
echo "$server" >"$out/server"

# A store that cannot be used costs the night its place in the trend, not the night.
store=${store:-$out/runs.sqlite}
mkdir -p "$(dirname "$store")" || usage "--store $store: its folder cannot be made"
not_stored=
if [[ -e $store ]]; then
    not_stored=$("$wsrace" history --store "$store" --last 1 2>&1 >/dev/null) || true
    if [[ ! -w $store ]]; then not_stored="$store: is read-only"; fi
fi
if [[ -n $not_stored ]]; then
    echo "nightly_ci: nothing of this night is stored: $not_stored" >&2
fi

echo "== self-test =="
status=0
"$wsrace" selftest --sample "$sample" || status=$?
if [[ $status -ne 0 ]]; then
    echo "nightly_ci: the self-test did not pass (exit status $status): nothing was played, since nothing would be proved"
    exit "$([[ $status -eq 130 ]] && echo 130 || echo 3)"
fi

keep=(--store "$store")
if [[ -n $label ]]; then keep+=(--label "$label"); fi
if [[ -n $not_stored ]]; then keep=(); fi

# One run; its exit status is in the folder when it has ended by itself.
play() { # NAME SEED
    local folder=$out/$1-$2 left=$((end - SECONDS)) status=0
    if [[ -f $folder/status ]]; then return; fi
    rm -rf "$folder"
    if [[ $left -le 0 ]]; then return; fi
    timeout --foreground --signal=INT --kill-after=10 "$left" \
        env --unset=WSRACE_STORE "$wsrace" run "$1" --seed "$2" --out "$folder" --quiet ${server:+--server "$server"} \
        "${keep[@]}" || status=$?
    if [[ $status -eq 130 ]]; then exit 130; fi
    if [[ $status -ne 124 ]]; then echo "$status" >"$folder/status"; fi
}

echo "== ${#names[@]} scenarios x $seeds seeds, from seed $first_seed =="
for ((seed = first_seed; seed < first_seed + seeds; ++seed)); do
    for name in "${names[@]}"; do play "$name" "$seed"; done
done

# What the scenarios cannot: timings that nobody thought of.
hunt_for() { # SCENARIO
    local folder=$out/hunt-$1-$first_seed left=$((end - SECONDS)) budget=$((hunt * 60)) status=0
    if [[ $hunt -eq 0 || -f $folder/status ]]; then return; fi
    if [[ $budget -gt $((left - 30)) ]]; then budget=$((left - 30)); fi
    if [[ $budget -le 0 ]]; then return; fi
    rm -rf "$folder"
    echo "== hunt with $1 for $budget s =="
    timeout --foreground --signal=INT --kill-after=10 "$left" \
        "$wsrace" hunt "$1" --seed "$first_seed" --budget "${budget}s" --out "$folder" --quiet \
        ${memory:+--memory "$memory"} ${server:+--server "$server"} || status=$?
    if [[ $status -eq 130 ]]; then exit 130; fi
    if [[ $status -ne 124 ]]; then echo "$status" >"$folder/status"; fi
}
hunt_for "${names[0]}"

word() { # EXIT STATUS
    case "$1" in
    0) echo pass ;; 1) echo fail ;; 3) echo inconclusive ;; '') echo 'not played' ;; *) echo "exit status $1" ;;
    esac
}

# For readers that take test cases of one name for one, and results of one scenario for all of its results.
rm -rf "$out/junit" "$out/sarif"
mkdir "$out/junit" "$out/sarif"
for name in "${names[@]}"; do
    for ((number = 1; number <= seeds; ++number)); do
        folder=$out/$name-$((first_seed + number - 1))
        if [[ ! -f $folder/status ]]; then continue; fi
        if [[ -f $folder/junit.xml ]]; then
            sed "s/ classname=\"wsrace\.[^\"]*/&.$number/; s/<testsuite name=\"wsrace\.[^\"]*/&.$number/" \
                "$folder/junit.xml" >"$out/junit/$name-$number.xml"
        fi
        if [[ -f $folder/results.sarif ]]; then cp --no-clobber "$folder/results.sarif" "$out/sarif/$name.sarif"; fi
    done
done

passed=0 failed=0 inconclusive=0
count() { # EXIT STATUS
    case "$1" in
    0) passed=$((passed + 1)) ;;
    1) failed=$((failed + 1)) ;;
    *) inconclusive=$((inconclusive + 1)) ;;
    esac
}
{
    echo "# Night from seed $first_seed"
    echo
    echo "${server:-The reference server, as each scenario names it}"
    echo
    echo '| scenario | seed | verdict | to repeat it |'
    echo '|---|---|---|---|'
    for name in "${names[@]}"; do
        for ((seed = first_seed; seed < first_seed + seeds; ++seed)); do
            status=$(cat "$out/$name-$seed/status" 2>/dev/null || true)
            count "$status"
            echo "| $name | $seed | $(word "$status") | \`wsrace run $name --seed $seed$given\` |"
        done
    done
    if [[ $hunt -ne 0 ]]; then
        status=$(cat "$out/hunt-${names[0]}-$first_seed/status" 2>/dev/null || true)
        count "$status"
        echo "| hunt with ${names[0]} | $first_seed | $(word "$status") | \`wsrace hunt ${names[0]} --seed $first_seed$given\` |"
    fi
    hunted=$out/hunt-${names[0]}-$first_seed/hunt.md
    if [[ -f $hunted ]] && grep --quiet '^Seen ' "$hunted"; then
        printf '\n## What the hunt found\n\n'
        # Signatures, what is left of their plans and how to repeat them; hunt.md has each step that led there.
        sed -n '/^## Strategies/q; /^## /,$ { /^|/d; s/^## /### /; p }' "$hunted"
    fi
    printf '\n## Over time\n\n'
    if [[ -n $not_stored ]]; then
        echo "Nothing of this night is stored: $not_stored"
    elif [[ -e $store ]]; then
        echo '```'
        "$wsrace" history --store "$store" 2>&1 || true # a trend that cannot be shown costs nothing else
        echo '```'
    else
        echo 'No run has been stored.'
    fi
} >"$out/nightly.md.new"
mv "$out/nightly.md.new" "$out/nightly.md"

echo "nightly_ci: $passed passed, $failed failed, $inconclusive inconclusive or not played; $out/nightly.md"
if [[ $failed -gt 0 ]]; then exit 1; fi
if [[ $inconclusive -gt 0 ]]; then exit 3; fi
