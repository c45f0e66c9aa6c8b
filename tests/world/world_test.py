#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a file of worlds/ twice: it adds up, shows what it is there for, and the second run is the first one again.

usage: world_test.py COSNIC_BINARY mistakes | WORLD [FLAG...]
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

WORLDS = Path(__file__).resolve().parents[2] / "worlds"


def must(condition, what):
    if not condition:
        sys.exit(f"failed: {what}")


def run(binary, world, flags, folder, number):
    """The counters, without what depends on the machine; a status other than 0 ends the test."""
    results = Path(folder) / f"{number}.json"
    done = subprocess.run([binary, "world", str(WORLDS / f"{world}.toml"), "--json", str(results), *flags],
                          capture_output=True, text=True, check=False)
    if number == 1:
        print(done.stdout, done.stderr)
    must(done.returncode == 0, f"status {done.returncode}: {done.stdout} {done.stderr}")
    must("every frame has one end" in done.stdout, "the run does not say that its frames add up")
    whole = json.loads(results.read_text())
    must(whole["violations"] == [], whole["violations"])
    del whole["speed"]
    text = "\n".join(line for line in done.stdout.splitlines() if " simulated in " not in line)  # the wall clock
    return whole, text


def total(counters, name):
    return sum(group.get(name, 0) for group in counters.values())


def check_lossy(counters):
    wires = [group for name, group in counters.items() if name.startswith("wire")]
    must(len(wires) == 2, "two ways")
    for mishap in ("lost", "corrupted", "damaged", "duplicated", "reordered"):
        must(sum(wire[mishap] for wire in wires) > 0, f"nothing was {mishap}")
    drops = [name for host in ("client", "server") for name in counters[f"{host}.packets"] if name.startswith("drop.")]
    must("drop.udp_bad_checksum" in drops, "damage behind the FCS is found by the UDP checksum")
    check = counters["client.udp-check"]
    must(check["timeouts"] > 0, "what is lost is missed")
    must(check["sent"] == 60, "the client went on to the end")


def check_overload(counters):
    load, sink, packets = counters["load.udp-blast"], counters["server.udp-sink"], counters["server.packets"]
    must(load["sent"] > 10000, "the load is sent")
    must(sink["received"] < load["sent"] / 2, "the server takes not half of it")
    lost = sum(value for name, value in packets.items() if name.startswith("drop.")) + counters["server.eth0"]["rx_ring_full"]
    must(lost > load["sent"] / 3, "what it does not take is counted as dropped")


def check_incast(counters):
    must(counters["switch"]["queue_full"] > 100, "the switch's queue overflows")
    sent = sum(counters[f"{name}.udp-blast"]["sent"] for name in ("one", "two", "three"))
    sink = counters["sink.udp-sink"]
    must(0.3 * sent < sink["received"] < 0.95 * sent, "some arrives, and some does not")
    probe = counters["four.latency-probe"]
    must(probe["p99_ns"] > 3 * 9000, "who asks meanwhile waits behind the bursts")


def check_router(counters):
    must(counters["left.latency-probe"]["answered"] == 40, "all questions across the router are answered")
    must(counters["left.ping"]["received"] == 10, "and all pings")
    must(counters["router.packets"]["forwarded"] == 100, "50 there and 50 back")
    must(counters["left.nobody"]["received"] == 0 and counters["left.nobody"]["errors"] == 2, "network unreachable, told")
    must(counters["router.packets"]["drop.ip_no_route"] == 2, "for which the router has no route")


def check_nat(counters):
    must(counters["alice.latency-probe"]["answered"] == 30, "alice's questions come back through the masquerade")
    must(counters["alice.ping"]["received"] == 5, "and her pings")
    must(counters["bob.udp-check"]["echoed"] == 30, "and bob's")
    must(counters["internet.udp-echo"]["received"] == 60, "all of them reach the server")
    must(counters["bob.dns"]["ignored"] + counters["bob.dns"]["queries"] == 20, "the port forward leads to bob")
    must(counters["gateway.packets"]["forwarded"] >= 2 * 65 + 20, "the gateway forwards both ways")


