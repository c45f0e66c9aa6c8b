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
