#!/bin/sh
# Reports a violation and waits for the verdict, with curl alone:
#
#   WARROOM_PUBLIC_URL=https://warroom.acme.test WARROOM_GATE_TOKEN=… sh gate.sh violation.json
#
# Exit code 0: allow. 1: block. 2: the bot has refused the question. 3: not known, since it doesn't
# answer. The same file again is the same report: it names its commit, and finds its verdict.
set -eu

asked=0
answer() { # of the bot; what is given goes to curl
    while :; do
        said=$(printf 'header = "Authorization: Bearer %s"\n' "$WARROOM_GATE_TOKEN" |
            curl --config - --silent --show-error --max-time 40 --write-out '\n%{http_code}' "$@") || said="
000"
        status=${said##*
}
        case $status in
        2??) asked=0 && return ;;
        000 | 429 | 5??) ;;
        *) echo "$said" >&2 && exit 2 ;;
        esac
        asked=$((asked + 1))
        if [ "$asked" -gt "${WARROOM_TRIES:-60}" ]; then
            echo "not known: $WARROOM_PUBLIC_URL doesn't answer; blocked" >&2
            exit 3
        fi
        sleep "${WARROOM_PAUSE:-5}" # what the bot says in Retry-After
    done
}

# The first of a name in an answer is the whole violation's; a quote in a text has a backslash before it.
field() { printf '%s' "$said" | grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

key=$(sha256sum "$1" | cut -c 1-64)
answer --header "Content-Type: application/json" --header "Idempotency-Key: $key" \
    --data-binary "@$1" "$WARROOM_PUBLIC_URL/gate"
id=$(field violation_id)
echo "war room: $(field room)"
wait=0
while :; do
    answer "$WARROOM_PUBLIC_URL/gate/$id?wait=$wait"
    case $(field verdict) in
    allow) echo "allow: $(field reason)" && exit 0 ;;
    block) echo "block: $(field reason)" && exit 1 ;;
    esac
    wait=25
done
