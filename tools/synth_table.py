#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns the report of Yosys' `stat` on a synth_ecp5 netlist into a table: resources by module, with what it holds.

usage: synth_table.py STAT_FILE TOP [--json]
"""
import json
import re
import sys

COLUMNS = ("LUT4", "TRELLIS_FF", "CCU2C", "TRELLIS_DPR16X4", "DP16KD", "MULT18X18D")
TITLES = ("LUT4", "FF", "carry", "LUT RAM", "block RAM", "DSP")


def parse(path):
    """{module: {cell: count}} for every module of the report."""
    modules, current = {}, None
    for line in open(path, encoding="utf-8"):
        head = re.match(r"^=== (.+) ===$", line.strip())
        if head:
            current = None if head[1] == "design hierarchy" else modules.setdefault(head[1].lstrip("\\"), {})
            continue
        cell = re.match(r"^\s+(\S+)\s+(\d+)$", line)
        if cell and current is not None:
            current[cell[1].lstrip("\\")] = int(cell[2])
    return modules


def total(modules, name, memo):
    """Resources of a module with all that it instantiates."""
    if name not in memo:
        memo[name] = dict.fromkeys(COLUMNS, 0)
        sums = dict.fromkeys(COLUMNS, 0)
        for cell, count in modules[name].items():
            if cell in COLUMNS:
                sums[cell] += count
            elif cell in modules:
                below = total(modules, cell, memo)
                for column in COLUMNS:
                    sums[column] += count * below[column]
        memo[name] = sums
    return memo[name]


def short(name):
    """$paramod\\fifo\\Width=s32'... -> fifo"""
    match = re.match(r"^\$paramod(?:\$[0-9a-f]+)?\\([^\\]+)", name)
    return match[1] if match else name


def instances(modules, name, counts, times=1):
    counts[name] = counts.get(name, 0) + times
    for cell, count in modules[name].items():
        if cell in modules:
            instances(modules, cell, counts, times * count)


def main():
    modules = parse(sys.argv[1])
    top = next((m for m in modules if short(m) == sys.argv[2]), None)
    if top is None:
        sys.exit(f"error: no module {sys.argv[2]} in {sys.argv[1]}")
    memo, counts = {}, {}
    total(modules, top, memo)
    instances(modules, top, counts)
    rows = {}
    for name, count in counts.items():
        row = rows.setdefault(short(name), [0, dict.fromkeys(COLUMNS, 0)])
        row[0] += count
        for column in COLUMNS:
            row[1][column] += count * memo[name][column]
    ordered = sorted(rows.items(), key=lambda item: -item[1][1]["LUT4"])
    if "--json" in sys.argv:
        print(json.dumps({name: {"instances": n, **cells} for name, (n, cells) in ordered}, indent=1))
        return
    width = max(len(name) for name in rows)
    print(f"{'module (with all below it)':<{width}}  {'instances':>9}" + "".join(f"{t:>11}" for t in TITLES))
    for name, (count, cells) in ordered:
        if any(cells.values()):
            print(f"{name:<{width}}  {count:>9}" + "".join(f"{cells[c]:>11}" for c in COLUMNS))


main()
