#!/bin/bash
# Gets the kernels of the demo and the tests with `klp kernel add`: unpacked into the kernel store, nothing is installed. Needs no root.
#
#   eng/kernels.sh                newest kernel of this machine's Debian release
#   eng/kernels.sh 6.1 6.12       newest of each named series, or exactly a named release
#   eng/kernels.sh all            every kernel the tests want (with KLP_ALL=1 the whole run's, too); of one that is here in any version no other is fetched
#   eng/kernels.sh --packages W…  packages those kernels ask for to build modules (compiler, libraries of objtool)
#
# Prints the release of each kernel, one a line. The `klp` tool must have been built: dotnet build sdk/Klp.Build.Sdk -c Release
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# What the tests want: which releases serve, and how to get the newest of them.
wanted() {
  cat <<'LIST'
^6\.1\.[0-9]+-[0-9]+-amd64$ 6.1 --architecture amd64
^6\.12\.[^-]+-amd64$ 6.12 --architecture amd64
^[7-9]\.[^-]+-amd64$ newest --architecture amd64 --suite unstable
^6\.1\..*-cloud-amd64$ 6.1 --architecture amd64 --flavour cloud
^6\.1\..*-rt-amd64$ 6.1 --architecture amd64 --flavour rt
^6\.12\..*-cloud-amd64$ 6.12 --architecture amd64 --flavour cloud
^6\.12\..*-rt-amd64$ 6.12 --architecture amd64 --flavour rt
^6\.1\..*-arm64$ 6.1 --architecture arm64
^6\.1\..*-powerpc64le$ 6.1 --architecture ppc64el
^6\.1\..*-s390x$ 6.1 --architecture s390x
LIST
  if [ "${KLP_ALL:-}" = 1 ]; then
    cat <<'LIST'
^6\.12\.[^-]+-arm64$ 6.12 --architecture arm64 --suite trixie
^[7-9]\.[^-]+-arm64$ newest --architecture arm64 --suite unstable
LIST
  fi
}

# The newest release of the store that a pattern names.
here() { klp kernel list | awk '{ print $1 }' | grep -E "$1" | tail -n 1; }

# What a kernel of the store needs; one that was laid out by hand does not say.
told() { klp kernel show "$1" | sed -nE 's/^(compiler|build packages): //p' | tr ' ' '\n'; }

each_wanted() {
  local pattern words release
  while read -r pattern words; do
    release=$(here "$pattern" || true)
    # shellcheck disable=SC2086 # a word an argument
    case $1:$release in
      packages:?*) told "$release" ;;
      packages:) klp kernel add $words --packages ;;
      *:?*) echo "$release" ;;
      *) klp kernel add $words ;;
    esac || exit 1
  done < <(wanted)
}

packages() {
  if [ "$1" = all ]; then each_wanted packages; else klp kernel add "$@" --packages; fi |
    sort -u | while read -r name; do if has_candidate "$name"; then echo "$name"; fi; done
}

export KLP_KERNEL_STORE=$kernel_store
is_debian || other_distribution "eng/kernels.sh" make gcc libelf1
[ -r "$klp_tool" ] || fail "the klp tool is not built. Build it, then again this script:  dotnet build sdk/Klp.Build.Sdk -c Release"
case ${1:-newest} in
  all) each_wanted kernels ;;
  --packages)
    shift
    packages "${@:-newest}"
    ;;
  -*) usage ;;
  *) klp kernel add "${@:-newest}" ;;
esac
