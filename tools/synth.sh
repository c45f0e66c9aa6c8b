#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib.sh"
usage_on_help "usage: ./dev synth [--check] [TOP]

Synthesises TOP (default nic_top: the whole NIC) for Lattice ECP5 with Yosys' synth_ecp5 and prints the resources, the
whole and by module. The netlist report stays in build/synth. --check stops before logic is mapped to LUTs: no table, in a
third of the time, with the same warnings about the sources." "$@"
until=
if [ "${1:-}" = --check ]; then until="-run begin:map_luts"; shift; fi
top=${1:-nic_top}
tools/setup.sh all
build release contract_sv
mkdir -p build/synth
log=build/synth/$top.log
step "Synthesising $top for ECP5 with $(yosys -V | cut -d' ' -f1,2); the log is $log"
mapfile -t files < <(grep -vE '^\s*(#|//|$|\+)' rtl/nic.f)
mapfile -t packages < <(rtl_packages)
all=$(printf '%s\n' build/release/rtl/contract_pkg.sv "${packages[@]}" "${files[@]}" | awk '!seen[$0]++')
yosys -q -l "$log" -p "read_verilog -sv -Irtl/common $(echo $all); hierarchy -check -top $top; synth_ecp5 -noflatten -top $top $until; check -assert; tee -q -o build/synth/$top.stat stat" ||
  { tail -5 "$log" >&2; die "synthesis failed; the log is $log"; }
waivers=$(grep -vE '^(#|$)' tools/synth_waivers.txt || true)
warnings=$(grep -E '^Warning' "$log" | sort -u | { if [ -n "$waivers" ]; then grep -vF "$waivers" || true; else cat; fi; }) || true
if [ -n "$warnings" ]; then
  printf '%s\n' "$warnings" | head -20 >&2
  die "Yosys warned; a warning is an error here (tools/synth_waivers.txt holds the accepted ones with their reasons)"
fi
[ -n "$until" ] || python3 tools/synth_table.py "build/synth/$top.stat" "$top"
