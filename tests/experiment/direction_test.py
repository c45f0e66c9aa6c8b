#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each knob moves what it must, the way it must: `cosnic experiment NAME --short` against the expected direction.

usage: direction_test.py COSNIC_BINARY NAME (rtl | model)
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path


def must(condition, what):
    if not condition:
        sys.exit(f"failed: {what}")


class Sweep:
    """The points of one experiment: sweep("latency_p50_us", "series") -> values in the order of the knob."""

    def __init__(self, found):
        self.points = found["points"]

    def __call__(self, metric, series=None):
        points = [p for p in self.points if series in (None, p["series"])]
        must(points, f"no series '{series}'")
        return [p["values"][metric] for p in sorted(points, key=lambda p: p["x"])]

    def rises(self, metric, series=None, times=1.0):
        values = self(metric, series)
        must(values[-1] > values[0] * times and values[-1] > 0, f"{metric} of {series} rises {times} times: {values}")

    def falls(self, metric, series=None, times=1.0):
        values = self(metric, series)
        must(values[-1] * times < values[0], f"{metric} of {series} falls {times} times: {values}")

    def stays(self, metric, series=None, within=0.05):
        values = self(metric, series)
        must(max(values) - min(values) <= within * max(values), f"{metric} of {series} stays: {values}")


def coalescing(s):
    """Longer waits: fewer interrupts, less load, more latency; rx-frames bounds the wait."""
    s.rises("latency_p50_us", "rx-usecs alone", 5)
    s.falls("rx_interrupts_kps", "rx-usecs alone", 5)
    s.falls("load_percent", "rx-usecs alone")
    must(s("latency_p50_us", "rx-frames 8")[-1] < s("latency_p50_us", "rx-usecs alone")[-1], "rx-frames ends the wait")
    must(s("rx_interrupts_kps", "rx-frames 8")[-1] > s("rx_interrupts_kps", "rx-usecs alone")[-1], "with an interrupt")


def budget(s):
    """Squeezed when the budget is small and there is more than it; not when idle; the rate does not care."""
    s.falls("time_squeeze_kps", "4 Mpps offered", 10)
    must(max(s("time_squeeze_kps", "0.5 Mpps offered")) == 0, "an idle host is not squeezed")
    s.stays("handled_kpps", "4 Mpps offered")


def budget_usecs(s):
    s.falls("time_squeeze_kps", times=10)
    s.stays("handled_kpps")


def weight(s):
    """Few packets a poll: more polls, fewer packets."""
    s.rises("packets_per_poll", times=10)
    s.rises("handled_kpps", times=1.03)


def ring(s):
    """A ring that holds the burst loses nothing of it; what it holds waits longer."""
    for series in ("bursts of 512", "bursts of 1024"):
        must(s("lost_percent", series)[0] > 5, "a small ring loses of a burst")
        must(s("lost_percent", series)[-1] == 0, "a large one does not")
    s.rises("latency_p99_us", "bursts of 1024", 1.2)


def livelock(s):
    """Interrupts leave nothing to the application; polling leaves it as much as ever, and the NIC drops first."""
    s.rises("received_kpps", "NAPI", 5)
    must(s("received_kpps", "an interrupt a packet")[-1] < 0.3 * s("received_kpps", "NAPI")[-1], "livelock")
    must(s("irq_percent", "an interrupt a packet")[-1] > 90 > 20 > s("irq_percent", "NAPI")[-1], "whose time it takes")
    must(s("rx_missed_percent", "NAPI")[-1] > 30, "the NIC drops first")
    must(s("backlog_drops_percent", "an interrupt a packet")[-1] > 5 and s("backlog_drops_percent", "NAPI")[-1] == 0,
         "or the kernel, when it has worked for it")


def gro(s):
    s.falls("load_percent", "gro on", 2)
    s.rises("packets_per_poll", "gro on", 5)
    must(s("load_percent", "gro on")[-1] < 0.8 * s("load_percent", "gro off")[-1], "merging saves time")
    s.rises("latency_p50_us", "gro on", 2)


def scaling(s):
    s.rises("to_sockets_kpps", "RSS, a queue a CPU", 3.5)
    s.rises("to_sockets_kpps", "RPS, one queue", 1.3)
    must(s("to_sockets_kpps", "RPS, one queue")[-1] < s("to_sockets_kpps", "RSS, a queue a CPU")[-1], "one CPU is first")
    must(s("rps_kps", "RPS, one queue")[-1] > 0 and max(s("rps_kps", "RSS, a queue a CPU")) == 0, "who interrupts whom")


