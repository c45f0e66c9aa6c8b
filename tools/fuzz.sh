#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib.sh"
usage_on_help "usage: ./dev fuzz [--minutes M] [TARGET]...

Runs libFuzzer targets of the host stack one after the other, M minutes each (default 1): headers, bpf, text, nft,
frames, console, world (default: all). What they find stays in build/asan/tests/fuzz/host/corpus and is where the next run begins; a crash is kept in crashes/ beside
it, and the command that repeats it is printed. (cosnic fuzz is another thing: RTL and model under random plans.)" "$@"
minutes=1
if [ "${1:-}" = --minutes ]; then minutes=${2:?say how many minutes}; shift 2; fi
tools/setup.sh all
build asan tests_fuzz
folder=build/asan/tests/fuzz/host
[ $# -gt 0 ] || set -- headers bpf text nft frames console world
for target in "$@"; do
  [ -x "$folder/${target}_fuzz" ] || die "there is no target '$target'; ./dev fuzz --help lists them"
  step "$target for $minutes minutes"
  python3 tests/fuzz/host/run_fuzzer.py --minutes "$minutes" "$folder/${target}_fuzz"
done
