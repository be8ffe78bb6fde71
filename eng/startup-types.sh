#!/usr/bin/env bash
# Adds to a startup.types list what a command still compiles at its start. LIST COMMAND…, for example:
#   eng/startup-types.sh src/Klp.Cli/startup.types dotnet artifacts/sdks/Klp.Build.Sdk/tools/net10.0/klp.dll convert in.tmp.ko out.ko
# Build afterwards. To make a list anew (types that are gone cost nothing): empty it, build, run this for each command that should start fast.
set -euo pipefail
list=$1
shift
maps=$(mktemp -d)
trap 'rm -rf "$maps"' EXIT
DOTNET_PerfMapEnabled=3 DOTNET_PerfMapJitDumpPath=$maps DOTNET_PerfMapShowOptimizationTiers=1 "$@" >/dev/null
# 7f0123 8d void [System.Private.CoreLib] System.Collections.Generic.List`1[System.UInt32]::.cctor()[QuickJitted]
{
  cat "$list"
  sed -n 's/^.* \([^ ]*`[0-9][^ ]*\]\)::[^ (]*(.*\[\(QuickJitted\|OptimizedTier1OSR\|Optimized\)\]$/\1/p' "$maps"/perf-*.map
} | LC_ALL=C sort -u -o "$list"
