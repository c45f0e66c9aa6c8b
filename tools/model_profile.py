#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where the model's instructions go, by RTL module: callgrind's line costs of the verilated C++, whose variables carry
the module's path. A statement counts for the module of the first variable it names.

usage: model_profile.py BUILD_DIR     BUILD_DIR is configured with the preset 'profile'
"""
import collections
import json
import re
import subprocess
import sys
from pathlib import Path

SHORT, LONG = 20_000_000, 420_000_000  # picoseconds of traffic; the difference leaves the start out
CORE = "nic_sim_top.u_nic.u_nic_core."


def measured(build, duration):
    """Instructions by (file, line), and core cycles, of a run at line rate."""
    out = build / f"callgrind.{duration}"
    done = subprocess.run(["valgrind", "--tool=callgrind", "--dump-line=yes", f"--callgrind-out-file={out}",
                           build / "bin/cosnic", "bench", "sim", "--probe", f"64:{duration}"],
                          capture_output=True, text=True, check=True)
    names, cost, file, line, skip = {}, collections.Counter(), "", 0, False
    for row in out.read_text().splitlines():
        if match := re.match(r"(?:fl|fi|fe)=\((\d+)\)(?: (.*))?$", row):
            names.setdefault(match[1], match[2])
            file = Path(names[match[1]] or "").name
        elif row.startswith("calls="):
            skip = True  # the next row is the callee's cost
        elif match := re.match(r"(\*|[+-]?\d+) (\d+)$", row):
            where = match[1]
            line = line if where == "*" else line + int(where) if where[0] in "+-" else int(where)
            if not skip:
                cost[file, line] += int(match[2])
            skip = False
    return cost, json.loads(done.stdout)["core_cycles"]


def modules_of(path):
    """The module that each line of a generated file works for."""
    lines, owner, start = path.read_text().splitlines(), [], 0
    assertion = 0  # the indentation of the check that a line is in
    for number, text in enumerate(lines):
        indent = len(text) - len(text.lstrip())
        if "VL_UNLIKELY(" in text and not assertion:
            head = "\n".join(lines[number:number + 40])
            assertion = indent if "Assertion failed" in head.split("\n" + " " * indent + "}")[0] else 0
        name = next(iter(re.findall(r"\w*__DOT__\w+", " ".join(lines[start:number + 3]))), "")
        name = re.sub(r"^__Vdly\w*?__(?=nic_sim)", "", name).replace("__DOT__", ".").removeprefix(CORE)
        parts = [part for part in name.split(".")[:-1] if part.startswith("u_") and part != "u_nic"]
        owner.append("checkers" if assertion else ".".join(parts[:2]) or "clocks, resets, wiring")
        if assertion and text == " " * assertion + "}":
            assertion = 0
        if text.rstrip().endswith((";", "{", "}")):
            start = number + 1
    return owner


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    build = Path(sys.argv[1])
    owners = {path.name: modules_of(path) for path in build.glob("sim/rtl_bridge/nic_fast.verilated/V*.cpp")}
    short, short_cycles = measured(build, SHORT)
    cost, cycles = measured(build, LONG)
    cost.subtract(short)
    cycles -= short_cycles
    table = collections.Counter()
    for (file, line), count in cost.items():
        owner = owners.get(file)
        if owner is None:
            name = "evaluation loop" if file.startswith("verilated") else "simulation around the model"
        else:
            name = owner[line - 1] if 0 < line <= len(owner) else "clocks, resets, wiring"
        table[name] += count
    total = sum(table.values())
    print(f"{'module':<44} {'instr/cycle':>11} {'share':>7}")
    for name, count in table.most_common():
        if count / total >= 0.005:
            print(f"{name:<44} {count / cycles:>11.0f} {count / total:>6.1%}")
    print(f"{'all':<44} {total / cycles:>11.0f}")


main()
