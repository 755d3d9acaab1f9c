#!/usr/bin/env python3
"""Who may use whom: the rules of docs/architecture.md, held by a test.

    check_includes.py [ROOT]
    check_includes.py --self-test

Reads every .c and .h under ROOT (default: this checkout), prints each
violation as `file:line: what`, and exits with 1 if there is one.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

# A room uses itself and what stands before it. "src" are the files
# directly in src/: the whole trip as one call, threads, the public face.
ROOMS = ["src/base", "src/input", "src/event", "src/detect", "src/evidence", "src/state",
         "src/report", "src", "src/cli", "src/pages"]

# The library's own face is implemented by one file and used by programs.
PUBLIC_HEADER_USERS = re.compile(r"src/offbox\.c|src/cli/.*")

# Headers that only the named files know: each library has one door.
DOORS = [
    # cJSON: how it is called, and one file a use: records, AWS's address
    # ranges, the history, partials.
    (re.compile(r"(?:.*/)?cJSON\.h"),
     re.compile(r"src/base/cjson_object\.c|src/event/extract_dom\.c|"
                r"src/detect/ip_ranges\.c|src/state/(?:history|line_members|partial_(?:dictionary|members|reader))\.c")),
    (re.compile(r"zlib\.h"), re.compile(r"src/input/inflate_zlib\.c|src/base/pack\.c")),
    (re.compile(r"(?:isa-l|(?:isa-l/)?igzip_lib)\.h"), re.compile(r"src/input/inflate_isal\.c")),
    (re.compile(r"maxminddb\.h"), re.compile(r"src/base/address_db_maxmind\.c")),
    (re.compile(r"pthread\.h|threads\.h"), re.compile(r"src/parallel\.c|src/base/sys\.c")),
    (re.compile(r"[a-z]*intrin\.h|arm_\w+\.h"), re.compile(r"src/input/delimit_\w+\.c|src/base/(plain_run\.h|brackets\.h|find\.c|index\.c)")),
]

# The public header must compile anywhere.
STANDARD_HEADERS = set("""
    assert.h complex.h ctype.h errno.h fenv.h float.h inttypes.h iso646.h limits.h locale.h
    math.h setjmp.h signal.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h
    stdio.h stdlib.h stdnoreturn.h string.h tgmath.h threads.h time.h uchar.h wchar.h wctype.h
""".split())

# What can fail from outside is called in one file, so that a test can
# make it fail there; what prints goes through base/out, whose errors
# stick.
SYSTEM_CALLS_IN = "src/base/sys.c"
SYSTEM_CALLS = """
    open openat creat close read pread readv write pwrite writev fsync fdatasync ftruncate
    stat lstat fstat fstatat rename renameat unlink unlinkat mkdir mkdirat mkstemp readlink dup dup2 fchmod
    ftruncate mkstemp flock poll fdopendir opendir readdir closedir pthread_create getrandom
    malloc calloc realloc reallocarray aligned_alloc posix_memalign free
    strdup strndup asprintf vasprintf getline getdelim mmap madvise
    fopen fdopen freopen fclose fflush fread fwrite fgets fgetc getc getchar
    clock_gettime gettimeofday
    printf vprintf fprintf vfprintf dprintf vdprintf puts fputs putchar putc fputc perror
""".split()

# A call by name: neither a member's nor the tail of a longer name.
SYSTEM_CALL = re.compile(r"(?<![\w.])(?<!->)(" + "|".join(SYSTEM_CALLS) + r")\s*\(")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.M)
COMMENT_OR_LITERAL = re.compile(
    r"""/\*.*?\*/ | //[^\n]* | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*'""", re.S | re.X)


def without_comments(text: str, literals: bool) -> str:
    """Comments, and with `literals` also what stands in quotes, become
    blanks; lines stay where they are."""

    def blank(match: re.Match[str]) -> str:
        if match[0][0] != "/" and not literals:
            return match[0]
        return re.sub(r"[^\n]", " ", match[0])

    return COMMENT_OR_LITERAL.sub(blank, text)


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def room_of(path: str) -> str:
    return path.rpartition("/")[0]


def resolve(root: Path, file: str, name: str) -> str | None:
    """The project's own header that `name` means, from the root."""
    for folder in (room_of(file), "src", "include"):
        if (root / folder / name).is_file():
            return f"{folder}/{name}"
    return None


