#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Unmodified Linux tools talk to the simulated host through a TAP device in a network namespace.

usage: real_traffic.py ping|ping6|udp|udp6|capture|busy COSNIC_BINARY
  ping     ping -c 100 for sizes 0 1 17 18 56 1000 1472: 100 of 100 answered, each time; ping -R: both ways recorded
  ping6    ping -6 of both addresses, in sizes up to 1452; the neighbours resolved by discovery
  udp      UDP echo of every size 1..1472, data compared
  udp6     the same over IPv6, in sizes up to 1452: both addresses, and the families side by side on one socket
  capture  what the run captured: read back by tshark, both directions, nanosecond time stamps
  busy     a second run on the same TAP device is refused in one line, and the first goes on
"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

SKIPPED = 77
OURS, THEIRS = "10.78.0.1", "10.78.0.2"
OURS6, THEIRS6, THEIR_LINK = "fd00:78::1", "fd00:78::2", "fe80::5054:ff:fec0:510c"

ECHO_EVERY_SIZE = """
import random, socket, sys
random.seed(1)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(20)
s.connect((sys.argv[1], 7))
for size in range(1, 1473):
    sent = random.randbytes(size)
    s.send(sent)
    received = s.recv(2048)
    if received != sent:
        sys.exit(f'size {size}: sent {sent[:16].hex()}..., received {len(received)} bytes {received[:16].hex()}...')
print('every size from 1 to 1472 came back unchanged')
"""


ECHO6_SIZES = """
import random, socket, sys
random.seed(1)
name, port, flow, scope = socket.getaddrinfo(sys.argv[1], 7, socket.AF_INET6, socket.SOCK_DGRAM)[0][4]
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.settimeout(20)
s.connect((name, port, flow, scope))
sizes = sorted({*range(1, 40), *random.sample(range(40, 1440), 120), *range(1440, 1453)})
for size in sizes:
    sent = random.randbytes(size)
    s.send(sent)
    received = s.recv(2048)
    if received != sent:
        sys.exit(f'size {size}: sent {sent[:16].hex()}..., received {len(received)} bytes {received[:16].hex()}...')
closed = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
closed.settimeout(20)
closed.connect((name, 9, flow, scope))
closed.send(b'nobody')
try:
    closed.recv(10)
    sys.exit('the closed port did not answer as one')
except ConnectionRefusedError:
    pass
print(f'{len(sizes)} sizes from 1 to 1452 came back unchanged from {sys.argv[1]}, and a closed port said so')
"""


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def rights():
    """Tried, because containers allow some of it."""
    name = f"cosnic-try-{os.getpid()}"
    try:
        return run("ip", "netns", "add", name).returncode == 0 and run(
            "ip", "netns", "exec", name, "ip", "tuntap", "add", "dev", "tap0", "mode", "tap").returncode == 0
    finally:
        run("ip", "netns", "del", name)


@contextmanager
def namespace():
    name = f"cosnic-real-{os.getpid()}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        for line in ("tuntap add dev tap0 mode tap", f"addr add {OURS}/24 dev tap0", "link set tap0 up"):
            subprocess.run(["ip", "-n", name, *line.split()], check=True)
        run("ip", "-n", name, *f"addr add {OURS6}/64 dev tap0 nodad".split())  # where the system has IPv6
        yield ["ip", "netns", "exec", name]
    finally:
        run("ip", "netns", "del", name)


