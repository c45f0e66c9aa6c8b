#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Frames that the RTL's transmit offloads make, judged by tshark and by the kernel's own software segmentation.

usage: tx_offloads.py tshark|kernel TX_PATH_FRAMES

tshark: every checksum of every frame is good. kernel: the same packet, written with its virtio_net_hdr to a TAP
device and bridged to one without offloads, comes out as the same frames. Exit status 77: cannot be tried here.
"""
import fcntl
import os
import platform
import random
import select
import struct
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
NEEDS_CSUM, TCPV4, TCPV6, UDP_L4, ECN = 1, 1, 4, 5, 0x80
TUNSETIFF, TUNSETVNETHDRSZ, IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x400454CA, 0x400454D8, 2, 0x1000, 0x4000
SOURCE, TARGET = bytes.fromhex("020000c05a1c"), bytes.fromhex("0200000000aa")


def ones_sum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def source(rng: random.Random, *, v4: bool, tcp: bool, payload: int, size: int, flags: int = 0x18, options: int = 3,
           tag: int | None = None) -> tuple[str, bytes]:
    """A packet as a guest's stack hands it over: virtio_net_hdr, frame, the pseudo-header's sum in its field."""
    body = rng.randbytes(payload)
    if tcp:
        head = struct.pack("!HHIIBBHHH", 4242, 4243, 0xFFFFF000, rng.getrandbits(32), (5 + options) << 4, flags, 500, 0, 0)
        head += b"\x01" * 4 * options
    else:
        head = struct.pack("!HHHH", 4242, 4243, 8 + payload, 0)
    length, protocol = len(head) + payload, 6 if tcp else 17
    if v4:
        addresses = bytes([10, 0, 0, 1, 10, 0, 0, 2])
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0xFFFE, 0x4000, 64, protocol, 0) + addresses
        ip = ip[:10] + struct.pack("!H", 0xFFFF ^ ones_sum(ip)) + ip[12:]
    else:
        addresses = bytes.fromhex("fd00" + "00" * 13 + "01" + "fd00" + "00" * 13 + "02")
        ip = struct.pack("!IHBB", 0x60012345, length, protocol, 64) + addresses
    offset = 16 if tcp else 6
    seed = ones_sum(addresses + struct.pack("!II", length, protocol))
    head = head[:offset] + struct.pack("!H", seed) + head[offset + 2:]
    ether = TARGET + SOURCE + (struct.pack("!HH", 0x8100, tag) if tag is not None else b"")
    ether += b"\x08\x00" if v4 else b"\x86\xdd"
    start = len(ether) + len(ip)
    kind = 0 if size == 0 else (TCPV4 if v4 else TCPV6) if tcp else UDP_L4
    if tcp and kind and flags & 0x80:
        kind |= ECN
    header = struct.pack("<BBHHHHH", NEEDS_CSUM, kind, start + len(head), size, start, offset, 0)
    name = f"{'TCP' if tcp else 'UDP'}/{'IPv4' if v4 else 'IPv6'} {payload} B by {size}, flags {flags:#x}, tag {tag}"
    return name, header + ether + ip + head + body


def sources() -> list[tuple[str, bytes]]:
    rng = random.Random(4)
    made = []
    for v4 in (True, False):
        for tcp in (True, False):
            for payload, size in ((1, 0), (1400, 0), (9, 0), (1401, 1400), (2800, 1400), (4321, 1001), (65000, 1448),
                                  (333, 7), (20000, 536)):
                made.append(source(rng, v4=v4, tcp=tcp, payload=payload, size=size))
        for flags in (0x10, 0x11, 0x19, 0x98, 0xD9):
            made.append(source(rng, v4=v4, tcp=True, payload=5000, size=1400, flags=flags, options=0))
        made.append(source(rng, v4=v4, tcp=True, payload=5000, size=999, options=10))
        made.append(source(rng, v4=v4, tcp=True, payload=5000, size=1400, tag=0x2064))
        made.append(source(rng, v4=v4, tcp=False, payload=5000, size=1400, tag=0x2064))
    return made


def through_rtl(tool: str, packets: list[bytes]) -> list[list[bytes]]:
    data = subprocess.run([tool], input=b"".join(struct.pack("<I", len(p)) + p for p in packets), check=True,
                          stdout=subprocess.PIPE).stdout
    at, result = 0, []

    def word() -> int:
        nonlocal at
        at += 4
        return struct.unpack_from("<I", data, at - 4)[0]

    for _ in packets:
        frames = []
        for _ in range(word()):
            n = word()
            frames.append(data[at:at + n])
            at += n
        result.append(frames)
    return result


def judge_by_tshark(made: list[list[bytes]]) -> int:
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        total = 0
        for frame in (f for frames in made for f in frames):
            file.write(struct.pack("<IIII", total // 1000, total % 1000, len(frame), len(frame)) + frame)
            total += 1
        file.flush()
        checks = [word for p in ("ip", "tcp", "udp") for word in ("-o", f"{p}.check_checksum:TRUE")]
        fields = [word for p in ("ip", "tcp", "udp") for word in ("-e", f"{p}.checksum.status")]
        out = subprocess.run(["tshark", "-n", "-r", file.name, *checks, "-T", "fields", "-E", "separator=;", *fields], check=True, text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL).stdout.splitlines()
    bad = 0
    for line, frame in zip(out, (f for frames in made for f in frames), strict=True):
        ip, tcp, udp = line.split(";")
        v4 = frame[12:14] == b"\x08\x00" or (frame[12:14] == b"\x81\x00" and frame[16:18] == b"\x08\x00")
        if (ip != "1" if v4 else ip != "") or [tcp, udp].count("1") != 1 or [tcp, udp].count("") != 1:
            bad += 1
            print(f"tshark says of frame {frame[:80].hex()}: {line}")
    print(f"tshark: {total - bad} of {total} frames have good checksums")
    return 1 if bad else 0


def open_tap(name: str, flags: int) -> int:
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH", name.encode(), flags))
    return fd


def ours(frame: bytes) -> bool:
    return frame[6:12] == SOURCE


def through_kernel(packets: list[bytes]) -> list[list[bytes]]:
    """In a network namespace of its own: one TAP with virtio headers, a bridge, a plain TAP."""
    sender, receiver = open_tap("cosnic0", IFF_TAP | IFF_NO_PI | IFF_VNET_HDR), open_tap("cosnic1", IFF_TAP | IFF_NO_PI)
    fcntl.ioctl(sender, TUNSETVNETHDRSZ, struct.pack("i", 12))
    for command in ("sysctl -qw net.ipv6.conf.all.disable_ipv6=1", "sysctl -qw net.ipv6.conf.default.disable_ipv6=1",
                    "ip link add br0 type bridge forward_delay 0", "ip link set cosnic0 master br0",
                    "ip link set cosnic1 txqueuelen 10000 master br0", "ip link set br0 up", "ip link set cosnic0 up",
                    "ip link set cosnic1 up"):
        subprocess.run(command.split(), check=True, stdout=subprocess.DEVNULL)
    time.sleep(0.5)
    result = []
    for packet in packets:
        os.write(sender, packet)
        frames, wait = [], 2.0
        while select.select([receiver], [], [], wait)[0]:
            frame = os.read(receiver, 70000)
            if ours(frame):
                frames.append(frame)
                wait = 0.02
        result.append(frames)
    return result


def judge_by_kernel(names: list[str], packets: list[bytes], made: list[list[bytes]]) -> int:
    bad = 0
    for name, ours_made, kernels in zip(names, made, through_kernel(packets), strict=True):
        if ours_made != kernels:
            bad += 1
            print(f"{name}: {len(ours_made)} frames from the RTL, {len(kernels)} from the kernel")
            for a, b in zip(ours_made, kernels):
                if a != b:
                    print(f"  RTL    {a[:96].hex()}\n  kernel {b[:96].hex()}")
                    break
    print(f"kernel: {len(names) - bad} of {len(names)} packets segmented alike")
    return 1 if bad else 0


def main() -> int:
    what, tool = sys.argv[1], sys.argv[2]
    cases = sources()
    if what == "kernel" and "--inside" not in sys.argv:
        tried = subprocess.run(["unshare", "-n", "sh", "-c", "ip tuntap add dev t0 mode tap && ip link add b0 type bridge"],
                               capture_output=True)
        if tried.returncode != 0:
            print("skipped: no right to make TAP devices and bridges in a network namespace")
            return SKIPPED
        return subprocess.run(["unshare", "-n", sys.executable, *sys.argv, "--inside"]).returncode
    if what == "kernel" and tuple(int(n) for n in platform.release().split(".")[:2]) < (6, 2):
        print("this kernel does not take UDP segmentation from a TAP: without the USO cases")
        cases = [c for c in cases if c[1][1] != UDP_L4]
    names, packets = [c[0] for c in cases], [c[1] for c in cases]
    made = through_rtl(tool, packets)
    if any(not frames for frames in made):
        print("dropped:", [n for n, frames in zip(names, made) if not frames])
        return 1
    if what == "tshark":
        return judge_by_tshark(made)
    return judge_by_kernel(names, packets, made)


if __name__ == "__main__":
    sys.exit(main())
