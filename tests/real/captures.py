#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Captures of real traffic, as Debian's packages carry them, played to the host: nothing is lost track of.

Each is played twice: as it is, and addressed to this host (its MAC address in every frame to a station, its interface
with every IPv4 address that the capture is sent to), so that it goes as far up as it can. Whatever the host makes of the
packets, the run's own sums must add up: frames on the wire are those that the host delivered, answered or dropped for a
reason. What is not Ethernet is refused in one line.

usage: captures.py COSNIC_BINARY [FOLDER ...]     folders with *.pcap and *.pcapng besides those of installed packages
"""
import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDERS = ["/usr/share/gocode/src/github.com/google/gopacket", "/usr/share/doc", "/usr/share/wireshark"]
MAC = bytes.fromhex("525400c0510c")
ETHERNET = 1
MOST_ADDRESSES = 16


def captures(folders):
    for folder in folders:
        for end in ("pcap", "pcapng", "cap"):
            yield from sorted(Path(folder).rglob(f"*.{end}"))


def read_pcap(path):
    """Link type and frames of a classic capture."""
    data = path.read_bytes()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    link_type = struct.unpack(order + "I", data[20:24])[0]
    frames, at = [], 24
    while at + 16 <= len(data):
        length = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        frames.append(data[at + 16:at + 16 + length])
        at += 16 + length
    return link_type, frames


def write_pcap(path, frames):
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, ETHERNET))
        for number, frame in enumerate(frames):
            out.write(struct.pack("<IIII", 0, number, len(frame), len(frame)) + frame)


def for_us(frames):
    """The frames with our MAC address, and the IPv4 addresses that they go to."""
    addresses, ours = set(), []
    for frame in frames:
        if len(frame) >= 34 and frame[0] & 1 == 0:
            frame = MAC + frame[6:]
            if frame[12:14] == b"\x08\x00" and 0 < frame[30] < 224 and frame[30] != 127:
                addresses.add(".".join(str(octet) for octet in frame[30:34]))
        ours.append(frame)
    return ours, sorted(addresses)[:MOST_ADDRESSES]


def play(binary, folder, capture, script):
    """Nothing when all adds up, else what is wrong; and the counters."""
    lines = Path(folder) / "script"
    lines.write_text("".join(line + "\n" for line in script) or "# none\n")
    stats = Path(folder) / "stats.json"
    stats.unlink(missing_ok=True)
    done = subprocess.run([binary, "run", "--nic", "model", "--wire", f"pcap:{capture}", "--app", "udp-echo", "--script",
                           str(lines), "--stats", str(stats)], capture_output=True, text=True, timeout=300, check=False)
    counters = json.loads(stats.read_text())["counters"] if done.returncode == 0 else {}
    refused = done.returncode == 1 and done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
    if done.returncode == 0:
        return "", counters
    return ("refused" if refused else f"status {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-500:]}"), counters


def main():
    binary, folders = sys.argv[1], FOLDERS + sys.argv[2:]
    played = refused = reached = 0
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        for path in captures(folders):
            verdict, _ = play(binary, folder, path, [])
            played += verdict == ""
            refused += verdict == "refused"
            if verdict not in ("", "refused"):
                wrong.append(f"{path}: {verdict}")
            plain = Path(folder) / "plain.pcap"
            converted = subprocess.run(["tshark", "-F", "pcap", "-r", str(path), "-w", str(plain)], capture_output=True,
                                       check=False)
            if converted.returncode != 0 or not plain.is_file():
                continue
            link_type, frames = read_pcap(plain)
            if link_type != ETHERNET or not frames:
                continue
            frames, addresses = for_us(frames)
            ours = Path(folder) / "ours.pcap"
            write_pcap(ours, frames)
            verdict, counters = play(binary, folder, ours, [f"ip addr add {each}/32 dev eth0" for each in addresses])
            if verdict:
                wrong.append(f"{path}, addressed to us: {verdict}")
            reached += sum(group.get("Ip.InDelivers", 0) for group in counters.values() if isinstance(group, dict))
    for each in wrong:
        print(f"failed: {each}")
    print(f"{played} captures played, {refused} refused, {reached} packets reached a protocol")
    if played + refused == 0 and not wrong:
        print("skipped: no captures; Debian's golang-github-google-gopacket-dev has some")
        sys.exit(77)
    sys.exit(1 if wrong else 0)


if len(sys.argv) < 2:
    sys.exit(__doc__)
main()
