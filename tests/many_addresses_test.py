#!/usr/bin/env python3
"""Workers that all see the same many addresses hold them once, and say the same as one.

    many_addresses_test.py OFFBOX          what is said, of FEW addresses
    many_addresses_test.py OFFBOX PEAK     what is held, of MANY

People call from each address in each file. The thief of an instance's credentials is at one of
these. PEAK (bench/peak.c) measures the memory.
"""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

FILES = 3
FEW = 25_000    # over what a worker keeps to itself (WORKER_ADDRESSES_MAX)
MANY = 400_000
BYTES_EACH = 200
ACCOUNT = "111122223333"
INSTANCE = "i-0123456789abcdef0"


def address(number: int) -> str:
    """Each in a /64 of its own, since those are one location."""
    return f"2001:db8:{number >> 16:x}:{number & 0xffff:x}::1"


def record(event: str, at: str, identity: dict[str, object]) -> str:
    return json.dumps({
        "eventVersion": "1.08", "userIdentity": identity, "eventTime": "2024-01-01T10:00:00Z",
        "eventSource": "ec2.amazonaws.com", "eventName": "DescribeInstances",
        "awsRegion": "eu-west-1", "sourceIPAddress": at, "userAgent": "aws-cli/2.15.0",
        "requestParameters": None, "responseElements": None, "eventID": event,
        "readOnly": True, "eventType": "AwsApiCall", "managementEvent": True,
        "recipientAccountId": ACCOUNT, "eventCategory": "Management"}, separators=(",", ":"))


PERSON: dict[str, object] = {
    "type": "IAMUser", "principalId": "AIDAEXAMPLE", "accountId": ACCOUNT, "userName": "ada",
    "arn": f"arn:aws:iam::{ACCOUNT}:user/ada", "accessKeyId": "AKIAEXAMPLE"}
ROLE: dict[str, object] = {
    "type": "AssumedRole", "principalId": f"AROAEXAMPLE:{INSTANCE}", "accountId": ACCOUNT,
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/web/{INSTANCE}", "accessKeyId": "ASIAEXAMPLE"}


def write(folder: Path, number: int, count: int) -> None:
    order = list(range(count))
    random.Random(number).shuffle(order)
    texts = [record(f"{number}-{i}", address(i), PERSON) for i in order]
    if number == 0:
        texts += [record(f"own-{i}", "203.0.113.10", ROLE) for i in range(20)]
        texts += [record("stolen", address(7), ROLE)]
    with gzip.open(folder / f"{number}.json.gz", "wt", compresslevel=1) as out:
        out.write('{"Records":[' + ",".join(texts) + "]}")


def report(offbox: str, folder: Path, threads: int) -> str:
    scan = subprocess.run([offbox, "-q", "--extended", "--ipv6", "-f", "json", f"-j{threads}",
                           str(folder)], capture_output=True, text=True, check=False)
    assert scan.returncode == 1, scan.stderr
    return scan.stdout


def held(offbox: str, peak: str, folder: Path, threads: int, *options: str) -> int:
    scan = subprocess.run([peak, offbox, "-q", "-f", "none", f"-j{threads}", *options, str(folder)],
                          capture_output=True, text=True, check=True)
    return int(scan.stdout) * 1024


def main() -> int:
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: many_addresses_test.py OFFBOX [PEAK]")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = FILES if len(sys.argv) == 2 else 2
        for number in range(files):
            write(folder, number, FEW if len(sys.argv) == 2 else MANY)
        if len(sys.argv) == 2:
            alone = report(sys.argv[1], folder, 1)
            assert f"people made {FILES} calls from 2001:db8:0:7::/64" in alone, alone
            for _ in range(3):
                assert report(sys.argv[1], folder, FILES) == alone
            print("one worker and three say the same")
            return 0
        for threads in (1, 2):
            more = (held(*sys.argv[1:], folder, threads, "--extended")
                    - held(*sys.argv[1:], folder, threads))
            print(f"-j{threads}: {more / MANY:.0f} bytes an address, at most {BYTES_EACH}")
            if more > BYTES_EACH * MANY:
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
