#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each experiment that the binary knows is explained, drawn from the RTL, in the table of results, and has a direction.

usage: check_experiments.py COSNIC_BINARY
"""
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs/experiments"
LEAST_WORDS = 40  # of an explanation


def sections(document):
    """Heading's first word -> text, of the headings of the second order."""
    parts = re.split(r"^## (\S+?):? .*\n", document, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def picture_problems(name):
    for form in ("svg", "png", "json"):
        if not (PICTURES / f"{name}.{form}").is_file():
            yield f"docs/experiments/{name}.{form} is missing: ./dev plots {name}"
            return
    drawn = json.loads((PICTURES / f"{name}.json").read_text())
    if drawn["nic"] != "rtl" or [e["name"] for e in drawn["experiments"]] != [name]:
        yield f"docs/experiments/{name}.json is not of the RTL, or not of {name}"
        return
    found = drawn["experiments"][0]
    svg = (PICTURES / f"{name}.svg").read_text()
    if not all(point["values"] for point in found["points"]) or "<svg" not in svg:
        yield f"docs/experiments/{name}: points without values, or no picture"


def problems(names):
    told = sections((ROOT / "host/EXPERIMENTS.md").read_text())
    table = (ROOT / "host/README.md").read_text()
    directions = (ROOT / "tests/experiment/direction_test.py").read_text()
    listed = (ROOT / "tests/experiment/CMakeLists.txt").read_text()
    tests = {word for names in re.findall(r"foreach\(\w+ ([^)]*)\)", listed) for word in names.split()}
    for name in names:
        section = told.get(name, "")
        if f"(../docs/experiments/{name}.svg)" not in section:
            yield f"host/EXPERIMENTS.md: {name} has no section '## {name}: ...' with its picture"
        if len(section.split()) < LEAST_WORDS:
            yield f"host/EXPERIMENTS.md: {name} is not explained"
        if not re.search(rf"^\| `{re.escape(name)}` \|", table, re.M):
            yield f"host/README.md: {name} is not in the table of results"
        if f"def {name.replace('-', '_')}(s):" not in directions or name not in tests:
            yield f"tests/experiment: no direction is asserted of {name}"
        yield from picture_problems(name)
    for name in sorted(set(told) - set(names)):
        yield f"host/EXPERIMENTS.md: there is no experiment {name}"
    for name in sorted({path.stem for path in PICTURES.iterdir()} - set(names)):
        yield f"docs/experiments: there is no experiment {name}"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    shown = subprocess.run([sys.argv[1], "experiment", "--list"], capture_output=True, text=True, check=True).stdout
    names = [line.split()[0] for line in shown.splitlines() if line.strip()]
    found = list(problems(names))
    print("\n".join(found + [f"experiments: {len(names)} known, {len(found)} problems"]))
    sys.exit(1 if found or not names else 0)


main()
