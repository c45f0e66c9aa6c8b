#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib.sh"
usage_on_help "usage: ./dev test [--quick] [CTEST ARGUMENTS]

Everything that CI runs: build, unit tests, proofs with their seeded faults, journeys on the RTL, the real network
tools where the rights allow it, lint without clang-tidy (ten minutes more: ./dev lint has it; Yosys is one of the
tests), and the host stack and journeys again under AddressSanitizer and UndefinedBehaviorSanitizer, with libFuzzer
on the host's parsers. --quick leaves out lint, sanitizers and fuzzers. Other arguments go to ctest (-R mac, -L formal)." "$@"
quick=no
skip=()
if [ "${1:-}" = --quick ]; then quick=yes skip=(-E '^repo/yosys$'); shift; fi
tools/setup.sh all
build release all
[ $quick = yes ] || tools/lint.sh verilator format repo
step "Tests (release)"
can_make_tap || say "no right to make a TAP device: the tests with the system's own tools will be skipped"
ctest --preset release -j "$JOBS" "${skip[@]}" "$@"
if [ $quick = no ]; then
  build asan tests_asan
  step "Tests (AddressSanitizer and UndefinedBehaviorSanitizer, libFuzzer on the host's parsers)"
  ctest --preset asan -j "$JOBS" -L asan
fi
