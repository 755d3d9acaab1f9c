#!/usr/bin/env bash
# A history on a disk without room: nothing is lost, nothing half written,
# and the alerts come again until there is room. The disk is a tmpfs of a few
# pages, which root can mount, and others in a name space of their own.
#
#   full_disk_test.sh OFFBOX

set -u
if [ "${2-}" != inside ]; then
    OFFBOX=$(realpath -- "$1") || exit 1
    how=(unshare -m)
    [ "$(id -u)" -eq 0 ] || how=(unshare -rm)
    temporary=$(mktemp -d) && mkdir "$temporary/disk" || exit 1
    trap 'rm -rf "$temporary"' EXIT
    "${how[@]}" mount -t tmpfs -o size=64k tmpfs "$temporary/disk" 2>/dev/null ||
        { echo "no tmpfs can be mounted here"; exit 77; }
    "${how[@]}" bash "${BASH_SOURCE[0]}" "$OFFBOX" inside "$temporary"
    exit
fi

OFFBOX=$1
fixtures=$(realpath -- "$(dirname "${BASH_SOURCE[0]}")/../fixtures") || exit 1
export LC_ALL=C
cd "$3" || exit 1
mount -t tmpfs -o size=64k tmpfs disk || exit 1

failed=0
# expect STATUS WORDS OPTION...: the status, words on standard error, the
# history as it was (or, at status 0 and 1, as it came to be), no other file.
expect()
{
    local status=$1 words=$2 got wrong=
    shift 2

    "$OFFBOX" -q -f jsonl --history disk/history.jsonl --now 2022-02-22T12:00:00Z \
        "$@" "$fixtures/rule/A02.jsonl" >alerts.jsonl 2>stderr
    got=$?
    [ $got -eq "$status" ] || wrong="status $got, expected $status"
    [ -z "$words" ] || grep -q -- "$words" stderr || wrong="standard error does not say: $words"
    [ "$status" -lt 2 ] || cmp -s disk/history.jsonl before || wrong="the history is not as it was"
    [ "$status" -ne 3 ] || [ -s alerts.jsonl ] || wrong="the alert was not given"
    [ "$(cd disk && echo *)" = "filler history.jsonl history.jsonl.lock" ] ||
        wrong="left behind: $(ls disk)"
    [ -n "$wrong" ] || return 0
    echo "$*: $wrong"
    cat stderr
    failed=$((failed + 1))
}

entry='{"AlertedAt":"2022-02-22T11:00:00Z","RuleId":"0240","DedupFields":"x","DedupEntity":"x"}'
for i in {1..100}; do echo "$entry"; done >disk/history.jsonl
touch disk/history.jsonl.lock
cp disk/history.jsonl before
head -c 1000000 /dev/zero >disk/filler 2>/dev/null # until it is full

expect 3 "cannot write the history 'disk/history.jsonl': write failed: No space left on device"
expect 3 "cannot write 'disk/alerts.json': write failed: No space left on device" -o disk/alerts.json
expect 3 "cannot write the history"

: >disk/filler # there is room again
expect 1 ''
[ "$(wc -l <disk/history.jsonl)" -eq 101 ] || { echo "the history was not written"; failed=1; }
expect 0 ''

[ $failed -eq 0 ] || exit 1
