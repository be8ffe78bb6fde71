#!/usr/bin/env bash
# Measures builds against kbuild and writes bench/results/<kernel>.md. Options: --rounds N, --kernel RELEASE, --group TEXT (then <kernel>-<group>.md):
# "one patch, ", "8 patches", "six kernels".
# The group "six kernels" needs cloud and rt kernels in the store: klp kernel add 6.1 6.12 --flavour cloud, and the same with rt.
# bench/run.sh symbols …: symbol indexes and conversion, bench/results/<kernel>-symbols.md.
# bench/run.sh store …: klp kernel add from package files on disk (--files FOLDER), bench/results/store.md.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build Klp.Build.sln -c Release -v q -nologo
exec dotnet run --project bench/Klp.Bench -c Release --no-build -- "$@"
