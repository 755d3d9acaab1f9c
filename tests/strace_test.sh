#!/usr/bin/env bash
# From outside: the kernel refuses what the program asks for (strace -e
# inject), also in calls that are made inside the C library. This confirms on
# a sample what faults/ tests by putting another door to the system in.
#
#   strace_test.sh OFFBOX

set -u
OFFBOX=$(realpath -- "$1") || exit 1
fixtures=$(realpath -- "$(dirname "${BASH_SOURCE[0]}")/../fixtures") || exit 1
export LC_ALL=C

command -v strace >/dev/null || { echo "strace was not found"; exit 77; }
strace -o /dev/null -e inject=rename:error=EIO true 2>/dev/null || { echo "strace cannot inject here"; exit 77; }

temporary=$(mktemp -d) || exit 1
trap 'rm -rf "$temporary"' EXIT
cd "$temporary" || exit 1
# Its records and blanks fill the first read; more records stand behind.
mkdir logs && printf '%-262144s' "$(cat "$fixtures/rule/A02.jsonl")" >logs/plain.jsonl || exit 1
cat "$fixtures/rule/A05.jsonl" >>logs/plain.jsonl
gzip -nc "$fixtures/rule/A03.jsonl" >logs/packed.jsonl.gz || exit 1
offbox=("$OFFBOX" -q -f none -o alerts.jsonl logs)

echo old >alerts.jsonl
strace -f -o trace "${offbox[@]}" -j 1
status=$?
[ $status -eq 1 ] || { echo "the clean run: status $status"; exit 1; }
mv alerts.jsonl clean
mv trace clean-trace
present="alerts.jsonl clean clean-trace logs stderr trace"

# expect STATUS WORDS STRACE-OPTION...: the status, words on standard error,
# and an output that is whole or, where the program failed, the old one.
failed=0
expect()
{
    local status=$1 words=$2 got wrong=
    shift 2

    echo old >alerts.jsonl
    timeout 60 strace -f -o trace "$@" "${offbox[@]}" -j 2 2>stderr
    got=$?
    grep -q INJECTED trace || wrong="was not met"
    [ $got -eq "$status" ] || wrong="status $got, expected $status"
    [ -z "$words" ] || grep -q -- "$words" stderr || wrong="nothing on standard error says: $words"
    case $status in
    1) cmp -s clean alerts.jsonl || wrong="the output differs from a run without it" ;;
    2 | 3) [ "$(cat alerts.jsonl)" = old ] || wrong="the output is not as it was" ;;
    esac
    [ "$(echo *)" = "$present" ] || wrong="left behind: $(echo *)"
    [ -n "$wrong" ] || return
    echo "$*: $wrong"
    cat stderr
    failed=$((failed + 1))
}

# What is read.
plain=logs/plain.jsonl packed=logs/packed.jsonl.gz
expect 5 "'$plain' cannot be read: .*Too many open files" -P $plain -e inject=openat:error=EMFILE
expect 5 "'$plain' cannot be read: .*Input/output error" -P $plain -e inject=read:error=EIO
expect 5 "'$packed' cannot be read: .*Input/output error" -P $packed -e inject=read:error=EIO
expect 1 '' -P $plain -e inject=read:error=EINTR:when=1..3
expect 5 "'$plain' cannot be read: .*No such file" -P $plain -e inject=openat:error=ENOENT
expect 5 "'$plain' is damaged at byte 262144: .*has shrunk" -P $plain -e inject=read:retval=0:when=2+
expect 5 "'$packed' is damaged at byte 0: .*has shrunk" -P $packed -e inject=read:retval=0
expect 4 "'logs' cannot be read: Permission denied" -P logs -e inject=openat:error=EACCES
expect 4 "'logs' cannot be read: Input/output error" -P logs -e inject=getdents64:error=EIO

# What is written.
expect 3 "'alerts.jsonl': write failed: No space left on device" -e inject=write:error=ENOSPC:when=1
expect 3 "'alerts.jsonl': sync failed: Input/output error" -e inject=fsync:error=EIO:when=1
expect 3 "'alerts.jsonl': rename failed: Input/output error" -e inject=rename:error=EIO
expect 3 "'alerts.jsonl': cannot set its mode: Operation not permitted" -e inject=fchmod:error=EPERM

# Threads: the work is done without.
expect 1 '' -e inject=clone3,clone:error=EAGAIN

# Memory, from the last block on that is taken before a file is read: the first
# ones are the loader's. brk() begins with two questions, and is refused not by
# an error but by what it returns.
blocks=$(sed '/openat.*"logs\/p/q' clean-trace | grep -c 'mmap(')
expect 2 'error: out of memory' -e inject=mmap:error=ENOMEM:when="$blocks"+ -e inject=brk:retval=0:when=3+

[ $failed -eq 0 ] || exit 1
