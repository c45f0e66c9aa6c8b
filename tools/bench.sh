#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib.sh"
usage_on_help "usage: ./dev bench [sim|nic]...

Runs the benchmarks (default: all) and prints their tables; the same as JSON goes to build/bench/NAME.json." "$@"
tools/setup.sh all
build release cosnic
mkdir -p build/bench
[ $# -gt 0 ] || set -- sim nic
for name in "$@"; do
  step "cosnic bench $name"
  build/release/bin/cosnic bench "$name" --json "build/bench/$name.json"
done
