#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib.sh"
usage_on_help "usage: ./dev bench [sim|nic|stack|profile]...

Runs the benchmarks (default: sim, nic and stack) and prints their tables; the same as JSON goes to build/bench/NAME.json.
profile prints where the model's instructions go, by RTL module." "$@"
tools/setup.sh all
build release cosnic
mkdir -p build/bench
[ $# -gt 0 ] || set -- sim nic stack
for name in "$@"; do
  if [ "$name" = profile ]; then
    build profile cosnic
    step "Instructions of the model by RTL module (callgrind)"
    python3 tools/model_profile.py build/profile
    continue
  fi
  step "cosnic bench $name"
  build/release/bin/cosnic bench "$name" --json "build/bench/$name.json"
done
