#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The step table of host/README.md against the sources, and its knobs against a running host.

usage: check_steps.py [COSNIC_BINARY]     without the binary: files, functions, events, counters and tests only
"""
import fnmatch
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STEPS = [f"I{n}" for n in range(1, 25)] + [f"E{n}" for n in range(1, 21)]
CONFIG = "[host]\ncpus = 4\n[driver]\nqueue_pairs = 2\n"
SOCKET_OPTION = re.compile(r"^(SO|IP|IPV6|UDP|PACKET|ICMP6|MSG|EPOLL|AF)_?[A-Z0-9_]*$")


def tables(text):
    """Heading -> rows of the first table below it; a row is a list of its cells."""
    found, heading = {}, None
    for line in text.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        elif line.startswith("|") and heading:
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            found.setdefault(heading, []).append(cells)
    return {name: rows[2:] for name, rows in found.items()}


def steps_of(cell):
    """'I1-I4', 'E6, E7' and 'I11a' as the steps' names."""
    for part in cell.split(","):
        ends = re.findall(r"([IE])(\d+)", part)
        if len(ends) == 2:
            yield from (f"{ends[0][0]}{n}" for n in range(int(ends[0][1]), int(ends[1][1]) + 1))
        else:
            yield from (letter + number for letter, number in ends)


def ticked(cell):
    return re.findall(r"`([^`]+)`", cell)


def text_of(pattern):
    return "".join(path.read_text(errors="replace") for path in sorted(ROOT.glob(pattern)) if path.is_file())


def place_text(name):
    """Of a file or folder below host, or of the repository; None when there is none."""
    for base in (ROOT / "host", ROOT):
        if (base / name).is_dir():
            return "".join(p.read_text(errors="replace") for p in sorted((base / name).glob("*.?pp"))) or " "
        files = [base / (name + end) for end in (".hpp", ".cpp", "")]
        found = [path for path in files if path.is_file()]
        if found:
            # A class's member functions may be in a file that goes on from it.
            return "".join(path.read_text(errors="replace") for path in found)
    return None


def check_functions(row):
    places, names = [], []
    for word in ticked(row[2]):
        if place_text(word) is not None:
            places.append(word)
        elif "/" in word:
            yield f"{row[0]}: there is no host/{word}"
        elif re.fullmatch(r"[A-Za-z_][\w:]*", word):
            names.append(word)
    if not places and "not yet" not in row[2]:
        yield f"{row[0]}: names no file"
    there = "".join(place_text(place) for place in places)
    for name in names:
        if not re.search(rf"\b{re.escape(name.split('::')[-1])}\b", there):
            yield f"{row[0]}: {name} is not in {', '.join(places)}"


def check_counters(row, sources):
    for word in ticked(row[4]):
        if word.startswith("/"):
            continue  # the files of a running host: see the knobs
        name = word.split(".")[-1].split("::")[-1]
        if word.startswith("drop."):
            reasons = re.findall(r"X\((\w+)\)", text_of("host/base/drop_reason.hpp"))
            if not fnmatch.filter(reasons, name):
                yield f"{row[0]}: no drop reason is {name}"
        elif name != "*" and not re.search(r"(?<![A-Za-z])" + re.escape(name).replace(r"\*", r"\w*"), sources):
            yield f"{row[0]}: no source counts {word}"


def check_tests(row):
    """`folder/file` "title", of tests/host unless the path begins elsewhere below tests."""
    named = re.findall(r'`([\w/.]+)`((?:,? "[^"]+")*)', row[2])
    if not named:
        yield f"{row[0]} {row[1]}: names no test"
    for place, titles in named:
        files = [ROOT / "tests" / sub / (place + end) for sub in ("host", "") for end in ("", ".cpp", ".py")]
        texts = [path.read_text() for path in files if path.is_file()]
        if not texts:
            yield f"{row[0]} {row[1]}: there is no test {place}"
        for title in re.findall(r'"([^"]+)"', titles):
            if texts and f'"{title}"' not in texts[0]:
                yield f"{row[0]} {row[1]}: {place} has no test \"{title}\""


