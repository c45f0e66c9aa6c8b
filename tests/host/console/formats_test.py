#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the console prints, read by what reads Linux's: jc's parsers, the keys of this machine's iproute2, and the
lines that Prometheus' node_exporter looks for.

usage: formats_test.py CONSOLE_SESSION
"""
import json
import re
import shutil
import subprocess
import sys

SETUP = ["ip link add v0 address 02:00:00:00:0a:01 type veth peer name v1",
         "ip link set v0 up",
         "ip link set v1 up",
         "ip addr add 10.1.0.1/24 dev v0",
         "ip neigh add 10.1.0.2 lladdr 02:00:00:00:00:01 dev v0",
         "ip route add 10.2.0.0/16 via 10.1.0.2"]
# Commands whose JSON this machine's iproute2 prints too. Keys that it has and the console has not are named here.
IPROUTE = {"ip -j link show dev v0": set(),
           "ip -j -d -s -s link show dev v0": set(),
           "ip -j -d -s -s addr show dev v0": set(),
           "ip -j -4 addr show dev v0": set(),
           "ip -j -br link show dev v0": set(),
           "ip -j route show dev v0": set(),
           "ip -j -d route show dev v0": set(),
           "ip -j rule": set(),
           "ip -j neigh show dev v0": set(),
           "ip -j -4 maddr show dev v0": set(),
           "ip -j route get 10.2.0.1": set(),
           "tc -j -s qdisc show dev v0": set()}
# File or command -> jc's parser, and keys that each row must have.
JC = {"cat /proc/interrupts": ("--proc-interrupts", {"irq", "cpu_num", "interrupts", "device"}),
      "cat /proc/softirqs": ("--proc-softirqs", {"counter", "CPU0"}),
      "cat /proc/stat": ("--proc-stat", {"cpu", "cpu0", "interrupts", "softirq"}),
      "cat /proc/uptime": ("--proc-uptime", {"up_time", "idle_time"}),
      "cat /proc/net/dev": ("--proc-net-dev", {"interface", "r_bytes", "t_compressed"}),
      "cat /proc/net/arp": ("--proc-net-arp", {"IP_address", "HW_address", "Device"}),
      "cat /proc/net/route": ("--proc-net-route", {"Iface", "Destination", "Mask"}),
      "cat /proc/net/netstat": ("--proc-net-netstat", {"type", "InOctets"}),
      "cat /proc/net/igmp": ("--proc-net-igmp", {"index", "device", "querier", "groups"}),
      "cat /proc/net/dev_mcast": ("--proc-net-dev-mcast", {"index", "interface", "dmi_address"}),
      "ss -an": ("--ss", {"netid", "state", "local_address", "local_port"}),
      "mpstat -P ALL": ("--mpstat", {"cpu", "percent_soft", "percent_idle"}),
      "sysctl -a": ("--sysctl", {"net.core.netdev_budget"}),
      "ping -c 2 -i 0.001 10.0.0.2": ("--ping", {"destination", "packets_received", "round_trip_ms_avg"})}
# What node_exporter's collectors (and procfs below them) parse these files by.
NODE_EXPORTER = {
    "cat /proc/net/dev": r"^ *([^ :]+): +\d+(?: +\d+){15}$",
    "cat /proc/net/softnet_stat": r"^[0-9a-f]{8}(?: [0-9a-f]{8}){14}$",
    "cat /proc/net/sockstat": r"^(sockets|TCP|UDP|UDPLITE|RAW|FRAG):(?: [a-z]+ \d+)+$",
    "cat /proc/net/udp": r"^ *\d+: [0-9A-F]{8}:[0-9A-F]{4} [0-9A-F]{8}:[0-9A-F]{4} [0-9A-F]{2} [0-9A-F]{8}:[0-9A-F]{8} .*",
    "cat /proc/softirqs": r"^ *[A-Z_]+:(?: +\d+)+$",
    "cat /proc/net/arp": r"^\d+\.\d+\.\d+\.\d+ +0x\d+ +0x\d+ +(?:[0-9a-f]{2}:){5}[0-9a-f]{2} +\* +\w+$"}
PAIRED = {"cat /proc/net/snmp": {"Ip": "Forwarding", "Icmp": "InMsgs", "Udp": "InDatagrams"},
          "cat /proc/net/netstat": {"TcpExt": "ListenOverflows", "IpExt": "InOctets"}}
SYS_FILES = ("address addr_assign_type addr_len broadcast carrier dev_id dormant duplex flags ifalias ifindex iflink link_mode mtu "
             "name_assign_type netdev_group operstate speed tx_queue_len type").split()
failures = []


def must(condition, what):
    if not condition:
        failures.append(what)


def console(lines):
    """Command -> its answer."""
    done = subprocess.run([sys.argv[1]], input="".join(line + "\n" for line in lines), capture_output=True, text=True,
                          timeout=300, check=True)
    found, command = {}, None
    for line in done.stdout.splitlines():
        if line.startswith("$ "):
            command = line[2:]
            found[command] = ""
        else:
            found[command] += line + "\n"
    return found


def keys(value, path=""):
    """Every key with its way from the top; elements of a list are one."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield f"{path}.{key}"
            yield from keys(below, f"{path}.{key}")
    elif isinstance(value, list):
        for below in value:
            yield from keys(below, path + "[]")