def affinity(s):
    """Idle, one CPU is enough and nearer; busy, two do more."""
    must(s("load_percent", "100 kpps")[1] < s("load_percent", "100 kpps")[0], "a wake-up of another CPU costs")
    must(s("received_kpps", "3 Mpps")[0] > 1.2 * s("received_kpps", "3 Mpps")[1], "two CPUs read more")


def backlog(s):
    s.falls("backlog_drops_percent", "bursts of 400", 4)
    must(s("backlog_drops_percent", "4 Mpps without end")[-1] > 10, "no queue is long enough for ever")
    s.rises("latency_p50_us", "4 Mpps without end", 3)


def busy_poll(s):
    s.falls("latency_p50_us", times=1.2)
    s.rises("load_percent", times=2)
    s.falls("rx_interrupts_kps", times=2)


def drop(s):
    """The sooner the cheaper."""
    rates = s("handled_kpps")
    must(all(a > b for a, b in zip(rates, rates[1:])), f"XDP, tc, netfilter, filter, reader: {rates}")
    must(8500 < rates[0] < 12000, f"XDP drops about 10 million a second: {rates[0]}")
    must(4000 < rates[2] < 5500, f"netfilter's raw table about 4.8 million: {rates[2]}")


def forward(s):
    rates = s("sent_kpps")
    must(1400 < rates[0] < 2100, f"a CPU forwards about 1.74 million packets a second: {rates[0]}")
    must(rates[0] > rates[1] > 1.2 * rates[2], f"rules and connections cost: {rates}")
    s.rises("ns_per_packet", times=1.2)
    must(s("ns_per_packet")[1] > s("ns_per_packet")[0], "and a rule does")


def bufferbloat(s):
    """pfifo_fast, pfifo 100, tbf, fq_codel, fq."""
    pfifo_fast, short, _, fq_codel, fq = s("delay_p50_us")
    must(pfifo_fast > 3 * short, f"the longer queue, the longer the wait: {pfifo_fast}, {short}")
    must(max(fq_codel, fq) < short, f"a flow of its own waits for no other: {fq_codel}, {fq}")
    rates = s("sent_gbps")
    must(4.5 < rates[2] < 5.3, f"tbf keeps to its rate: {rates[2]}")
    must(min(rates[:2] + rates[3:]) > 8.5, f"fairness costs no rate: {rates}")


def bql(s):
    s.rises("delay_p50_us", times=3)
    s.rises("sent_gbps")


def offloads(s):
    """The more the NIC does, and the more datagrams a call takes, the less the CPU; the wire is full all the same."""
    cpu, sums, nic = "CPU cuts, CPU sums", "CPU cuts, NIC sums", "NIC cuts and sums"
    cost = {name: s("ns_per_sent_kb", name) for name in (cpu, sums, nic)}
    must(cost[cpu][0] > cost[sums][0] and 50 < cost[cpu][-1] - cost[sums][-1] < 120, f"a sum costs 80 ns a KB: {cost}")
    must(cost[sums][0] == cost[nic][0], "one datagram is not cut")
    s.falls("ns_per_sent_kb", sums, 1.5)
    s.falls("ns_per_sent_kb", nic, 4)
    must(cost[nic][-1] * 2 < cost[sums][-1], f"the NIC cuts for nothing: {cost}")
    for name in cost:
        must(min(s("sent_gbps", name)) > 9.5, f"the wire is full: {name}")


def tso(s):
    """No LRO; cut and summed by the CPU, which undoes what LRO saved; cut; TSO."""
    none, both, cuts, nobody = s("ns_per_sent_kb")
    must(0.8 * none < both < 1.2 * none, f"nothing is won by what the CPU undoes: {none}, {both}")
    must(50 < both - cuts, f"a sum costs 80 ns a KB: {both}, {cuts}")
    must(1.5 * nobody < cuts and 2 * nobody < none, f"TSO is what pays: {none}, {cuts}, {nobody}")
    rates = s("sent_gbps")
    must(max(rates) - min(rates) < 0.5 < 5 < min(rates), f"all is forwarded: {rates}")


def main():
    binary, name, nic = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        command = [binary, "experiment", name, "--short", f"--{nic}", "--jobs", "2", "--json", out]
        done = subprocess.run(command, capture_output=True, text=True, timeout=800)
        print(done.stdout, done.stderr)
        must(done.returncode == 0, f"status {done.returncode}")
        result = json.loads(out.read_text())
    must(result["nic"] == nic and result["seed"] == 1, "the NIC and the seed are those that were asked for")
    [found] = result["experiments"]
    for point in found["points"]:
        must(set(point["values"]) == set(found["metrics"]), "each point has each metric")
    globals()[name.replace("-", "_")](Sweep(found))


main()
