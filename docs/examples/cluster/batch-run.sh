#!/usr/bin/env bash
# offbox as an AWS Batch array job, then one job that makes the report.
#
#   batch-run.sh QUEUE DEFINITION SHARDS PARTS [OPTION]... -- PATH...
#
# SHARDS is 2 to 10000, which is what Batch takes. PARTS: see batch-map.sh.
# DEFINITION is made of batch-job.json; its image holds offbox and these scripts
# in /opt/offbox. Prints the number of the job that makes the report.
set -euo pipefail

queue=$1 definition=$2 shards=$3
shift 2

# command SCRIPT ARGUMENT...: the JSON that submit-job wants
command()
{
    jq -nc '{command: $ARGS.positional}' --args -- "/opt/offbox/$1" "${@:2}"
}

map=$(aws batch submit-job --job-name offbox-map --job-queue "$queue" \
    --job-definition "$definition" --array-properties "size=$shards" \
    --container-overrides "$(command batch-map.sh "$@")" --query jobId --output text)
aws batch submit-job --job-name offbox-reduce --job-queue "$queue" \
    --job-definition "$definition" --depends-on "jobId=$map" \
    --container-overrides "$(command batch-reduce.sh "$@")" --query jobId --output text