def check_iproute(said):
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rn", "ip", "link"], capture_output=True,
                                                         check=False).returncode != 0:
        print("skipped: no namespace of our own for this machine's ip")
        return
    # Without addresses that the kernel makes by itself.
    bare = [f"ip link set {end} addrgenmode none" for end in ("v0", "v1")]
    setup = "; ".join(SETUP[:1] + bare + SETUP[1:]) + "; "
    for command, lacking in IPROUTE.items():
        real = subprocess.run(["unshare", "-rn", "sh", "-c", f"{setup} {command}"], capture_output=True, text=True,
                              check=False).stdout
        try:
            theirs, ours = set(keys(json.loads(real))), set(keys(json.loads(said[command])))
        except ValueError:
            must(False, f"{command} is no JSON here:\n{said[command]}or there:\n{real}")
            continue
        theirs = {key for key in theirs if "inet6" not in key or "addr_gen" in key}
        must(theirs - ours <= lacking, f"{command} lacks {sorted(theirs - ours - lacking)}")
        must(not ours - theirs, f"{command} has {sorted(ours - theirs)}, which iproute2 has not")


def check_jc(said):
    if shutil.which("jc") is None:
        print("skipped: no jc")
        return
    for command, (parser, wanted) in JC.items():
        done = subprocess.run(["jc", parser], input=said[command], capture_output=True, text=True, check=False)
        must(done.returncode == 0, f"jc {parser} does not understand:\n{said[command]}\n{done.stderr}")
        if done.returncode != 0:
            continue
        rows = json.loads(done.stdout)
        must(rows, f"jc {parser} finds nothing in:\n{said[command]}")
        for row in rows if isinstance(rows, list) else [rows]:
            missing = wanted - set(row)
            must(not missing or command.endswith(("netstat", "interrupts")), f"jc {parser}: no {missing} in {row}")


def check_node_exporter(said):
    for command, pattern in NODE_EXPORTER.items():
        lines = said[command].splitlines()
        heads = {"cat /proc/net/dev": 2, "cat /proc/net/udp": 1, "cat /proc/softirqs": 1, "cat /proc/net/arp": 1}
        for line in lines[heads.get(command, 0):]:
            must(re.match(pattern, line.rstrip()), f"{command}: node_exporter would not read '{line}'")
        must(len(lines) > heads.get(command, 0), f"{command} is empty")
    for command, wanted in PAIRED.items():
        lines = said[command].splitlines()
        found = {}
        for names, values in zip(lines[::2], lines[1::2]):
            must(names.split(":")[0] == values.split(":")[0], f"{command}: '{names}' goes with '{values}'")
            must(len(names.split()) == len(values.split()), f"{command}: names without values: '{names}'")
            found[names.split(":")[0]] = names.split()[1:]
        for group, name in wanted.items():
            must(name in found.get(group, []), f"{command} has no {group} {name}")
    stat = said["cat /proc/stat"]
    for line in ("cpu ", "cpu0 ", "intr ", "ctxt ", "btime ", "processes ", "procs_running ", "procs_blocked ", "softirq "):
        must(re.search(f"^{line} *\\d", stat, re.M), f"/proc/stat has no line {line}")
    for name in SYS_FILES:
        text = said[f"cat /sys/class/net/eth0/{name}"]
        must("No such file" not in text, f"/sys/class/net/eth0/{name}: {text}")


def main():
    lines = SETUP + list(JC) + list(NODE_EXPORTER) + list(PAIRED) + list(IPROUTE)
    said = console(list(dict.fromkeys(lines + [f"cat /sys/class/net/eth0/{name}" for name in SYS_FILES])))
    for line in SETUP:
        must(said.get(line) == "", f"{line}: {said.get(line)}")
    check_jc(said)
    check_iproute(said)
    check_node_exporter(said)
    for failure in failures:
        print(f"failed: {failure}")
    sys.exit(1 if failures else 0)


if len(sys.argv) != 2:
    sys.exit(__doc__)
main()
