#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib.sh"
usage_on_help "usage: ./dev setup [demo|all]

Installs the Debian 12 packages that the project needs and that are missing: 'demo' those that build and run the
demo, 'all' (the default) also those of the tests, the lint, the proofs and the benchmarks.
Needs root or sudo only when something is missing." "$@"

demo=(g++ clang cmake ninja-build ccache make verilator libsystemc-dev libfmt-dev nlohmann-json3-dev
  libtomlplusplus-dev libcli11-dev libpcap-dev libedit-dev zlib1g-dev linux-libc-dev iproute2 iputils-ping pciutils python3)
all=("${demo[@]}" catch2 yosys z3 iverilog lcov clang-format clang-tidy libclang-rt-14-dev valgrind tshark tcpdump
  traceroute bind9-dnsutils iperf3 curl jc python3-matplotlib
  golang-github-google-gopacket-dev)

case ${1:-all} in
  demo) want=("${demo[@]}") ;;
  all) want=("${all[@]}") ;;
  *) die "unknown set '$1': say 'demo' or 'all'" ;;
esac

command -v dpkg-query >/dev/null || die "this is not a Debian system: install by hand ${want[*]}"
missing=()
for p in "${want[@]}"; do
  dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
done
[ ${#missing[@]} = 0 ] && exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || die "packages are missing and there is neither root nor sudo; as root: apt-get install ${missing[*]}"
  as_root=(sudo)
fi
step "Installing ${#missing[@]} Debian packages: ${missing[*]}"
log=$(log_of setup)
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q update >"$log" 2>&1 || { tail -5 "$log" >&2; die "apt-get update failed; is there a network? The log is $log"; }
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "${missing[@]}" >>"$log" 2>&1 ||
  { tail -5 "$log" >&2; die "apt-get install failed; the log is $log"; }
