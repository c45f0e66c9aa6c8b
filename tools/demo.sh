#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib.sh"
usage_on_help "usage: ./dev demo

Builds cosnic and lets the system's own ping and a UDP exchange cross the simulated NIC: a TAP device in a network
namespace of its own, the verilated MAC, DMA, PCIe, and the host stack behind it. Without the rights to make a
namespace the same traffic comes from a second instance of the project's own stack. Prints the journey of a ping and
names the capture to open." "$@"
tools/setup.sh demo
build release cosnic
cosnic=build/release/bin/cosnic
out=build/demo
rm -rf $out && mkdir -p $out

if ! can_make_tap; then
  step "No right to make a TAP device (needs root and /dev/net/tun): a second instance of our own stack pings instead"
  $cosnic run --wire peer --app udp-echo --capture $out/demo.pcapng --stats $out/stats.json
else
  ns=cosnic-demo-$$
  ip netns add $ns
  pid=
  cleanup() { [ -n "$pid" ] && kill -INT "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; ip netns del $ns 2>/dev/null || true; }
  trap cleanup EXIT
  in_ns() { ip netns exec $ns "$@"; }
  in_ns sysctl -q -w net.ipv6.conf.all.disable_ipv6=1  # the last frame shall be the last ping
  in_ns ip tuntap add dev tap0 mode tap
  in_ns ip addr add 10.77.0.1/24 dev tap0
  in_ns ip link set tap0 up
  step "The simulated host 10.77.0.2 starts behind the RTL NIC"
  ip netns exec $ns $cosnic run --wire tap:tap0 --addr 10.77.0.2/24 --app udp-echo --capture $out/demo.pcapng --stats $out/stats.json >$out/summary.txt 2>$out/run.log &
  pid=$!
  in_ns bash -c 'for i in $(seq 100); do ping -c 1 -W 1 10.77.0.2 >/dev/null 2>&1 && exit 0; done; exit 1' ||
    { tail -5 $out/run.log >&2; die "the simulated host does not answer; its log is $out/run.log"; }
  step "A UDP exchange with port 7 of the simulated host"
  answer=$(in_ns timeout 10 bash -c 'exec 3<>/dev/udp/10.77.0.2/7; printf "hello from Linux" >&3; dd bs=2048 count=1 <&3 2>/dev/null')
  echo "sent 'hello from Linux', received '$answer'"
  [ "$answer" = "hello from Linux" ] || die "the UDP echo came back changed"
  step "ping -c 5 10.77.0.2 (the system's own, through the verilated MAC)"
  in_ns ping -c 5 -i 0.2 10.77.0.2
  kill -INT "$pid"
  wait "$pid" || { tail -5 $out/run.log >&2; die "cosnic reported an error; its log is $out/run.log"; }
  pid=
  cat $out/summary.txt
  step "The journey of the last ping"
  python3 tools/journey_table.py $out/stats.json
fi
step "Open $out/demo.pcapng with Wireshark or tshark; $out/stats.json has every counter"
