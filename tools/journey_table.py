#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the journey of the last frame of a run, stage by stage, from the file that `cosnic run --stats` wrote.

usage: journey_table.py STATS.json
"""
import json
import sys

RECEIVE = {
    "wire": "start of frame on the wire to the last bit at the MAC",
    "MAC": "preamble, FCS, crossing into the core clock",
    "buffer": "whole in the packet buffer, until the engine takes it",
    "DMA": "virtio-net header and payload into the driver's buffer",
    "ring": "used entry written",
    "IRQ": "event check, MSI-X, hard interrupt on the CPU",
    "softirq": "NAPI poll: descriptor to sk_buff",
    "stack": "Ethernet, IP, ICMP",
    "socket": "waiting in the socket for the application",
}
TRANSMIT = {
    "stack": "IP and neighbour, to the device queue",
    "ring": "doorbell, descriptor fetch",
    "DMA": "payload read over PCIe",
    "buffer": "whole in the packet buffer, until the MAC takes it",
    "MAC": "padding, FCS, gap",
    "wire": "first bit to last bit at the far end",
}


def print_way(title, stages, way, names):
    print(f"{title:<10} {'ns':>7} {'so far':>8}")
    total = 0
    for name, words in names.items():
        row = stages.get(name, {}).get(way, {})
        if row.get("frames"):
            total += row["last_ns"]
            print(f"  {name:<8} {row['last_ns']:>7} {total:>8}   {words}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        stages = json.load(file)["stages"]
    print_way("receive", stages, "receive", {n: w for n, w in RECEIVE.items() if n != "socket"})
    print_way("transmit", stages, "transmit", TRANSMIT)


main()
