#!/usr/bin/env python3
"""What the program does on a terminal, and only there.

    terminal_test.py OFFBOX

Runs it on a pseudo-terminal of a chosen width and environment and reads
what arrives there. Status 1, and the reason, if it is not as it should be.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
STOLEN = str(FIXTURES / "stolen" / "AWSLogs")
CODE = re.compile(r"\x1b\[[0-9;]*m")


def expect(holds: bool, *what: object) -> None:
    if not holds:
        raise SystemExit("terminal_test.py: " + " ".join(map(str, what)))


def on_terminal(command: list[str], columns: int = 0, streams: str = "out",
                **environment: str) -> tuple[str, str, int]:
    """Runs `command` with a terminal for the streams that are named; returns
    what arrived there, what the pipe for standard output got, the status."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    got: list[bytes] = []

    def collect() -> None:
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux tells the end of a terminal so
                return
            if not piece:
                return
            got.append(piece)

    clean = {name: value for name, value in os.environ.items()
             if name not in ("TERM", "COLUMNS", "NO_COLOR")}
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, env=clean | environment,
        stdout=theirs if "out" in streams else subprocess.PIPE,
        stderr=theirs if "err" in streams else subprocess.DEVNULL)
    os.close(theirs)
    reader = threading.Thread(target=collect)
    reader.start()
    piped = process.communicate(timeout=120)[0]
    reader.join()
    os.close(ours)
    return b"".join(got).decode().replace("\r\n", "\n"), (piped or b"").decode(), process.returncode


def check_colours(offbox: str) -> None:
    def coloured(*options: str, **environment: str) -> bool:
        text, _, status = on_terminal([offbox, "-q", *options, STOLEN], 300, **environment)
        expect(status == 1 and "ALERT i-0a1b2c3d4e5f60718" in text, status, text)
        return bool(CODE.search(text))

    for options, environment, wanted in (
            ([], {"TERM": "xterm"}, True),
            ([], {"TERM": "xterm", "NO_COLOR": ""}, True),
            ([], {"TERM": "xterm", "NO_COLOR": "1"}, False),
            ([], {"TERM": "dumb"}, False),
            ([], {"TERM": ""}, False),
            ([], {}, False),
            (["--color", "auto"], {"TERM": "xterm"}, True),
            (["--color=never"], {"TERM": "xterm"}, False),
            (["--color=always"], {"TERM": "dumb"}, True),
            (["--color=always"], {"TERM": "xterm", "NO_COLOR": "1"}, True)):
        expect(coloured(*options, **environment) == wanted, "colours:", options, environment)


def check_width(offbox: str, events: list[str]) -> None:
    plain = subprocess.run([offbox, "-q", *events], capture_output=True, check=False).stdout.decode()
    for columns, environment in ((40, {}), (60, {}), (80, {}), (0, {}), (120, {}), (132, {}),
                                 (200, {}), (400, {}), (300, {"COLUMNS": "80"}), (80, {"COLUMNS": "x"})):
        text, _, _ = on_terminal([offbox, "-q", *events], columns, TERM="xterm", **environment)
        text = CODE.sub("", text)
        width = int(environment.get("COLUMNS", "0").replace("x", "0")) or columns or 80
        table = re.findall(r"^(?: {4}|  > |      (?:key|agent) ).*$", text, re.M)
        expect(len(table) > 2, "no table:", text)
        for line in table:
            if width >= 72 and "2001:db8" not in line:  # below, address and times are left whole
                expect(len(line) <= width, f"wider than {width}:", line)
        for whole in re.findall(r"\d+\.\d+\.\d+\.\d+|2001:[0-9a-f:]+|\bi-0\w+|AKIA\w+|ASIA\w+", plain):
            expect(whole in text, f"{whole} is cut at {width} columns")
    # No terminal, no width.
    for environment in ({"TERM": "dumb"}, {}):
        text, _, _ = on_terminal([offbox, "-q", *events], 40, **environment)
        expect(text == plain, "a dumb terminal gets another text:", text)
    narrow = subprocess.run([offbox, "-q", *events], capture_output=True, check=False,
                            env={**os.environ, "TERM": "xterm", "COLUMNS": "40"}).stdout.decode()
    expect(narrow == plain, "a pipe's text depends on COLUMNS")


def main() -> None:
    offbox = sys.argv[1]
    check_colours(offbox)
    check_width(offbox, [STOLEN])
    check_width(offbox, [str(path) for path in sorted((FIXTURES / "hostile").glob("*.jsonl"))])


if __name__ == "__main__":
    main()
