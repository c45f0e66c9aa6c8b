#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tools that administrators have ask a host behind a router, both of cosnic and on the RTL.

usage: tools_test.py COSNIC_BINARY [NIC]
ping, traceroute and dig over both families; tcpdump and tshark listen in the namespace, cosnic's wires write captures:
tshark finds nothing to complain of in any of them, and all saw the same packets. Status 77: no rights or tools for that.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SKIPPED = 77
TOOLS = ("ping", "traceroute", "dig", "tcpdump", "tshark")
US, GATEWAY, SERVER = "10.81.1.2", "10.81.1.1", "10.81.2.2"
US6, GATEWAY6, SERVER6 = "fd00:81:1::2", "fd00:81:1::1", "fd00:81:2::2"
DATAGRAMS = 300
WORLD = """
title = "a router and a server for the system's tools"
[[tap]]
name = "us"
device = "tap0"
netns = "{netns}"
[[router]]
name = "gateway"
sysctl = {{ "net.ipv6.conf.all.forwarding" = 1 }}
[[router.port]]
name = "near"
nic = "{nic}"
address = ["10.81.1.1/24", "fd00:81:1::1/64"]
[[router.port]]
name = "far"
address = ["10.81.2.1/24", "fd00:81:2::1/64"]
[[host]]
name = "server"
sysctl = {{ "net.core.rmem_max" = 4_000_000 }}
routes = ["default via 10.81.2.1"]
start = ["ip -6 route add default via fd00:81:2::1"]
[[host.port]]
nic = "{nic}"
address = ["10.81.2.2/24", "fd00:81:2::2/64"]
[[host.app]]
run = "dns"
names = {{ "server.test" = "10.81.2.2", "gateway.test" = "10.81.1.1" }}
[[host.app]]
run = "udp-echo"
[[host.app]]
run = "udp-sink"
receive_buffer = 2_000_000
[[wire]]
ends = ["us", "gateway:near"]
capture = "{folder}/near.pcapng"
[[wire]]
ends = ["gateway:far", "server"]
capture = "{folder}/far.pcapng"
"""
SEND = """
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for number in range(int(sys.argv[2])):
    s.sendto(number.to_bytes(4, 'big') + bytes(number % 1400), (sys.argv[1], 9))
    time.sleep(0.001)
"""


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)


def must(condition, what):
    if not condition:
        sys.exit(f"failed: {what}")


class Namespace:
    def __init__(self):
        self.name = f"cosnic-tools-{os.getpid()}"
        self.inside = ["ip", "netns", "exec", self.name]

    def __enter__(self):
        if run("ip", "netns", "add", self.name).returncode != 0 or run(
                "ip", "-n", self.name, "tuntap", "add", "dev", "tap0", "mode", "tap").returncode != 0:
            self.__exit__()
            print("skipped: needs root and /dev/net/tun to make a network namespace with a TAP device")
            sys.exit(SKIPPED)
        for line in ("link set lo up", f"addr add {US}/24 dev tap0", "link set tap0 up", f"route add default via {GATEWAY}"):
            subprocess.run(["ip", "-n", self.name, *line.split()], check=True)
        # where the system has IPv6
        self.has_ipv6 = run("ip", "-n", self.name, *f"addr add {US6}/64 dev tap0 nodad".split()).returncode == 0
        if self.has_ipv6:
            run("ip", "-n", self.name, *f"-6 route add default via {GATEWAY6}".split())
        return self

    def __exit__(self, *_):
        run("ip", "netns", "del", self.name)


class Listeners:
    """tcpdump and tshark at the namespace's end, until told."""

    def __init__(self, space, folder):
        self.files = {tool: folder / f"{tool}.pcap" for tool in ("tcpdump", "tshark")}
        for file in self.files.values():  # tshark writes as another user
            file.touch()
            file.chmod(0o666)
        folder.chmod(0o777)
        commands = {"tcpdump": ["tcpdump", "-i", "tap0", "-n", "-U", "-w", str(self.files["tcpdump"])],
                    "tshark": ["tshark", "-i", "tap0", "-q", "-F", "pcap", "-w", str(self.files["tshark"])]}
        self.running = {tool: subprocess.Popen([*space.inside, *words], stderr=subprocess.PIPE, text=True)
                        for tool, words in commands.items()}
        must("listening on tap0" in self.running["tcpdump"].stderr.readline(), "tcpdump listens")
        for _ in range(200):  # until its file has a header
            if self.files["tshark"].stat().st_size > 0:
                return
            time.sleep(0.1)
        must(False, "tshark listens")

    def end(self):
        """However the test ended."""
        for process in self.running.values():
            if process.poll() is None:
                process.kill()
                process.wait()

    def stop(self):
        time.sleep(1)
        for tool, process in self.running.items():
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=30)
            print(f"{tool}: {told.strip()}")
            must(not re.search(r"[1-9]\d* packets dropped", told), f"{tool} lost packets")
        return self.files


def wait_until_it_answers(space):
    for target in [SERVER, SERVER6][:1 + space.has_ipv6]:
        for _ in range(200):
            if run(*space.inside, "ping", "-c", "1", "-W", "1", target).returncode == 0:
                break
        else:
            sys.exit(f"failed: {target} never answered")


def pings(space, targets):
    for family, target in targets:
        for size in (56, 1400, 4000):
            done = run(*space.inside, "ping", family, "-c", "10", "-i", "0.01", "-W", "20", "-s", size, target)
            print(done.stdout.splitlines()[-2:])
            must(" 0% packet loss" in done.stdout and "wrong data" not in done.stdout, f"ping {family} -s {size} {target}: {done.stdout}")
        expired = run(*space.inside, "ping", family, "-c", "1", "-t", "1", "-W", "20", target).stdout
        must(re.search(r"Time to live exceeded|Hop limit", expired), f"an old packet of {family} is reported: {expired}")


