#!/usr/bin/env bash
# The unit files in docs/ are taken by systemd, what the service starts is
# what the program takes, and the sender hands on what the spool holds.
#
#   systemd_test.sh OFFBOX

set -u
OFFBOX=$(realpath -- "$1") || exit 1
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || exit 1
units=$root/docs/systemd
temporary=$(mktemp -d) || exit 1
trap 'rm -rf "$temporary"' EXIT
cd "$temporary" || exit 1
export LC_ALL=C

fail()
{
    echo "systemd_test.sh: $*"
    exit 1
}

# The service's command in the place of systemd: %S is the state folder, %%
# a percent sign, $$ a dollar sign.
mkdir -p state/offbox/spool state/offbox/AWSLogs
cp "$root/fixtures/rule/A02.jsonl" state/offbox/AWSLogs
: >policy
command=$(sed -n "s/^ExecStart=//p" "$units/offbox.service" |
    sed -e 's/%%/\x01/g' -e "s|%S|$temporary/state|g" -e 's/\x01/%/g' -e 's/\$\$/$/g' \
        -e "s|/usr/local/bin/offbox|'$OFFBOX'|; s|/etc/offbox/policy|policy|" \
        -e "s|^/bin/sh -c '\(.*\)'\$|\1|")
for expected in 1 0; do
    bash -c "$command" || status=$?
    [ "${status-0}" -eq $expected ] || fail "the service's command ended with ${status-0}"
    unset status
done
[ "$(cat state/offbox/spool/*.jsonl | wc -l)" -eq 1 ] || fail "the spool does not hold one alert"
[ "$(find state/offbox/spool -type f | wc -l)" -eq 2 ] || fail "a run wrote over another's file"

cat state/offbox/spool/*.jsonl >expected
sh "$units/offbox-send" state/offbox/spool || fail "the sender failed"
grep -v '^$' state/offbox/alerts.jsonl | cmp - expected || fail "the sender lost something"
[ -z "$(ls state/offbox/spool)" ] || fail "the sender left: $(ls state/offbox/spool)"
sh "$units/offbox-send" state/offbox/spool || fail "the sender fails with nothing to send"

command -v systemd-analyze >/dev/null || { echo "systemd-analyze was not found"; exit 77; }
# It asks whether what is started is there.
for unit in offbox.service offbox.timer; do
    sed -e 's#/usr/bin/aws#/bin/true#' -e 's#/usr/local/bin/offbox-send#/bin/true#' \
        "$units/$unit" >$unit
done
systemd-analyze verify ./offbox.service ./offbox.timer >words 2>&1
status=$?
grep -q 'offbox\.' words && fail "systemd says: $(cat words)"
[ $status -eq 0 ] || { echo "systemd-analyze does not work here: $(cat words)"; exit 77; }
