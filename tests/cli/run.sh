#!/usr/bin/env bash
# Runs the program from outside and compares every byte it prints.
#
#   run.sh [--update] [NAME]...       all of them without a NAME
#
# A case is a folder NAME/ beside this file:
#   cmd      a bash snippet; its exit status is the case's. It runs in an
#            empty temporary folder, with FIXTURES (absolute) and THREADS
#            set and pipefail on. There
#              offbox ARGUMENT...  is the program at that many threads,
#              pick PATH...        prints chosen members of JSON (pick.py),
#              skip WORD...        skips the case: exit status 77.
#   stdout   what it must print; absent = nothing
#   stderr   the same
#   exit     the status it must end with; absent = 0
#
# The environment gives OFFBOX, the program (default: build/offbox), and
# THREADS (default: 1). --update writes stdout, stderr and exit anew.
#
# Exit status: 0 all as expected, 1 not so, 77 everything was skipped.

set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) || exit 1
root=$(cd "$here/../.." && pwd) || exit 1

update=false
if [ "${1-}" = --update ]; then
    update=true
    shift
fi
if [ $# -eq 0 ]; then
    cd "$here" && set -- */cmd && set -- "${@%/cmd}"
fi

OFFBOX=$(realpath -- "${OFFBOX:-$root/build/offbox}") || exit 1
[ -x "$OFFBOX" ] || { echo "run.sh: no program at $OFFBOX" >&2; exit 1; }
export OFFBOX
export THREADS=${THREADS:-1}
export FIXTURES=$root/fixtures
export PICK=$here/pick.py
export LC_ALL=C TZ=UTC
unset NO_COLOR

temporary=$(mktemp -d) || exit 1
trap 'chmod -R u+rwx "$temporary"; rm -rf "$temporary"' EXIT

# Runs case $1; leaves stdout, stderr and exit in $2.
run_case()
{
    local case=$1 got=$2 work=$2/work

    mkdir -p "$work"
    (cd "$work" && HOME=$work exec bash -o pipefail -c '
        offbox() { "$OFFBOX" -j "$THREADS" "$@"; }
        pick() { python3 -B "$PICK" "$@"; }
        skip() { echo "$*"; exit 77; }
        . "$1"' bash "$case/cmd") <"/dev/null" >"$got/stdout" 2>"$got/stderr"
    echo $? >"$got/exit"
}

# Does output $1 of case $2 match, to the byte?
check_output()
{
    local name=$1 case=$2 got=$3 expected=$2/$1

    [ -e "$expected" ] || expected=$3/empty
    cmp -s "$expected" "$got/$name" && return 0
    diff -au --label "expected $name" --label "got $name" "$expected" "$got/$name"
    return 1
}

update_case()
{
    local case=$1 got=$2 name

    for name in stdout stderr; do
        if [ -s "$got/$name" ]; then
            cp "$got/$name" "$case/$name"
        else
            rm -f "$case/$name"
        fi
    done
    if [ "$(cat "$got/exit")" = 0 ]; then
        rm -f "$case/exit"
    else
        cp "$got/exit" "$case/exit"
    fi
}

passed=0 skipped=0 failed=0
for name; do
    case=$here/$name got=$temporary/$name
    if [ ! -f "$case/cmd" ]; then
        echo "run.sh: no such case: $name" >&2
        failed=$((failed + 1))
        continue
    fi
    if grep -qw pick "$case/cmd" && ! command -v python3 >/dev/null; then
        echo "skipped: $name: there is no python3"
        skipped=$((skipped + 1))
        continue
    fi
    mkdir -p "$got"
    : >"$got/empty"
    echo 0 >"$got/zero"
    run_case "$case" "$got"

    if [ "$(cat "$got/exit")" = 77 ]; then
        echo "skipped: $name: $(cat "$got/stdout" "$got/stderr")"
        skipped=$((skipped + 1))
        continue
    fi
    if $update; then
        update_case "$case" "$got"
        echo "updated: $name"
        continue
    fi

    good=true
    check_output stdout "$case" "$got" || good=false
    check_output stderr "$case" "$got" || good=false
    expected=$case/exit
    [ -e "$expected" ] || expected=$got/zero
    if [ "$(cat "$expected")" != "$(cat "$got/exit")" ]; then
        echo "expected exit status $(cat "$expected"), got $(cat "$got/exit")"
        good=false
    fi
    if $good; then
        passed=$((passed + 1))
    else
        echo "FAILED: $name (at $THREADS threads)"
        failed=$((failed + 1))
    fi
done

$update || echo "$passed passed, $skipped skipped, $failed failed"
[ $failed -eq 0 ] || exit 1
[ $passed -gt 0 ] || [ $skipped -eq 0 ] || exit 77
