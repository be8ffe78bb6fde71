#!/bin/bash
# Builds small kernels that can be livepatched on architectures where Debian's cannot (Debian has CONFIG_LIVEPATCH on amd64 only),
# from Debian's own kernel sources, the newest there is, with Debian's cross compilers.
#
#   eng/test-kernels.sh                all: s390x and ppc64le from 6.1, arm64 from the newest source (it has livepatching since 6.17)
#   eng/test-kernels.sh s390x arm64    only these
#   eng/test-kernels.sh --packages     the packages this needs
#
# Prints the release of each kernel, one a line; a kernel that is here already costs nothing. Needs no root but for packages that are missing.
# The kernels lie in a store of their own beside the others, by default ~/.cache/klp/test-kernels (KLP_TEST_KERNELS), in the store's layout:
# <store>/<release>/{build,image,modules,root}, with a busybox of the architecture in root/bin. A recipe is eng/test-kernels/common.config and the
# architecture's; change one, or let Debian bring a newer source, and the next run builds that kernel anew.
#
# On two quiet cores: s390x 3 minutes, ppc64le 4, arm64 6; 140 MB to download for each source, 3 GB of disk while it builds, 120 MB each afterwards.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

store=${KLP_TEST_KERNELS:-$(dirname "$kernel_store")/test-kernels}
recipes=$repository/eng/test-kernels
source_packages=(make gcc libc6-dev binutils flex bison bc libssl-dev libelf-dev cpio kmod xz-utils)

# Per architecture: the kernel's name for it, its name in compilers, Debian's name, the source's series, the image that QEMU boots.
facts_of() {
  case $1 in
    s390x) echo s390 s390x-linux-gnu s390x 6.1 arch/s390/boot/bzImage ;;
    ppc64le) echo powerpc powerpc64le-linux-gnu ppc64el 6.1 vmlinux ;;
    arm64) echo arm64 aarch64-linux-gnu arm64 newest arch/arm64/boot/Image.gz ;;
    *) fail "there is no recipe for '$1'; there are: s390x ppc64le arm64" ;;
  esac
}

packages_of() {
  local compiler
  read -r _ compiler _ <<<"$(facts_of "$1")"
  echo "gcc-$compiler"
}

# Options for apt that see the sources and busybox of all architectures: Debian 12 has the 6.1 source, the newest one is in sid.
# State and lists are in the store and a day good; the system's apt, its lists and its architectures stay as they are.
apt_options=()
look_around() {
  local state=$store/.apt key=/usr/share/keyrings/debian-archive-keyring.gpg archive security targets others=arm64,ppc64el,s390x
  # shellcheck disable=SC2016
  targets=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(ORIGIN)' 'Created-By: Packages' | sort -u)
  archive=$(awk '$3 == "Debian" && $2 !~ /-/ { print $1; exit }' <<<"$targets")
  security=$(awk '$3 == "Debian" && $2 ~ /-security$/ { print $1; exit }' <<<"$targets")
  # apt tells only of archives whose lists it has read; the files that name them have the others too.
  security=${security:-$(grep -rhsE --include='*.list' --include='*.sources' '^(deb |URIs:)' /etc/apt/sources.list /etc/apt/sources.list.d | grep -oE '[a-z]+://[^ ]*debian-security[^ ]*' | head -n 1 || true)}
  if [ -z "$archive" ] || [ ! -r "$key" ]; then fail "apt is not set up for Debian's archive here"; fi
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  {
    echo "deb [arch=amd64,$others signed-by=$key] $archive bookworm main"
    if [ -n "$security" ]; then echo "deb [arch=amd64 signed-by=$key] $security bookworm-security main"; fi
    echo "deb [arch=amd64 signed-by=$key] $archive sid main"
  } >"$state/sources.list"
  apt_options=(
    -o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$state/lists" -o "Dir::Cache=$state/cache" -o Dir::State::status=/dev/null
    -o APT::Architectures::=amd64 -o APT::Architectures::=arm64 -o APT::Architectures::=ppc64el -o APT::Architectures::=s390x
  )
  # As root apt drops to a user that may not write here, and warns about it.
  if [ "$(id -u)" = 0 ]; then apt_options+=(-o APT::Sandbox::User=root); fi
  if [ -z "$(find "$state/updated" -mtime -1 2>/dev/null)" ]; then
    say "Reading Debian's lists of packages, for sources and for the other architectures."
    if apt-get "${apt_options[@]}" update -qq >&2; then
      touch "$state/updated"
    else
      say "apt-get update had problems; going on with the lists that are here."
    fi
  fi
}

