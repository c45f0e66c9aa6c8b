#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib.sh"
usage_on_help "usage: ./dev mutate [--only WORD]... [--list] [--check]

Puts the faults of tests/mutate into a copy of the RTL or of the host, one at a time, and sees the test that should notice fail: one
line a fault. --only takes those with the word in their area, file, test or description; --list names them;
--check only sees that their texts are still there." "$@"
tools/setup.sh all
python3 tests/mutate/mutate.py --jobs "$JOBS" "$@"
