#!/usr/bin/env python3
"""Run offbox on the same records in every shape: the answer must not change.

    compare_shapes.py OFFBOX [--seeds 1-20] [--threads 1,4] [--records 400] [--raw-controls]

The reference reads the records from one plain file. From each shape, and
from mixtures of all with damage that loses none of them, offbox must give
the same bytes of alerts, and the same figures. Status 1 tells of a
difference.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

import compare
import rule
import shapes

OPTION_SETS = [rule.Options(), rule.Options(ipv6=True, min_ips=1)]
MIXTURES = 4  # a seed


def write_trees(every: list[bytes], folder: Path, seed: int) -> dict[str, shapes.Tree]:
    """Each by its name in `folder`; "plain" is what the reference reads."""
    trees = {shape: shapes.write_tree(every, folder / shape, seed, shape)
             for shape in shapes.SHAPES}
    for n in range(MIXTURES):
        name = f"mixture-{n}"
        trees[name] = shapes.write_tree(every, folder / name, seed + n * 1_000_000)
    (folder / "plain").mkdir()
    (folder / "plain" / "plain.json").write_bytes(b'{"Records":[' + b",\n".join(every) + b"]}")
    return {"plain": shapes.Tree(), **trees}


def ledger_differences(tree: shapes.Tree, records: int, got: dict[str, Any]) -> list[str]:
    """What the ledger says of this tree, beside what the rule decides."""
    files, wanted = got["files"], {"damaged": tree.damaged, "unreadable": 0}
    found = [f"summary.files.{name}: {files[name]}, expected {count}"
             for name, count in wanted.items() if int(files[name]) != count]
    skipped = {name: n for name, n in files["skipped"].items() if int(n)}
    if skipped:
        found.append(f"summary.files.skipped: {skipped}, expected none")
    for name, count in ("read", records), ("unreadable", tree.unreadable):
        if int(got["records"][name]) != count:
            found.append(f"summary.records.{name}: {got['records'][name]}, expected {count}")
    return found


def compare_seed(args: argparse.Namespace, seed: int, folder: Path, tally: compare.Tally) -> None:
    every = shapes.make_records(seed, args.records, args.raw_controls)
    trees = write_trees(every, folder, seed)
    dump = rule.load([folder / "plain"])
    remake = f"shapes.py --seed {seed} --records {args.records}"
    remake += " --raw-controls" * args.raw_controls

    for options in OPTION_SETS:
        alerts, summary = rule.apply_rule(dump, options)
        first: compare.Output | None = None
        for name, tree in trees.items():
            status = (1 if alerts else 0) | (4 if tree.damaged or tree.unreadable else 0)
            for threads in args.threads:
                arguments = ["-f", "json", "-j", str(threads), *compare.arguments_of(options)]
                try:
                    output = compare.run([args.offbox, *arguments, str(folder / name)])
                except compare.BadOutput as error:
                    tally.note(arguments, f"{remake} ({name})", [str(error)])
                    continue
                found = ledger_differences(tree, len(every), output.summary)
                found += compare.summary_differences(
                    {k: v for k, v in summary.items() if k != "records"}, output.summary)
                if output.status != status:
                    found.append(f"exit status {output.status}, expected {status}")
                if first is None:
                    found += compare.alert_differences(alerts, output.alerts)
                    first = output
                elif output.alerts_text != first.alerts_text:
                    found.append("not the bytes of the plain file's: " + compare.text_difference(
                        first.alerts_text, output.alerts_text))
                    found += compare.alert_differences(first.alerts, output.alerts)
                tally.note(arguments, f"{remake} ({name})", found)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("offbox", metavar="OFFBOX", help="the program to be tested")
    parser.add_argument("--seeds", type=compare.numbers, default=compare.numbers("1-20"),
                        metavar="1-20")
    parser.add_argument("--threads", type=compare.numbers, default=[1, 4], metavar="1,4")
    parser.add_argument("--records", type=int, default=400, metavar="400",
                        help="of a seed; 0: all")
    parser.add_argument("--raw-controls", action="store_true", help="control bytes in strings too")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="write the trees here")
    args = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]

    tally = compare.Tally()
    for seed in args.seeds:
        if args.keep:
            (args.keep / str(seed)).mkdir(parents=True)
            compare_seed(args, seed, args.keep / str(seed), tally)
            continue
        with tempfile.TemporaryDirectory() as folder:
            compare_seed(args, seed, Path(folder), tally)
    print(f"{tally.comparisons} comparisons, {tally.different} differences")
    return 1 if tally.different else 0


if __name__ == "__main__":
    sys.exit(main())
