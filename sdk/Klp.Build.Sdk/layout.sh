#!/bin/sh
# Lays the staged SDK out as the dev lane: layout.sh STAGING LAYOUT VERSION DEV-VERSION
# Each changed file is swapped in by rename, so that builds which are running keep the dlls they have mapped; files that went away are removed.
set -eu
staging=${1%/} layout=${2%/} version=$3 dev=$4
lane=$staging-dev
rm -rf "$lane"
cp -R "$staging" "$lane"
# The dev lane says its own version, and has the marker that makes NuGet take a folder for an installed package.
sed "s/>$version</>$dev</" "$staging/targets/Klp.Version.props" > "$lane/targets/Klp.Version.props"
printf '{}\n' > "$lane/.nupkg.metadata"

mkdir -p "$layout"
cd "$lane"
find . -type f | while IFS= read -r file; do
  cmp -s "$file" "$layout/$file" && continue
  mkdir -p "$layout/$(dirname "$file")"
  cp "$file" "$layout/$file.swap-$$"
  mv -f "$layout/$file.swap-$$" "$layout/$file"
done
cd "$layout"
find . -type f | while IFS= read -r file; do
  [ -e "$lane/$file" ] || rm -f "$file"
done
find . -type d -empty -delete
rm -rf "$lane"
