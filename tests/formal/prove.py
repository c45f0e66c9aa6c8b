#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves the leaf modules: one line for each property set, exit status 1 when anything is not as claimed.

A proof NAME is a wrapper tests/formal/NAME_proof.sv and a table NAME.toml (README.md explains both). With
--faults every seeded fault of the table is put into a copy of the sources and its proof has to fail.
"""
import argparse
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/formal"
CHECKER = ROOT / "rtl/common/stream_checker.sv"
PLAIN_FF = "-nodffe -nosdff"  # the back ends know flip-flops without enable and reset
METHODS = ("bmc", "bmc3", "induction", "cover", "pdr", "bdd")
AIG_METHODS = ("pdr", "bdd", "bmc3", "cover")  # by ABC; the others by yosys-smtbmc and z3
TIME_LIMIT = 300  # seconds for one property set


class ProofError(Exception):
    """A proof that cannot be run: a broken table, a source that does not read, a fault without a target."""


def load(name: str) -> dict:
    table = tomllib.loads((HERE / f"{name}.toml").read_text())
    table["name"] = name
    for check in table["check"]:
        if check["method"] not in METHODS:
            raise ProofError(f"{name}.toml: unknown method {check['method']}")
    if not table.get("fault"):
        raise ProofError(f"{name}.toml: a proof needs a seeded fault that it catches")
    return table


def run(command: list[str], folder: pathlib.Path, log: str) -> subprocess.CompletedProcess:
    """Runs a tool (under a shell limit on its processor time, its children's included) and keeps what it said."""
    limited = ["sh", "-c", f'ulimit -t {TIME_LIMIT}; exec "$@"', "sh", *command]
    result = subprocess.run(limited, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    (folder / log).write_text(result.stdout)
    return result


def abc(commands: str, folder: pathlib.Path, holds: str, fails: str) -> bool:
    """Runs ABC on design.aig; `holds` and `fails` are what it says in either case."""
    said = run(["yosys-abc", "-c", f"read_aiger design.aig; fold; strash; {commands}"], folder, "solve.log").stdout
    if (holds in said) == (fails in said):
        raise ProofError(f"the solver gave no verdict, see {folder}/solve.log")
    return holds in said


def covers(depth: int, folder: pathlib.Path) -> bool:
    """True when each cover point, an output that claims "never", is refuted within the depth.

    One output at a time: ABC's search over all of them at once (bmc3 -a) crashes on some designs.
    """
    header = (folder / "design.aig").open("rb").readline().split()  # aig M I L O A B ...
    outputs = int(header[4]) + (int(header[6]) if len(header) > 6 else 0)
    each = [f"read_aiger design.aig; fold; strash; cone -s -O {k}; dc2; scorr; bmc3 -F {depth}" for k in range(outputs)]
    said = run(["yosys-abc", "-c", "; ".join(each)], folder, "solve.log").stdout
    reached, never = said.count("was asserted in frame"), said.count("No output asserted")
    if outputs == 0 or reached + never != outputs:
        raise ProofError(f"the solver gave no verdict, see {folder}/solve.log")
    return never == 0


def put_sources(table: dict, folder: pathlib.Path, contract: pathlib.Path, fault: dict | None) -> list[str]:
    """Copies the sources into `folder`, the fault put in; gives the Yosys commands that read them.

    Environment rules are assumptions only in the leaf under proof: a module inside it has its inputs driven
    by the leaf, so there the same rules are proved.
    """
    packages = [contract] + sorted(p for p in (ROOT / "rtl").rglob("*_pkg.sv"))
    inner = [CHECKER] + [ROOT / f for f in table.get("inner", [])]
    outer = [ROOT / f for f in table["leaf"]] + [HERE / f"{table['name']}_proof.sv"]
    hit = False
    reads = []
    for path in packages + inner + outer:
        text = path.read_text()
        if fault and path.resolve() == (ROOT / fault["file"]).resolve():
            if text.count(fault["find"]) != 1:
                raise ProofError(f"{table['name']}: the fault's text is in {fault['file']} "
                                 f"{text.count(fault['find'])} times instead of once: {fault['find']!r}")
            text = text.replace(fault["find"], fault["replace"])
            hit = True
        defines = ""
        if path in inner:
            text = text.replace(".Assumed(1'b1)", ".Assumed(1'b0)")
            if path != CHECKER:
                defines = "-DFORMAL_INNER "
        (folder / path.name).write_text(text)
        reads.append(f"read_verilog -formal -sv {defines}-I{ROOT}/rtl/common -I{HERE} {path.name}")
    if fault and not hit:
        raise ProofError(f"{table['name']}: {fault['file']} is not a source of this proof")
    return reads


def prepare(table: dict, check: dict, folder: pathlib.Path, contract: pathlib.Path, fault: dict | None) -> None:
    """Makes design.smt2 (or design.aig) in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    steps = put_sources(table, folder, contract, fault)
    top = f"{table['name']}_proof"
    parameters = check.get("parameters", table.get("parameters", {}))
    steps += [f"chparam -set {key} {value} {top}" for key, value in parameters.items()]
    steps += [f"hierarchy -check -top {top}", "proc", "flatten", f"cd {top}"]
    # A wrapper's undriven wire becomes a view of a register inside the leaf, for invariants.
    steps += [f"connect -set {wire} {inside}" for wire, inside in table.get("peek", {}).items()]
    steps += ["cd ..", f"prep -flatten -top {top}", "memory_map"]
    steps += ["clk2fflogic"] if table.get("multiclock") else ["async2sync", "dffunmap"]
    steps += [f"opt -fast {PLAIN_FF}"]
    if check["method"] == "cover":
        steps += ["chformal -assert -remove", f"techmap -map {HERE}/cover_as_assert.v"]
    else:
        steps += ["chformal -cover -remove"]
    if check["method"] in AIG_METHODS:
        steps += ["setundef -undriven -anyseq", f"opt -full {PLAIN_FF}", "techmap",
                  f"opt -fast {PLAIN_FF}", "abc -g AND -fast", "opt_clean", "write_aiger -I -B -zinit design.aig"]
    else:
        steps += ["write_smt2 -wires design.smt2"]
    (folder / "design.ys").write_text("\n".join(steps) + "\n")
    result = run(["yosys", "-q", "-s", "design.ys"], folder, "yosys.log")
    if result.returncode != 0:
        raise ProofError(f"{table['name']}: Yosys does not read it, see {folder}/yosys.log: "
                         + result.stdout.strip().splitlines()[-1])


def solve(check: dict, folder: pathlib.Path) -> bool:
    """True when every assertion holds (or every cover is reached)."""
    method = check["method"]
    if method == "pdr":
        return abc("dc2; scorr; pdr", folder, "Property proved", "was asserted in frame")
    if method == "bmc3":
        return abc(f"dc2; scorr; bmc3 -F {check['depth']}", folder, "No output asserted", "was asserted in frame")
    if method == "bdd":
        # The sum of all violations as one decision diagram has to be the constant 0.
        return abc("collapse; strash; sat", folder, "UNSATISFIABLE", "\nSATISFIABLE")
    if method == "cover":
        return covers(check["depth"], folder)
    option = {"bmc": [], "induction": ["-i"]}[method]
    result = run(["yosys-smtbmc", "-s", "z3", "--noprogress", *option, "-t", str(check["depth"]),
                  "--dump-vcd", "trace.vcd", "design.smt2"], folder, "solve.log")
    if re.search(r"Status: (PASSED|FAILED)", result.stdout, re.IGNORECASE) is None:
        raise ProofError(f"the solver gave no verdict, see {folder}/solve.log")
    return result.returncode == 0


def job(table: dict, check: dict, fault: dict | None, work: pathlib.Path, contract: pathlib.Path, label: str) -> str:
    """Runs one property set, on the sources or on a faulty copy; gives the line to print or raises."""
    start = time.monotonic()
    folder = work / label.replace(" ", "_")
    prepare(table, check, folder, contract, fault)
    holds = solve(check, folder)
    took = f"{time.monotonic() - start:6.1f} s"
    how = check["method"] + (f" {check['depth']}" if "depth" in check else "")
    if fault:
        line = f"{table['name']:<18} {how:<13} {took}  {fault['what']}"
        if holds:
            raise ProofError(f"NOT CAUGHT  {line}")
        return f"caught  {line}"
    line = f"{table['name']:<18} {how:<13} {took}  {check['what']}"
    if not holds:
        raise ProofError(f"FAILED  {line}  (see {folder})")
    return f"proved  {line}"


def jobs_of(table: dict, faults: bool) -> list[tuple[dict, dict | None, str]]:
    name = table["name"]
    if not faults:
        return [(check, None, f"{name}/{k}_{check['method']}") for k, check in enumerate(table["check"])]
    by_what = {check["what"]: check for check in table["check"]}
    # A fault is shown by the first bounded check unless it names another one.
    default = next((c for c in table["check"] if c["method"] != "cover"), table["check"][0])
    chosen = [by_what[f["check"]] if "check" in f else default for f in table["fault"]]
    return [(c, f, f"{name}/fault_{k}") for k, (c, f) in enumerate(zip(chosen, table["fault"]))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contract", type=pathlib.Path, help="contract_pkg.sv as the build emitted it")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build/formal", help="where the runs are kept")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", metavar="NAME", action="append", help="this proof only (may be repeated)")
    parser.add_argument("--list", action="store_true", help="name the proofs and their property sets")
    parser.add_argument("--faults", action="store_true", help="show each proof failing on its seeded faults")
    options = parser.parse_args()

    names = sorted(p.stem for p in HERE.glob("*.toml"))
    for name in options.only or []:
        if name not in names:
            print(f"prove: no proof named {name}; --list names them", file=sys.stderr)
            return 1
    try:
        tables = [load(name) for name in (options.only or names)]
    except (ProofError, KeyError, tomllib.TOMLDecodeError) as error:
        print(f"prove: {error}", file=sys.stderr)
        return 1
    if options.list:
        for table in tables:
            for check in table["check"]:
                print(f"{table['name']:<18} {check['method']:<9} {check.get('depth', ''):>3}  {check['what']}")
        return 0
    if options.contract is None or not options.contract.is_file():
        print("prove: --contract has to name the emitted contract_pkg.sv (ninja contract_sv makes it)", file=sys.stderr)
        return 1

    todo = [(t, *j) for t in tables for j in jobs_of(t, options.faults)]
    failures = 0
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        waiting = {pool.submit(job, t, check, fault, options.work.resolve(), options.contract.resolve(), label): label
                   for t, check, fault, label in todo}
        for done, future in enumerate(concurrent.futures.as_completed(waiting), 1):
            try:
                line = future.result()
            except (ProofError, OSError) as error:
                failures += 1
                line = str(error)
            print(f"[{done:>{len(str(len(todo)))}}/{len(todo)}] {line}", flush=True)
    claim = "faults caught" if options.faults else "property sets hold"
    print(f"{len(todo) - failures} of {len(todo)} {claim}, {time.monotonic() - start:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
