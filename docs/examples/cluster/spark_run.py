#!/usr/bin/env python3
"""offbox on Apache Spark: a partial a shard, merged in a tree.

    spark-submit spark_run.py SHARDS PARTS [OPTION]... -- PATH...

All executors see PATH and the folder PARTS under the same name, and have offbox
where the driver has it. PARTS must be new. The last line printed
is the folder of the partials that are left:

    offbox [OPTION]... PARTS/1/part-*
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from pyspark import RDD, SparkContext

GZIP = "org.apache.hadoop.io.compress.GzipCodec"
# Partials that one task merges, and that are left to the report.
FAN_IN = int(os.environ.get("FAN_IN", "64"))


def fold(lines: RDD[str], script: str, arguments: list[str], to: Path) -> None:
    """Run `script` once a partition, with its elements as lines on standard
    input; what it prints becomes one file of the folder `to`. A task that dies
    runs elsewhere, and only what a whole one printed is kept: checkCode makes a
    failure of offbox one of the task."""
    command = shlex.join(["sh", "-c", script, "sh", *arguments])
    environment = {"PATH": os.environ["PATH"]}  # pipe() passes nothing on
    lines.pipe(command, environment, checkCode=True).saveAsTextFile(to.absolute().as_uri(), GZIP)


def main() -> int:
    shards, parts = int(sys.argv[1]), Path(sys.argv[2])
    rest = sys.argv[3:]
    options = rest[:rest.index("--")]
    spark = SparkContext(appName="offbox")

    names = [f"{shard}/{shards}" for shard in range(1, shards + 1)]
    fold(spark.parallelize(names, shards),
         'read -r shard && exec offbox -q --shard "$shard" --partial - "$@"', rest, parts / "0")

    # A partial is an input like any other, so a merge of them is the same run.
    level = 0
    while True:
        made = sorted(map(str, (parts / str(level)).glob("part-*")))
        if len(made) <= FAN_IN:
            break
        tasks = -(-len(made) // FAN_IN)
        fold(spark.parallelize(made, tasks), 'exec offbox -q --partial - --files-from - "$@"',
             options, parts / str(level + 1))
        level += 1
    spark.stop()
    print(parts / str(level))
    return 0


if __name__ == "__main__":
    sys.exit(main())
