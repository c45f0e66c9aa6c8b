#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts one fault at a time into a copy of the RTL or of the host and sees the tests that should notice fail.

The tables beside this file name each fault: what it is, the file, the text to find (exactly once) and what to put there,
and the test (or "formal/NAME": the proof) that has to fail. A fault that its test does not notice, that does not build
or whose text is gone makes the exit status 1. Work goes on in a copy of the tree, whose build is kept from run to run.
"""
import argparse
import os
import shutil
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TEST_SECONDS = 240


@dataclass
class Mutant:
    area: str
    what: str
    file: str
    find: str
    replace: str
    test: str


def read_tables(only):
    mutants = []
    for table in sorted(HERE.glob("*.toml")):
        for entry in tomllib.loads(table.read_text())["mutant"]:
            mutants.append(Mutant(table.stem, **entry))
    return [m for m in mutants if not only or any(word in f"{m.area} {m.file} {m.test} {m.what}" for word in only)]


def problems_of(mutants):
    """Texts that are not in their file exactly once, and faults that are none."""
    found = []
    for m in mutants:
        path = ROOT / m.file
        count = path.read_text().count(m.find) if path.exists() else 0
        if count != 1:
            found.append(f"{m.area}: '{m.what}': its text is {count} times in {m.file}")
        if m.find == m.replace:
            found.append(f"{m.area}: '{m.what}' changes nothing")
    return found


def run(command, log, **arguments):
    with open(log, "ab") as file:
        return subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, check=False, **arguments).returncode


def prepare(work):
    """A copy of every file that git knows or would know; only what changed is written, so that builds stay valid."""
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True,
                           check=True).stdout.split("\n")
    tree = work / "tree"
    for name in filter(None, names):
        source, copy = ROOT / name, tree / name
        if not source.is_file():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        if not copy.exists() or copy.read_bytes() != source.read_bytes():
            shutil.copy(source, copy)
    if not (tree / "build/release/build.ninja").exists():
        if run(["cmake", "--preset", "release"], work / "configure.log", cwd=tree) != 0:
            sys.exit(f"error: the copy cannot be configured; see {work / 'configure.log'}")
    return tree


def outcome(mutant, tree, jobs, log):
    """Builds and runs the test of the tree as it stands: 'passes', 'fails' or 'does not build'."""
    build = tree / "build/release"
    environment = {**os.environ, "COSNIC_WARNINGS_PASS": "1"}
    proof = mutant.test.removeprefix("formal/") if mutant.test.startswith("formal/") else None
    if run(["ninja", "-C", build, "-j", str(jobs), "contract_sv" if proof else mutant.test], log, env=environment) != 0:
        return "does not build"
    if proof:
        test = [tree / "tests/formal/prove.py", "--contract", build / "rtl/contract_pkg.sv", "--only", proof]
    else:
        test = [next(path for path in build.glob(f"tests/**/{mutant.test}") if path.is_file())]
    try:
        return "passes" if run(test, log, timeout=TEST_SECONDS) == 0 else "fails"
    except subprocess.TimeoutExpired:
        return "fails"  # it hangs


def try_one(mutant, tree, jobs, log):
    path = tree / mutant.file
    text = path.read_text()
    path.write_text(text.replace(mutant.find, mutant.replace))
    try:
        return outcome(mutant, tree, jobs, log)
    finally:
        path.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=ROOT / "build/mutate", help="where the copy is kept")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", action="append", help="faults whose area, file, test or description has this word")
    parser.add_argument("--list", action="store_true", help="name the faults")
    parser.add_argument("--check", action="store_true", help="only see that each fault's text is there, once")
    arguments = parser.parse_args()
    mutants = read_tables(arguments.only)
    if arguments.list:
        for m in mutants:
            print(f"{m.area:8} {m.test:26} {m.file}: {m.what}")
    problems = problems_of(mutants)
    if problems or arguments.list or arguments.check:
        print("\n".join(problems) if problems else f"{len(mutants)} faults")
        return 1 if problems else 0
    arguments.work.mkdir(parents=True, exist_ok=True)
    tree = prepare(arguments.work)
    log = arguments.work / "log.txt"
    log.unlink(missing_ok=True)
    caught = 0
    for number, m in enumerate(mutants, 1):
        begin = time.monotonic()
        result = try_one(m, tree, arguments.jobs, log)
        caught += result == "fails"
        verdict = {"fails": "caught", "passes": "SURVIVES", "does not build": "NO BUILD"}[result]
        print(f"[{number:>3}/{len(mutants)}] {verdict:8} {m.test:26} {time.monotonic() - begin:6.1f} s  {m.file}: {m.what}",
              flush=True)
    print(f"{caught} of {len(mutants)} faults caught; the tests' own words are in {log}")
    return 0 if caught == len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
