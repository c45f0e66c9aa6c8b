#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints rtl/common/crc32_pkg.sv: the CRC-32 of IEEE 802.3 clause 3.2.9 as one XOR row for each result bit.

The checked-in file is this program's output; a test compares the two.
"""

POLYNOMIAL = 0xEDB88320  # x^32 + x^26 + ... + 1, lowest power in the top bit
WORD_BITS = 64


def advance(word: int) -> int:
    """The register after WORD_BITS bits, lowest first, from an all-zero register."""
    crc = 0
    for k in range(WORD_BITS):
        feedback = (crc ^ (word >> k)) & 1
        crc = (crc >> 1) ^ (POLYNOMIAL if feedback else 0)
    return crc


def rows() -> list[int]:
    """Row i has bit k set when bit k of the word flips bit i of the result."""
    columns = [advance(1 << k) for k in range(WORD_BITS)]
    return [sum(((columns[k] >> i) & 1) << k for k in range(WORD_BITS)) for i in range(32)]


HEADER = """\
// SPDX-License-Identifier: Apache-2.0
// CRC-32 of IEEE 802.3 (clause 3.2.9), 64 bits at once: one XOR row for each bit of the result.
//
// Printed by tests/rtl/common/crc_rows.py; a test compares. The register is the reflected one: bit 0 of a
// byte goes in first, it starts as Init, the FCS is its complement sent lowest byte first, and after the
// FCS of a good frame it holds Residue. advance(x) is the register after the 64 bits of x from an
// all-zero register; since the CRC is linear,
//   register after a data word = advance(data ^ {32'd0, register before})
// and leading zero bytes leave an all-zero register alone (crc32_tail uses that).
`default_nettype none

package crc32_pkg;

  localparam logic [31:0] Init = 32'hffffffff;
  localparam logic [31:0] Residue = 32'hdebb20e3;

  function automatic logic [31:0] advance(input logic [63:0] x);
    advance = {
"""

FOOTER = """\
    };
  endfunction

endpackage

`default_nettype wire
"""


def main() -> None:
    lines = [f"      ^(x & 64'h{row:016x})" for row in reversed(rows())]
    print(HEADER + ",\n".join(lines) + "\n" + FOOTER, end="")


if __name__ == "__main__":
    main()
