#!/usr/bin/env bash
# The report of an AWS Batch array job: SHARDS PARTS [OPTION]... [-- PATH...]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
shards=$1 parts=$2
shift 2

case $parts in
s3://*)
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    aws s3 cp --only-show-errors --recursive --exclude '*' --include 'part-*.jsonl.gz' \
        "$parts/" "$scratch/"
    "$here/reduce.sh" "$shards" "$scratch" "$@"
    aws s3 cp --only-show-errors --recursive --exclude 'part-*' "$scratch/" "$parts/"
    ;;
*)
    "$here/reduce.sh" "$shards" "$parts" "$@"
    ;;
esac
