#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib.sh"
usage_on_help "usage: ./dev build [release|debug|asan|coverage] [TARGET ...]

Builds into build/PRESET. JOBS=N in the environment sets the number of parallel jobs." "$@"
preset=${1:-release}
[ $# -gt 0 ] && shift
case $preset in release|debug|asan|coverage) ;; *) die "unknown preset '$preset': release, debug, asan or coverage" ;; esac
tools/setup.sh all
build "$preset" "$@"
