#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns what ./dev synth left below build/synth into tables.

usage: synth_table.py table FAMILY STAT_FILE TOP              resources by module, each with what it holds
       synth_table.py fmax [--only TOP]                       Fmax of the paths of tools/fmax_paths.txt
       synth_table.py readme FAMILY=STAT_FILE... [fmax]       what is named, into the marked section of rtl/README.md
"""
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# cell: (column, how many); what a cell takes of LUT sites where it is no plain LUT
ECP5 = {"LUT4": ("LUT", 1), "CCU2C": ("LUT", 2), "TRELLIS_DPR16X4": ("LUT", 6), "TRELLIS_FF": ("FF", 1),
        "DP16KD": ("block RAM", 1), "MULT18X18D": ("DSP", 1)}
XILINX = {**{f"LUT{n}": ("LUT", 1) for n in range(1, 7)}, "INV": ("LUT", 1), "SRL16E": ("LUT", 1), "SRLC32E": ("LUT", 1),
          "RAM32X1D": ("LUT", 2), "RAM64X1D": ("LUT", 2), "RAM128X1D": ("LUT", 4), "RAM256X1D": ("LUT", 8),
          "RAM32M": ("LUT", 4), "RAM64M": ("LUT", 4), "RAM32M16": ("LUT", 8), "RAM64M8": ("LUT", 8),
          **{name: ("FF", 1) for name in ("FDRE", "FDSE", "FDCE", "FDPE", "FDRE_1", "FDSE_1")},
          "RAMB18E2": ("block RAM", 0.5), "RAMB36E2": ("block RAM", 1), "DSP48E2": ("DSP", 1)}
FREE = {"PFUMX", "L6MUX21", "MUXF7", "MUXF8", "MUXF9", "CARRY4", "CARRY8", "BUFG"}
CELLS = {"ecp5": ECP5, "xilinx": XILINX}
COLUMNS = ("LUT", "FF", "block RAM", "DSP")
DEVICE = {"ecp5": "Lattice ECP5 (`synth_ecp5`; LUT4, block RAMs of 18 kbit)",
          "xilinx": "Xilinx UltraScale+ (`synth_xilinx -family xcup`; LUT6, block RAMs of 36 kbit)"}
BEGIN, END = "<!-- begin: written by ./dev synth --full -->", "<!-- end: written by ./dev synth --full -->"
WORTH_A_ROW = 150  # LUTs or flip-flops of a module that the README names


def parse(path):
    """{module: {cell: count}} for every module of the report."""
    modules, current = {}, None
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        head = re.match(r"^=== (.+) ===$", line.strip())
        if head:
            current = None if head[1] == "design hierarchy" else modules.setdefault(head[1].lstrip("\\"), {})
            continue
        cell = re.match(r"^\s+(\S+)\s+(\d+)$", line)
        if cell and current is not None:
            current[cell[1].lstrip("\\")] = int(cell[2])
    return modules


def short(name):
    """$paramod\\fifo\\Width=s32'... -> fifo"""
    match = re.match(r"^\$paramod(?:\$[0-9a-f]+)?\\([^\\]+)", name)
    return match[1] if match else name


class Report:
    def __init__(self, family, path):
        self.cells, self.modules, self.sums = CELLS[family], parse(path), {}
        for module, cells in self.modules.items():
            for cell in cells:
                if not (cell in self.cells or cell in FREE or cell in self.modules or cell.startswith("$")):
                    sys.exit(f"error: {path}: synth_table.py does not know what a {cell} costs (in {module})")

    def total(self, name):
        """Resources of a module with all that it instantiates."""
        if name not in self.sums:
            sums = dict.fromkeys(COLUMNS, 0)
            for cell, count in self.modules[name].items():
                if cell in self.modules:
                    for column, below in self.total(cell).items():
                        sums[column] += count * below
                elif cell in self.cells:
                    column, each = self.cells[cell]
                    sums[column] += count * each
            self.sums[name] = sums
        return self.sums[name]

    def instances(self, name, counts, times=1):
        counts[name] = counts.get(name, 0) + times
        for cell, count in self.modules[name].items():
            if cell in self.modules:
                self.instances(cell, counts, times * count)

    def rows(self, top):
        """{module without its parameters: (instances, resources of all of them)} below top."""
        counts, rows = {}, {}
        self.instances(top, counts)
        for name, count in counts.items():
            before, sums = rows.get(short(name), (0, dict.fromkeys(COLUMNS, 0)))
            rows[short(name)] = (before + count, {c: sums[c] + count * self.total(name)[c] for c in COLUMNS})
        return rows

    def variants(self, top):
        """[(queue pairs or None, rows)]"""
        found = []
        for name in self.modules:
            if short(name) == top:
                pairs = re.search(r"\\Pairs=s32'([01]+)", name)
                found.append((int(pairs[1], 2) if pairs else None, self.rows(name)))
        if not found:
            sys.exit(f"error: no module {top} in the report")
        return sorted(found, key=lambda item: item[0] or 0)


def number(value):
    return f"{value:g}" if isinstance(value, float) else str(value)


def cell_text(values):
    """Equal values once."""
    return number(values[0]) if len(set(values)) == 1 else " / ".join(number(v) for v in values)


