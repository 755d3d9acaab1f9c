#!/usr/bin/env bash
# The manual and the completions name every option and format of the
# program, and the real readers take them: man, mandoc, bash, zsh, fish.
#
#   pages_test.sh FOLDER man|bash|zsh|fish
#
# The environment gives OFFBOX, the program. Exit status: 0 good, 1 not so,
# 77 there is no such shell here.

set -eu
folder=$1 what=$2
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

fail()
{
    echo "pages_test.sh: $*" >&2
    exit 1
}

skip()
{
    echo "skipped: there is no $1"
    exit 77
}

# What the table holds, as --help shows it.
options=$("$OFFBOX" --help | sed '/^Formats:/,$d' | grep -oE -- '(^| )-(-[a-z0-9-]+|[A-Za-z0-9])\b' | sort -u)
formats=$("$OFFBOX" --help | sed -n '/^Formats:/,/^DUR/{s/^Formats://;/^DUR/d;p}')
[ "$(wc -w <<<"$options")" -gt 30 ] && [ "$(wc -w <<<"$formats")" -gt 4 ] ||
    fail "--help shows too little: $options $formats"

# names_all FILE: each option as PREFIX and its name, and each format.
names_all()
{
    local file=$1 word

    for word in $options $formats; do
        grep -qw -e "${word#"${word%%[!-]*}"}" "$file" || fail "$file does not name $word"
    done
}

# expect WHAT PATTERN...: each of standard input's lines is asked for.
expect()
{
    local what=$1 got pattern
    shift

    got=$(cat)
    for pattern; do
        grep -qxE -e "$pattern" <<<"$got" || fail "$what: no '$pattern' in: $got"
    done
}

expect_none()
{
    local what=$1 got

    got=$(cat)
    [ -z "$got" ] || fail "$what: offers $got"
}

test_man()
{
    sed 's/\\-/-/g; s/\\f.//g' "$folder/offbox.1" >"$temporary/offbox.1"
    names_all "$temporary/offbox.1"
    local tried=false complaints
    if command -v man >/dev/null && command -v groff >/dev/null; then
        complaints=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 \
            man --warnings -E UTF-8 -l -Tutf8 -Z "$folder/offbox.1" 2>&1 >/dev/null)
        [ -z "$complaints" ] || fail "man: $complaints"
        tried=true
    fi
    if command -v mandoc >/dev/null; then
        mandoc -T lint "$folder/offbox.1" || fail "mandoc complains"
        tried=true
    fi
    $tried || skip "man and no mandoc"
}

# The words that bash would offer for the last of the words.
offered_by_bash()
{
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    COMPREPLY=()
    _offbox || true # compopt works only on the command line
    printf '%s\n' "${COMPREPLY[@]}"
}

test_bash()
{
    bash -n "$folder/offbox.bash" || fail "bash cannot read it"
    names_all "$folder/offbox.bash"
    # shellcheck disable=SC1091 # made by the build
    . "$folder/offbox.bash"
    complete -p offbox | grep -q _offbox || fail "bash does not ask it"
    offered_by_bash offbox --f | expect "--f" --files-from --format
    offered_by_bash offbox - | expect "-" -0 -q --quiet
    offered_by_bash offbox -f js | expect "-f js" json jsonl
    offered_by_bash offbox --format = js | expect "--format=js" json jsonl
    offered_by_bash offbox --format = | expect "--format=" text csv
    offered_by_bash offbox -o js | expect "-o js" json: jsonl:
    offered_by_bash offbox -o json : al | expect_none "-o json:al"
    offered_by_bash offbox --timeframe 2 | expect_none "--timeframe 2"
    offered_by_bash offbox AWS | expect_none "AWS" # files, by default
}

# What zsh would insert after `offbox ARGUMENT...`, a line each: asked of an
# interactive shell on a terminal of its own.
offered_by_zsh()
{
    zsh -f "$temporary/ask.zsh" "$folder" "$@"
}

test_zsh()
{
    command -v zsh >/dev/null || skip zsh
    zsh -n "$folder/_offbox" || fail "zsh cannot read it"
    names_all "$folder/_offbox"
    cat >"$temporary/ask.zsh" <<'ZSH'
zmodload zsh/zpty
folder=$1; shift
zpty -b shell zsh -f -i
ask() { zpty -w shell "$1" }
ask "PS1= ; fpath=($folder \$fpath); autoload -U compinit; compinit -u -D"
# Instead of inserting matches, print them.
ask 'compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return $?; fi
    typeset -a hits; builtin compadd -A hits "$@"; builtin compadd "$@"
    print -rl -- "<"${^hits}">" }'
ask 'unsetopt zle_bracketed_paste beep; zstyle ":completion:*" list-prompt ""; print READ""Y'
zpty -r shell line '*READY*'
zpty -w -n shell "offbox $*"$'\t'
sleep 1
zpty -w -n shell $'\C-u\C-u'"print DO""NE"$'\n'
while zpty -r shell line; do
    [[ $line == *DONE* ]] && break
    line=${line//[$'\r\n']/}
    [[ $line == *\<*\>* ]] && print -r -- ${${line#*\<}%\>*}
done
zpty -d shell
ZSH
    offered_by_zsh --f | expect "--f" --files-from --format
    offered_by_zsh -f js | expect "-f js" json jsonl
    offered_by_zsh --color= | expect "--color=" auto never
}

# What fish would offer for the command line, without its explanations.
offered_by_fish()
{
    HOME=$temporary fish --no-config -c '
        source $argv[1]; complete -C $argv[2]' "$folder/offbox.fish" "$1" | cut -f 1
}

test_fish()
{
    command -v fish >/dev/null || skip fish
    fish --no-config -n "$folder/offbox.fish" || fail "fish cannot read it"
    names_all "$folder/offbox.fish"
    offered_by_fish 'offbox --f' | expect "--f" --files-from --format
    offered_by_fish 'offbox -f ' | expect "-f" text json jsonl csv
    offered_by_fish 'offbox --format=js' | expect "--format=js" --format=json --format=jsonl
    offered_by_fish 'offbox -f js' | expect "-f js" json jsonl
    offered_by_fish 'offbox -o js' | expect "-o js" json: jsonl:
    offered_by_fish 'offbox --timeframe ' | expect_none "--timeframe"
}

"test_$what"
