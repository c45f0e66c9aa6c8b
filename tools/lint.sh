#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib.sh"
usage_on_help "usage: ./dev lint [verilator|yosys|format|tidy|repo]...

Runs the named checks (default: all). Zero warnings is the only pass: Verilator -Wall on the whole NIC at every data
width, Yosys synth_ecp5 of the whole NIC, clang-format, clang-tidy on every C++ file, and the repository's own rules
(dependency arrows, licence lines, file lengths, READMEs, documents in step with flags)." "$@"
tools/setup.sh all
[ $# -gt 0 ] || set -- verilator format repo yosys tidy
build release contract_sv

lint_verilator() {
  step "Verilator -Wall -Wpedantic: nic_top at both widths, and on GMII"
  mapfile -t files < <(grep -E '^rtl/' rtl/nic.f)
  mapfile -t packages < <(rtl_packages)
  for variant in -DCOSNIC_DATA_W=64 -DCOSNIC_DATA_W=128 "-GGmii=1'b1"; do
    verilator --lint-only --no-timing --assert -Wall -Wpedantic -Irtl/common "$variant" --top-module nic_top \
      rtl/lint.vlt build/release/rtl/contract_pkg.sv "${packages[@]}" "${files[@]}"
  done
}
lint_format() {
  step "clang-format"
  tools/format.sh --check
}
lint_repo() {
  build release cosnic
  step "The repository's own rules"
  for check in arrows spdx length whitespace casts readmes lists leaks flags; do
    python3 tests/repo/check_repo.py "$check" build/release/bin/cosnic
  done
}
lint_yosys() {
  step "Yosys synth_ecp5: nic_top"
  tools/synth.sh --check nic_top >/dev/null
}
# A file is checked again only when it, a header it includes or .clang-tidy changed since it last passed.
lint_tidy() {
  configure release
  step "clang-tidy on $JOBS cores"
  python3 tools/tidy.py --build build/release --jobs "$JOBS"
}

for check in "$@"; do
  case $check in
    verilator|yosys|format|tidy|repo) "lint_$check" ;;
    *) die "unknown check '$check': verilator, yosys, format, tidy or repo" ;;
  esac
done
step "Lint is clean"
