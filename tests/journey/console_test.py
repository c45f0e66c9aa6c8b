#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An administrator at the console of the host behind the RTL: what the commands show, and what they change there.

usage: console_test.py COSNIC_BINARY
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

COMMANDS = """\
ethtool -K eth0 tx off
ip -j addr show eth0
ethtool -i eth0
ethtool -C eth0 rx-usecs 20 rx-frames 8
ethtool -c eth0
ethtool -X eth0 equal 1 hkey {key}
ethtool -x eth0
ping -c 2 -i 0.0001 10.77.0.1
nstat IcmpOutEchos
ip neigh
cat /proc/interrupts
ss -uan
at 5ms ethtool -S eth0
at 5ms ethtool -G eth0 rx 64
at 5ms ethtool -g eth0
at 5ms mpstat -P ALL
at 5ms ip -s -j link show eth0
""".format(key=":".join(["5a"] * 40))


def must(condition, what):
    if not condition:
        sys.exit(f"failed: {what}")


def answers(text):
    """Command -> what stands behind it."""
    found, command = {}, None
    for line in text.splitlines():
        prompt = line.split("$ ", 1)
        if len(prompt) == 2 and (not prompt[0] or prompt[0].startswith("[")):
            command = prompt[1]
            found[command] = ""
        elif command is not None:
            found[command] += line + "\n"
    return found


def main():
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script"
        script.write_text(COMMANDS)
        done = subprocess.run([sys.argv[1], "run", "--wire", "peer", "--script", str(script)], capture_output=True,
                              text=True, timeout=600, check=False)
    print(done.stdout, done.stderr)
    must(done.returncode == 0, f"status {done.returncode}")
    must("14 pings, 14 answered; 6 UDP datagrams, 6 echoed" in done.stdout, "the traffic went on as it does")
    said = answers(done.stdout)

    def tells(command, *words):
        for word in words:
            must(word in said[command], f"'{command}' does not say '{word}' but:\n{said[command]}")
    interface = json.loads(said["ip -j addr show eth0"].splitlines()[0])[0]
    must(interface["operstate"] == "UP" and interface["addr_info"][0]["local"] == "10.77.0.2", f"eth0 is {interface}")
    tells("ethtool -i eth0", "driver: virtio_net\n", "bus-info: virtio0\n")
    tells("ethtool -c eth0", "rx-usecs: 20\nrx-frames: 8\n")
    tells("ethtool -g eth0", "Current hardware settings:\nRX:\t\t64\n")
    tells("ethtool -x eth0", "    0:      0     0     0", "RSS hash key:\n5a:5a:5a")
    tells("ethtool -K eth0 tx off", "Actual changes:\ntx-checksum-ip-generic: off\n")
    tells("ping -c 2 -i 0.0001 10.77.0.1", "icmp_seq=2 ttl=64 time=0.0", "2 packets transmitted, 2 received, 0% packet")
    tells("nstat IcmpOutEchos", "IcmpOutEchos                    2 ")
    tells("ip neigh", "10.77.0.1 dev eth0 lladdr ", " DELAY \n")
    tells("cat /proc/interrupts", "CPU0", "PCI-MSIX   1-edge      virtio0-input.0\n")
    tells("ss -uan", "UNCONN 0      0            0.0.0.0:7         0.0.0.0:*")
    lines = said["ethtool -S eth0"].splitlines()[1:]
    counters = dict(line.strip().split(": ") for line in lines if line.startswith("     "))
    must(int(counters["nic_rx_frames"]) == int(counters["rx_used"]) > 20, "the NIC's count is not the driver's")
    must(int(counters["tx_csum_packets"]) == 0, "checksums were asked of the NIC though that was switched off")
    tells("mpstat -P ALL", "%soft", "all")
    stats = json.loads(said["ip -s -j link show eth0"].splitlines()[0])[0]["stats64"]
    must(stats["rx"]["packets"] == int(counters["rx_used"]), "the interface's count is not the ring's")


if len(sys.argv) != 2:
    sys.exit(__doc__)
main()
