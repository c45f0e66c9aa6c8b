#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib.sh"
usage_on_help "usage: ./dev synth [--family ecp5|xilinx] [--pairs N[,N...]] [--check] [--fmax] [--full] [TOP]

Synthesises TOP (default nic_top: the whole NIC) with Yosys, module by module, and prints the resources of each with all
below it. --family: Lattice ECP5 (synth_ecp5, the default) or Xilinx UltraScale+ (synth_xilinx -family xcup). --pairs:
queue pairs, several to compare (what does not depend on them is synthesised once). --check stops before memories and
logic are mapped: no table, but soon done, with the same warnings about the sources.

--fmax synthesises each path of tools/fmax_paths.txt (or only TOP) flat for ECP5, puts registers around it, places and
routes it alone with nextpnr-ecp5 (Debian 13's, unpacked below build, where none is installed) and prints its Fmax.
--full does all of it for 1, 8 and 64 pairs and both families and rewrites the table in rtl/README.md; about an hour of
one core. What is there already below build/synth for the same sources is used again." "$@"
family=ecp5 pairs='' mode=table top=
while [ $# -gt 0 ]; do
  case $1 in
    --family|--pairs) [ $# -gt 1 ] || die "$1 takes a value"
      if [ "$1" = --family ]; then family=$2; else pairs=$2; fi; shift ;;
    --check|--fmax|--full) mode=${1#--} ;;
    -*) die "unknown option '$1'; './dev synth --help' lists them" ;;
    *) top=$1 ;;
  esac
  shift
done
case $family in ecp5|xilinx) ;; *) die "unknown family '$family': ecp5 or xilinx" ;; esac
[[ $pairs =~ ^([0-9]+(,[0-9]+)*)?$ ]] || die "--pairs takes numbers like 8 or 1,8,64"
tools/setup.sh all
build release contract_sv
mkdir -p build/synth
mapfile -t files < <(grep -vE '^\s*(#|//|$|\+)' rtl/nic.f)
mapfile -t packages < <(rtl_packages)
sources=$(printf '%s\n' build/release/rtl/contract_pkg.sv "${packages[@]}" "${files[@]}" | awk '!seen[$0]++')
digest=$(cat $sources rtl/common/*.svh | cat - <(yosys -V) | sha256sum | cut -c1-16)

# yosys_run NAME SCRIPT RESULT: reads the sources, runs SCRIPT, refuses warnings. Nothing to do when RESULT is of these sources.
yosys_run() {
  local name=$1 script=$2 result=$3 log=build/synth/$1.log warnings waivers
  [ -s "$result" ] && [ "$(cat "$result.of" 2>/dev/null)" = "$digest $script" ] && return 0
  rm -f "$result.of"
  yosys -q -l "$log" -p "read_verilog -sv -Irtl/common $(echo $sources); $script" ||
    { tail -5 "$log" >&2; die "synthesis failed; the log is $log"; }
  waivers=$(grep -vE '^(#|$)' tools/synth_waivers.txt || true)
  warnings=$(grep -E '^Warning:' "$log" | sort -u | { if [ -n "$waivers" ]; then grep -vF "$waivers" || true; else cat; fi; }) || true
  if [ -n "$warnings" ]; then
    printf '%s\n' "$warnings" | head -20 >&2
    die "Yosys warned; a warning is an error here (tools/synth_waivers.txt holds the accepted ones with their reasons)"
  fi
  echo "$digest $script" >"$result.of"
  git rev-parse --short HEAD >"$result.commit" 2>/dev/null || rm -f "$result.commit"
}

# resources FAMILY TOP PAIRS [check]: the module-by-module netlist's report, in $report.
resources() {
  local name=$2-$1${3:+-${3//,/-}} command harness='' under=$2 until=''
  case $1 in
    ecp5) command="synth_ecp5 -noflatten" ;;
    xilinx) command="synth_xilinx -family xcup -noiopad -noclkbuf" ;;
  esac
  if [ "${4:-}" = check ]; then  # flip-flops one by one: some bits of a word were merged into a memory's port
    name+=-check until="-run begin:map_ram; simplemap t:\$*dff*; opt_clean"
  fi
  if [ -n "$3" ]; then  # one design that holds a variant for each number of pairs
    under=variants harness="build/synth/$name.sv"
    { echo "module variants;"
      for n in ${3//,/ }; do echo "  (* keep *) $2 #(.Pairs($n)) u_$n ();"; done
      echo "endmodule"; } >"$harness"
  fi
  report=build/synth/$name.stat
  step "Synthesising $2 for $1${3:+ with $3 queue pairs} with $(yosys -V | cut -d' ' -f1,2); the log is build/synth/$name.log"
  yosys_run "$name" "${harness:+read_verilog -sv $harness; }hierarchy -check -top $under; $command -top $under $until; check -assert; tee -q -o $report stat" "$report"
}

# fmax_all [ONLY]: the lines of tools/fmax_paths.txt, a JSON object each, below build/synth/fmax.
fmax_all() {
  local nextpnr name parameters text
  nextpnr=$(tools/nextpnr.sh) || { say "Fmax is left out"; return 1; }
  mkdir -p build/synth/fmax
  while IFS='|' read -r name parameters text; do
    name=$(echo $name) parameters=$(echo $parameters)
    local top=${name%%:*} json=build/synth/fmax/${name/:/-}.json set=''
    [ -z "${1:-}" ] || [ "$1" = "$top" ] || continue
    for p in $parameters; do set+="chparam -set ${p%=*} ${p#*=} $top; "; done
    step "Placing and routing $name alone"
    yosys_run "fmax/${name/:/-}" "${set}hierarchy -check -top $top; synth_ecp5 -top $top -json $json" "$json"
    if [ ! -s "${json%.json}.fmax" ] || [ "${json%.json}.fmax" -ot "$json" ] || [ "${json%.json}.fmax" -ot tools/fmax.py ]; then
      python3 tools/fmax.py "$nextpnr" "$json" "$top" >"${json%.json}.fmax.new"
      mv "${json%.json}.fmax.new" "${json%.json}.fmax"
    fi
  done < <(grep -vE '^(#|$)' tools/fmax_paths.txt)
}

case $mode in
  check) resources "$family" "${top:-nic_top}" "$pairs" check ;;
  table) resources "$family" "${top:-nic_top}" "$pairs"
    python3 tools/synth_table.py table "$family" "$report" "${top:-nic_top}" ;;
  fmax) fmax_all "$top" || die "there is no Fmax without nextpnr-ecp5"
    python3 tools/synth_table.py fmax ${top:+--only "$top"} ;;
  full) [ -z "$top" ] || die "--full is about the whole NIC"
    resources ecp5 nic_top 1,8,64
    ecp5=$report
    resources xilinx nic_top 1,8,64
    with=()
    if fmax_all; then with=(fmax); fi
    python3 tools/synth_table.py readme "ecp5=$ecp5" "xilinx=$report" "${with[@]}" ;;
esac
