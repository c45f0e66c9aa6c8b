#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The repository's own rules as checks; each prints what is wrong and where.

usage: check_repo.py CHECK [COSNIC_BINARY]     CHECK: arrows spdx length whitespace casts readmes lists leaks flags
"""
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = {".cpp", ".hpp", ".sv", ".svh", ".py", ".sh", ".cmake"}
LONGEST = {".hpp": 300, ".cpp": 400, ".sv": 400, ".svh": 200, ".py": 400, ".sh": 200}
# not instantiated by the NIC: what a board's top level needs around it
FOR_BOARDS = {"rtl/common/reset_sync.sv"}
# longer than the limit for a reason that is a property of the file, not of its author
LONG_ON_PURPOSE = {
    "rtl/common/crc32_word.sv": "XOR equations written out, a row a bit",
}


def tracked():
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True,
                         text=True).stdout
    return [Path(name) for name in out.splitlines() if (ROOT / name).is_file()]


def text(path):
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


def check_arrows():
    rules = json.loads((ROOT / "tests/repo/arrows.json").read_text())
    for path in tracked():
        folder = "/".join(path.parts[:2])
        if path.suffix not in {".cpp", ".hpp"} or path.parts[0] not in {"rtl", "host", "sim"}:
            continue
        allowed = rules["folders"].get(folder)
        if allowed is None:
            yield f"{path}: folder {folder} has no row in tests/repo/arrows.json"
            continue
        for number, line in enumerate(text(path).splitlines(), 1):
            include = re.match(r'\s*#\s*include\s*[<"]([^">]+)[">]', line)
            if not include:
                continue
            target = include[1]
            if path.parts[0] == "host" and (target in rules["never_in_host"] or target.startswith(("verilated", "sim/"))):
                yield f"{path}:{number}: host code never sees the simulator ({target})"
            if re.match(r"V\w+\.h$|verilated", target) and folder not in rules["verilated_only_in"]:
                yield f"{path}:{number}: only {rules['verilated_only_in']} may include a verilated header ({target})"
            into = "/".join(target.split("/")[:2])
            if into in rules["folders"] and into != folder and "*" not in allowed and into not in allowed:
                yield f"{path}:{number}: {folder} must not include {into}"
            if target.startswith("sim/") is False and target.startswith("host/platform") and folder.startswith("sim/") \
                    and folder not in {"sim/board", "sim/world", "sim/app", "sim/stack"}:
                yield f"{path}:{number}: only sim/board, sim/world, sim/stack and sim/app see host/platform"


def check_spdx():
    for path in tracked():
        if path.suffix in CODE or path.name in {"dev", "CMakeLists.txt"}:
            if "SPDX-License-Identifier: Apache-2.0" not in "\n".join(text(path).splitlines()[:3]):
                yield f"{path}: no SPDX line at the top"


def check_length():
    for path in tracked():
        limit = LONGEST.get(path.suffix)
        lines = len(text(path).splitlines()) if limit else 0
        if limit and lines > limit and str(path) not in LONG_ON_PURPOSE:
            yield f"{path}: {lines} lines, at most {limit}: look for the two ideas in it"


def check_whitespace():
    for path in tracked():
        if path.suffix not in CODE | {".md", ".txt", ".json", ".toml"}:
            continue
        content = text(path)
        for number, line in enumerate(content.splitlines(), 1):
            if line != line.rstrip():
                yield f"{path}:{number}: trailing white space"
            if "\t" in line:
                yield f"{path}:{number}: tab"
            if path.suffix in {".sv", ".svh", ".cpp", ".hpp"} and len(line) > 120:
                yield f"{path}:{number}: {len(line)} columns, at most 120"
            if path.suffix in {".sv", ".svh", ".cpp", ".hpp"} and not line.isascii():
                yield f"{path}:{number}: not ASCII"
        if content and not content.endswith("\n"):
            yield f"{path}: no newline at the end"


def check_casts():
    """Yosys 0.23 reads `~W'(x)` as `(~W)'(x)`: a unary operator before a size cast needs parentheses."""
    unary = re.compile(r"(?:[~!]|[(=,?:]\s*[-&|^])\s*(?:\w+::)?\w+'\(")
    for path in tracked():
        if path.suffix in {".sv", ".svh"}:
            for number, line in enumerate(text(path).splitlines(), 1):
                if unary.search(line.split("//")[0]):
                    yield f"{path}:{number}: a unary operator before a size cast; write ~(W'(x))"


def check_readmes():
    """Every source folder has a README that names every file of it."""
    folders = {}
    for path in tracked():
        if path.parts[0] in {"rtl", "host", "sim"} and path.suffix in {".sv", ".svh", ".hpp", ".cpp"} and len(path.parts) > 2:
            folders.setdefault(path.parent, set()).add(path.stem)
    for folder, stems in sorted(folders.items()):
        readme = ROOT / folder / "README.md"
        if not readme.is_file():
            yield f"{folder}: no README.md"
            continue
        words = readme.read_text(encoding="utf-8")
        for stem in sorted(stems):
            if not re.search(rf"\b{re.escape(stem)}\b", words):
                yield f"{folder}/README.md: does not name {stem}"


def check_lists():
    """Every RTL file is in nic.f or is a package, an include or a simulation top; every C++ file is in a CMakeLists."""
    listed = text(Path("rtl/nic.f")) + text(Path("cmake/verilate.cmake"))
    lists = {p: text(p) for p in tracked() if p.name in {"CMakeLists.txt", "sc_test.cmake"}}
    every = "".join(lists.values())
    for path in tracked():
        if path.suffix == ".sv" and path.parts[0] == "rtl" and str(path) not in listed and str(path) not in FOR_BOARDS:
            yield f"{path}: not in rtl/nic.f"
        if path.suffix == ".cpp" and path.parts[0] in {"host", "sim", "rtl", "tests"}:
            above = [p for p in lists if p.parent in path.parents]
            if not any(path.stem in lists[p] for p in above) and f"/{path.parent.name}/{path.name}" not in every:
                yield f"{path}: in no CMakeLists.txt"
    for line in text(Path("rtl/nic.f")).splitlines():
        name = line.strip()
        if name.startswith("rtl/") and not (ROOT / name).is_file():
            yield f"rtl/nic.f: {name} does not exist"


def check_leaks():
    """No path of one machine, no promise of later work."""
    bad = re.compile(r"(^|[^A-Za-z0-9_.])/(work|farm|home|root)/|\b(TODO|FIXME|XXX|HACK)\b")
    for path in tracked():
        if path.suffix not in CODE | {".md", ".txt", ".json", ".toml"} and path.name != "dev":
            continue
        if path.name == "check_repo.py":
            continue
        for number, line in enumerate(text(path).splitlines(), 1):
            if bad.search(line):
                yield f"{path}:{number}: {line.strip()[:80]}"


def check_flags():
    """Every flag that the command and ./dev know is in README.md, and README.md names no flag that neither knows."""
    readme = text(Path("README.md"))
    binary = sys.argv[2]
    known = set()
    for verb in ([], ["run"], ["console"], ["world"], ["replay"], ["lspci"], ["bench", "sim"], ["bench", "nic"],
                 ["bench", "stack"], ["fuzz"], ["experiment"]):
        shown = subprocess.run([binary, *verb, "--help"], capture_output=True, text=True, check=True).stdout
        known |= set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", shown))
    for script in [ROOT / "dev", *sorted((ROOT / "tools").glob("*.sh"))]:
        if script.name != "lib.sh":
            usage = re.search(r'usage_on_help "(.*?)" "\$@"', script.read_text(), re.S)
            known |= set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", usage[1] if usage else ""))
    for verb in re.findall(r"^  ([a-z]+) {2,}", text(Path("dev")), re.M):
        if f"./dev {verb}" not in readme:
            yield f"README.md: does not name ./dev {verb}"
    documented = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", readme))
    for flag in sorted(known - documented - {"--help", "--help-all", "--version"}):
        yield f"README.md: does not document {flag}"
    for flag in sorted(documented - known - {"--help", "--version"}):
        yield f"README.md: names {flag}, which no command knows"


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    check = globals().get(f"check_{name}")
    if check is None:
        sys.exit(__doc__)
    problems = list(check())
    for problem in problems:
        print(problem)
    print(f"{name}: {len(problems)} problem{'' if len(problems) == 1 else 's'}")
    sys.exit(1 if problems else 0)


main()
