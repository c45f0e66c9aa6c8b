#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib.sh"
usage_on_help "usage: ./dev format [--check]

Rewrites every C++ file in the project's format; --check only lists the files that differ and fails." "$@"
tools/setup.sh all
mapfile -t files < <(git ls-files -co --exclude-standard -- '*.cpp' '*.hpp')
if [ "${1:-}" = --check ]; then
  differ=()
  for file in "${files[@]}"; do
    clang-format "$file" | cmp -s - "$file" || differ+=("$file")
  done
  [ ${#differ[@]} = 0 ] || die "run ./dev format, these files are not formatted: ${differ[*]}"
else
  clang-format -i "${files[@]}"
fi
