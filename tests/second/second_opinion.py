#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A leaf in a second simulator: what the verilated model did in its unit test, cycle by cycle, against the netlist that
Yosys makes of the same sources, simulated by Icarus Verilog.

usage: second_opinion.py emit TOP FOLDER [-GNAME=VALUE]... FILE.sv...   writes recorder.sv, netlist.v, replay.v
       second_opinion.py compare TOP FOLDER TEST_PROGRAM               records, replays; then breaks the netlist and sees
                                                                       the difference: a test that cannot fail is none
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

RTL = Path(__file__).resolve().parents[2] / "rtl"
CYCLES = 800  # of each model that a test makes; fewer of big netlists
WORK = 20_000_000  # characters of netlist times cycles of a model
MODELS = 3  # of each test
FAULTS = 6  # gates broken, one at a time, until one is seen
CLOCK = "clk_i"


def run(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    if done.returncode:
        sys.exit(f"error: {' '.join(map(str, command[:3]))} ... failed\n{done.stdout[-1500:]}{done.stderr[-1500:]}")
    return done.stdout


def emit(top, folder, arguments):
    files = [a for a in arguments if not a.startswith("-")]
    defines = " ".join(a for a in arguments if a.startswith("-D"))
    folder.mkdir(parents=True, exist_ok=True)
    parameters = "".join(f"chparam -set {name} {value} {top}; "
                         for name, value in re.findall(r"-G(\w+)=(\S+)", " ".join(arguments)))
    ports_file, netlist = folder / "ports.json", folder / "netlist.v"
    # Gates, but memories stay memories: they would become a register a bit.
    run(["yosys", "-q", "-p", f"read_verilog -sv {defines} -I{RTL}/common {' '.join(files)}; {parameters}"
         f"synth -flatten -top {top} -run begin:fine; opt -fast -full; techmap; opt; abc -fast; opt_clean; "
         f"setundef -zero -init; write_json {ports_file}; write_verilog -noattr {netlist}"])
    ports = json.loads(ports_file.read_text())["modules"][top]["ports"]
    if CLOCK not in ports:
        sys.exit(f"error: {top} has no {CLOCK}")
    widths = {"input": 0, "output": 0}
    links, sides = [f".{CLOCK}(clock)"], {"input": [], "output": []}
    for name, port in ports.items():
        if name != CLOCK:
            side, width = port["direction"], len(port["bits"])
            links.append(f".{name}({'driven' if side == 'input' else 'seen'}[{widths[side]} +: {width}])")
            sides[side].insert(0, name)
            widths[side] += width
    inputs, outputs = widths["input"], widths["output"]
    (folder / "recorder.sv").write_text(f"""// Written by second_opinion.py: a line a cycle, when the folder record exists.
/* verilator lint_off DECLFILENAME */  // a recorder a module, each in a file of this name in its own folder
module second_{top} (
    input wire {CLOCK},
    input wire [{inputs - 1}:0] driven_i,
    input wire [{outputs - 1}:0] seen_i
);
  int file, cycles_q;
  initial begin
    file = $fopen("record/{top}", "a");
    if (file != 0) $fwrite(file, "model\\n");
  end
  always @(posedge {CLOCK}) begin
    if (file != 0 && cycles_q < {CYCLES}) begin
      $fwrite(file, "%h %h\\n", driven_i, seen_i);
      cycles_q <= cycles_q + 1;
    end
  end
  final if (file != 0) $fclose(file);
endmodule
bind {top} second_{top} u_second_recorder (.{CLOCK}({CLOCK}), .driven_i({{{', '.join(sides['input'])}}}), .seen_i({{{', '.join(sides['output'])}}}));
""")
    (folder / "replay.v").write_text(f"""// Written by second_opinion.py: plays a record, stops at the first difference.
module replay;
  reg clock;
  reg [{inputs - 1}:0] driven;
  wire [{outputs - 1}:0] seen;
  reg [{outputs - 1}:0] expected;
  reg [8*400-1:0] name;
  integer file, cycle;
  {top} dut ({', '.join(links)});
  initial begin
    clock = 0;
    cycle = 0;
    if (!$value$plusargs("record=%s", name)) $finish;
    file = $fopen(name, "r");
    while ($fscanf(file, "%h %h\\n", driven, expected) == 2) begin
      #1;
      if (cycle > 0 && seen !== expected) begin  // the first edge resets: states may be encoded otherwise
        $display("DIFFERENT in cycle %0d: inputs %h, Verilator %h, Icarus %h", cycle, driven, expected, seen);
        $finish;
      end
      clock = 1;
      #1 clock = 0;
      #1 cycle = cycle + 1;
    end
    $display("EQUAL for %0d cycles", cycle);
    $finish;
  end
endmodule
""")


def record(top, program, folder, cycles):
    """The records of the models that a run of the test makes, a file each, cut after so many cycles."""
    (folder / "record").mkdir()
    run([program], cwd=folder)
    whole = folder / "record" / top
    models = whole.read_text().split("model\n")[1:] if whole.is_file() else []
    models = [m for m in models if m.count("\n") > 8]
    if not models:
        sys.exit(f"error: {program} recorded nothing of {top}")
    # the longest ones, at most MODELS
    chosen = sorted(models, key=len)[-MODELS:]
    files = []
    for index, text in enumerate(chosen):
        files.append(folder / f"record.{index}")
        files[-1].write_text("\n".join(text.splitlines()[:cycles]) + "\n")
    return files


def from_zero(netlist):
    """The netlist's text, every register and memory beginning at 0 as in the verilated model."""
    text = re.sub(r"^(\s*reg (?:\[\d+:\d+\] )?(?:\\\S+ |\w+));$", r"\1 = 0;", netlist.read_text(), flags=re.M)
    memories = re.findall(r"^\s*reg \[\d+:\d+\] (\\\S+|\w+) ?\[(\d+):0\];$", text, flags=re.M)
    zero = "".join(f"  initial for (zero_index = 0; zero_index <= {last}; zero_index = zero_index + 1) {name} [zero_index] = 0;\n"
                   for name, last in memories)
    return text.replace("endmodule", f"  integer zero_index;\n{zero}endmodule") if zero else text


def replay(netlist, bench, records, folder):
    """(first difference or None, cycles compared)"""
    binary = folder / "replay.vvp"
    run(["iverilog", "-g2005", "-o", binary, "-s", "replay", bench, netlist])
    cycles = 0
    for number, file in enumerate(records):
        said = run(["vvp", "-n", binary, f"+record={file}"])
        equal = re.search(r"EQUAL for (\d+) cycles", said)
        if not equal:
            return f"model {number}: {said.strip()[:400]}", cycles
        cycles += int(equal[1])
    return None, cycles


def broken(text, count):
    """The netlist with one gate inverted, `count` times at other places: (line, what, text)."""
    lines = text.splitlines()
    gates = [n for n, line in enumerate(lines) if re.match(r"\s*assign \S+ = \S.* [\^&|] ", line)]
    if len(gates) < count:
        sys.exit("error: the netlist has too few gates to break")
    for k in range(count):
        number = gates[(2 * k + 1) * len(gates) // (2 * count)]
        line = lines[number]
        changed = re.sub(r"= (.*);", r"= ~(\1);", line)
        yield number + 1, changed.strip(), "\n".join([*lines[:number], changed, *lines[number + 1:]]) + "\n"


def compare(top, folder, program):
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        netlist = work / "netlist.v"
        text = from_zero(folder / "netlist.v")
        netlist.write_text(text)
        records = record(top, program, work, min(CYCLES, WORK // len(text)))
        difference, cycles = replay(netlist, folder / "replay.v", records, work)
        if difference:
            sys.exit(f"{top}: {difference}")
        print(f"{top}: {cycles} cycles of {len(records)} models are equal in Verilator and, as a netlist, in Icarus")
        for line, change, text in broken(netlist.read_text(), FAULTS):
            wrong = work / "broken.v"
            wrong.write_text(text)
            difference, _ = replay(wrong, folder / "replay.v", records, work)
            print(f"{top}: netlist line {line} changed to '{change}': {difference[:60] if difference else 'NOT SEEN'}")
            if difference:
                return
        sys.exit(f"{top}: none of {FAULTS} seeded faults was seen")


def main():
    match sys.argv[1:]:
        case ["emit", top, folder, *arguments]:
            emit(top, Path(folder), arguments)
        case ["compare", top, folder, program]:
            compare(top, Path(folder).resolve(), Path(program).resolve())
        case _:
            sys.exit(__doc__)


main()
