#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The cosnic command as a user meets it: mistakes are one line and status 1, files come out as documented.

usage: command_test.py arguments|files|config|lspci|replay|script|bench COSNIC_BINARY
"""
import json
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

ETHERNET, RAW_IP = 1, 101


def cosnic(*arguments, timeout=600):
    return subprocess.run([sys.argv[2], *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                          check=False)


def must(condition, what):
    if not condition:
        sys.exit(f"failed: {what}")


def refused(words, *arguments):
    """Status 1, nothing but one line, and the line says what is wrong."""
    done = cosnic(*arguments, timeout=60)
    lines = [line for line in done.stderr.splitlines() if line]
    print(f"{' '.join(map(str, arguments))}: {done.stderr.strip()}")
    must(done.returncode == 1, f"{arguments}: status {done.returncode}, not 1")
    must(len(lines) == 1 and lines[0].startswith("error: "), f"{arguments}: not one line that begins with 'error: '")
    for word in words:
        must(word in lines[0], f"{arguments}: the line does not say '{word}'")


def write_pcap(path, frames, link_type=ETHERNET, captured=None):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, link_type))
        for number, frame in enumerate(frames):
            kept = frame if captured is None else frame[:captured]
            file.write(struct.pack("<IIII", number, 7 * number, len(kept), len(frame)) + kept)


def write_pcapng(path, frames):
    def block(kind, body):
        body += bytes(-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)
    with open(path, "wb") as file:
        file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        file.write(block(1, struct.pack("<HHI", ETHERNET, 0, 0)))
        for number, frame in enumerate(frames):
            file.write(block(6, struct.pack("<IIIII", 0, 0, number, len(frame), len(frame)) + frame))


def read_pcapng(path):
    data, frames, names, place = Path(path).read_bytes(), [], [], 0
    while place < len(data):
        kind, length = struct.unpack_from("<II", data, place)
        must(struct.unpack_from("<I", data, place + length - 4)[0] == length, "a block's two lengths differ")
        if kind == 6:
            size = struct.unpack_from("<I", data, place + 20)[0]
            frames.append(data[place + 28:place + 28 + size])
        if kind == 1:
            size = struct.unpack_from("<H", data, place + 18)[0]
            names.append(data[place + 20:place + 20 + size].decode())
        place += length
    return frames, names


def check_arguments(folder):
    capture = folder / "one.pcap"
    write_pcap(capture, [bytes(60)])
    refused(["--help"])
    refused(["--wire"], "run")
    refused(["tap:NAME"], "run", "--wire", "carrier-pigeon")
    refused(["no-such-tap", "ip tuntap add"], "run", "--wire", "tap:no-such-tap")
    refused(["udp-echo"], "run", "--wire", "peer", "--app", "quake")
    refused(["10 parsecs", "10ms"], "run", "--wire", "peer", "--for", "10 parsecs")
    refused(["'10'", "10ms"], "run", "--wire", "peer", "--for", "10")
    refused(["-5ms"], "run", "--wire", "peer", "--for=-5ms")
    refused(["10.77.0.2/24"], "run", "--wire", "peer", "--addr", "10.77.0.256/24")
    refused(["10.77.0.2/24"], "run", "--wire", "peer", "--addr", "10.77.0.2")
    refused(["30"], "run", "--wire", "peer", "--addr", "10.77.0.2/31")
    refused(["seed"], "run", "--wire", "peer", "--seed", "banana")
    refused(["seed"], "run", "--wire", "peer", "--seed=-1")
    refused(["15 characters"], "run", "--wire", "tap:a-name-that-is-too-long")
    refused(["t.vcd", ".fst"], "run", "--wire", "peer", "--trace", "t.vcd")
    refused(["FROM:TO"], "run", "--wire", "peer", "--trace", "t.fst:10us")
    refused(["before it begins"], "run", "--wire", "peer", "--trace", "t.fst:20us:10us")
    refused(["window"], "replay", capture, "--out", folder / "o.pcapng", "--window", "0")
    refused(["--out"], "replay", capture)


def check_files(folder):
    frames = [random.Random(1).randbytes(100) for _ in range(3)]
    out = folder / "out.pcapng"
    refused(["none.pcap", "No such file"], "replay", folder / "none.pcap", "--out", out)
    (folder / "text.pcap").write_text("this is no capture")
    refused(["text.pcap"], "replay", folder / "text.pcap", "--out", out)
    (folder / "empty.pcap").touch()
    refused(["empty.pcap"], "replay", folder / "empty.pcap", "--out", out)
    write_pcap(folder / "raw.pcap", frames, RAW_IP)
    refused(["RAW", "Ethernet"], "replay", folder / "raw.pcap", "--out", out)
    refused(["RAW", "Ethernet"], "run", "--wire", f"pcap:{folder / 'raw.pcap'}")
    write_pcap(folder / "good.pcap", frames)
    refused(["no-folder"], "replay", folder / "good.pcap", "--out", folder / "no-folder" / "out.pcapng")
    refused(["no-folder"], "run", "--wire", "peer", "--capture", folder / "no-folder" / "c.pcapng")
    refused(["no-folder"], "run", "--wire", "peer", "--stats", folder / "no-folder" / "s.json")
    refused(["no-folder"], "run", "--wire", "peer", "--trace", folder / "no-folder" / "t.fst")
    refused(["no-folder"], "bench", "sim", "--json", folder / "no-folder" / "b.json")


def check_config(folder):
    def config(text, *words):
        path = folder / "nic.toml"
        path.write_text(text)
        refused(["nic.toml", *words], "run", "--wire", "peer", "--nic-config", path)
    config("[link]\ngeneration = 3\nspeeed = 4\n", ":3:", "link.speeed")
    config("[lnk]\n", ":1:", "lnk")
    config("[link]\nwidth = 3\n", ":2:", "link.width")
    config("[link]\nwidth = \"wide\"\n", ":2:", "link.width")
    config("[memory]\nlatency_ns = -1\n", ":2:", "memory.latency_ns")
    config("[nic]\nmac = \"01:00:00:00:00:00\"\n", ":2:", "nic.mac")
    config("[driver]\nring = \"square\"\n", ":2:", "driver.ring")
    config("[driver]\nfeatures_off = [\"CSUM\", \"csum\"]\n", ":2:", "driver.features_off", "HOST_TSO4")
    config("[driver]\nqueue_pairs = 65\n", ":2:", "driver.queue_pairs")
    config("[driver]\ninterrupts = \"pin\"\n", ":2:", "driver.interrupts", "intx")
    config("[driver]\nrx_usecs = -1\n", ":2:", "driver.rx_usecs")
    config("[wire]\nstart_lane = \"lane7\"\n", ":2:", "wire.start_lane")
    config("link = 3\n", ":1:", "link")
    config("[link\n", ":1:")
    refused(["none.toml"], "run", "--wire", "peer", "--nic-config", folder / "none.toml")
    path = folder / "costs.toml"
    path.write_text("[host.costs]\nwishful_thinking = 1\n")
    refused(["wishful_thinking"], "run", "--wire", "peer", "--nic-config", path)
    refused(["none.toml"], "run", "--wire", "peer", "--costs", folder / "none.toml")
    costs = folder / "costs.toml"
    default = (Path(__file__).parents[2] / "host/kernel/costs.toml").read_text()
    costs.write_text(default.replace("udp_rcv ", "udp_recieve "))
    refused(["costs.toml", "udp_recieve", "form"], "run", "--wire", "peer", "--costs", costs)


def check_lspci(folder):
    done = cosnic("lspci", "-vv")
    must(done.returncode == 0, f"status {done.returncode}: {done.stderr}")
    dump = folder / "dump.txt"
    dump.write_text(done.stdout)
    system = subprocess.run(["lspci", "-F", str(dump), "-vv"], capture_output=True, text=True, check=False)
    print(system.stdout, system.stderr)
    must(system.returncode == 0, "the system's lspci refuses the dump")
    for words in ("MSI-X: Enable+", "Express (v2) Endpoint", "Power Management", "VirtIO: CommonCfg", "VirtIO: Notify",
                  "VirtIO: ISR", "VirtIO: DeviceCfg", "Region 0: Memory at", "Interrupt: pin A"):
        must(words in system.stdout, f"lspci does not show '{words}'")
    complaints = [line for line in system.stderr.splitlines() if "libkmod" not in line]
    must(not complaints and "unknown header" not in system.stdout.lower(), f"lspci complains: {complaints}")


def check_replay(folder):
    source = random.Random(5)
    lengths = [14, 20, 59, 60, 61, 64, 1500, 1514, 1518] + [source.randint(14, 1518) for _ in range(150)]
    frames = [source.randbytes(length) for length in lengths]
    padded = [frame + bytes(max(0, 60 - len(frame))) for frame in frames]
    extra = [source.randbytes(1519), source.randbytes(13), source.randbytes(9000)]
    given, out, stats = folder / "in.pcap", folder / "out.pcapng", folder / "stats.json"

    def replay(count):
        done = cosnic("replay", given, "--out", out, "--seed", 3, "--stats", stats)
        print(done.stdout, done.stderr)
        must(done.returncode == 0, f"status {done.returncode}")
        came, names = read_pcapng(out)
        must(came == padded[:count], "what came back is not what went in")
        must(names == ["wire-tx"], f"interface names {names}")
        return json.loads(stats.read_text())["counters"]["run"]

    write_pcap(given, frames[:5] + extra + frames[5:])
    skipped = replay(len(frames))
    must(skipped["skipped_too_long"] == 2 and skipped["skipped_too_short"] == 1, f"skipped: {skipped}")
    write_pcapng(given, frames[:40])
    must(replay(40)["skipped_cut_short"] == 0, "nothing was cut short")
    write_pcap(given, frames[:10])
    with open(given, "r+b") as file:
        file.truncate(given.stat().st_size - 5)
    must(replay(9)["skipped_cut_short"] == 1, "the record that the file's end cuts is not counted")
    write_pcap(given, [bytes(200)] * 4, captured=96)
    must(replay(0)["skipped_cut_short"] == 4, "records that the capture cut are not counted")


def check_script(folder):
    """Commands on the RTL's host, before, during and after its traffic."""
    script = folder / "script"

    def bad(text, *words):
        script.write_text(text)
        refused(["script:", *words], "run", "--wire", "peer", "--script", script)
    bad("# fine\n\nat 2ms\n", ":3:", "at 2ms")
    bad("every soon ls /proc\n", ":1:", "'soon'")
    bad("every 10ns ls /proc\n", ":1:", "1us")
    bad("ls /proc\ncat 'x\n", ":2:", "matching")
    refused(["no-such", "No such file"], "run", "--wire", "peer", "--script", folder / "no-such")
    refused(["cannot read"], "run", "--wire", "peer", "--script", folder)

    script.write_text("# a comment\nsysctl -w net.core.dev_weight=16\n\ncat /proc/nothing\n  ls /proc/sys ; nosuch\n"
                      "at 1ms sysctl -n net.core.dev_weight\nat 300us echo 8 > /proc/sys/net/core/dev_weight\n"
                      "every 400us echo again\nat 9s echo never\n")
    arguments = ["run", "--wire", "peer", "--script", script, "--seed", 5]
    done = cosnic(*arguments, "--for", "1500us")
    print(done.stdout, done.stderr)
    must(done.returncode == 0, f"status {done.returncode}")
    begin = ("$ sysctl -w net.core.dev_weight=16\nnet.core.dev_weight = 16\n"
             "$ cat /proc/nothing\ncat: /proc/nothing: No such file or directory\n(status 1)\n"
             "$ ls /proc/sys ; nosuch\nnet\nbash: nosuch: command not found\n(status 127)\n")
    must(done.stdout.startswith(begin), "the lines in order are not first, or not answered")
    lines = done.stdout.splitlines()

    def place(line):
        must(line in lines, f"no line '{line}'")
        return lines.index(line)
    knob, early = place("[300.000 us] $ echo 8 > /proc/sys/net/core/dev_weight"), place("[400.000 us] $ echo again")
    late, shown = place("[800.000 us] $ echo again"), place("[1.000 ms] $ sysctl -n net.core.dev_weight")
    must(knob < early < late < shown < place("[1.200 ms] $ echo again"), "not in the order of time")
    must(lines[shown + 1] == "8" and lines[early + 1] == "again", "an answer is not behind its command")
    must(lines[place("[9.000 s] $ echo never") + 1] == "(the run ended before it began)", "a line is lost")
    must("14 pings, 14 answered; 6 UDP datagrams, 6 echoed" in lines, "the traffic was not what it is")
    must(cosnic(*arguments, "--for", "1500us").stdout.splitlines()[:shown] == lines[:shown], "not the same twice")

    script.write_text("at 3ms echo last\n")
    done = cosnic("run", "--wire", "peer", "--script", script, "--nic", "model")
    must(done.returncode == 0 and "[3.000 ms] $ echo last\nlast\n" in done.stdout, "the run did not wait for its script")


