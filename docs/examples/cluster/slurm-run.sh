#!/usr/bin/env bash
# offbox as a Slurm job array: a task a shard, then one that makes the report.
#
#   slurm-run.sh SHARDS PARTS [OPTION]... -- PATH...
#
# PARTS is a folder that all nodes share; it gets the partials, the logs and the
# report. OPTION is one that decides which events count (--policy, --since …).
# Prints the number of the job that makes the report.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
shards=$1 parts=$2
mkdir -p "$parts"

# --requeue: a task whose node dies runs again, and writes its partial anew.
map=$(sbatch --parsable --job-name=offbox-map --array="1-$shards" --requeue \
    --open-mode=append --output="$parts/map-%a.log" "$here/slurm-map.sh" "$@")
sbatch --parsable --job-name=offbox-reduce --requeue --open-mode=append \
    --dependency="afterok:$map" --kill-on-invalid-dep=yes \
    --output="$parts/reduce.log" --wrap "$(printf '%q ' "$here/reduce.sh" "$@")"