def table(family, path, top):
    variants = Report(family, path).variants(top)
    names = sorted({n for _, rows in variants for n in rows}, key=lambda n: -max(r[n][1]["LUT"] for _, r in variants if n in r))
    lines = [("module (with all below it)", "instances", *COLUMNS)]
    if len(variants) > 1:
        print("queue pairs: " + " / ".join(str(pairs) for pairs, _ in variants))
    for name in names:
        of = [rows.get(name, (0, dict.fromkeys(COLUMNS, 0))) for _, rows in variants]
        if any(any(sums.values()) for _, sums in of):
            lines.append((name, cell_text([n for n, _ in of]), *(cell_text([sums[c] for _, sums in of]) for c in COLUMNS)))
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        print("  ".join(text.ljust(w) if i == 0 else text.rjust(w) for i, (text, w) in enumerate(zip(line, widths))))


def packet_order():
    files = re.findall(r"^rtl/\S*?(\w+)\.sv", (ROOT / "rtl/nic.f").read_text(), re.M)
    return {name: index for index, name in enumerate(files)}


def markdown(family, path):
    variants = Report(family, path).variants("nic_top")
    order, smaller = packet_order(), 0
    commit = Path(f"{path}.commit")
    yield ""
    yield f"{DEVICE[family]}{', commit ' + commit.read_text().strip() if commit.is_file() else ''}:"
    yield ""
    yield "| module (with all below it) | instances | " + " | ".join(COLUMNS) + " |"
    yield "| --- | --- | --- | --- | --- | --- |"
    names = {name for _, rows in variants for name in rows}
    for name in sorted(names, key=lambda n: (-1 if n == "nic_top" else order.get(n, 999))):
        of = [rows.get(name, (0, dict.fromkeys(COLUMNS, 0))) for _, rows in variants]
        if max(max(sums["LUT"], sums["FF"]) for _, sums in of) < WORTH_A_ROW and not any(s["block RAM"] for _, s in of):
            smaller += 1
            continue
        yield f"| `{name}` | {cell_text([n for n, _ in of])} | " + " | ".join(cell_text([s[c] for _, s in of]) for c in COLUMNS) + " |"
    yield ""
    yield f"{smaller} modules with less than {WORTH_A_ROW} LUTs and flip-flops and no block RAM are left out."


def module_of(cell):
    """The instance that a cell of the flat netlist belongs to, without the prefixes."""
    parts = re.sub(r"_(TRELLIS|LUT4|PFUMX|L6MUX|CCU2C)\w*.*", "", cell).split(".")
    return ".".join(part.removeprefix("u_") for part in parts[:-1]) or "itself"


def fmax_paths(only=None):
    for line in (ROOT / "tools/fmax_paths.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, parameters, text = (part.strip() for part in line.split("|"))
            result = ROOT / "build/synth/fmax" / (name.replace(":", "-") + ".fmax")
            if result.is_file() and only in (None, name.split(":")[0]):
                yield name, parameters, text, json.loads(result.read_text())


def fmax_markdown(only=None):
    yield "| path | what it is | clock | Fmax MHz | longest path: from, to; ns, of which logic |"
    yield "| --- | --- | --- | --- | --- |"
    for name, parameters, text, clocks in fmax_paths(only):
        for clock, found in sorted(clocks.items()):
            where = f"`{module_of(found['from'])}`, `{module_of(found['to'])}`; {found['path_ns']}, {found['logic_ns']}" if "from" in found else ""
            yield f"| `{name}`{' ' + parameters if parameters else ''} | {text} | {clock.removesuffix('_clk_i').replace('clk_i', 'core')} | {found['mhz']:.0f} | {where} |"


def readme(reports, with_fmax):
    version = subprocess.run(["yosys", "-V"], capture_output=True, text=True, check=True).stdout.split("(")[0].strip()
    lines = ["", f"With {version}, module by module (no logic is shared across their borders); 1 / 8 / 64 queue pairs where they differ.",
             "LUT counts carry chains and LUT RAM as the LUTs that they take."]
    for family, device in DEVICE.items():
        lines += markdown(family, reports[family]) if family in reports else ["", f"{device}: not measured."]
    lines.append("")
    if with_fmax:
        lines += ["Fmax of each path alone, registers before and behind it, eight queue pairs: nextpnr-ecp5 0.7 on LFE5UM5G-45F, grade",
                  "8, seed 1, no pins. A full device loses 20-45 % of it. MAC clocks need 156.25 MHz.", "", *fmax_markdown(), ""]
        every = re.findall(r"^([\w:]+) +\|", (ROOT / "tools/fmax_paths.txt").read_text(), re.M)
        missing = [name for name in every if name not in {found[0] for found in fmax_paths()}]
        if missing:
            lines += [f"Not measured: {', '.join(f'`{name}`' for name in missing)}.", ""]
    else:
        lines += ["Fmax: not measured.", ""]
    path = ROOT / "rtl/README.md"
    text = path.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        sys.exit(f"error: rtl/README.md lacks the lines {BEGIN} and {END}")
    path.write_text(text[:text.index(BEGIN) + len(BEGIN)] + "\n" + "\n".join(lines) + text[text.index(END):], encoding="utf-8")
    print("rtl/README.md holds the new tables")


def main():
    match sys.argv[1:]:
        case ["table", family, path, top]:
            table(family, path, top)
        case ["fmax"]:
            print("\n".join(fmax_markdown()))
        case ["fmax", "--only", top]:
            print("\n".join(fmax_markdown(top)))
        case ["readme", *parts]:
            readme(dict(part.split("=", 1) for part in parts if part != "fmax"), "fmax" in parts)
        case _:
            sys.exit(__doc__)


main()
