#!/usr/bin/env bash
# One child of an AWS Batch array job: SHARDS PARTS [OPTION]... -- PATH...
#
# PATH is where the container sees the trail (EFS, FSx, Mountpoint for S3). PARTS
# is a folder, or s3://BUCKET/PREFIX, which needs the aws command.
set -euo pipefail

shards=$1 parts=$2
shift 2
shard=$((AWS_BATCH_JOB_ARRAY_INDEX + 1)) # Batch counts from 0
name=part-$shard.jsonl.gz

case $parts in
s3://*)
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    offbox -q --shard "$shard/$shards" --partial "$scratch/$name" "$@"
    aws s3 cp --only-show-errors "$scratch/$name" "$parts/$name"
    ;;
*)
    mkdir -p "$parts"
    offbox -q --shard "$shard/$shards" --partial "$parts/$name" "$@"
    ;;
esac