def check_bench(folder):
    """Line rate both ways at the smallest frames, nothing lost, within what a frame may cost on PCIe."""
    out = folder / "bench.json"

    def bench(only, frames):
        done = cosnic("bench", "nic", "--only", only, "--frames", frames, "--jobs", 1, "--json", out)
        print(done.stdout, done.stderr)
        must(done.returncode == 0, f"status {done.returncode}")
        return {(row["case"], row["metric"]): row["value"] for row in json.loads(out.read_text())["rows"]}

    refused(["no case", "nonsense"], "bench", "nic", "--only", "nonsense")
    for case, most in (("rtl/receive/64/packed/1", 90), ("rtl/transmit/64/packed/1", 110),
                       ("rtl/duplex/64/split/1", 110)):
        rows = bench(case, 3000)
        must(rows[case, "line_rate_percent"] >= 99.95, f"{case}: {rows[case, 'line_rate_percent']} % of line rate")
        must(rows[case, "drops"] == 0, f"{case}: lost {rows[case, 'drops']}")
        must(0 < rows[case, "pcie_overhead_bytes"] <= most, f"{case}: {rows[case, 'pcie_overhead_bytes']} B on PCIe")
    rows = bench("rtl/lone/64/packed/1", 20)
    for way, most in (("receive", 700), ("transmit", 3500)):
        value = rows["rtl/lone/64/packed/1", f"{way}_latency_p99_ns"]
        must(0 < value < most, f"a lone frame takes {value} ns to {way}: it waited for company")


def main():
    if len(sys.argv) != 3 or f"check_{sys.argv[1]}" not in globals():
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        globals()[f"check_{sys.argv[1]}"](Path(folder))


main()
