#!/usr/bin/env bash
# The NEON code gives the scalar code's answers: its test, built for AArch64
# and run in an emulator.
#
#   neon_test.sh
#
# Needs aarch64-linux-gnu-gcc and qemu-aarch64; exits with 77 without them.
# What is built is the test and what it tests, with tests/bare/cmocka.h for
# cmocka: no library for AArch64 is needed but the C library.

set -eu
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

for tool in aarch64-linux-gnu-gcc qemu-aarch64; do
    if ! command -v "$tool" >/dev/null; then
        echo "$tool was not found"
        exit 77
    fi
done

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
cd "$root"

aarch64-linux-gnu-gcc -std=c11 -O2 -static \
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror \
    -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE \
    -I src -I tests/unit -I tests/bare \
    src/base/buf.c src/base/sys.c src/input/delimit*.c tests/unit/test_delimit_variants.c \
    -o "$temporary/test_delimit_variants"

# It fails if NEON is not among the variants.
qemu-aarch64 "$temporary/test_delimit_variants" neon