# linux-source-6.1, or the newest there is.
source_of() {
  [ "$1" != newest ] || set -- "$(apt-cache "${apt_options[@]}" search --names-only '^linux-source-[0-9.]+$' | sed -E 's/^linux-source-([0-9.]+) .*/\1/' | sort -V | tail -n 1)"
  [ -n "$1" ] || fail "apt knows no linux-source package"
  echo "linux-source-$1"
}

version_of() { apt-cache "${apt_options[@]}" policy "$1" | sed -n 's/^  Candidate: //p'; }

download() { (cd "$1" && apt-get "${apt_options[@]}" download -qq "$2" >&2) || fail "$2 cannot be downloaded"; }

# Everything that decides how a kernel comes out.
key_of() {
  local architecture=$1 package=$2 compiler=$3
  echo "$package $(version_of "$package")"
  "$compiler-gcc" --version | head -n 1
  {
    declare -f facts_of configure lay_out_tree build
    cat "$recipes/common.config" "$recipes/$architecture.config"
  } | sha256sum | cut -c1-64
}

# The configuration, and a check that it is what the recipe asked for: kconfig drops silently what it cannot have.
configure() {
  local architecture=$1 work=$2 line
  cat "$recipes/common.config" "$recipes/$architecture.config" >"$work/recipe"
  "${make[@]}" KCONFIG_ALLCONFIG="$work/recipe" allnoconfig >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; fail "the configuration for $architecture failed"; }
  grep -E '^(CONFIG_|# CONFIG_.* is not set$)' "$work/recipe" | while read -r line; do
    grep -qxF "$line" "$work/object/.config" || fail "$architecture's kernel cannot have: $line"
  done
}

# A tree that external modules are built with, as packages of kernel headers hold it: make files, headers, scripts and what was generated.
lay_out_tree() {
  local karch=$1 source=$2 object=$3 tree=$4
  mkdir -p "$tree"
  (
    cd "$source"
    find . "arch/$karch" -maxdepth 1 -name 'Makefile*'
    find include scripts -type f -o -type l
    find "arch/$karch" -name Kbuild.platforms -o -name Platform -o -path '*/tools/Makefile'
    find "arch/$karch" \( -path '*/include/*' -o -path '*/scripts/*' \) -type f
    find tools/include tools/build tools/scripts -type f 2>/dev/null || true
  ) | tar -c -f - -C "$source" -T - | tar -xf - -C "$tree"
  (
    cd "$object"
    find "arch/$karch/include" include scripts -type f ! -name '*.o' ! -name '*.cmd'
    find "arch/$karch" -maxdepth 2 -name 'module.lds'
    # Modules of ppc64le are linked with the routines that save registers.
    find "arch/$karch/lib" -name crtsavres.o 2>/dev/null || true
    find scripts -name module-common.o
    if [ -x tools/objtool/objtool ]; then echo tools/objtool/objtool; fi
    echo Module.symvers
    echo .config
  ) | tar -c -f - -C "$object" -T - | tar -xf - -C "$tree"
}

