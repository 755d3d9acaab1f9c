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

# Instructions a byte, by library, of a scan and with --extended: a tenth above
# what was measured with gcc 12 at -O3 (this script prints the figures).
case $("$offbox" --version) in
*ISA-L*) bound=14.3 extended_bound=15.2 ;;
*) bound=19.4 extended_bound=20.3 ;;
esac

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
"$generate" std "$work/std" --scale 0.01 >/dev/null || exit 1

# hold BOUND [OPTION…]
hold()
{
    local bound=$1 count bytes
    shift
    OFFBOX_SIMD=sse2 valgrind --tool=callgrind --callgrind-out-file="$work/out" \
        "$offbox" -j1 -q -f none "$@" --summary "$work/summary" \
        "$work/std/AWSLogs" 2>"$work/log"
    [ $? -le 1 ] || { cat "$work/log"; return 1; }
    count=$(sed -n 's/.*Collected : //p' "$work/log")
    bytes=$(sed -n 's/.*"unpacked": //p' "$work/summary")
    awk -v count="$count" -v bytes="$bytes" -v bound="$bound" -v of="$*" 'BEGIN {
        per_byte = count / bytes
        printf "%.2f instructions a byte%s, bound %.2f\n", per_byte,
               of == "" ? "" : " with " of, bound
        exit !(bytes > 0 && per_byte <= bound)
    }'
}

ret=0
hold "$bound" || ret=1
hold "$extended_bound" --extended || ret=1
exit "$ret"
