#!/usr/bin/env bash
# offbox on several machines with GNU parallel over ssh, then the report.
#
#   parallel-run.sh SHARDS PARTS HOSTS [OPTION]... -- PATH...
#
# HOSTS is a file with a machine a line (2/host: two jobs at a time; : is this
# machine). All of them see PATH and the folder PARTS under the same name, and
# have offbox in their PATH.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
shards=$1 parts=$2 hosts=$3
shift 3
mkdir -p "$parts"

# --retries: a shard that fails is tried again, on another machine if there is
# one; its partial is there whole or not at all.
seq "$shards" | parallel --sshloginfile "$hosts" --workdir . --retries 3 \
    --halt soon,fail=1 --joblog "$parts/joblog" --quote \
    offbox -q --shard "{}/$shards" --partial "$parts/part-{}.jsonl.gz" "$@"

"$here/reduce.sh" "$shards" "$parts" "$@"
