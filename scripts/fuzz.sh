#!/usr/bin/env bash
# Fuzzes whatever reads bytes from outside (tests/fuzz), two targets side by side.
#
#   scripts/fuzz.sh [SECONDS [TARGET...]]   for so long each, 600 if nothing is said; all targets
#   scripts/fuzz.sh --merge [TARGET...]     adds to tests/fuzz/corpus what runs have found that reaches new code
#
# What breaks a target is kept in build/fuzz/findings/TARGET; exit status 1 then, and the command that replays it.
# What is new but breaks nothing is in build/fuzz/corpus/TARGET, where the next run goes on from.
set -euo pipefail
cd "$(dirname "$0")/.."

known=(answers frames histories output plans scenarios streams)
side_by_side=2
most_files=60 # of a corpus in the repository
most_bytes=180000
declare -A longest_input=([output]=20000 [plans]=8000) # lines of more than 8 KiB are a case of their own; plans are long
seconds=600
merge=no

case "${1:-}" in
--merge) merge=yes; shift ;;
'') ;;
*[!0-9]*) echo "fuzz.sh: \"$1\" is no number of seconds, and no option (known: --merge)" >&2; exit 2 ;;
*) seconds=$1; shift ;;
esac
targets=("$@")
if [[ ${#targets[@]} -eq 0 ]]; then targets=("${known[@]}"); fi
for target in "${targets[@]}"; do
    [[ " ${known[*]} " == *" $target "* ]] || { echo "fuzz.sh: unknown target \"$target\"; known: ${known[*]}" >&2; exit 2; }
done

scripts/build.sh fuzz "${targets[@]/#/fuzz_}" >&2

# Histories are files: not on a disk.
if [[ -d /dev/shm && -w /dev/shm ]]; then export TMPDIR=/dev/shm; fi
export UBSAN_OPTIONS=print_stacktrace=1

fuzz() { # TARGET
    local target=$1
    local program=build/fuzz/tests/fuzz/fuzz_$target findings=build/fuzz/findings/$target
    local own=build/fuzz/corpus/$target log=build/fuzz/findings/$target.log status=0
    mkdir -p "$findings" "$own"
    "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len="${longest_input[$target]:-4096}" -use_value_profile=1 \
        -dict="tests/fuzz/dictionaries/$target.dict" -artifact_prefix="$findings/" -print_final_stats=1 \
        ${WSRACE_FUZZ_SEED:+-seed="$WSRACE_FUZZ_SEED"} \
        "$own" "tests/fuzz/corpus/$target" >"$log" 2>&1 || status=$?
    local runs covered
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
    covered=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 || true)
    echo "$target: ${runs:-no} executions, ${covered:-cov: 0} edges, $(find "$own" -type f | wc -l) inputs of its own"
    [[ $status -eq 0 ]] && return 0
    local file
    file=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
    grep -m 2 -A 1 -E '^does not hold|runtime error: |^==[0-9]+== ?ERROR' "$log" >&2 || tail -n 5 "$log" >&2
    if [[ -n $file ]]; then
        echo "$target: a finding (status $status) is in $file; replay it with: $program $file" >&2
    else
        echo "$target: ended with status $status and left no input; see $log" >&2
    fi
    return 1
}

# A cover of the code by few inputs. Of those that are new the longest come first, until the corpus is full.
merge() { # TARGET
    local target=$1 corpus=tests/fuzz/corpus/$1 cover file
    cover=$(mktemp --directory)
    cp "$corpus"/* "$cover"
    build/fuzz/tests/fuzz/fuzz_"$target" -set_cover_merge=1 -use_counters=0 -max_len="${longest_input[$target]:-4096}" \
        "$cover" "build/fuzz/corpus/$target" >"build/fuzz/findings/$target.log" 2>&1
    while read -r file; do
        [[ $(find "$corpus" -type f | wc -l) -lt $most_files ]] || break
        [[ $(du -sb "$corpus" | cut -f 1) -lt $most_bytes ]] || break
        cp "$file" "$corpus"
    done < <(find "$cover" -type f -printf '%s %p\n' | sort --numeric-sort --reverse | cut -d ' ' -f 2)
    rm -r "$cover"
    echo "$target: $(find "$corpus" -type f | wc -l) inputs, $(du -sb "$corpus" | cut -f 1) bytes"
}

if [[ $merge == yes ]]; then
    for target in "${targets[@]}"; do merge "$target"; done
    exit 0
fi

running=()
for target in "${targets[@]}"; do
    while [[ $(jobs -rp | wc -l) -ge $side_by_side ]]; do wait -n || true; done
    fuzz "$target" &
    running+=($!)
done
failed=0
for job in "${running[@]}"; do wait "$job" || failed=1; done
exit "$failed"
