#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib.sh"
usage_on_help "usage: ./dev format [--check]

Rewrites every C++ file in the project's format; --check only lists the files that differ and fails." "$@"
tools/setup.sh all
mapfile -t files < <(git ls-files -co --exclude-standard -- '*.cpp' '*.hpp')
if [ "${1:-}" = --check ]; then
  clang-format --dry-run --Werror "${files[@]}" 2>&1 | grep -oE '^[^:]+' | sort -u >&2 && die "these files are not formatted; run ./dev format" || true
else
  clang-format -i "${files[@]}"
fi