class Simulation:
    """`cosnic run --wire tap:tap0` in the namespace, ended as a user ends it: with Ctrl-C."""

    def __init__(self, binary, inside, folder):
        self.stats_file = folder / "stats.json"
        self.capture = folder / "capture.pcapng"
        self.log = open(folder / "log", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [*inside, binary, "run", "--wire", "tap:tap0", "--addr", f"{THEIRS}/24",
             "--addr", f"{THEIRS6}/64", "--app", "udp-echo", "--seed", "1",
             "--capture", str(self.capture), "--stats", str(self.stats_file)], stdout=self.log, stderr=subprocess.STDOUT)

    def wait_until_it_answers(self, inside):
        for _ in range(100):
            if self.process.poll() is not None:
                break
            if run(*inside, "ping", "-c", "1", "-W", "1", THEIRS).returncode == 0:
                return
        self.stop()
        sys.exit("the simulated host does not answer")

    def stop(self):
        """The statistics; a non-zero exit status or a conservation error fails the test."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        status = self.process.wait(timeout=60)
        self.log.seek(0)
        print(self.log.read())
        if status != 0:
            sys.exit(f"cosnic ended with status {status}")
        return json.loads(self.stats_file.read_text())


def ping_case(inside, _simulation):
    for size in (0, 1, 17, 18, 56, 1000, 1472):
        # ping cannot time payloads below 16 B, and then waits only one interval for the last answers
        interval = "0.002" if size >= 16 else "0.1"
        done = run(*inside, "ping", "-c", "100", "-i", interval, "-W", "20", "-s", str(size), THEIRS)
        summary = re.search(r"(\d+) packets transmitted, (\d+) received.*", done.stdout)
        print(f"size {size}: {summary[0] if summary else done.stdout + done.stderr}")
        if not summary or summary[1] != "100" or summary[2] != "100" or "wrong data byte" in done.stdout:
            sys.exit(f"size {size}: not 100 of 100")
    routed = run(*inside, "ping", "-c", "1", "-W", "20", "-R", THEIRS).stdout
    stops = re.findall(r"^(?:RR: )?\t([0-9.]+)$", routed, re.MULTILINE)
    if stops != [OURS, THEIRS, THEIRS, OURS]:
        sys.exit(f"ping -R tells another route: {routed}")


def ping6_case(inside, simulation):
    if not has_ipv6(inside):
        print("skipped: this system has no IPv6")
        simulation.stop()
        sys.exit(SKIPPED)
    for address in (THEIRS6, f"{THEIR_LINK}%tap0"):
        for size in (0, 56, 1000, 1452):
            interval = "0.002" if size >= 16 else "0.1"
            done = run(*inside, "ping", "-6", "-c", "20", "-i", interval, "-W", "20", "-s", str(size), address)
            print(f"{address} size {size}: {done.stdout.splitlines()[-2:]}")
            if done.returncode != 0 or " 0% packet loss" not in done.stdout or "wrong data byte" in done.stdout:
                sys.exit(f"{address} size {size}: {done.stdout}{done.stderr}")
    known = run(*inside, "ip", "-6", "neigh", "show", "dev", "tap0").stdout
    print(known)
    if f"{THEIRS6} lladdr 52:54:00:c0:51:0c" not in known:
        sys.exit("the kernel did not find the simulated host by neighbour discovery")
    simulation.stop()
    complaints = run("tshark", "-r", str(simulation.capture), "-Y",
                     "_ws.malformed || icmpv6.checksum.status==0 || _ws.expert.severity==error").stdout
    if complaints:
        sys.exit(f"tshark complains:\n{complaints}")


def udp_case(inside, _simulation):
    done = run(*inside, "python3", "-c", ECHO_EVERY_SIZE, THEIRS)
    print(done.stdout, done.stderr)
    if done.returncode != 0:
        sys.exit("UDP echo failed")


def has_ipv6(inside):
    return OURS6 in run(*inside, "ip", "-6", "addr", "show", "dev", "tap0").stdout


def udp6_case(inside, simulation):
    if not has_ipv6(inside):
        print("skipped: this system has no IPv6")
        simulation.stop()
        sys.exit(SKIPPED)
    for address in (THEIRS6, f"{THEIR_LINK}%tap0"):
        done = run(*inside, "python3", "-c", ECHO6_SIZES, address)
        print(done.stdout, done.stderr)
        if done.returncode != 0:
            sys.exit(f"UDP echo over IPv6 failed with {address}")
    # The same socket serves IPv4.
    if run(*inside, "python3", "-c", ECHO_EVERY_SIZE.replace("1473", "20"), THEIRS).returncode != 0:
        sys.exit("UDP echo over IPv4 failed beside IPv6")
    simulation.stop()
    complaints = run("tshark", "-r", str(simulation.capture), "-o", "udp.check_checksum:TRUE", "-Y",
                     "_ws.malformed || udp.checksum.status==0 || icmpv6.checksum.status==0 || "
                     "_ws.expert.severity==error").stdout
    if complaints:
        sys.exit(f"tshark complains:\n{complaints}")


def capture_case(inside, simulation):
    if run(*inside, "ping", "-c", "5", "-i", "0.01", "-s", "100", THEIRS).returncode != 0:
        sys.exit("ping failed")
    simulation.stop()
    fields = ["frame.time_epoch", "frame.interface_name", "icmp.type", "frame.len"]
    done = run("tshark", "-r", str(simulation.capture), "-Y", "icmp && data.len==100", "-T", "fields",
               *[word for field in fields for word in ("-e", field)])
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    requests = [row for row in rows if row[2] == "8"]
    answers = [row for row in rows if row[2] == "0"]
    print(done.stdout, done.stderr)
    if len(requests) != 5 or len(answers) != 5:
        sys.exit(f"the capture holds {len(requests)} requests and {len(answers)} answers, not 5 and 5")
    times = [float(row[0]) for row in rows]
    if times != sorted(times) or not all(re.search(r"\.\d{9}$", row[0]) for row in rows):
        sys.exit("the capture's time stamps are not in order or not in nanoseconds")
    if any(not row[1] for row in rows):
        sys.exit("the capture does not name its interfaces")
    complaints = run("tshark", "-r", str(simulation.capture), "-Y", "_ws.malformed || ip.checksum.status==0").stdout
    if complaints:
        sys.exit(f"tshark complains:\n{complaints}")


def busy_case(inside, _simulation):
    done = run(*inside, sys.argv[2], "run", "--wire", "tap:tap0", timeout=60)
    print(done.stderr)
    if done.returncode != 1 or len(done.stderr.splitlines()) != 1 or "in use" not in done.stderr:
        sys.exit("the second run on one TAP device is not refused in one line")
    if run(*inside, "ping", "-c", "1", "-W", "20", THEIRS).returncode != 0:
        sys.exit("the first run was disturbed")


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in {"ping", "ping6", "udp", "udp6", "capture", "busy"}:
        sys.exit(__doc__)
    if not rights():
        print("skipped: needs root and /dev/net/tun to make a network namespace with a TAP device")
        sys.exit(SKIPPED)
    case = globals()[f"{sys.argv[1]}_case"]
    with tempfile.TemporaryDirectory() as folder, namespace() as inside:
        started = time.monotonic()
        simulation = Simulation(sys.argv[2], inside, Path(folder))
        simulation.wait_until_it_answers(inside)
        case(inside, simulation)
        if simulation.process.poll() is None:
            stats = simulation.stop()
            print(f"{time.monotonic() - started:.1f} s; statistics: {sorted(stats)}")


main()
