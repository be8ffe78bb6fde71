#!/bin/bash
# Gets Debian kernels without installing them: downloads image, headers and kbuild tools and unpacks them into the kernel store.
#
#   eng/kernels.sh                newest kernel that apt knows
#   eng/kernels.sh 6.1 6.12       newest of each named series
#   eng/kernels.sh all            newest of every series that apt knows, and of every series the tests want
#   eng/kernels.sh 6.1.0-56-amd64 exactly this one
#   eng/kernels.sh --list         what `all` means on this machine
#   eng/kernels.sh --packages W…  packages those kernels ask for to build modules (compiler, libraries of objtool)
#
# Prints the release of each kernel, one a line; a kernel that is here already costs nothing. Needs no root.
# Layout: <store>/<release>/{build,image,modules} are links into <store>/<release>/root; <store>/aliases/newest holds a release.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# The series that the tests want even where the system's own suites have moved on, and the Debian release that has each.
wanted_series='6.1 6.12'
suite_of() { case $1 in 6.1) echo bookworm ;; 6.12) echo trixie ;; esac; }

# Options for apt that look at another Debian release, on the mirror the system uses; empty for the system's own suites.
# The lists lie in the store and are a day good. Nothing of the system's apt changes.
apt_options=()
look_at() {
  local suite=$1 state=$kernel_store/.apt/$1 archive security key=/usr/share/keyrings/debian-archive-keyring.gpg targets
  apt_options=()
  [ -n "$suite" ] || return 0
  # shellcheck disable=SC2016
  targets=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(ORIGIN)' 'Created-By: Packages' | sort -u)
  archive=$(awk '$3 == "Debian" && $2 !~ /-/ { print $1; exit }' <<<"$targets")
  security=$(awk '$3 == "Debian" && $2 ~ /-security$/ { print $1; exit }' <<<"$targets")
  if [ -z "$archive" ] || [ ! -r "$key" ]; then return 1; fi
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  {
    echo "deb [signed-by=$key] $archive $suite main"
    if [ -n "$security" ]; then echo "deb [signed-by=$key] $security $suite-security main"; fi
  } >"$state/sources.list"
  apt_options=(-o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$state/lists" -o "Dir::Cache=$state/cache")
  if [ "$(id -u)" = 0 ]; then apt_options+=(-o APT::Sandbox::User=root); fi
  if [ -z "$(find "$state/updated" -mtime -1 2>/dev/null)" ]; then
    say "Reading Debian $suite's lists of packages."
    apt-get "${apt_options[@]}" update -qq >&2 && touch "$state/updated"
  fi
}

# The releases that apt can deliver whole, oldest first: plain amd64, signed image where there is one.
# A meta-package (linux-image-6.12-amd64) and a kernel whose headers are gone have no headers package of that name.
available() {
  local names release
  names=$(apt-cache "${apt_options[@]}" search --names-only '^linux-(image|headers)-[0-9].*-(amd64|amd64-unsigned|common)$' | sed 's/ - .*//')
  sed -nE 's/^linux-image-([0-9]+\.[0-9]+[^-]*(-[0-9]+)?-amd64)(-unsigned)?$/\1/p' <<<"$names" | sort -uV |
    while read -r release; do
      if grep -qxF "linux-headers-$release" <<<"$names" && grep -qxF "linux-headers-${release%-amd64}-common" <<<"$names"; then
        echo "$release"
      fi
    done
}

series_of() { sed -E 's/^([0-9]+\.[0-9]+).*/\1/' <<<"$1"; }

# Newest of every series, oldest series first.
newest_of_each() {
  local release last='' series
  for release in $1; do
    series=$(series_of "$release")
    if [ -n "$last" ] && [ "$(series_of "$last")" != "$series" ]; then echo "$last"; fi
    last=$release
  done
  if [ -n "$last" ]; then echo "$last"; fi
}

# Newest release of a series, from the system's suites or the Debian release that has it.
newest_of() {
  local series=$1 release found=''
  for release in $(available); do if [ "$(series_of "$release")" = "$series" ]; then found=$release; fi; done
  if [ -z "$found" ] && [ ${#apt_options[@]} = 0 ] && [ -n "$(suite_of "$series")" ]; then
    found=$(look_at "$(suite_of "$series")" && newest_of "$series")
  fi
  echo "$found"
}

# Words of the command line -> releases.
resolve() {
  local all word found series
  all=$(available)
  for word in "$@"; do
    case $word in
      newest) found=$(tail -n 1 <<<"$all") ;;
      all)
        found=$(newest_of_each "$all")
        for series in $wanted_series; do
          if ! grep -q "^$series\." <<<"$found"; then found+=$'\n'$(newest_of "$series"); fi
        done
        found=$(grep . <<<"$found")
        ;;
      *-amd64) if is_complete "$kernel_store/$word"; then found=$word; else found=$(grep -xF "$word" <<<"$all" || true); fi ;;
      *) found=$(newest_of "$word") ;;
    esac
    [ -n "$found" ] || fail "apt knows no kernel '$word' with headers. It knows: $(tr '\n' ' ' <<<"$all")"
    echo "$found"
  done | awk '!seen[$0]++'
}

