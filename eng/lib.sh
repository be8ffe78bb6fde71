# shellcheck shell=bash
# What the scripts of this folder have in common: messages, and the distribution's packages. Sourced, never run.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
klp_tool=$repository/artifacts/sdks/Klp.Build.Sdk/tools/net10.0/klp.dll
kernel_store=${KLP_KERNEL_STORE:-${XDG_CACHE_HOME:-$HOME/.cache}/klp/kernels}

say() { printf '%s\n' "$*" >&2; }
fail() { say "$(basename "$0"): $*"; exit 1; }

# The tool as the SDK ships it; `dotnet build sdk/Klp.Build.Sdk -c Release` makes it.
klp() { dotnet "$klp_tool" "$@" </dev/null; }

# The calling script's opening comment, which says how it is used.
usage() {
  sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2
  exit 2
}

# Debian itself, not a derivative: the kernel packages are looked up by Debian's names.
is_debian() {
  [ -r /etc/os-release ] && grep -qx 'ID=debian' /etc/os-release && command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null
}

# What a machine that is not Debian needs, said plainly. $1: what for; the rest: Debian's names of the packages.
other_distribution() {
  local what=$1
  shift
  say "This is not Debian, and $what knows only Debian's packages. What it needs, by Debian's names:"
  say "  $*"
  say "and an unpacked kernel in $kernel_store/<release>/{build,image,modules}:"
  say "  build: the tree that /lib/modules/<release>/build names; image: vmlinuz; modules: /lib/modules/<release>."
  say "With these in place, build and run a patch: dotnet build Klp.Build.sln -c Release, then dotnet run --project samples/meminfo."
  exit 1
}

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

has_candidate() { [ -n "$(apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: \((none)\)\{0,1\}//p')" ]; }

# apt's lists are empty in a fresh container.
need_lists() {
  has_candidate base-files && [ -n "$(apt-cache search --names-only '^linux-image-[0-9].*-amd64(-unsigned)?$')" ] && return
  update_lists
}

update_lists() {
  [ "$(id -u)" = 0 ] || fail "apt knows no packages, or not the ones it could download. Run this once, then again this script:  sudo apt-get update"
  say "Reading the lists of packages (apt-get update)."
  apt-get update -qq >&2 || say "apt-get update had problems; going on with the lists that are here."
}

# Installs what is missing of the named packages. Says which and asks first; --yes (assume_yes=1) or no terminal goes on.
need_packages() {
  local missing=() package
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    say "These packages are missing, and installing needs root. Run this once, then again this script:"
    say "  sudo apt-get install --no-install-recommends ${missing[*]}"
    exit 1
  fi
  say "These packages are missing and will be installed with apt: ${missing[*]}"
  if [ "${assume_yes:-0}" != 1 ] && [ -t 0 ]; then
    local answer
    read -r -p "Go on? [Y/n] " answer
    case $answer in '' | [yY]*) ;; *) fail "nothing was installed" ;; esac
  fi
  install_packages "${missing[@]}" || { update_lists && install_packages "${missing[@]}"; } || fail "apt could not install: ${missing[*]}"
}

install_packages() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

need_dotnet() {
  command -v dotnet >/dev/null || fail "the .NET SDK is missing: dotnet is not on PATH (global.json names the version)"
  (cd "$repository" && dotnet --version >/dev/null) || fail "no .NET SDK here fits global.json"
}