def run(binary, lines):
    """Command -> (succeeded, answer)."""
    with tempfile.TemporaryDirectory() as folder:
        script, config = Path(folder) / "script", Path(folder) / "nic.toml"
        script.write_text("".join(line + "\n" for line in lines))
        config.write_text(CONFIG)
        done = subprocess.run([binary, "run", "--nic", "model", "--wire", "peer", "--script", str(script), "--nic-config",
                               str(config)], capture_output=True, text=True, timeout=120, check=False)
    answers, command = {}, None
    for line in done.stdout.splitlines():
        if line.startswith("$ "):
            command = line[2:]
            answers[command] = [True, ""]
        elif command and line.startswith("(status "):
            answers[command][0] = False
        elif command:
            answers[command][1] += line + "\n"
    if not answers:
        sys.exit(f"the host did not run: {done.stderr}")
    return answers


def check_knobs(rows, binary):
    first = run(binary, ["sysctl -a", "cat /proc/interrupts"])
    tunables = [line.split(" = ")[0] for line in first["sysctl -a"][1].splitlines() if " = " in line]
    vector = re.search(r"^ *(\d+):.*PCI-MSIX", first["cat /proc/interrupts"][1], re.M)[1]
    options = text_of("host/socket/*.hpp")
    commands = {}
    for row in rows:
        for knob in ticked(row[1]):
            if re.match(r"(net|kernel)\.[\w.*/]+$", knob):
                if not fnmatch.filter(tunables, knob):
                    yield f"{row[0]}: sysctl -a has no {knob}"
            elif knob.startswith("/"):
                commands[knob] = "cat " + knob.replace("/N/", f"/{vector}/")
            elif SOCKET_OPTION.match(knob):
                if not re.search(rf"\b{knob}\b", options):
                    yield f"{row[0]}: host/socket knows no {knob}"
            else:
                commands[knob] = knob
    named = [knob for row in rows for knob in ticked(row[1])]
    silent = [name for name in tunables if not any(fnmatch.fnmatch(name, knob) for knob in named)]
    if silent:
        print(f"in no row yet: {', '.join(silent)}")
    answers = run(binary, commands.values())
    for knob, command in commands.items():
        good, answer = answers.get(command, [False, "it was not reached"])
        if not good:
            yield f"knob {knob}: the host says: {answer.strip()}"


def problems(binary):
    found = tables((ROOT / "host/README.md").read_text())
    steps, knobs = found["The steps of a packet"], found["Knobs, and what shows that each works"]
    events = re.findall(r"X\((\w+)\)", text_of("host/kernel/journey.hpp"))
    events.remove("name")
    sources = text_of("host/**/*.?pp") + text_of("rtl/contract/*.hpp") + text_of("sim/board/*.cpp")
    for name, rows in (("The steps", steps), ("Knobs", knobs)):
        covered = {step for row in rows for step in steps_of(row[0])}
        for step in STEPS:
            if step not in covered:
                yield f"{name}: no row for {step}"
    for row in steps:
        yield from check_functions(row)
        yield from (f"{row[0]}: no journey event is {word}" for word in ticked(row[3]) if word not in events)
        yield from check_counters(row, sources)
    shown = {word for row in steps for word in ticked(row[3])}
    yield from (f"journey event {event} is in no row" for event in events if event not in shown)
    for row in knobs:
        if "next" not in row[2]:
            yield from check_tests(row)
    if binary:
        yield from check_knobs(knobs, binary)


def main():
    wrong = list(problems(sys.argv[1] if len(sys.argv) > 1 else None))
    for problem in wrong:
        print(problem)
    print(f"steps: {len(wrong)} problem{'' if len(wrong) == 1 else 's'}")
    sys.exit(1 if wrong else 0)


main()
