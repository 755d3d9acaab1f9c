#!/usr/bin/env python3
"""The N shards of a tree hold each of its inputs once, wherever it lies.

    shard_test.py OFFBOX

The sample trees of fixtures/, with links, a file named twice and a folder
that cannot be read, are scanned whole and in shards. For each N

  - the figures of the ledger that count inputs, bytes and records add up to
    those of the whole,
  - a shard is the same under another mount point, as a list of whole paths in
    any order, and as a list with the folder's name in it.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
SHARDS = [1, 2, 3, 7, 40]
ADDED = ["files", "bytes", "records"]


def figures(node: dict, prefix: str = "") -> dict[str, int]:
    """The numbers of an object's members, by path."""
    found = {}
    for name, value in node.items():
        if isinstance(value, dict):
            found |= figures(value, f"{prefix}{name}/")
        else:
            found[prefix + name] = value
    return found


def scan(program: Path, arguments: list[str | Path], user: int | None = None) -> tuple[dict, str]:
    """What a run counts, and its warnings."""
    done = subprocess.run([program, "-q", "-f", "json", *arguments], capture_output=True,
                          text=True, errors="replace", timeout=60, check=False, user=user)
    summary = json.loads(done.stdout)["summary"]
    return {part: figures(summary[part]) for part in ADDED}, done.stderr


def make_tree(top: Path) -> None:
    shutil.copytree(FIXTURES, top)
    (top / "link").symlink_to("stolen")
    (top / "closed").mkdir()
    (top / "closed" / "hidden.json").write_text("{}")
    (top / "closed").chmod(0)
    file = next((top / "stolen").rglob("*.json.gz"))
    os.link(file, top / "rule" / file.name)


def main() -> int:
    program = Path(sys.argv[1]).resolve()
    wrong = []
    with tempfile.TemporaryDirectory() as made:
        here, there = Path(made) / "here", Path(made) / "other" / "mount" / "point"
        make_tree(here)
        there.parent.mkdir(parents=True)
        there.symlink_to(here)
        Path(made).chmod(0o755)
        # Root may look into any folder.
        user = 65534 if os.geteuid() == 0 else None
        if user and subprocess.run(["true"], user=user, check=False).returncode != 0:
            user = None
        if user:  # who may not look into the folder that it was built in
            program = Path(shutil.copy(program, made))

        paths = [str(path) for path in here.rglob("*") if not path.is_dir() and not path.is_symlink()]
        paths += [str(here / "closed")]
        random.Random(1).shuffle(paths)
        listed = Path(made) / "list"
        listed.write_text("\n".join(paths) + "\n")

        whole, _ = scan(program, [here], user)
        whole_list, _ = scan(program, ["--files-from", listed], user)
        if whole["files"]["unreadable"] == 0 and user:
            wrong.append("the closed folder was read")
        for count in SHARDS:
            total = {part: dict.fromkeys(whole[part], 0) for part in ADDED}
            total_list = {part: dict.fromkeys(whole[part], 0) for part in ADDED}
            warned = 0
            for number in range(1, count + 1):
                shard = ["--shard", f"{number}/{count}"]
                one, said = scan(program, [*shard, here], user)
                moved, _ = scan(program, [*shard, there], user)
                named, _ = scan(program, [*shard, "--files-from", listed], user)
                warned += "cannot be read here" in said
                if moved != one:
                    wrong.append(f"{number}/{count}: another mount point, another shard")
                for part in ADDED:
                    for name in whole[part]:
                        total[part][name] += one[part][name]
                        total_list[part][name] += named[part][name]
            if total != whole:
                wrong.append(f"shards of {count} give {total}, the whole {whole}")
            if total_list != whole_list:
                wrong.append(f"a list's shards of {count} give {total_list}, the whole {whole_list}")
            if user and warned != count - 1:
                wrong.append(f"{warned} of {count} shards warned of the other's closed folder")
        (here / "closed").chmod(0o755)
    print("\n".join(wrong) if wrong else
          f"{whole['files']['found']} inputs, shards of {', '.join(map(str, SHARDS))}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
