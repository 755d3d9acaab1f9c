#!/usr/bin/env bash
# The report of all partials: SHARDS PARTS [OPTION]... [-- PATH...]
#
# Every part is named as an argument, so that one that is missing is an error
# (status 2) and not a smaller report.
set -euo pipefail

shards=$1 parts=$2
shift 2
options=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    options+=("$1")
    shift
done

names=()
for ((shard = 1; shard <= shards; shard++)); do
    names+=("$parts/part-$shard.jsonl.gz")
done

status=0
offbox "${options[@]}" -o "$parts/report.jsonl" -o "$parts/report.html" \
    --summary "$parts/summary.json" "${names[@]}" >"$parts/report.txt" || status=$?

# Alerts (1) and damaged inputs (4) are no failure of the job; they stand in
# the report and in its summary.
[ $((status & 2)) -eq 0 ]
