#!/usr/bin/env bash
# Is the deployment well? A few real users, one minute, over verified TLS, gently.
#
#   scripts/staging_smoke.sh URL [--token-command 'CMD'] [--ca-file FILE] [--users N] [--scenario NAME|FILE]
#                            [--deny 'PATTERN ...'] [--seed S] [--out DIR]
#
# URL is wss://...; ws:// only on this machine. The users' token comes from WSRACE_TOKEN, or CMD prints it: never from the command line,
# where everybody on the machine can read it. FILE has the certificates of an authority that the system does not know.
# The scenario (default staging_smoke) is played without any fault, whatever it names.
#
# What looks like production is refused: hosts that match WSRACE_DENY_HOSTS (patterns with * and ?; there is a default) or --deny.
# At most 50 users, and 20 new connections within a second, reach another machine; `wsrace run --remote-users N` may raise that.
#
# Printed: the verdict, the service levels with their 95 % intervals, the checks. Left in DIR (default out/staging_smoke-TIME): the run's
# folder, with junit.xml and summary.md. WSRACE names another program than the release build.
# Exit status: 0 pass, 1 violations, 2 usage or refused, 3 inconclusive or not reachable, 130 interrupted.
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/.."

usage() {
    sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' scripts/staging_smoke.sh >&2
    echo "staging_smoke: $1" >&2
    exit 2
}

from_here() { # PATH: as the caller meant it
    case "$1" in /*) printf '%s\n' "$1" ;; *) printf '%s\n' "$here/$1" ;; esac
}

production='prod prod-* prod.* *-prod *-prod.* *-prod-* *.prod *.prod.* *.prod-* *production* live.* *.live.* www.*'
export WSRACE_DENY_HOSTS=${WSRACE_DENY_HOSTS-$production}

url=
scenario=staging_smoke
token_command=
out=out/staging_smoke-$(date +%Y%m%d-%H%M%S)
options=()
while [[ $# -gt 0 ]]; do
    if [[ $1 != -* ]]; then
        [[ -z $url ]] || usage "$1: expected one URL only"
        url=$1
        shift
        continue
    fi
    [[ $# -ge 2 ]] || usage "$1: expected an option and its value"
    case "$1" in
    --token-command) token_command=$2 ;;
    --ca-file) options+=(--set "target.tls.ca_file=$(from_here "$2")") ;;
    --users | --seed) options+=("$1" "$2") ;;
    --scenario) if [[ $2 == */* || $2 == *.json ]]; then scenario=$(from_here "$2"); else scenario=$2; fi ;;
    --deny) WSRACE_DENY_HOSTS="$WSRACE_DENY_HOSTS $2" ;;
    --out) out=$(from_here "$2") ;;
    --token | --password | --secret) usage "$1: not on the command line, where everybody can read it; use WSRACE_TOKEN or --token-command" ;;
    *) usage "unknown option $1" ;;
    esac
    shift 2
done
this_machine='^ws://(127(\.[0-9]+){3}|localhost|\[::1\])([:/]|$)'
if [[ -z $url ]]; then
    usage 'expected the URL of the deployment, as wss://staging.example.com/ws'
elif [[ $url == ws://* && ! $url =~ $this_machine ]]; then
    usage 'found ws://..., where tokens would cross the network in the open; expected wss://...'
elif [[ $url != ws://* && $url != wss://* ]]; then
    usage "found ${url%%:*}, which is no URL of a deployment; expected wss://..."
fi

wsrace=${WSRACE:-build/release/harness/wsrace}
if [[ -z ${WSRACE:-} && ! -x $wsrace ]]; then
    scripts/setup.sh
    scripts/build.sh release wsrace
fi

if [[ -n $token_command ]]; then
    if ! WSRACE_TOKEN=$(bash -c "$token_command") || [[ -z $WSRACE_TOKEN ]]; then
        echo 'staging_smoke: the token command failed, or printed nothing' >&2
        exit 2
    fi
    export WSRACE_TOKEN
fi

exec "$wsrace" run "$scenario" --target "$url" --set 'faults=[]' --out "$out" "${options[@]}"
