// SPDX-License-Identifier: Apache-2.0
// ICMP and IGMP (RFC 792, RFC 2236, RFC 3376; tcpdump 4.99: print-icmp.c, print-igmp.c).
#include <array>
#include <optional>

#include "host/capture/printing.hpp"
#include "host/headers/ipv6_address.hpp"

namespace host::capture {
namespace {

constexpr std::size_t kHeader = 8;
constexpr std::size_t kIpHeader = 20;

std::string address_at(Bytes bytes, std::size_t at) {
  return to_string(headers::Ipv4Address{base::load_be32(bytes, at)});
}

/// What an error quotes: an IPv4 header and the ports behind it, as far as they are there.
struct Quote {
  explicit Quote(Bytes bytes) : whole(bytes) {
    if (bytes.size() < kIpHeader) return;
    const std::size_t header = (base::load_u8(bytes, 0) & 0xf) * 4U;
    destination = address_at(bytes, 16);
    protocol = base::load_u8(bytes, 9);
    if (bytes.size() >= header + 4) port = base::load_be16(bytes, header + 2);
  }
  Bytes whole;
  std::string destination;
  std::uint8_t protocol = 0;
  std::optional<std::uint16_t> port;
};

std::string port_unreachable(const Quote& quote) {
  if (!quote.port) return "[|icmp]";
  if (quote.protocol == 6) return fmt::format("{} tcp port {} unreachable", quote.destination, *quote.port);
  if (quote.protocol == 17) return fmt::format("{} udp port {} unreachable", quote.destination, *quote.port);
  return fmt::format("{} protocol {} port {} unreachable", quote.destination, quote.protocol, *quote.port);
}

std::string unreachable(std::uint8_t code, Bytes bytes) {
  const Quote quote(bytes.subspan(kHeader));
  if (quote.destination.empty()) return "[|icmp]";
  const std::string& to = quote.destination;
  switch (code) {
    case 0:
      return fmt::format("net {} unreachable", to);
    case 1:
      return fmt::format("host {} unreachable", to);
    case 2:
      return fmt::format("{} protocol {} unreachable", to, quote.protocol);
    case 3:
      return port_unreachable(quote);
    case 4: {
      const std::uint16_t mtu = base::load_be16(bytes, 6);
      return mtu != 0 ? fmt::format("{} unreachable - need to frag (mtu {})", to, mtu)
                      : fmt::format("{} unreachable - need to frag", to);
    }
    case 5:
      return fmt::format("{} unreachable - source route failed", to);
    case 6:
      return fmt::format("net {} unreachable - unknown", to);
    case 7:
      return fmt::format("host {} unreachable - unknown", to);
    case 8:
      return fmt::format("{} unreachable - source host isolated", to);
    case 9:
      return fmt::format("net {} unreachable - admin prohibited", to);
    case 10:
      return fmt::format("host {} unreachable - admin prohibited", to);
    case 11:
      return fmt::format("net {} unreachable - tos prohibited", to);
    case 12:
      return fmt::format("host {} unreachable - tos prohibited", to);
    case 14:
      return fmt::format("host {} unreachable - host precedence violation", to);
    case 15:
      return fmt::format("host {} unreachable - precedence cutoff", to);
    case 13:
      return fmt::format("host {} unreachable - admin prohibited filter", to);
    default:
      return fmt::format("{} unreachable - #{}", to, code);
  }
}

std::string redirect(std::uint8_t code, Bytes bytes) {
  const Quote quote(bytes.subspan(kHeader));
  if (quote.destination.empty()) return "[|icmp]";
  const std::string by = address_at(bytes, 4);
  switch (code) {
    case 0:
      return fmt::format("redirect {} to net {}", quote.destination, by);
    case 1:
      return fmt::format("redirect {} to host {}", quote.destination, by);
    case 2:
      return fmt::format("redirect-tos {} to net {}", quote.destination, by);
    case 3:
      return fmt::format("redirect-tos {} to host {}", quote.destination, by);
    default:
      return fmt::format("redirect-#{} {} to net {}", code, quote.destination, by);
  }
}

/// Milliseconds since midnight, as tcpdump has them.
std::string day_time(std::uint32_t milliseconds) {
  const std::uint32_t seconds = milliseconds / 1000;
  return fmt::format("{:02}:{:02}:{:02}.{:03}", seconds / 3600, seconds / 60 % 60, seconds % 60, milliseconds % 1000);
}

std::string timestamp(std::uint8_t type, Bytes bytes) {
  const std::uint16_t id = base::load_be16(bytes, 4);
  const std::uint16_t sequence = base::load_be16(bytes, 6);
  if (type == 13) return fmt::format("time stamp query id {} seq {}", id, sequence);
  if (bytes.size() < 20) return "[|icmp]";
  return fmt::format("time stamp reply id {} seq {}: org {}, recv {}, xmit {}", id, sequence,
                     day_time(base::load_be32(bytes, 8)), day_time(base::load_be32(bytes, 12)),
                     day_time(base::load_be32(bytes, 16)));
}

std::string message(std::uint8_t type, std::uint8_t code, Bytes bytes) {
  switch (type) {
    case 0:
    case 8:
      return fmt::format("echo {}, id {}, seq {}", type == 8 ? "request" : "reply", base::load_be16(bytes, 4),
                         base::load_be16(bytes, 6));
    case 3:
      return unreachable(code, bytes);
    case 4:
      return "source quench";
    case 5:
      return redirect(code, bytes);
    case 11:
      return code == 0   ? "time exceeded in-transit"
             : code == 1 ? "ip reassembly time exceeded"
                         : fmt::format("time exceeded-#{}", code);
    case 12:
      return code != 0 ? fmt::format("parameter problem - code {}", code)
                       : fmt::format("parameter problem - octet {}", base::load_u8(bytes, 4));
    case 13:
    case 14:
      return timestamp(type, bytes);
    case 9:
      return "router advertisement";
    case 10:
      return "router solicitation";
    case 15:
      return "information request";
    case 16:
      return "information reply";
    case 17:
      return "address mask request";
    default:
      return fmt::format("type-#{}", type);
  }
}

bool is_error(std::uint8_t type) {
  return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

std::string igmp_v3_query(Bytes bytes, std::size_t length) {
  std::string text = " v3";
  if (length < 12 || bytes.size() < 12) return text + " [invalid len " + std::to_string(length) + "]";
  if (const std::uint32_t group = base::load_be32(bytes, 4); group != 0) {
    text += fmt::format(" [gaddr {}", address_at(bytes, 4));
    if (const std::uint16_t sources = base::load_be16(bytes, 10); sources != 0) {
      text += fmt::format(", {} source(s)", sources);
    }
    text += "]";
  }
  return text;
}

}  // namespace

void print_group_records(Printing& p, Bytes records, std::size_t count, std::size_t address_bytes,
                         std::string (*address)(Bytes)) {
  constexpr std::array<std::string_view, 7> kKinds = {"", "is_in", "is_ex", "to_in", "to_ex", "allow", "block"};
  for (; count > 0; --count) {
    if (records.size() < 4 + address_bytes) {
      p.say(" [invalid number of groups]");
      return;
    }
    const std::uint8_t kind = base::load_u8(records, 0);
    const std::size_t sources = base::load_be16(records, 2);
    p.say(" [gaddr {} ", address(records.subspan(4)));
    if (kind > 0 && kind < kKinds.size()) {
      p.say("{}", kKinds[kind]);
    } else {
      p.say(" [v{}-report-#{}]", address_bytes == headers::Ipv6Address::kBytes ? 2 : 3, kind);
    }
    records = records.subspan(4 + address_bytes);
    if (sources * address_bytes > records.size()) {
      p.say(" [invalid number of sources {}]", sources);
      return;
    }
    if (p.options.verbose > 1) {
      p.say(" {{");
      for (std::size_t i = 0; i < sources; ++i) p.say(" {}", address(records.subspan(i * address_bytes)));
      p.say(" }}]");
    } else {
      p.say(", {} source(s)]", sources);
    }
    records = records.subspan(sources * address_bytes);
  }
}

void print_icmp(Printing& p, Bytes bytes, std::size_t length, const Around& around) {
  if (bytes.size() < kHeader) {
    p.say("ICMP [|icmp]");
    return;
  }
  const std::uint8_t type = base::load_u8(bytes, 0);
  p.say("ICMP {}, length {}", message(type, base::load_u8(bytes, 1), bytes), length);
  if (!p.verbose() || around.fragmented) return;
  if (bytes.size() >= length) {
    const std::uint16_t rest = base::internet_checksum(bytes.first(length));
    const std::uint16_t found = base::load_be16(bytes, 2);
    base::ChecksumSum sum;
    sum.add_be16(found);
    sum.add_be16(rest);
    if (rest != 0) p.say(" (wrong icmp cksum {:x} (->{:x})!)", found, sum.folded());
  }
  if (is_error(type) && bytes.size() > kHeader + kIpHeader) {
    p.say("\n\t");
    const Bytes quoted = bytes.subspan(kHeader);
    p.say("IP ");
    // What was quoted may be shorter than its header says; tcpdump then trusts the header.
    print_ip(p, quoted, std::max<std::size_t>(quoted.size(), base::load_be16(quoted, 2)));
  }
}

void print_igmp(Printing& p, Bytes bytes, std::size_t length) {
  if (p.options.quiet) {
    p.say("igmp");
    return;
  }
  if (bytes.size() < kHeader) {
    p.say("[|igmp]");
    return;
  }
  const std::uint8_t type = base::load_u8(bytes, 0);
  const std::string group = address_at(bytes, 4);
  switch (type) {
    case 0x11:
      p.say("igmp query");
      if (length >= 12) {
        p.say("{}", igmp_v3_query(bytes, length));
      } else {
        const std::uint8_t tenths = base::load_u8(bytes, 1);
        p.say(" v{}", tenths != 0 ? 2 : 1);
        if (tenths != 0 && tenths != 100) {
          p.say(" [max resp time {}]", tenths);
        }
        if (base::load_be32(bytes, 4) != 0) p.say(" [gaddr {}]", group);
        if (length != 8) p.say(" [len {}]", length);
      }
      return;
    case 0x12:
      p.say("igmp v1 report {}", group);
      return;
    case 0x16:
      p.say("igmp v2 report {}", group);
      return;
    case 0x17:
      p.say("igmp leave {}", group);
      return;
    case 0x22:
      p.say("igmp v3 report, {} group record(s)", base::load_be16(bytes, 6));
      if (p.verbose()) {
        print_group_records(p, bytes.subspan(kHeader), base::load_be16(bytes, 6), 4,
                            [](Bytes from) { return address_at(from, 0); });
      }
      return;
    default:
      p.say("igmp-{}", type);
  }
}

}  // namespace host::capture
