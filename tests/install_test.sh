#!/usr/bin/env bash
# What `cmake --install` leaves behind can be used: by a CMake project,
# through pkg-config, and after the tree was moved.
#
#   install_test.sh BUILD_DIR CONFIG
#
# The environment may give CMAKE, CC and CFLAGS (a sanitizer's, so that
# the example links against a library built with it).

set -eu
build=$1 config=$2
cmake=${CMAKE:-cmake}
export CC=${CC:-cc} CFLAGS=${CFLAGS-}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
input=$root/fixtures/stolen/AWSLogs

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
cd "$temporary"

fail()
{
    echo "install_test.sh: $*" >&2
    exit 1
}

"$cmake" --install "$build" --config "$config" --prefix "$temporary/first" >install.log
mv first moved
prefix=$temporary/moved

doc=$prefix/share/doc/offbox
for file in "$prefix/bin/offbox" "$prefix/include/offbox/offbox.h" \
    "$doc/cron.md" "$doc/systemd/offbox.service" "$doc/systemd/offbox.timer" \
    "$doc/LICENSE" "$doc/README.md" "$doc/CHANGELOG.md" "$doc/examples/count_alerts.c" \
    "$doc/cluster.md" "$doc/examples/cluster/batch-job.json"; do
    [ -f "$file" ] || fail "not installed: ${file#"$prefix/"}"
done
[ -x "$doc/systemd/offbox-send" ] || fail "not installed as a program: offbox-send"
for script in slurm-run.sh slurm-map.sh parallel-run.sh batch-run.sh batch-map.sh \
    batch-reduce.sh reduce.sh spark_run.py; do
    [ -x "$doc/examples/cluster/$script" ] || fail "not installed as a program: $script"
done
if [ -d "$build/pages" ]; then # not where it was compiled for another machine
    for file in man/man1/offbox.1 bash-completion/completions/offbox \
        zsh/site-functions/_offbox fish/vendor_completions.d/offbox.fish; do
        [ -s "$prefix/share/$file" ] || fail "not installed: share/$file"
        [ "$(stat -c %a "$prefix/share/$file")" = 644 ] || fail "share/$file is not for all to read"
    done
fi
pc=$(find "$prefix" -name offbox.pc)
[ -n "$pc" ] || fail "not installed: offbox.pc"
if grep -rIl -e "$temporary/first" -e "$root" "$prefix" --include='*.cmake' --include='*.pc'; then
    fail "these name the place where they were built or first installed"
fi

# The header says everything it needs, in any order and to any C since 99.
echo '#include <offbox/offbox.h>' >header.c
"$CC" -std=c99 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$prefix/include" header.c

status=0
"$prefix/bin/offbox" -q -f jsonl "$input" >alerts || status=$?
[ "$status" = 1 ] || fail "the installed program ended with $status on $input"
alerts=$(wc -l <alerts)

# The example prints as many alerts as the program finds.
check_example()
{
    local how=$1 program=$2 printed

    printed=$("$program" "$input") || fail "$how: the example failed"
    if [ "$(head -n 1 <<<"$printed")" != "alerts: $((alerts))" ]; then
        fail "$how: expected $((alerts)) alerts, the example printed: $printed"
    fi
    echo "$how: $printed"
}

"$cmake" -S "$doc/examples" -B by-cmake -DCMAKE_PREFIX_PATH="$prefix" >cmake.log 2>&1 ||
    { cat cmake.log; fail "the example cannot be configured"; }
"$cmake" --build by-cmake >cmake.log 2>&1 ||
    { cat cmake.log; fail "the example cannot be built"; }
check_example "CMake package" by-cmake/count_alerts

if ! command -v pkg-config >/dev/null; then
    echo "no pkg-config: offbox.pc was not tried"
    exit 0
fi
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH
# Unquoted: each of these is a list of flags.
# shellcheck disable=SC2046,SC2086
"$CC" $CFLAGS $(pkg-config --cflags offbox) "$doc/examples/count_alerts.c" \
    -o by-pkg-config $(pkg-config --static --libs offbox)
check_example "pkg-config" ./by-pkg-config
