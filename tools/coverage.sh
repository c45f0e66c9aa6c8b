#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib.sh"
usage_on_help "usage: ./dev coverage [--rtl] [CTEST ARGUMENTS]

Builds all models and the C++ with coverage counters, runs the unit tests of RTL, host and simulation, journeys of each
kind, a part of the fuzzing and (where the rights allow it) a real ping, and prints lines and toggles of every RTL file
and lines of every C++ file; build/coverage/html/index.html has them line by line. Fails when less than 95 % of the RTL's
lines ran; tools/coverage_exclusions.txt holds what does not count and why. --rtl: only the RTL's unit tests. Other
arguments go to ctest (-R mac). With either the report is partial, and little is no error." "$@"
what='^(rtl|host|sim|contract|journey|fuzz|real)$' targets=(all)
partial=
if [ "${1:-}" = --rtl ]; then what='^rtl$' targets=(tests_rtl) partial=partial; shift; fi
[ $# = 0 ] || partial=partial
# One of what differs in seeds only: the models are slow when they count.
more='^(journey/((wide/)?replay_([2-9]|1[0-9]|20)|determinism_.*|(pairs|send|large)_without_.*|pairs8_.*|overload|four_cpus)'
more+='|fuzz/([2-9].*|1.+)|real/(udp|capture|busy))$'
tools/setup.sh all
build coverage "${targets[@]}"
points=$ROOT/build/coverage/points
rm -rf "$points"
mkdir -p "$points"
find build/coverage -name '*.gcda' -delete
step "Tests (coverage)"
can_make_tap || say "no right to make a TAP device: the tests with the system's own tools will be skipped"
failed=
COSNIC_COVERAGE_DIR=$points ctest --preset coverage -j "$JOBS" -L "$what" -E "$more" "$@" || failed=yes
step "Adding up"
python3 tools/coverage.py build/coverage "$points" $partial
[ -z "$failed" ] || die "tests failed, see above: the figures are of those that ran"