def traceroutes(space):
    ways = [("-4", [GATEWAY, SERVER]), ("-6", [GATEWAY6, SERVER6])][:1 + space.has_ipv6]
    for family, hops in ways:
        for method in ("--sport=4000", "--icmp"):  # datagrams to ports that nobody has; echo requests
            # one at a time: a host tells one sender of one error a second (icmp_ratelimit) once its burst is spent
            done = run(*space.inside, "traceroute", family, method, "-n", "-q", "1", "-N", "1", "-w", "20", hops[-1])
            print(done.stdout)
            seen = re.findall(r"^ ?\d+  (\S+)  ", done.stdout, re.MULTILINE)
            must(seen == hops, f"traceroute {family} {method} goes by {seen}, not {hops}: {done.stderr}")


def digs(space):
    asked = {"server.test": [SERVER], "GATEWAY.test": [GATEWAY]}
    for name, wanted in asked.items():
        told = run(*space.inside, "dig", "+short", "+timeout=20", f"@{SERVER}", name).stdout.split()
        must(told == wanted, f"dig {name} says {told}, not {wanted}")
    whole = run(*space.inside, "dig", "+timeout=20", f"@{SERVER}", "nobody.test").stdout
    must("status: NXDOMAIN" in whole, f"dig of an unknown name: {whole}")
    whole = run(*space.inside, "dig", "+timeout=20", f"@{SERVER}", "server.test", "AAAA").stdout
    must("status: NOERROR" in whole and "ANSWER: 0" in whole, f"dig of a record that is not there: {whole}")
    must("Warning" not in whole and "mismatch" not in whole, f"dig complains: {whole}")


def fields(capture, shown, *names):
    done = run("tshark", "-n", "-r", capture, "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE", "-Y", shown,
               "-T", "fields", *[word for name in names for word in ("-e", name)])
    must(done.returncode == 0, done.stderr)
    return done.stdout.splitlines()


def complaints(captures):
    """Of a warning or worse, with all checksums checked."""
    checked = [word for p in ("ip", "udp", "tcp") for word in ("-o", f"{p}.check_checksum:TRUE")]
    for capture in captures:
        done = run("tshark", "-n", "-r", capture, *checked, "-Y",
                   "_ws.malformed || _ws.expert.severity >= 0x600000 || ip.checksum.status==0 || udp.checksum.status==0 "
                   "|| icmp.checksum.status==0 || icmpv6.checksum.status==0")
        must(done.returncode == 0 and not done.stdout, f"tshark of {capture.name}:\n{done.stdout}{done.stderr}")


def same_packets(near, far):
    """Those of ours that crossed: everybody saw each once, in one order. Errors, which quote packets, aside."""
    shown = f"ip.src=={US} && ip.dst=={SERVER} && ip.ttl > 2 && !(icmp.type in {{3, 11}})"
    seen = {name: fields(file, shown, "ip.id", "ip.frag_offset", "ip.len") for name, file in near.items()}
    wanted = seen["tcpdump"]
    must(len(wanted) > DATAGRAMS / 2, f"{len(wanted)} packets of ours are on tcpdump's record")
    for name, rows in {**seen, "far": fields(far, shown, "ip.id", "ip.frag_offset", "ip.len")}.items():
        print(f"{name}: {len(rows)} packets of ours")
        must(rows == wanted, f"{name} saw other packets than tcpdump: {len(rows)} and {len(wanted)}")
    back = f"ip.src=={SERVER} && ip.dst=={US} && !(icmp.type in {{3, 11}})"
    counts = {name: len(fields(file, back, "ip.id")) for name, file in {**near, "far": far}.items()}
    print(f"packets of the server: {counts}")
    must(len(set(counts.values())) == 1 and counts["far"] > 50, f"the server's packets: {counts}")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        print(f"skipped: needs {' '.join(missing)}")
        sys.exit(SKIPPED)
    with Namespace() as space, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        nic = sys.argv[2] if len(sys.argv) == 3 else "rtl"
        (folder / "world.toml").write_text(WORLD.format(netns=space.name, folder=folder, nic=nic))
        log = open(folder / "log", "w+", encoding="utf-8")
        listeners = Listeners(space, folder)
        world = subprocess.Popen([sys.argv[1], "world", str(folder / "world.toml"), "--json", str(folder / "j.json")],
                                 stdout=log, stderr=subprocess.STDOUT)
        targets = [("-4", SERVER), ("-6", SERVER6)][:1 + space.has_ipv6]
        try:
            wait_until_it_answers(space)
            pings(space, targets)
            traceroutes(space)
            digs(space)
            run(*space.inside, sys.executable, "-c", SEND, SERVER, DATAGRAMS)
            files = listeners.stop()
        finally:
            listeners.end()
            world.send_signal(signal.SIGINT)
            status = world.wait(timeout=120)
            log.seek(0)
            print(log.read())
        must(status == 0, f"cosnic ended with status {status}")
        near = {**files, "near": folder / "near.pcapng"}
        complaints([*near.values(), folder / "far.pcapng"])
        same_packets(near, folder / "far.pcapng")
        counters = json.loads((folder / "j.json").read_text())["counters"]
        # fewer than were sent when the TAP device's queue was full meanwhile
        seen = len(fields(files["tcpdump"], f"udp.dstport==9 && ip.dst=={SERVER}", "ip.id"))
        must(counters["server.udp-sink"]["received"] == seen > DATAGRAMS / 2, f"the sink took every datagram of {seen}")


main()