def check_multiqueue(counters):
    sinks = [counters[f"server.sink{number}"]["received"] for number in range(4)]
    sent = sum(counters[f"load.flow{number}"]["sent"] for number in range(4))
    must(sum(1 for one in sinks if one > 0) >= 2, f"several sinks have readers: {sinks}")
    queues = [counters["server.eth0.driver"][f"rx{pair}_packets"] for pair in range(4)]
    must(sum(1 for one in queues if one > 0) >= 2, f"several queues have flows: {queues}")
    busy = [counters["server.cpus"][f"cpu{cpu}_softirq_ns"] for cpu in range(4)]
    must(sum(1 for one in busy if one > 100000) >= 2, f"several CPUs work: {busy}")
    must(sum(sinks) > 0.9 * sent, "together they take nearly all")


def check_groups(counters):
    must(counters["listener.multicast"]["received"] == 100, "who joined the IPv4 group hears all of it")
    must(counters["listener.multicast6"]["received"] == 100, "and of the IPv6 group")
    deaf = counters["deaf.packets"]
    must(deaf["drop.ip_not_member"] >= 200 and deaf["delivered"] == 0, "who did not hears nothing and counts it")
    dns, replay = counters["listener.dns"], counters["studio.replay"]
    must(replay["sent"] == 20 and dns["queries"] == 20, "each recorded question is played and arrives")
    must((dns["answered"], dns["unknown"]) == (15, 5), "five of them ask for nobody")
    must(counters["studio.packets"]["drop.udp_no_port"] == 20, "nobody waits for the answers")
    relay = counters["relay.udp-forward"]
    must((relay["to_server"], relay["to_clients"]) == (40, 40), "the relay passes all both ways")
    must(counters["client.through-relay"]["answered"] == 40, "IPv4 is answered by the IPv6 server")
    through, direct = counters["client.through-relay"]["p50_ns"], counters["client.direct"]["p50_ns"]
    must(through > 1.5 * direct, f"by two more wires and a process: {through} and {direct} ns")
    must(counters["client.ping"]["received"] == 5, "ping over IPv6")


def refused(binary, text, *words):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "w.toml"
        path.write_text(text)
        done = subprocess.run([binary, "world", str(path)], capture_output=True, text=True, check=False, timeout=60)
    lines = [line for line in done.stderr.splitlines() if line]
    print(lines)
    must(done.returncode == 1, f"status {done.returncode}, not 1")
    must(len(lines) == 1 and lines[0].startswith("error: "), "not one line that begins with 'error: '")
    for word in words:
        must(word in lines[0], f"the line does not say '{word}'")


def mistakes(binary):
    host = '[[host]]\nname = "a"\n'
    port = '[[host.port]]\naddress = "10.0.0.1/24"\n'
    wire = '[[host]]\nname = "b"\n[[host.port]]\n[[wire]]\nends = ["a", "b"]\n'
    refused(binary, "x = 1\n", "w.toml:1:", "unknown key 'x'")
    refused(binary, host + "costs = { wishful_thinking = 1 }\n", "wishful_thinking", "known:")
    refused(binary, host + 'sysctl = { "net.core.none" = 1 }\n', "'a'", "net.core.none")
    refused(binary, host + 'start = ["ip lnk"]\n', "'a'", "ip lnk")
    refused(binary, host + 'routes = ["default via 10.9.9.9"]\n' + port + wire, "10.9.9.9")
    refused(binary, host + port + wire + 'capture = "/no-folder/x.pcapng"\n', "no-folder")
    recording = '[[host.app]]\nrun = "replay"\nfile = "none.pcap"\n'
    refused(binary, host + port + recording + wire, "none.pcap")
    done = subprocess.run([binary, "world", "none.toml"], capture_output=True, text=True, check=False)
    must(done.returncode == 1 and "none.toml" in done.stderr, done.stderr)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    binary, world, flags = sys.argv[1], sys.argv[2], sys.argv[3:]
    if world == "mistakes":
        return mistakes(binary)
    with tempfile.TemporaryDirectory() as folder:
        first, text = run(binary, world, flags, folder, 1)
        globals()[f"check_{world}"](first["counters"])
        again, same_text = run(binary, world, flags, folder, 2)
        must(first == again and text == same_text, "the second run is another one")
        if "rtl" in flags:  # the model has shown it
            return
        other, _ = run(binary, world, [*flags, "--seed", "12345"], folder, 3)
        must(first["counters"] != other["counters"], "another seed changes nothing")


main()
