#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clang-tidy over every C++ file of the build, in parallel, each again only when its text or its headers changed.

usage: tidy.py --build DIR [--jobs N]
"""
import argparse
import concurrent.futures
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# clang 14 knows C++20 coroutines but does not announce them to libstdc++
EXTRA = ["--extra-arg=-D__cpp_impl_coroutine=201902L", "--extra-arg=-Wno-unknown-warning-option", "--quiet"]


def headers_of(path, seen):
    """The project's own headers that a file includes, by text, all levels down."""
    if path in seen or not path.is_file():
        return
    seen.add(path)
    for name in re.findall(r'#\s*include\s*"([^"]+)"', path.read_text(encoding="utf-8", errors="replace")):
        for base in (ROOT, path.parent):
            headers_of(base / name, seen)


def fingerprint(path):
    seen = set()
    headers_of(path, seen)
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes())
    for name in sorted(seen):
        digest.update(name.read_bytes())
    return digest.hexdigest()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--jobs", type=int, default=1)
    args = parser.parse_args()
    passed = ROOT / args.build / "tidy_passed"
    passed.mkdir(exist_ok=True)
    commands = json.loads((ROOT / args.build / "compile_commands.json").read_text())
    files = sorted({Path(c["file"]) for c in commands
                    if Path(c["file"]).is_relative_to(ROOT) and "/build/" not in c["file"]})
    todo = [(f, mark) for f in files if not (mark := passed / fingerprint(f)).exists()]
    print(f"    {len(files)} files, {len(todo)} to check", file=sys.stderr)
    failed = 0

    def run(item):
        done = subprocess.run(["clang-tidy", "-p", args.build, *EXTRA, str(item[0])], cwd=ROOT, capture_output=True,
                              text=True)
        return item, done

    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for number, ((path, mark), done) in enumerate(pool.map(run, todo), 1):
            if sys.stderr.isatty():
                print(f"\r    {number}/{len(todo)} {path.relative_to(ROOT)}\033[K", end="", file=sys.stderr)
            if done.returncode == 0:
                mark.touch()
            else:
                failed += 1
                print(f"\n{path.relative_to(ROOT)}:\n{done.stdout}{done.stderr}", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    sys.exit(1 if failed else 0)


main()
