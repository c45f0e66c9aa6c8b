#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fmax of one path alone: puts a register in front of every input and behind every output of a flat ECP5 netlist, has
nextpnr-ecp5 place and route it, and says how fast each clock may be and where its longest path runs.

usage: fmax.py NEXTPNR NETLIST_JSON TOP [--device um5g-45k] [--speed 8] [--seed 1]     prints a JSON object
"""
import argparse
import collections
import json
import re
import subprocess
import sys
from pathlib import Path

# cell: (its clock ports, ports that its outputs follow without a clock)
CLOCKED = {"TRELLIS_FF": ("CLK",), "TRELLIS_DPR16X4": ("WCK",), "DP16KD": ("CLKA", "CLKB")}
REGISTER = {"GSR": "DISABLED", "CEMUX": "1 ", "CLKMUX": "CLK", "LSRMUX": "LSR", "REGSET": "RESET",
            "SRMODE": "LSR_OVER_CE"}


class Netlist:
    def __init__(self, module):
        self.module = module
        self.sinks = collections.defaultdict(list)
        self.driver = {}
        for name, cell in module["cells"].items():
            for port, bits in cell["connections"].items():
                for bit in bits:
                    if cell["port_directions"][port] == "input":
                        self.sinks[bit].append((name, port))
                    else:
                        self.driver[bit] = (name, port)
        self.last = max((bit for bit in [*self.sinks, *self.driver] if isinstance(bit, int)), default=1)
        for port in module["ports"].values():
            self.last = max([self.last, *(bit for bit in port["bits"] if isinstance(bit, int))])

    def clock_of(self, name, port):
        """The clock net on which this port of a clocked cell works; none for what only passes through."""
        cell = self.module["cells"][name]
        clocks = CLOCKED.get(cell["type"])
        if clocks is None or (cell["type"] == "TRELLIS_DPR16X4" and port.startswith(("RAD", "DO"))):
            return None
        clock = clocks[0]
        if cell["type"] == "DP16KD" and re.search(r"B\d*$", port):
            clock = "CLKB"
        return cell["connections"][clock][0]

    def clocks_at(self, start, forward):
        """Votes of the registers that a port reaches through logic (forward), or that reach it."""
        votes, seen, todo = collections.Counter(), {start}, [start]
        while todo:
            bit = todo.pop()
            ends = self.sinks[bit] if forward else [self.driver[bit]] if bit in self.driver else []
            for name, port in ends:
                clock = self.clock_of(name, port)
                if clock is not None:
                    votes[clock] += 1
                    continue
                cell = self.module["cells"][name]
                if cell["type"] in CLOCKED and cell["type"] != "TRELLIS_DPR16X4":
                    continue
                for other, bits in cell["connections"].items():
                    if (cell["port_directions"][other] == "output") == forward:
                        fresh = [b for b in bits if isinstance(b, int) and b not in seen]
                        seen.update(fresh)
                        todo += fresh
        return votes

    def enclose(self):
        """Registers around all ports but the clocks."""
        clocks = {cell["connections"][port][0] for cell in self.module["cells"].values()
                  for port in CLOCKED.get(cell["type"], ()) if isinstance(cell["connections"].get(port, ["0"])[0], int)}
        usual = collections.Counter(cell["connections"]["CLK"][0] for cell in self.module["cells"].values()
                                    if cell["type"] == "TRELLIS_FF").most_common(1)[0][0]
        for name, port in sorted(self.module["ports"].items()):
            if set(port["bits"]) & clocks:
                continue
            inward = port["direction"] == "input"
            for index, bit in enumerate(port["bits"]):
                if not isinstance(bit, int):
                    continue
                votes = self.clocks_at(bit, inward)
                clock = votes.most_common(1)[0][0] if votes else usual
                self.last += 1
                port["bits"][index] = self.last
                self.module["cells"][f"edge.{name}.{index}"] = {
                    "hide_name": 0, "type": "TRELLIS_FF", "parameters": REGISTER, "attributes": {},
                    "port_directions": {"CLK": "input", "DI": "input", "LSR": "input", "Q": "output"},
                    "connections": {"CLK": [clock], "DI": [self.last if inward else bit], "LSR": ["0"],
                                    "Q": [bit if inward else self.last]}}
        return len(clocks)


def ends_of(report, clock):
    """First and last cell of the longest path inside a clock, and how much of it is logic."""
    for path in report["critical_paths"]:
        if path["from"] == path["to"] == f"posedge {clock}":
            hops = path["path"]
            logic = sum(hop["delay"] for hop in hops if hop["type"] != "routing")
            return hops[0]["to"]["cell"], hops[-1]["to"]["cell"], logic, sum(hop["delay"] for hop in hops)
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("nextpnr")
    parser.add_argument("netlist", type=Path)
    parser.add_argument("top")
    parser.add_argument("--device", default="um5g-45k")
    parser.add_argument("--speed", default="8")
    parser.add_argument("--seed", default="1")
    args = parser.parse_args()
    design = json.loads(args.netlist.read_text())
    module = design["modules"][args.top]
    Netlist(module).enclose()
    design["modules"] = {args.top: module}
    enclosed, report_file = args.netlist.with_suffix(".enclosed.json"), args.netlist.with_suffix(".report.json")
    enclosed.write_text(json.dumps(design))
    log = args.netlist.with_suffix(".nextpnr.log")
    done = subprocess.run([args.nextpnr, f"--{args.device}", "--package", "CABGA554", "--speed", args.speed,
                           "--json", enclosed, "--top", args.top, "--out-of-context", "--freq", "250",
                           "--timing-allow-fail", "--seed", args.seed, "--report", report_file, "-q", "-l", log],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"error: nextpnr-ecp5 failed on {args.top}; the log is {log}\n{done.stderr[-600:]}")
    report = json.loads(report_file.read_text())
    result = {}
    for clock, entry in report["fmax"].items():
        ends = ends_of(report, clock)
        result[clock.split("$")[0].split(".")[-1]] = {
            "mhz": round(entry["achieved"], 1),
            **({"from": ends[0], "to": ends[1], "logic_ns": round(ends[2], 2), "path_ns": round(ends[3], 2)} if ends else {})}
    print(json.dumps(result, indent=1))


main()
