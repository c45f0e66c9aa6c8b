#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib.sh"
usage_on_help "usage: ./dev plots [NAME]... | --from F.json

Runs the experiments (default: all, on the RTL) and draws each as docs/experiments/NAME.svg and .png, with its points in
NAME.json. --from draws what cosnic experiment wrote with --json, or such points again." "$@"
tools/setup.sh all
mkdir -p build/experiments
if [ "${1:-}" = --from ]; then
  [ $# = 2 ] || die "--from takes one file that 'cosnic experiment all --json FILE' wrote"
  /usr/bin/python3 tools/plots.py "$2" docs/experiments
  exit
fi
build release cosnic
[ $# -gt 0 ] || set -- all
for name in "$@"; do
  step "cosnic experiment $name"
  build/release/bin/cosnic experiment "$name" --json "build/experiments/$name.json"
  /usr/bin/python3 tools/plots.py "build/experiments/$name.json" docs/experiments
done
