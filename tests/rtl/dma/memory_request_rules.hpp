// SPDX-License-Identifier: Apache-2.0
// What the PCI Express specification demands of a memory request (PCIe Base 3.0, 2.2.4 to 2.2.7).
#pragma once

#include <bit>
#include <string>

#include "tests/rtl/pcie/tlp_beats.hpp"

namespace tests {

/// Bytes that the byte enables of a request with `dw` DW select, counted from the first selected byte.
struct RequestSpan {
  std::uint64_t address = 0;  // of the first byte
  unsigned bytes = 0;
};

inline RequestSpan span_of(const Tlp& t) {
  const auto begin = static_cast<unsigned>(std::countr_zero(first_be(t)));
  const unsigned last = length_dw(t) == 1 ? first_be(t) : last_be(t);
  const unsigned end = 4 * (length_dw(t) - 1) + static_cast<unsigned>(std::bit_width(last));
  return {address_of(t) + begin, end - begin};
}

/// Empty when the request is legal, or the rule it breaks.
inline std::string broken_rule(const Tlp& t, unsigned max_bytes) {
  using namespace contract;
  const unsigned type = fmt_type(t);
  if (type != TLP_MWR32 && type != TLP_MWR64 && type != TLP_MRD32 && type != TLP_MRD64) return "type";
  if (is_wide(t) && t.header[2] == 0) return "4-DW header below 4 GB";
  if (!is_wide(t) && t.header[3] != 0) return "fourth DW of a 3-DW header";
  if ((address_of(t) & 3) != 0) return "address bits 1:0";
  if ((t.header[0] & 0x00ffffff & ~0x3ffu) != 0) return "reserved or attribute bits";
  if (4 * length_dw(t) > max_bytes) return "longer than allowed";
  const unsigned first = first_be(t);
  const unsigned last = last_be(t);
  if (first == 0) return "first byte enables are zero";
  if (length_dw(t) == 1) {
    if (last != 0) return "last byte enables of a single DW";
    const unsigned ones = first >> std::countr_zero(first);
    if ((ones & (ones + 1)) != 0) return "holes in the byte enables";
  } else {
    if (last == 0) return "last byte enables are zero";
    if (((last + 1) & last) != 0) return "last byte enables must start at byte 0";
    if (((first ^ 0xf) & ((first ^ 0xf) + 1)) != 0) return "first byte enables must reach byte 3";
  }
  const RequestSpan span = span_of(t);
  if (span.address / 4096 != (span.address + span.bytes - 1) / 4096) return "crosses 4 KB";
  return {};
}

}  // namespace tests
