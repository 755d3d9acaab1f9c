#!/usr/bin/env bash
# The packages that cpack makes can be used: the tarball in any place and with
# nothing but glibc around it, the Debian package as its tools see it.
#
#   package_test.sh BUILD_DIR CONFIG portable|debian
#
# The environment gives OFFBOX, the program. Exit status: 0 good, 1 not so, 77
# the tools for it are not here.

set -eu
build=$1 config=$2 what=$3
cpack=${CPACK:-cpack}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
unset LD_LIBRARY_PATH

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
cd "$temporary"

fail()
{
    echo "package_test.sh: $*" >&2
    exit 1
}

skip()
{
    echo "skipped: there is no $1"
    exit 77
}

# make_package GENERATOR ENDING: leaves its path in `package`.
make_package()
{
    "$cpack" --config "$build/CPackConfig.cmake" -G "$1" -C "$config" -B "$temporary/packages" \
        >cpack.log 2>&1 || { cat cpack.log; fail "cpack failed"; }
    ! grep -i warning cpack.log || fail "cpack warns"
    package=$(echo "$temporary/packages"/*"$2")
    [ -f "$package" ] || fail "cpack left no $2"
}

# check_program PROGRAM: it prints what the built one prints.
check_program()
{
    local input=$root/fixtures/stolen/AWSLogs status=0

    "$OFFBOX" -q -f jsonl "$input" >expected || true
    "$1" -q -f jsonl "$input" >got || status=$?
    [ "$status" = 1 ] || fail "$1 ended with $status on $input"
    [ -s got ] && cmp expected got || fail "$1 prints something else than the program"
}

check_files()
{
    local tree=$1 file
    shift

    for file; do
        [ -s "$tree/$file" ] || fail "not in the package: $file"
    done
    [ -z "$(find "$tree" -name '*.a' -o -name '*.h' -o -name '*.pc')" ] ||
        fail "the library is in the package"
}

is_glibc='^(linux-vdso|ld-linux.*|libc|libm|libpthread|libdl|librt)\.so'

# With nothing of this machine but glibc. Needs root, or user namespaces.
check_alone()
{
    local tree=$1 alone=$temporary/alone library enter=(chroot)

    [ "$(id -u)" = 0 ] || enter=(unshare --map-root-user --root)
    mkdir -p "$alone"
    cp -R "$tree" "$alone/opt"
    cp -R "$root/fixtures/stolen/AWSLogs" "$alone/logs"
    for library in $(ldd "$tree/bin/offbox" | grep -oE '/[^ ]+'); do
        if grep -qE "$is_glibc" <<<"${library##*/}"; then
            mkdir -p "$alone${library%/*}"
            cp -L "$library" "$alone$library"
        fi
    done
    export LD_ORIGIN_PATH=/opt/bin # $ORIGIN, where there is no /proc to tell it
    if ! "${enter[@]}" "$alone" /opt/bin/offbox --version >version 2>refused; then
        grep -q 'Operation not permitted' refused || fail "alone: $(cat refused)"
        echo "no root and no user namespaces: it was not tried with glibc alone"
        return
    fi
    "${enter[@]}" "$alone" /opt/bin/offbox -q -f jsonl /logs >got || [ $? = 1 ] ||
        fail "alone it ends with $?"
    unset LD_ORIGIN_PATH
    cmp expected got || fail "alone it prints something else"
}

# What it needs of glibc this machine has, and how much that is.
check_glibc()
{
    local tree=$1 needed here

    here=$(getconf GNU_LIBC_VERSION | grep -oE '[0-9.]+$')
    needed=$(readelf --version-info --wide "$tree/bin/offbox" "$tree"/lib/*.so.* |
        grep -oE 'GLIBC_[0-9.]+' | sed 's/GLIBC_//' | sort -uV | tail -n 1)
    [ -n "$needed" ] || fail "readelf shows no version of glibc"
    [ "$(printf '%s\n' "$needed" "$here" | sort -V | tail -n 1)" = "$here" ] ||
        fail "it needs glibc $needed, this machine has $here"
    echo "needs glibc $needed; built with $here"
}

test_portable()
{
    local tree name arrow path rest count=0

    command -v readelf >/dev/null || skip readelf
    make_package TGZ .tar.gz
    mkdir "another place"
    tar -xf "$package" -C "another place" --strip-components=1
    tree="$temporary/another place"
    check_program "$tree/bin/offbox"
    check_files "$tree" share/man/man1/offbox.1 share/zsh/site-functions/_offbox \
        share/bash-completion/completions/offbox share/fish/vendor_completions.d/offbox.fish \
        share/doc/offbox/LICENSE share/doc/offbox/CHANGELOG.md
    readelf --dynamic "$tree/bin/offbox" | grep -E 'R(UN)?PATH' | grep -qF '[$ORIGIN/../lib]' ||
        fail "the run path is not \$ORIGIN/../lib"
    while read -r name arrow path rest; do
        if [[ ${name##*/} =~ $is_glibc ]]; then
            continue
        fi
        [ "$arrow" = "=>" ] && [[ "$path $rest" = "$tree/"* ]] ||
            fail "$name does not come from the tarball: $path $rest"
        count=$((count + 1))
    done < <(ldd "$tree/bin/offbox")
    [ "$count" -ge 2 ] || fail "only $count libraries come from the tarball"
    [ "$(find "$tree/lib" -type f | wc -l)" = "$count" ] || fail "lib/ holds more than is needed"
    check_glibc "$tree"
    check_alone "$tree"
}

test_debian()
{
    command -v dpkg-shlibdeps >/dev/null || skip dpkg-shlibdeps
    make_package DEB .deb
    dpkg-deb --extract "$package" tree
    check_program tree/usr/bin/offbox
    check_files tree/usr share/man/man1/offbox.1.gz share/doc/offbox/copyright \
        share/doc/offbox/changelog.gz share/doc/offbox/changelog.Debian.gz \
        share/bash-completion/completions/offbox
    dpkg-deb --field "$package" Depends | grep -q 'libc6 (>= .*libcjson1' ||
        fail "Depends names no libraries"
    if readelf --dynamic tree/usr/bin/offbox | grep -E 'R(UN)?PATH'; then
        fail "there is a run path"
    fi
    gzip -dc tree/usr/share/doc/offbox/changelog.Debian.gz | dpkg-parsechangelog -l - -S Version |
        grep -qx "$(dpkg-deb --field "$package" Version)" || fail "changelog and version differ"
    if command -v lintian >/dev/null; then
        lintian --allow-root --fail-on error,warning "$package" || fail "lintian complains"
    else
        echo "no lintian: its checks were not tried"
    fi
}

"test_$what"