# Makes one kernel in a folder of its own; it appears under its name by one rename, whole.
build() {
  local architecture=$1 package=$2 key=$3 karch compiler debian image work source release root start=$SECONDS
  read -r karch compiler debian _ image <<<"$(facts_of "$architecture")"
  work=$(mktemp -d "$store/.new-XXXXXX")
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  say "Building a small kernel for $architecture from $package: some minutes."
  download "$work" "$package"
  dpkg-deb --fsys-tarfile "$work"/linux-source-*.deb | tar -xf - -C "$work" --wildcards './usr/src/*.tar.xz'
  rm "$work"/linux-source-*.deb
  tar -xf "$work"/usr/src/linux-source-*.tar.xz -C "$work"
  rm -r "${work:?}/usr"
  source=$(echo "$work"/linux-source-*)
  make=(nice -n 19 make -C "$source" "ARCH=$karch" "CROSS_COMPILE=$compiler-" "O=$work/object" "LOCALVERSION=-klptest-$architecture"
    KBUILD_BUILD_USER=klp KBUILD_BUILD_HOST=klp "KBUILD_BUILD_TIMESTAMP=1970-01-01")
  mkdir "$work/object"
  configure "$architecture" "$work"
  "${make[@]}" -j "$(nproc)" "$(basename "$image")" modules >"$work/log" 2>&1 || { tail -n 30 "$work/log" >&2; fail "the kernel for $architecture does not build"; }

  release=$(cat "$work/object/include/config/kernel.release")
  root=$work/kernel/root
  mkdir -p "$root/boot" "$root/bin"
  "${make[@]}" INSTALL_MOD_PATH="$root" modules_install >"$work/log" 2>&1 || { tail -n 30 "$work/log" >&2; fail "the modules for $architecture cannot be installed"; }
  rm -f "$root/lib/modules/$release"/{build,source}
  lay_out_tree "$karch" "$source" "$work/object" "$root/usr/src/linux-headers-$release"
  cp "$work/object/$image" "$root/boot/vmlinuz-$release"
  # Its symbols are in the kernel's own table; 7 of 12 MB are none of the loader's.
  case $image in vmlinux) "$compiler-strip" "$root/boot/vmlinuz-$release" ;; esac
  cp "$work/object/System.map" "$root/boot/System.map-$release"
  download "$work" "busybox-static:$debian"
  dpkg-deb --fsys-tarfile "$work"/busybox-static_*.deb | tar -xf - -C "$root" --no-same-owner --wildcards './*bin/busybox'
  ln -s "root/usr/src/linux-headers-$release" "$work/kernel/build"
  ln -s "root/boot/vmlinuz-$release" "$work/kernel/image"
  ln -s "root/lib/modules/$release" "$work/kernel/modules"
  echo "$key" >"$work/kernel/recipe"
  rm -rf "${store:?}/$release"
  mv -T "$work/kernel" "$store/$release"
  rm -rf "$work"
  trap - EXIT
  say "Built $store/$release in $((SECONDS - start)) s"
  echo "$release"
}

add() {
  local architecture=$1 compiler series package key entry
  read -r _ compiler _ series _ <<<"$(facts_of "$architecture")"
  package=$(source_of "$series")
  key=$(key_of "$architecture" "$package" "$compiler")
  for entry in "$store"/*-klptest-"$architecture"; do
    if [ "$(cat "$entry/recipe" 2>/dev/null)" = "$key" ]; then
      basename "$entry"
      return
    fi
  done
  rm -rf "$store"/*-klptest-"$architecture"
  build "$architecture" "$package" "$key"
}

only_packages=0
architectures=()
while [ $# -gt 0 ]; do
  case $1 in
    --packages) only_packages=1 ;;
    --yes | -y) assume_yes=1 ;;
    -*) usage ;;
    *)
      facts_of "$1" >/dev/null
      architectures+=("$1")
      ;;
  esac
  shift
done
[ ${#architectures[@]} -gt 0 ] || architectures=(s390x ppc64le arm64)
packages=("${source_packages[@]}")
for architecture in "${architectures[@]}"; do packages+=("$(packages_of "$architecture")"); done
is_debian || other_distribution "eng/test-kernels.sh" "${packages[@]}"
if [ $only_packages = 1 ]; then
  printf '%s\n' "${packages[@]}"
  exit
fi
need_lists
need_packages "${packages[@]}"
mkdir -p "$store"
exec 9>"$store/.lock"
flock 9
look_around
for architecture in "${architectures[@]}"; do add "$architecture"; done