image_package() {
  if [ -n "$(apt-cache "${apt_options[@]}" search --names-only "^linux-image-${1//+/\\+}\$")" ]; then echo "linux-image-$1"; else echo "linux-image-$1-unsigned"; fi
}

dependencies() { apt-cache "${apt_options[@]}" depends --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$1" | sed -nE 's/^ [ |]Depends: ([^<].*)$/\1/p'; }

kbuild_package() { dependencies "linux-headers-$1" | grep -m1 '^linux-kbuild-' || fail "linux-headers-$1 names no linux-kbuild package"; }

# The kernel's compiler and the libraries of its build tools, as the kernel's own packages name them.
build_packages() {
  local release=$1 name
  {
    dependencies "$(kbuild_package "$release")"
    for name in $(dependencies "linux-headers-$release"); do
      case $name in
        linux-compiler-*) dependencies "$name" ;;
        gcc-*) echo "$name" ;;
      esac
    done
  } | grep -vE '^linux-|-for-host$|^libc6$' | while read -r name; do if has_candidate "$name"; then echo "$name"; fi; done
}

# Sets apt's view to the suites that have this release.
look_for() {
  apt_options=()
  if ! grep -qxF "$1" <<<"$(available)"; then look_at "$(suite_of "$(series_of "$1")")"; fi
}

# Absolute links and includes of the packages point to a system where they are installed; here they must stay inside root/.
make_relocatable() {
  local root=$1 release=$2 link target makefile=$1/usr/src/linux-headers-$2/Makefile
  find "$root" -type l -lname '/*' | while read -r link; do
    target=$root$(readlink "$link")
    if [ -e "$target" ]; then ln -sfnr "$target" "$link"; fi
  done
  # shellcheck disable=SC2016
  if [ "$(grep -c . "$makefile")" = 1 ]; then
    sed -i 's|^include /usr/src/|include $(dir $(lastword $(MAKEFILE_LIST)))../|' "$makefile"
  else
    # Newer trees set KBUILD_OUTPUT too, which sub-makes use from another folder.
    sed -i -e '1i klp_sources := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))..)' -e 's|/usr/src/|$(klp_sources)/|g' "$makefile"
  fi
  if grep -q '[ =]/usr/src/' "$makefile"; then fail "the Makefile of linux-headers-$release has absolute paths that this script does not know"; fi
}

download() {
  local options=(-qq)
  # As root apt drops to a user that may not write here, and warns about it.
  if [ "$(id -u)" = 0 ]; then options+=(-o APT::Sandbox::User=root); fi
  (cd "$1" && shift && apt-get "${apt_options[@]}" download "${options[@]}" "$@" >&2)
}

unpack() {
  local release=$1 work=$2 packages deb
  packages=("$(image_package "$release")" "linux-headers-$release" "linux-headers-${release%-amd64}-common" "$(kbuild_package "$release")")
  mkdir -p "$work/debs" "$work/kernel/root"
  say "Downloading the kernel $release: ${packages[*]}"
  download "$work/debs" "${packages[@]}" || { update_lists && download "$work/debs" "${packages[@]}"; } || fail "the packages of $release cannot be downloaded"
  for deb in "$work"/debs/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -xf - -C "$work/kernel/root" --no-same-owner --exclude=./usr/share
  done
  local kernel=$work/kernel modules=root/lib/modules/$release
  [ -d "$kernel/$modules" ] || modules=root/usr/lib/modules/$release
  make_relocatable "$kernel/root" "$release"
  ln -s "root/usr/src/linux-headers-$release" "$kernel/build"
  ln -s "root/boot/vmlinuz-$release" "$kernel/image"
  ln -s "$modules" "$kernel/modules"
  is_complete "$kernel" || fail "the packages of $release do not hold what they should"
}

is_complete() { [ -f "$1/build/Makefile" ] && [ -f "$1/build/Module.symvers" ] && [ -r "$1/image" ] && [ -d "$1/modules/kernel" ]; }

# One at a time per store; the kernel appears under its name by one rename, whole.
add() {
  local release=$1 work
  is_complete "$kernel_store/$release" && return
  look_for "$release"
  work=$(mktemp -d "$kernel_store/.new-XXXXXX")
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  unpack "$release" "$work"
  rm -rf "${kernel_store:?}/$release"
  mv -T "$work/kernel" "$kernel_store/$release"
  rm -rf "$work"
  trap - EXIT
  say "Unpacked into $kernel_store/$release"
}

write_newest() {
  local newest
  newest=$(for k in "$kernel_store"/*/build; do basename "$(dirname "$k")"; done | sort -V | tail -n 1)
  mkdir -p "$kernel_store/aliases"
  if [ "$(cat "$kernel_store/aliases/newest" 2>/dev/null)" != "$newest" ]; then
    echo "$newest" >"$kernel_store/aliases/.newest.$$"
    mv "$kernel_store/aliases/.newest.$$" "$kernel_store/aliases/newest"
  fi
}

is_debian || other_distribution "eng/kernels.sh" make gcc libelf1
need_lists
case ${1:-newest} in
  --list) newest_of_each "$(available)"; exit ;;
  --packages)
    shift
    releases=$(resolve "${@:-newest}")
    for release in $releases; do
      look_for "$release"
      build_packages "$release"
    done | sort -u
    exit
    ;;
  -*) usage ;;
esac

releases=$(resolve "${@:-newest}")
mkdir -p "$kernel_store"
exec 9>"$kernel_store/.lock"
flock 9
for release in $releases; do add "$release"; done
write_newest
echo "$releases"