def check_include(root: Path, file: str, name: str) -> str | None:
    """What is wrong with `file` including `name`; None if nothing is."""
    for header, allowed in DOORS:
        if header.fullmatch(name) and not allowed.fullmatch(file):
            return f"only {allowed.pattern.replace(chr(92), '')} may include {name}"
    if file.startswith("include/"):
        if name not in STANDARD_HEADERS:
            return f"a public header includes {name}, which is no standard header"
        return None

    own = resolve(root, file, name)
    if own is None:
        return None
    if own.startswith("include/"):
        if not PUBLIC_HEADER_USERS.fullmatch(file):
            return f"{name} is for programs and the file that implements it"
        return None
    if room_of(own) not in ROOMS:
        return f"{own} lies in no known room"
    if ROOMS.index(room_of(own)) > ROOMS.index(room_of(file)):
        return f"{room_of(file)} may not use {room_of(own)} ({name})"
    return None


def violations(root: Path) -> Iterator[str]:
    files = sorted(str(path.relative_to(root)) for folder in ("src", "include")
                   for path in (root / folder).rglob("*.[ch]"))
    if not files:
        yield f"{root}: no source files"
    for file in files:
        text = (root / file).read_text(encoding="utf-8")
        if file.startswith("src/") and room_of(file) not in ROOMS:
            yield f"{file}:1: lies in no known room"
            continue
        for match in INCLUDE.finditer(without_comments(text, literals=False)):
            wrong = check_include(root, file, match[1] or match[2])
            if wrong:
                yield f"{file}:{line_of(text, match.start())}: {wrong}"
        if file == SYSTEM_CALLS_IN:
            continue
        for match in SYSTEM_CALL.finditer(without_comments(text, literals=True)):
            yield (f"{file}:{line_of(text, match.start())}: {match[1]}() is called outside "
                   f"{SYSTEM_CALLS_IN}")


# A tree with one fault a line, and the lines that must be found.
FAULTY = {
    "src/base/a.h": '#include "input/b.h"\n',
    "src/base/sys.c": "void *p = malloc(1);\n",
    "src/input/b.h": '#include "base/a.h"\n  #  include <zlib.h>\n#include <immintrin.h>\n',
    "src/input/inflate_zlib.c": "#include <zlib.h>\n#include <pthread.h>\n",
    "src/input/delimit_x86.c": "#include <immintrin.h>\n",
    "src/event/c.c": '#include <cjson/cJSON.h>\n/* malloc(1) */ char *s = "free(p)";\n'
                     'int n = x.read(1) + y->write(2) + sys_open(3);\n'
                     'char q = \'"\'; void *p = malloc (4);\n',
    "src/event/extract_dom.c": '#include <cjson/cJSON.h>\n#include "report/d.h"\n',
    "src/report/d.h": '#include "scan.h"\n#include "offbox/offbox.h"\n',
    "src/report/e.c": 'void f(void)\n{\n    printf("x");\n    snprintf(a, 1, "free(x)");\n}\n',
    "src/scan.h": '#include "report/d.h"\n',
    "src/parallel.c": '#include <pthread.h>\n#include "cli/f.h"\n',
    "src/cli/f.h": '#include "scan.h"\n#include "offbox/offbox.h"\n',
    "src/cli/g.c": '// #include <zlib.h>\nint x; /*\n#include <zlib.h>\n*/ fprintf(stderr, "");\n',
    "src/attic/h.c": "int h;\n",
    "include/offbox/offbox.h": "#include <stdint.h>\n#include <unistd.h>\n",
}
FAULTS = """
    include/offbox/offbox.h:2 src/attic/h.c:1 src/base/a.h:1 src/cli/g.c:4
    src/event/c.c:1 src/event/c.c:4 src/event/extract_dom.c:2
    src/input/b.h:2 src/input/b.h:3 src/input/inflate_zlib.c:2
    src/parallel.c:2 src/report/d.h:1 src/report/d.h:2 src/report/e.c:3
""".split()


def self_test() -> int:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in FAULTY.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        found = [re.sub(r"^([^:]*:\d+): .*", r"\1", line) for line in violations(root)]
    missed = sorted(set(FAULTS) - set(found))
    invented = sorted(set(found) - set(FAULTS))
    if missed or invented:
        print(f"self-test failed: not found {missed}, found in vain {invented}")
        return 1
    print(f"self-test: each of {len(FAULTS)} faults was found")
    return 0


def main() -> int:
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    found = list(violations(root))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
