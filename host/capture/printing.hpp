// SPDX-License-Identifier: Apache-2.0
// What the printers of this folder share (tcpdump: netdissect_options).
#pragma once

#include <fmt/format.h>

#include <string>

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/capture/frame_printer.hpp"

namespace host::capture {

using headers::Bytes;

/// A line being written.
struct Printing {
  std::string& out;
  const PrintOptions& options;
  TcpStarts& tcp;
  unsigned depth = 0;  // packets in packets

  template <typename... Args>
  void say(fmt::format_string<Args...> format, Args&&... args) const {
    fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
  }
  [[nodiscard]] bool verbose() const { return options.verbose > 0; }
};

/// The network header around a transport packet: what its printer says and sums.
struct Around {
  std::string source;
  std::string destination;
  base::ChecksumSum pseudo = {};  // addresses alone
  bool fragmented = false;        // the first piece of several
  bool needs_checksum = false;    // IPv6: a datagram without one is damaged
};

/// `bytes`: what was captured; `length`: what there was. True: the type is known.
bool print_ether_type(Printing& p, std::uint16_t type, Bytes bytes, std::size_t length);
void print_arp(Printing& p, Bytes bytes, std::size_t length);
void print_ip(Printing& p, Bytes bytes, std::size_t length);
void print_ip6(Printing& p, Bytes bytes, std::size_t length);
void print_udp(Printing& p, Bytes bytes, std::size_t length, const Around& around);
void print_tcp(Printing& p, Bytes bytes, std::size_t length, const Around& around);
void print_icmp(Printing& p, Bytes bytes, std::size_t length, const Around& around);
void print_icmp6(Printing& p, Bytes bytes, std::size_t length, const Around& around);
void print_igmp(Printing& p, Bytes bytes, std::size_t length);
/// The records of an IGMPv3 or MLDv2 report.
void print_group_records(Printing& p, Bytes records, std::size_t count, std::size_t address_bytes,
                         std::string (*address)(Bytes));
/// Lines of sixteen bytes with their offsets, each after an end of line.
void print_hex(std::string& out, Bytes bytes, bool with_text);

/// Linux's and tcpdump's word for an IP protocol; empty: it has none.
[[nodiscard]] std::string_view protocol_name(std::uint8_t protocol);
/// The transport's checksum over `bytes`, with the pseudo header: 0 when it is right.
[[nodiscard]] std::uint16_t transport_checksum(const Around& around, std::uint8_t protocol, Bytes bytes);

}  // namespace host::capture
