#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws docs/cosnic.svg, the README's picture: the path of a frame from the wire to the application and back.

usage: picture.py > cosnic.svg
"""
from html import escape

WIDTH, ROW = 960, 250
COLUMNS = [
    ("the wire", "sim/wire, sim/attach", "#e8eef7", ["system's ping (TAP)", "pcap files", "a second host", "XGMII, 10 Gb/s"]),
    ("the NIC", "rtl/  (verilated)", "#fdebd3", ["MAC, FCS, frame buffers", "virtio-net 1.2 queues", "DMA, tags, credits", "PCIe TLPs, MSI-X"]),
    ("PCIe and memory", "sim/pcie, sim/memory", "#e8eef7", ["link with credits", "latency, reordering", "IOMMU windows", "interrupt controller"]),
    ("the host", "host/  (C++20)", "#e2f2e1", ["driver, hard IRQ, NAPI", "softirq, sk_buff", "ARP, IPv4, ICMP, UDP", "sockets, application"]),
]


def text(x, y, words, size=14, weight="normal", fill="#222", anchor="middle"):
    return (f'<text x="{x}" y="{y}" font-family="DejaVu Sans, Helvetica, sans-serif" font-size="{size}" '
            f'font-weight="{weight}" fill="{fill}" text-anchor="{anchor}">{escape(words)}</text>')


def main():
    box, gap, top = 204, 36, 20
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {ROW}" width="{WIDTH}" height="{ROW}">')
    print('<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
          'orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#555"/></marker></defs>')
    print(f'<rect width="{WIDTH}" height="{ROW}" fill="#ffffff"/>')
    for index, (title, folder, colour, lines) in enumerate(COLUMNS):
        x = 18 + index * (box + gap)
        middle = x + box / 2
        print(f'<rect x="{x}" y="{top}" width="{box}" height="176" rx="8" fill="{colour}" stroke="#777"/>')
        print(text(middle, top + 26, title, 17, "bold"))
        print(text(middle, top + 46, folder, 12, fill="#666"))
        for number, line in enumerate(lines):
            print(text(middle, top + 78 + 24 * number, line))
        if index:
            for y, start, end in ((top + 70, x - gap + 4, x - 4), (top + 130, x - 4, x - gap + 4)):
                print(f'<line x1="{start}" y1="{y}" x2="{end}" y2="{y}" stroke="#555" stroke-width="2" '
                      'marker-end="url(#tip)"/>')
    print(text(WIDTH / 2, 224, "one clock of simulated time over all four: every frame, TLP, interrupt and CPU nanosecond "
               "is real and repeatable", 13, fill="#444"))
    print("</svg>")


main()
