#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two network namespaces of the system, with cosnic as router and NAT between them (worlds/namespaces.toml).

usage: namespaces_test.py COSNIC_BINARY [NIC]
Their own programs talk: ping, an expired TTL, 20 MB by HTTP with equal checksums, DNS, UDP, iperf3 both ways and by UDP.
Status 77: no rights for that.
"""
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SKIPPED = 77
WORLD = Path(__file__).resolve().parents[2] / "worlds" / "namespaces.toml"
INSIDE, OUTSIDE, LAN, WAN = "10.80.1.2", "203.0.113.80", "10.80.1.1", "203.0.113.1"
MEGABYTES, DATAGRAMS = 20, 2000

ASK_DNS = """
import socket, struct, sys
name = b''.join(bytes([len(part)]) + part.encode() for part in sys.argv[2].split('.')) + b'\\0'
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(20)
s.sendto(struct.pack('>HHHHHH', 7, 0x100, 1, 0, 0, 0) + name + struct.pack('>HH', 1, 1), (sys.argv[1], 53))
answer = s.recv(512)
print(answer[3] & 15, socket.inet_ntoa(answer[-4:]) if answer[7] else '-')
"""

RECEIVE_UDP = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
s.bind(('', 5001))
s.settimeout(20)
print('ready', flush=True)
seen, sources = set(), set()
try:
    while len(seen) < int(sys.argv[1]):
        data, source = s.recvfrom(2048)
        seen.add(int.from_bytes(data[:4], 'big'))
        sources.add(source[0])
        s.settimeout(3)
except socket.timeout:
    pass
print(len(seen), *sources)
"""

SEND_UDP = """
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for number in range(int(sys.argv[2])):
    s.sendto(number.to_bytes(4, 'big') + bytes(1000), (sys.argv[1], 5001))
    if number % 20 == 19:
        time.sleep(0.01)
"""


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)


def must(condition, what):
    if not condition:
        sys.exit(f"failed: {what}")


class Namespaces:
    def __init__(self):
        self.names = {side: f"cosnic-{side}-{os.getpid()}" for side in ("in", "out")}

    def __enter__(self):
        for name in self.names.values():
            if run("ip", "netns", "add", name).returncode != 0 or run(
                    "ip", "-n", name, "tuntap", "add", "dev", "tap0", "mode", "tap").returncode != 0:
                self.__exit__()
                print("skipped: needs root and /dev/net/tun to make network namespaces with TAP devices")
                sys.exit(SKIPPED)
        for side, line in (("in", f"addr add {INSIDE}/24 dev tap0"), ("in", "link set tap0 up"), ("in", "link set lo up"),
                           ("in", f"route add default via {LAN}"), ("out", f"addr add {OUTSIDE}/24 dev tap0"),
                           ("out", "link set tap0 up"), ("out", "link set lo up")):
            subprocess.run(["ip", "-n", self.names[side], *line.split()], check=True)
        return self

    def __exit__(self, *_):
        for name in self.names.values():
            run("ip", "netns", "del", name)

    def inside(self, side):
        return ["ip", "netns", "exec", self.names[side]]


def wait_until_it_answers(spaces):
    """The machines start at their own pace: what is sent before is nobody's loss."""
    for _ in range(200):
        if run(*spaces.inside("in"), "ping", "-c", "1", "-W", "1", OUTSIDE).returncode == 0:
            return
    sys.exit("failed: the gateway never answered")


def ping(spaces):
    done = run(*spaces.inside("in"), "ping", "-c", "5", "-i", "0.05", "-W", "20", OUTSIDE)
    print(done.stdout)
    must(" 0% packet loss" in done.stdout, "a ping across the gateway")
    expired = run(*spaces.inside("in"), "ping", "-c", "1", "-t", "1", "-W", "20", OUTSIDE)
    must(f"From {LAN}" in expired.stdout and "Time to live exceeded" in expired.stdout, expired.stdout)
    if shutil.which("traceroute"):
        hops = run(*spaces.inside("in"), "traceroute", "-n", "-q", "1", "-w", "20", OUTSIDE).stdout
        print(hops)
        must(f" 1  {LAN}" in hops and f" 2  {OUTSIDE}" in hops, "traceroute sees the gateway, then the server")


