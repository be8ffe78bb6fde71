#!/bin/bash
# Every test, in tiers; installs what is missing first. The last line is the sum: "1234 passed, 0 failed, 0 skipped".
#
#   eng/test.sh              all tiers
#   eng/test.sh --quick      build, lint and the rooms' own tests; no SDK builds, no boots
#   eng/test.sh --all        all tiers, with what takes long in each (KLP_ALL=1); builds small kernels of other machines when they are not here
#   eng/test.sh --soak N     N times as many mutations and random kills (KLP_SOAK=N)
#   eng/test.sh --yes        install packages without asking
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

quick=0
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=1 ;;
    --all) export KLP_ALL=1 ;;
    --soak)
      shift
      [[ ${1:-} =~ ^[1-9][0-9]*$ ]] || fail "--soak takes a number above 0"
      export KLP_SOAK=$1
      ;;
    --yes | -y) assume_yes=1 ;;
    *) usage ;;
  esac
  shift
done

# The compilers a kernel names and the libraries of its tools come from the kernel's own packages; the rest is what the tests hold us against.
test_packages=(
  make gcc libc6-dev binutils clang lld llvm clangd ccache distcc
  gcc-aarch64-linux-gnu gcc-powerpc64le-linux-gnu gcc-s390x-linux-gnu
  qemu-system-x86 busybox-static cpio xz-utils zstd git shellcheck
  gpg gpg-agent rpm libarchive-tools
)
is_debian || other_distribution "eng/test.sh" "${test_packages[@]}" pahole libelf1
need_dotnet
need_lists

cd "$repository" || exit 1
export KLP_KERNEL_STORE=$kernel_store
# No build node may outlive the tests: it would hold the tasks' dlls and the environment of another build.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
results=$repository/artifacts/test-results
rm -rf "$results"
mkdir -p "$results"

passed=0 failed=0 skipped=0 times=()

# tier NAME COMMAND…: runs it and notes its time; its status is the command's.
tier() {
  local name=$1 start=$SECONDS status=0
  shift
  say
  say "== $name"
  "$@" || status=$?
  times+=("$(printf '%5d s  %s' $((SECONDS - start)) "$name")")
  return $status
}

number() { sed -nE "s/.*<Counters [^>]*\\b$1=\"([0-9]+)\".*/\\1/p" "$2" | head -n 1; }

# run_tests PROJECT [NAME FILTER]: runs one test project, or the part of it that the filter leaves. Its result file NAME.trx is counted afterwards, by `count`.
run_tests() {
  dotnet test "tests/$1" -c Release --no-build --nologo --logger "trx;LogFileName=$results/${2:-$1}.trx" --logger 'console;verbosity=minimal' ${3:+--filter "$3"}
}

# What a run's result file says, added to the sums. A run that failed without a failed test (a crash, no result file) counts as one.
count() {
  local status=$2 file=$results/$1.trx total
  if [ ! -s "$file" ]; then
    failed=$((failed + 1))
    return 1
  fi
  total=$(number total "$file")
  passed=$((passed + $(number passed "$file")))
  failed=$((failed + $(number failed "$file") + $(number error "$file") + $(number timeout "$file") + $(number aborted "$file")))
  skipped=$((skipped + total - $(number executed "$file")))
  if [ "$status" != 0 ] && [ "$(number failed "$file")" = 0 ]; then failed=$((failed + 1)); fi
  return "$status"
}

count_run() {
  local status=0
  run_tests "$@" || status=$?
  count "${2:-$1}" "$status"
}

# beside NAME RUN_TESTS_ARGUMENTS…: for `shown`, notes what was printed, the status and the two times.
beside() {
  local name=$1 start=$SECONDS status=0
  shift
  run_tests "$@" >"$results/$name.log" 2>&1 || status=$?
  echo "$status $start $SECONDS" >"$results/$name.status"
}

# shown NAME RESULT TITLE: prints and counts what ran beside.
shown() {
  local status start end
  read -r status start end <"$results/$1.status"
  say
  say "== $3"
  cat "$results/$1.log"
  times+=("$(printf '%5d s  %s' $((end - start)) "$3")")
  count "$2" "$status"
}

# Builds take their tests one after another and keep about one processor busy, and so do boots: they run beside each other, and what is left of the
# builds when the boots are through runs in their place.
builds_and_boots() {
  local status=0 boots bad=Klp.Build.Sdk.Tests.BadInput
  say
  say "== boots, beside the SDK's builds (shown below)"
  { beside boots Klp.Guest.Tests; beside bad-input Klp.Build.Sdk.Tests $bad "FullyQualifiedName~$bad."; } &
  boots=$!
  tier "SDK: real builds and kills" count_run Klp.Build.Sdk.Tests Klp.Build.Sdk.Tests "FullyQualifiedName!~$bad." || status=1
  wait "$boots"
  shown bad-input $bad "SDK: bad input, behind the boots" || status=1
  shown boots Klp.Guest.Tests "boots, beside the SDK" || status=1
  return $status
}

summary() {
  say
  printf '%s\n' "${times[@]}" >&2
  if [ -s "$results/left-out.txt" ]; then
    say "Left out, run by --all:"
    sort -u "$results/left-out.txt" | sed 's/^/  /' >&2
  fi
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" = 0 ] && [ "$passed" != 0 ]
}

if ! tier "build" dotnet build Klp.Build.sln -c Release -nologo -v minimal; then
  failed=1
  summary
  exit 1
fi
# The kernels are fetched with what was just built.
kernel_packages=$("$repository/eng/kernels.sh" --packages all) || exit 1
# shellcheck disable=SC2086 # a name a word
need_packages "${test_packages[@]}" $kernel_packages
tier "kernels" "$repository/eng/kernels.sh" all || fail "the kernels of the tests are not here"
if [ "${KLP_ALL:-}" = 1 ]; then
  # shellcheck disable=SC2046 # a name a word
  need_packages qemu-system-arm qemu-system-misc qemu-system-ppc $("$repository/eng/test-kernels.sh" --packages)
  tier "kernels of other machines" "$repository/eng/test-kernels.sh" || fail "the small kernels of other machines are not here"
fi
tier "lint" eng/lint.sh || failed=$((failed + 1))
tier "rooms, with mutations" count_run Klp.Tests
if [ "$quick" = 0 ]; then builds_and_boots; fi
summary
