#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib.sh"
usage_on_help "usage: ./dev formal [--list] [--only NAME] [--faults]

Proves every leaf module that has a proof in tests/formal (Yosys, yosys-smtbmc) and prints one line a property set
with its depth and method. --faults shows each proof failing on its seeded faults." "$@"
tools/setup.sh all
build release contract_sv
exec python3 tests/formal/prove.py --contract build/release/rtl/contract_pkg.sv --jobs "$JOBS" "$@"