def download(spaces, folder):
    content = random.Random(1).randbytes(MEGABYTES << 20)
    (folder / "file").write_bytes(content)
    log = open(folder / "http.log", "w+", encoding="utf-8")
    server = subprocess.Popen([*spaces.inside("out"), sys.executable, "-u", "-m", "http.server", "80", "--directory",
                               str(folder)], stdout=log, stderr=subprocess.STDOUT)
    try:
        for _ in range(100):
            if run(*spaces.inside("out"), "curl", "-s", "-o", os.devnull, f"http://{OUTSIDE}/").returncode == 0:
                break
            time.sleep(0.1)
        begin = time.monotonic()
        done = run(*spaces.inside("in"), "curl", "-s", "-S", "--max-time", "240", "-o", str(folder / "copy"),
                   f"http://{OUTSIDE}/file")
        seconds = time.monotonic() - begin
    finally:
        server.kill()
        server.wait()
    must(done.returncode == 0, f"curl: status {done.returncode} {done.stderr}")
    sums = [hashlib.sha256(data).hexdigest() for data in (content, (folder / "copy").read_bytes())]
    print(f"{MEGABYTES} MB in {seconds:.1f} s, sha256 {sums[0][:16]}... and {sums[1][:16]}...")
    must(sums[0] == sums[1], "the copy differs")
    log.seek(0)
    clients = {line.split()[0] for line in log.read().splitlines() if "/file" in line}
    must(clients == {WAN}, f"the server sees {clients}, not the gateway's address")


def names(spaces):
    if shutil.which("dig"):
        told = run(*spaces.inside("in"), "dig", "+short", f"@{LAN}", "server.test").stdout.strip()
        must(told == OUTSIDE, f"dig says '{told}'")
    for name, wanted in (("server.test", f"0 {OUTSIDE}"), ("GATEWAY.test", f"0 {LAN}"), ("nobody.test", "3 -")):
        told = run(*spaces.inside("in"), sys.executable, "-c", ASK_DNS, LAN, name).stdout.strip()
        print(f"{name}: {told}")
        must(told == wanted, f"{name}: '{told}', not '{wanted}'")


def datagrams(spaces):
    receiver = subprocess.Popen([*spaces.inside("out"), sys.executable, "-c", RECEIVE_UDP, str(DATAGRAMS)],
                                stdout=subprocess.PIPE, text=True)
    must(receiver.stdout.readline() == "ready\n", "the receiver is ready")
    run(*spaces.inside("in"), sys.executable, "-c", SEND_UDP, OUTSIDE, str(DATAGRAMS))
    got = receiver.communicate(timeout=60)[0].split()
    print(f"{got[0]} of {DATAGRAMS} datagrams, from {got[1:]}")
    must(int(got[0]) >= 0.95 * DATAGRAMS and got[1:] == [WAN], "UDP through the gateway")


def iperf3(spaces):
    """Streams out and, with -R, in; datagrams of a rate, of which next to none are lost."""
    if not shutil.which("iperf3"):
        print("iperf3 is not installed")
        return
    for flags in (["-n", "8M"], ["-n", "8M", "-R"], ["-u", "-b", "8M", "-l", "1200", "-t", "2"]):
        server = subprocess.Popen([*spaces.inside("out"), "iperf3", "--forceflush", "-s", "-1"], stdout=subprocess.PIPE, text=True)
        try:
            while "listening" not in server.stdout.readline():
                must(server.poll() is None, "iperf3 listens")
            done = run(*spaces.inside("in"), "iperf3", "-J", "-c", OUTSIDE, *flags, timeout=120)
        finally:
            server.kill()
            server.communicate()
        result = json.loads(done.stdout)
        must(done.returncode == 0 and "error" not in result, f"iperf3 {flags}: {result.get('error')} {done.stderr}")
        end = result["end"]
        if "-u" in flags:
            print(f"iperf3 -u: {end['sum']['packets']} datagrams, {end['sum']['lost_percent']:.2f} % lost")
            must(end["sum"]["packets"] > 1500 and end["sum"]["lost_percent"] < 5, "iperf3's datagrams arrive")
        else:
            print(f"iperf3 {flags}: {end['sum_received']['bytes']} bytes, {end['sum_received']['bits_per_second'] / 1e6:.0f} Mbit/s")
            # what is still on its way when the sender has sent enough, the receiver does not count
            must(end["sum_received"]["bytes"] >= 4 << 20, "iperf3's stream arrives")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    with Namespaces() as spaces, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = WORLD.read_text()
        for side in ("in", "out"):
            text = text.replace(f'netns = "cosnic-{side}"', f'netns = "{spaces.names[side]}"')
        (folder / "world.toml").write_text(text)
        log = open(folder / "log", "w+", encoding="utf-8")
        flags = ["--nic", sys.argv[2]] if len(sys.argv) == 3 else []
        world = subprocess.Popen([sys.argv[1], "world", str(folder / "world.toml"), "--json", str(folder / "j.json"), *flags],
                                 stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until_it_answers(spaces)
            ping(spaces)
            names(spaces)
            download(spaces, folder)
            datagrams(spaces)
            iperf3(spaces)
        finally:
            world.send_signal(signal.SIGINT)
            status = world.wait(timeout=120)
            log.seek(0)
            print(log.read())
        must(status == 0, f"cosnic ended with status {status}")
        counters = json.loads((folder / "j.json").read_text())["counters"]["gateway.packets"]
        must(counters["forwarded"] > (MEGABYTES << 20) / 1500, "what was copied was forwarded")


main()
