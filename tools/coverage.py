#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up what the tests covered, prints the tables, writes HTML, and fails when too few RTL lines ran.

A line of RTL counts as run when each block that holds it ran in some instance of some test: both arms of an `if`/`else` on
one line, not the one without. A signal's bit counts as toggled when it changed in some instance.

usage: coverage.py BUILD_FOLDER POINTS_FOLDER [partial]     partial: not all tests ran, so little is no error
"""
import collections
import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEAST = 95.0


def block_lines(text):
    """'3-5,9' -> 3, 4, 5, 9"""
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def read_points(folder):
    """{file: {line: count}}, {file: {(line, signal): count}} of the RTL"""
    blocks, toggles = collections.Counter(), collections.defaultdict(collections.Counter)
    for path in folder.glob("*.points"):
        for row in path.read_text().splitlines():
            file, line, column, kind, comment, lines, count = row.split("\t")
            file = file[len(str(ROOT)) + 1:] if file.startswith(str(ROOT)) else file
            if not file.startswith("rtl/"):
                continue
            if kind == "v_toggle":
                toggles[file][int(line), comment] += int(count)
            elif kind in ("v_line", "v_branch") and lines:
                blocks[file, line, column, comment, lines] += int(count)
    covered = collections.defaultdict(dict)
    for (file, _, _, _, lines), count in blocks.items():
        for line in block_lines(lines):
            covered[file][line] = min(covered[file].get(line, count), count)
    return covered, toggles


def exclude(covered):
    """Takes the excluded lines out; the entries that excluded nothing."""
    stale, number = [], 0
    for entry in (ROOT / "tools/coverage_exclusions.txt").read_text().splitlines():
        if not entry or entry.startswith("#"):
            continue
        file, words, reason = (part.strip() for part in entry.split(" | "))
        source = (ROOT / file).read_text().splitlines()
        hit = [line for line, count in covered.get(file, {}).items() if count == 0 and words in source[line - 1]]
        if not hit or not reason:
            stale.append(entry)
        for line in hit:
            del covered[file][line]
        number += len(hit)
    return stale, number


def read_gcov(build):
    """{file: {line: count}} of the project's own C++, tests left out"""
    covered = collections.defaultdict(dict)
    for part in ("host", "sim"):
        # and not only of what ran; but not of what an interrupted build left
        data = sorted(notes for notes in (build / part).rglob("*.gcno") if notes.with_suffix(".o").exists())
        for at in range(0, len(data), 20):
            done = subprocess.run(["gcov", "--json-format", "--stdout", *data[at:at + 20]], capture_output=True, text=True,
                                  check=True)
            for text in done.stdout.splitlines():
                report = json.loads(text)
                for entry in report["files"]:
                    file = Path(report["current_working_directory"], entry["file"]).resolve()
                    if not file.is_relative_to(ROOT) or file.relative_to(ROOT).parts[0] not in ("host", "sim", "rtl"):
                        continue
                    lines = covered[str(file.relative_to(ROOT))]
                    for line in entry["lines"]:
                        number = line["line_number"]
                        lines[number] = lines.get(number, 0) + line["count"]
    return covered


def write_info(path, covered, toggles):
    """The format of lcov; the toggles stand in the place of its branches."""
    with path.open("w", encoding="utf-8") as out:
        for file in sorted({*covered, *toggles}):
            out.write(f"SF:{ROOT / file}\n")
            for index, ((line, _), count) in enumerate(sorted(toggles.get(file, {}).items())):
                out.write(f"BRDA:{line},0,{index},{count}\n")
            out.writelines(f"DA:{line},{count}\n" for line, count in sorted(covered.get(file, {}).items()))
            out.write("end_of_record\n")


def share(counts):
    """(ran, of how many, in percent) of a collection of counts"""
    ran = sum(1 for count in counts if count)
    return ran, len(counts), 100.0 * ran / len(counts) if counts else 100.0


def percent(counts):
    ran, whole, part = share(counts)
    return f"{ran:>6} / {whole:<6} {part:>5.1f} %" if whole else " " * 23


def spans(lines):
    """1, 2, 3, 7 -> '1-3 7'"""
    text, first = [], None
    for line in sorted(lines):
        if first is None or line != last + 1:
            if first is not None:
                text.append(f"{first}-{last}" if last > first else f"{first}")
            first = line
        last = line
    if first is not None:
        text.append(f"{first}-{last}" if last > first else f"{first}")
    return " ".join(text)


def table(title, lines, toggles, remark):
    """One row a folder, then its files, and what of them did not run."""
    print(f"\n{title:<42}{'lines':<25}{'toggles' if toggles else '':<25}lines that did not run")
    files = sorted({*lines, *toggles}, key=lambda file: file.rpartition("/")[::2])
    for folder in sorted({file.rpartition("/")[0] for file in files}):
        inside = [file for file in files if file.rpartition("/")[0] == folder]
        print(row(folder, inside, lines, toggles))
        for file in inside:
            missed = spans(line for line, count in lines.get(file, {}).items() if count == 0)
            print(f"{row('  ' + file.rpartition('/')[2], [file], lines, toggles)}{missed}".rstrip())
    print(row("all", files, lines, toggles), remark)


def row(name, files, lines, toggles):
    return "".join((f"{name:<42}", *(f"{percent([count for file in files for count in counts.get(file, {}).values()]):<25}"
                                     for counts in (lines, toggles))))


def main():
    partial = sys.argv[3:] == ["partial"]
    if len(sys.argv) != 3 and not partial:
        sys.exit(__doc__)
    build, points = Path(sys.argv[1]), Path(sys.argv[2])
    rtl, toggles = read_points(points)
    if not rtl:
        sys.exit("error: no test wrote coverage points")
    stale, excluded = exclude(rtl)
    cpp = read_gcov(build)
    write_info(build / "rtl.info", rtl, toggles)
    write_info(build / "cpp.info", cpp, {})
    if shutil.which("genhtml"):
        html = subprocess.run(["genhtml", "-q", "--branch-coverage", "--legend", "--title", "cosnic; branches of RTL are toggles",
                               "--prefix", ROOT, "-o", build / "html", build / "rtl.info", *([build / "cpp.info"] if cpp else [])],
                              capture_output=True, text=True, check=False)
        print(f"{build}/html/index.html" if html.returncode == 0 else f"genhtml failed: {html.stderr[-300:]}")
    table("RTL", rtl, toggles, f"{excluded} lines excluded by tools/coverage_exclusions.txt")
    if any(count for counts in cpp.values() for count in counts.values()):
        table("C++", cpp, {}, "")
    ran = share([count for file in rtl.values() for count in file.values()])[2]
    if partial:
        return
    for entry in stale:
        print(f"error: excludes nothing, or gives no reason: {entry}")
    if ran < LEAST:
        print(f"error: {ran:.1f} % of the RTL's lines ran, at least {LEAST} % have to")
    sys.exit(1 if stale or ran < LEAST else 0)


main()
