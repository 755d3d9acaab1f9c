#!/usr/bin/env bash
# How many instructions a scan takes for a byte of its input, held under a
# bound: callgrind's counts repeat exactly, so what gets slower shows here
# and not in a noisy timing.
#
#   instructions_test.sh OFFBOX GENERATE
#
# GENERATE is the benchmark's generator. SSE2 is forced, which every x86-64
# has, so that the count does not depend on the machine's newest registers.
#
# Exit status: 0 under the bound, 1 over it, 77 there is no valgrind, this
# is no x86-64, or the program cannot run under it (a sanitizer's build).

set -u
offbox=$1
generate=$2

skip()
{
    echo "skipped: $*"
    exit 77
}

command -v valgrind >/dev/null || skip "there is no valgrind"
[ "$(uname -m)" = x86_64 ] || skip "the bound is for x86-64"
if nm -D "$offbox" 2>/dev/null | grep -Eq '__(asan|tsan|ubsan)_'; then
    skip "a sanitizer's build counts more"
fi

# Instructions a byte, by library: a tenth above what was measured with
# gcc 12 at -O3 (tests/instructions_test.sh prints the figure).
case $("$offbox" --version) in
*ISA-L*) bound=21.3 ;;
*) bound=26.3 ;;
esac

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
"$generate" std "$work/std" --scale 0.01 >/dev/null || exit 1

OFFBOX_SIMD=sse2 valgrind --tool=callgrind --callgrind-out-file="$work/out" \
    "$offbox" -j1 -q -f none --summary "$work/summary" "$work/std/AWSLogs" 2>"$work/log"
status=$?
[ "$status" -le 1 ] || { cat "$work/log"; exit 1; }

count=$(sed -n 's/.*Collected : //p' "$work/log")
bytes=$(sed -n 's/.*"unpacked": //p' "$work/summary")
awk -v count="$count" -v bytes="$bytes" -v bound="$bound" 'BEGIN {
    per_byte = count / bytes
    printf "%.2f instructions a byte, bound %.2f\n", per_byte, bound
    exit !(bytes > 0 && per_byte <= bound)
}'
