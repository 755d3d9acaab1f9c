#!/usr/bin/env bash
# One task of slurm-run.sh: SHARDS PARTS [OPTION]... -- PATH...
#
# SHARDS comes from outside: SLURM_ARRAY_TASK_COUNT is another number when only
# some of the tasks are submitted again.
set -euo pipefail

shards=$1 parts=$2
shift 2
part=$parts/part-$SLURM_ARRAY_TASK_ID.jsonl.gz

# Killed for want of memory, or a share that did not answer: try again.
for try in 1 2 3; do
    status=0
    offbox -q --shard "$SLURM_ARRAY_TASK_ID/$shards" --partial "$part" "$@" || status=$?
    [ $status -eq 0 ] && exit 0
    echo "try $try of shard $SLURM_ARRAY_TASK_ID/$shards ended with status $status"
done
exit $status
