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
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
STOLEN = str(FIXTURES / "stolen" / "AWSLogs")
CODE = re.compile(r"\x1b\[[0-9;]*m")


def expect(holds: bool, *what: object) -> None:
    if not holds:
        raise SystemExit("terminal_test.py: " + " ".join(map(str, what)))


def on_terminal(command: list[str], columns: int = 0, streams: str = "out",
                feed: Callable[[subprocess.Popen[bytes]], None] | None = None,
                **environment: str) -> tuple[str, str, int]:
    """Runs `command` with a terminal for the streams that are named, and with
    what `feed` writes as its standard input; returns what arrived there, what
    the pipe for standard output got, the status."""
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
        command, stdin=subprocess.PIPE if feed else subprocess.DEVNULL, env=clean | environment,
        stdout=theirs if "out" in streams else subprocess.PIPE,
        stderr=theirs if "err" in streams else subprocess.DEVNULL)
    os.close(theirs)
    reader = threading.Thread(target=collect)
    reader.start()
    if feed:
        feed(process)
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


ERASE = "\r\x1b[K"
READ = (r"(?: *(\d+)%  )?[\d.]+ [KMGT]?B(?: of ([\d.]+ [KMGT]?B))?, [\d.]+ [KMGT]?B/s"
        r"(?:, (?:\d+:)?\d+:\d\d left)?")
PROGRESS = re.compile(READ + r", \d+ events? kept")
AGAIN = re.compile(r"again " + READ)


def progress_lines(text: str) -> list[str]:
    """What was drawn and erased again."""
    return [line for line in text.split(ERASE)[1:-1] if line]


def check_progress_of_parts(offbox: str) -> None:
    """One line over all hours that a state folds; one for a second reading."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([offbox, "-j1", "--progress", "always", "--timeframe", "2000w",
                               "--state", f"{folder}/state", STOLEN], capture_output=True, check=False)
        lines = progress_lines(done.stderr.decode())
        totals = {PROGRESS.fullmatch(line)[2] for line in lines}  # type: ignore[index]
        expect(done.returncode == 1 and len(lines) >= 1 and len(totals) == 1, "folded:", done.stderr)
        copy = Path(folder) / "copies.jsonl"
        first = (FIXTURES / "rule" / "A02.jsonl").read_text()
        copy.write_text(first + first.replace("Boto3", "Boto4"))
        done = subprocess.run([offbox, "-j1", "--progress", "always", str(copy)], capture_output=True,
                              check=False)
        lines = progress_lines(done.stderr.decode())
        expect(any(AGAIN.fullmatch(line) for line in lines) and
               any(PROGRESS.fullmatch(line) for line in lines), "read again:", done.stderr)


def check_progress(offbox: str) -> None:
    record = (FIXTURES / "shapes" / "lines.jsonl").read_bytes()
    seconds = 0.0

    def slowly(process: subprocess.Popen[bytes]) -> None:
        nonlocal seconds
        begin = time.monotonic()
        assert process.stdin
        for _ in range(40):
            process.stdin.write(record)
            process.stdin.flush()
            time.sleep(0.02)
        seconds = time.monotonic() - begin

    plain = subprocess.run([offbox, "-"], input=record * 40, capture_output=True, check=False)

    # On one terminal with the results: it is gone before they begin.
    text, _, status = on_terminal([offbox, "--color", "never", "-"], 400, "out err", slowly, TERM="xterm")
    lines = progress_lines(text)
    expect(1 <= len(lines) <= 10 * seconds + 2, len(lines), "lines in", seconds, "seconds")
    for line in lines:
        expect(PROGRESS.fullmatch(line) is not None, "a line:", line)
    last = text.rpartition(ERASE)[2]
    expect(last.startswith("1 alert among") or last.startswith("no alert"), "mixed with results:", last)
    expect(status == plain.returncode and plain.stderr.decode().splitlines()[-1] in last, status, last)

    # Nobody asked, or nobody looks.
    for options, environment in ((["-q"], {"TERM": "xterm"}), (["--progress", "never"], {"TERM": "xterm"}),
                                 (["-q", "--progress", "always"], {"TERM": "xterm"}),
                                 ([], {"TERM": "dumb"}), ([], {})):
        text, _, _ = on_terminal([offbox, *options, "-"], 80, "err", slowly, **environment)
        expect("\x1b" not in text and "\r" not in text, options, environment, text)
    done = subprocess.run([offbox, "-j4", STOLEN], capture_output=True, check=False)
    expect(b"\r" not in done.stderr, done.stderr)

    # Where the size is known, at any number of threads (more than inputs:
    # one inflates ahead); the results are the same to the byte.
    for threads in ("1", "2", "9"):
        command = [offbox, "-j", threads, "--progress", "always", STOLEN]
        done = subprocess.run(command, capture_output=True, check=False)
        seen = done.stderr.decode()
        lines = progress_lines(seen)
        expect(len(lines) >= 1, "nothing was drawn:", seen)
        for line in lines:
            match = PROGRESS.fullmatch(line)
            expect(match is not None and match[1] is not None and int(match[1]) <= 100, line)
        without = subprocess.run([offbox, "-j", threads, STOLEN], capture_output=True, check=False)
        expect(done.stdout == without.stdout, "the results differ")
        expect(seen.rpartition(ERASE)[2] == without.stderr.decode(), seen)

    check_progress_of_parts(offbox)

    # The line does not wrap.
    text, _, _ = on_terminal([offbox, "--progress", "always", "-"], 20, "err", slowly, TERM="xterm")
    expect(bool(progress_lines(text)) and all(len(line) < 20 for line in progress_lines(text)), text)

    # A signal leaves no line behind.
    def kill(process: subprocess.Popen[bytes]) -> None:
        assert process.stdin
        process.stdin.write(record * 20)
        process.stdin.flush()
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)

    text, _, status = on_terminal([offbox, "--progress", "always", "-"], 80, "err", kill, TERM="xterm")
    expect(status == -signal.SIGTERM and text.endswith(ERASE) and len(text) > 2 * len(ERASE), status, text)


def main() -> None:
    offbox = sys.argv[1]
    check_colours(offbox)
    check_width(offbox, [STOLEN])
    check_progress(offbox)
    check_width(offbox, [str(path) for path in sorted((FIXTURES / "hostile").glob("*.jsonl"))])


if __name__ == "__main__":
    main()
