#!/bin/bash
# What no compiler says: sizes of files, words that must not be here, a page for every diagnostic code, shell scripts that shellcheck accepts.
# Prints every finding; the status tells whether there was one.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
findings=0

finding() {
  printf '%s\n' "$*"
  findings=$((findings + 1))
}

# Files under version control and new ones, not what a build made.
files() { git ls-files -co --exclude-standard -- "$@" | while read -r file; do if [ -f "$file" ] && [ ! -L "$file" ]; then echo "$file"; fi; done; }

too_long() {
  local limit=$1 file lines
  shift
  while read -r file; do
    lines=$(wc -l <"$file")
    [ "$lines" -le "$limit" ] || finding "$file: $lines lines; a file of this kind has at most $limit. Split it."
  done < <(files "$@")
}

too_long 600 '*.cs' '*.c' '*.h' '*.sh'
too_long 120 '*.targets' '*.props' '*.klpproj'

# Nobody else has the folders of one machine, and packages come from the user's own sources. The pattern is spelled so that it does not find itself.
# The folder of a user 'me' is the reader's, in examples.
forbidden='(^|[^A-Za-z0-9_.$}])/(ho[m]e/(?!me/)|wor[k]/|roo[t]/|Use[r]s/)[A-Za-z0-9]|/tm[p]/klp/|(nuge[t]\.org|artifactor[y]|pkgs\.dev\.azur[e]|npmj[s])'
while read -r line; do finding "$line: a path of one machine or a registry's host"; done < <(files | grep -vE '^(\.git|LICENSE)' | tr '\n' '\0' | xargs -0 grep -InP "$forbidden" --)

# Every code that can be shown has a page, and every page is of a code that can be shown.
used=$(files src sdk eng | grep -v '^sdk/local/' | tr '\n' '\0' | xargs -0 grep -Ihow 'KLP[0-9]\{4\}' -- | sort -u)
pages=$(files docs/diagnostics | sed -nE 's#^docs/diagnostics/(KLP[0-9]{4})\.md$#\1#p' | sort -u)
while read -r code; do finding "docs/diagnostics/$code.md is missing: the code is used"; done < <(comm -23 <(echo "$used") <(echo "$pages") | grep .)
while read -r code; do finding "docs/diagnostics/$code.md explains a code that nothing shows"; done < <(comm -13 <(echo "$used") <(echo "$pages") | grep .)

# Trailing blanks and a missing last newline: .editorconfig's word, kept by no tool of the build.
while read -r line; do finding "$line: blanks at the end of the line"; done < <(files '*.cs' '*.sh' '*.props' '*.targets' '*.csproj' '*.klpproj' '*.c' '*.h' | tr '\n' '\0' | xargs -0 grep -InE '[[:blank:]]+$' --)

mapfile -t scripts < <(files '*.sh' .ci/run | grep -v '^tests/')
shellcheck -x "${scripts[@]}" || finding "shellcheck has findings (above)"

[ "$findings" = 0 ] || echo "$findings findings"
[ "$findings" = 0 ]
