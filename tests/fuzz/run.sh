#!/bin/bash
# Fuzz each TARGET (default: every one) until it has had SECONDS of processor
# time, which on a shared machine is not the clock's. What adds coverage goes
# into SCRATCH/TARGET, which begins as a copy of the corpus. A find ends it,
# lies in SCRATCH as found-TARGET-*, and is printed in base 64.
#
#   tests/fuzz/run.sh BUILD SCRATCH SECONDS [TARGET]...
set -euo pipefail

build=$1 scratch=$2 seconds=$3
shift 3
here=$(dirname "$0")
[ $# -gt 0 ] || set -- $(ls "$here/corpus")

# Processor seconds of the children that have ended.
spent() {
    awk '{ printf "%d\n", ($16 + $17) / hertz }' hertz="$(getconf CLK_TCK)" /proc/$$/stat
}

for target; do
    dictionary=$here/$target.dict
    [ -e "$dictionary" ] || dictionary=$here/json.dict
    mkdir -p "$scratch/$target"
    cp -n "$here/corpus/$target"/* "$scratch/$target"
    log=$scratch/$target.log
    begun=$(spent) runs=0
    while left=$((seconds - $(spent) + begun)) && [ "$left" -gt 0 ]; do
        "$build/tests/fuzz/fuzz_$target" -dict="$dictionary" -max_len=4096 \
            -max_total_time="$left" -timeout=60 -verbosity=1 -print_final_stats=1 \
            -artifact_prefix="$scratch/found-$target-" "$scratch/$target" >"$log" 2>&1 || {
            tail -n 40 "$log"
            for found in "$scratch/found-$target"-*; do base64 "$found"; done
            echo "fuzz_$target found this"
            exit 1
        }
        runs=$((runs + $(awk '/number_of_executed_units/ { print $2 }' "$log")))
    done
    echo "$target: $runs runs in $(($(spent) - begun)) s of processor time," \
        "$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1) edges"
done
