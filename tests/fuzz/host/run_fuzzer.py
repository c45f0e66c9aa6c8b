#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs one libFuzzer target from its seeds and whatever earlier runs found.

The corpus grows in CORPUS beside the binary when there is a time, and is only read when there is a number of runs, so
that a test is the same each time. A crash is kept as a file, and the command that repeats it is printed.
"""
import argparse
import subprocess
import sys
from pathlib import Path


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=Path)
    parser.add_argument("--runs", type=int, help="so many inputs, always the same")
    parser.add_argument("--minutes", type=float, help="so long, remembering what was found")
    arguments = parser.parse_args()
    name = arguments.binary.name.removesuffix("_fuzz")
    folder = arguments.binary.parent
    subprocess.run([folder / "write_seeds", folder / "seeds"], check=True)
    crashes = folder / "crashes"
    corpus = folder / "corpus" / name
    crashes.mkdir(exist_ok=True)
    corpus.mkdir(parents=True, exist_ok=True)
    command = [arguments.binary, "-max_len=4096", "-timeout=20", "-print_final_stats=1", f"-artifact_prefix={crashes}/{name}-"]
    if arguments.minutes is not None:
        command += [f"-max_total_time={int(arguments.minutes * 60)}", corpus, folder / "seeds" / name]
    else:
        command += [f"-runs={arguments.runs or 1000}", "-seed=1", folder / "seeds" / name]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, errors="replace", check=False)
    lines = done.stderr.splitlines()
    print("\n".join(lines[-6:] if done.returncode == 0 else lines[-60:]))
    if done.returncode != 0:
        for line in lines:
            if "Test unit written to " in line:
                print(f"repeat it with: {arguments.binary} {line.rsplit(' ', 1)[-1]}")
        sys.exit(1)


main()
