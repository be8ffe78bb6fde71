#!/bin/bash
# From nothing to a patched kernel: installs what is missing, builds the SDK and the sample `meminfo` for the newest Debian kernel there is,
# boots that kernel in QEMU with the patch and prints /proc/meminfo before and after. The machine's own kernel is not touched.
#
#   eng/demo.sh [--yes]      --yes: install packages without asking
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

for option in "$@"; do
  case $option in
    --yes | -y) assume_yes=1 ;;
    *) usage ;;
  esac
done

run_packages=(make qemu-system-x86 busybox-static)
is_debian || other_distribution "eng/demo.sh" "${run_packages[@]}" gcc libelf1
need_dotnet
need_lists
cd "$repository"
say
say "Building the SDK."
dotnet build sdk/Klp.Build.Sdk -c Release -v quiet -nologo >&2
kernel_packages=$("$repository/eng/kernels.sh" --packages newest) || exit 1
# shellcheck disable=SC2086 # a name a word
need_packages "${run_packages[@]}" $kernel_packages

release=$("$repository/eng/kernels.sh" newest)
export KLP_KERNEL_STORE=$kernel_store
cd samples/meminfo
# What the two commands leave out here: which kernel. On a machine of your own that is a line of the project, or the running kernel.
for verb in build run; do
  say
  say "$ cd samples/meminfo && dotnet $verb -p:TargetKernel=$release"
  case $verb in
    build) dotnet build "-p:TargetKernel=$release" -nologo ;;
    run) dotnet run --no-build "-p:TargetKernel=$release" ;;
  esac
done
