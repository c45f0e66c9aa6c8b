// SPDX-License-Identifier: Apache-2.0
// ICMPv6, neighbour discovery and MLD (RFC 4443, RFC 4861, RFC 3810; tcpdump 4.99: print-icmp6.c).
#include <array>

#include "host/base/mac_address.hpp"
#include "host/capture/printing.hpp"
#include "host/headers/mld.hpp"

namespace host::capture {
namespace {

/// Left out with -v: the header's line has said it.
void print_length(const Printing& p, std::size_t length) {
  if (!p.verbose()) p.say(", length {}", length);
}

/// Discovery says it all the same, but in front.
void say_with_length(const Printing& p, std::string_view name, std::string_view about, std::size_t length) {
  if (p.verbose()) {
    p.say("{}, length {}, {}", name, length, about);
  } else {
    p.say("{}, {}, length {}", name, about, length);
  }
}

constexpr std::uint8_t kIcmp6 = 58;
constexpr std::size_t kHeader = 8;
constexpr std::size_t kIpHeader = 40;

std::string address_at(Bytes bytes, std::size_t at) {
  return to_string(headers::Ipv6Address::load(bytes, at));
}

std::string port_unreachable(Bytes quoted) {
  const std::uint8_t next = base::load_u8(quoted, 6);
  const std::string to = address_at(quoted, 24);
  if (quoted.size() < kIpHeader + 4) return "[|icmp6]";
  const std::uint16_t port = base::load_be16(quoted, kIpHeader + 2);
  if (next == 17) return fmt::format("unreachable port, {} udp port {}", to, port);
  if (next == 6) return fmt::format("unreachable port, {} tcp port {}", to, port);
  return "unreachable port [|icmp6]";
}

std::string unreachable(std::uint8_t code, Bytes bytes) {
  const Bytes quoted = bytes.subspan(kHeader);
  if (quoted.size() < kIpHeader) return ", [|icmp6]";
  const std::string to = address_at(quoted, 24);
  switch (code) {
    case 0:
      return ", unreachable route " + to;
    case 1:
      return ",  unreachable prohibited " + to;
    case 2:
      return fmt::format(", beyond scope {}, source address {}", to, address_at(quoted, 8));
    case 3:
      return ", unreachable address " + to;
    case 4:
      return ", " + port_unreachable(quoted);
    default:
      return {};
  }
}

void print_nd_options(Printing& p, Bytes options) {
  while (options.size() >= 2) {
    const std::uint8_t kind = base::load_u8(options, 0);
    const std::size_t length = base::load_u8(options, 1) * 8U;
    if (length == 0 || length > options.size()) return;
    const Bytes body = options.first(length);
    const auto head = [&](std::string_view name) {
      p.say("\n\t  {} option ({}), length {} ({}): ", name, kind, length, length / 8);
    };
    if (kind == 1 || kind == 2) {
      head(kind == 1 ? "source link-address" : "destination link-address");
      if (length >= 8) p.say("{}", base::MacAddress::load(body, 2).to_string());
    } else if (kind == 3 && length == 32) {
      head("prefix info");
      const std::uint8_t flags = base::load_u8(body, 3);
      std::string names;
      if ((flags & 0x80) != 0) names += "onlink";
      if ((flags & 0x40) != 0) names += names.empty() ? "auto" : ", auto";
      const auto time = [&](std::size_t at) {
        const std::uint32_t value = base::load_be32(body, at);
        return value == 0xffffffff ? std::string("infinity") : fmt::format("{}s", value);
      };
      p.say("{}/{}, Flags [{}], valid time {}, pref. time {}", address_at(body, 16), base::load_u8(body, 2),
            names.empty() ? "none" : names, time(4), time(8));
    } else if (kind == 5 && length == 8) {
      head("mtu");
      p.say(" {}", base::load_be32(body, 4));
    } else {
      head("unknown");
    }
    options = options.subspan(length);
  }
}

void print_discovery(Printing& p, std::uint8_t type, Bytes bytes, std::size_t length) {
  if (type == 133) {
    p.say("router solicitation, length {}", length);
    if (p.verbose()) print_nd_options(p, bytes.subspan(kHeader));
  } else if (type == 137) {
    if (bytes.size() < 40) {
      p.say("redirect, [|icmp6]");
      return;
    }
    say_with_length(p, "redirect", fmt::format("{} to {}", address_at(bytes, 24), address_at(bytes, 8)), length);
    if (p.verbose()) print_nd_options(p, bytes.subspan(40));
  } else if (type == 134) {
    p.say("router advertisement, length {}", length);
    if (!p.verbose() || bytes.size() < 16) return;
    const std::uint8_t flags = base::load_u8(bytes, 5);
    std::string names;
    if ((flags & 0x80) != 0) names += "managed";
    if ((flags & 0x40) != 0) names += names.empty() ? "other stateful" : ", other stateful";
    constexpr std::array<std::string_view, 4> kPreference = {"medium", "high", "*illegal*", "low"};
    p.say("\n\thop limit {}, Flags [{}], pref {}, router lifetime {}s, reachable time {}ms, retrans timer {}ms",
          base::load_u8(bytes, 4), names.empty() ? "none" : names, kPreference[flags >> 3 & 3],
          base::load_be16(bytes, 6), base::load_be32(bytes, 8), base::load_be32(bytes, 12));
    print_nd_options(p, bytes.subspan(16));
  } else {
    if (bytes.size() < 24) {
      p.say("[|icmp6]");
      return;
    }
    const bool solicitation = type == 135;
    say_with_length(p, solicitation ? "neighbor solicitation" : "neighbor advertisement",
                    (solicitation ? "who has " : "tgt is ") + address_at(bytes, 8), length);
    if (!p.verbose()) return;
    if (!solicitation) {
      const std::uint32_t flags = base::load_be32(bytes, 4);
      std::string names;
      const auto add = [&](std::uint32_t bit, std::string_view name) {
        if ((flags & bit) == 0) return;
        if (!names.empty()) names += ", ";
        names += name;
      };
      add(0x80000000, "router");
      add(0x40000000, "solicited");
      add(0x20000000, "override");
      p.say(", Flags [{}]", names.empty() ? "none" : names);
    }
    print_nd_options(p, bytes.subspan(24));
  }
}

/// tcpdump: mldv2_query_print.
void print_query_v2(Printing& p, Bytes bytes) {
  constexpr unsigned kResponseMantissa = 12;
  constexpr unsigned kIntervalMantissa = 4;
  if (p.verbose()) {
    p.say("[max resp delay={}] ", headers::floating_code(base::load_be16(bytes, 4), kResponseMantissa));
  }
  p.say("[gaddr {}", address_at(bytes, 8));
  if (p.verbose()) {
    const std::uint8_t flags = base::load_u8(bytes, 24);
    if ((flags & 8) != 0) p.say(" sflag");
    if ((flags & 7) != 0) p.say(" robustness={}", flags & 7);
    p.say(" qqi={}", headers::floating_code(base::load_u8(bytes, 25), kIntervalMantissa));
  }
  const std::size_t sources = base::load_be16(bytes, 26);
  const Bytes listed = bytes.subspan(headers::kMldV2QueryBytes);
  if (sources * headers::Ipv6Address::kBytes > listed.size()) {
    p.say(" [invalid number of sources]");
  } else if (sources > 0 && p.options.verbose > 1) {
    p.say(" {{");
    for (std::size_t i = 0; i < sources; ++i) p.say(" {}", address_at(listed, i * headers::Ipv6Address::kBytes));
    p.say(" }}");
  } else if (sources > 0) {
    p.say(", {} source(s)", sources);
  }
  p.say("]");
}

void print_mld(Printing& p, std::uint8_t type, Bytes bytes, std::size_t length) {
  if (type == 143) {
    p.say("multicast listener report v2, {} group record(s)", base::load_be16(bytes, 6));
    if (p.verbose()) {
      print_group_records(p, bytes.subspan(kHeader), base::load_be16(bytes, 6), 16,
                          [](Bytes from) { return address_at(from, 0); });
    }
    print_length(p, length);
    return;
  }
  const std::string_view name = type == 130   ? "multicast listener query"
                                : type == 131 ? "multicast listener report"
                                              : "multicast listener done";
  p.say("{}", name);
  if (type == 130 && length >= headers::kMldV2QueryBytes) {
    p.say(" v2 ");
    if (bytes.size() >= headers::kMldV2QueryBytes) print_query_v2(p, bytes);
    print_length(p, length);
    return;
  }
  if (type == 130 && length != headers::kMldBytes) {
    p.say(" unknown-version (len {}) ", length);
  } else if (bytes.size() >= headers::kMldBytes)
    p.say("max resp delay: {} addr: {}", base::load_be16(bytes, 4), address_at(bytes, 8));
  print_length(p, length);
}

void print_error(Printing& p, std::uint8_t type, std::uint8_t code, Bytes bytes, std::size_t length) {
  if (type == 1) {
    const std::string what = unreachable(code, bytes);
    if (what.empty()) {
      p.say("destination unreachable, unknown unreach code ({})", code);
      if (p.options.verbose <= 1) print_hex(p.out, bytes, false);
      return;
    }
    p.say("destination unreachable{}", what);
    if (!what.ends_with("[|icmp6]")) print_length(p, length);
  } else if (type == 2) {
    p.say("packet too big, mtu {}", base::load_be32(bytes, 4));
    print_length(p, length);
  } else if (type == 3) {
    const Bytes quoted = bytes.subspan(kHeader);
    if (code == 0 && quoted.size() >= kIpHeader) {
      p.say("time exceeded in-transit for {}", address_at(quoted, 24));
    } else {
      p.say("time exceeded in-transit{}", code == 1 ? " (reassembly)" : fmt::format(", unknown code ({})", code));
    }
    print_length(p, length);
  } else {
    const std::string_view what = code == 0   ? ", erroneous"
                                  : code == 1 ? ", next header"
                                  : code == 2 ? ", option"
                                              : ", incomplete header chain";
    p.say("parameter problem{} - octet {}", what, base::load_be32(bytes, 4));
    print_length(p, length);
  }
}

}  // namespace

void print_icmp6(Printing& p, Bytes bytes, std::size_t length, const Around& around) {
  if (bytes.size() < kHeader) {
    p.say("ICMP6, [|icmp6]");
    return;
  }
  const std::uint8_t type = base::load_u8(bytes, 0);
  const std::uint8_t code = base::load_u8(bytes, 1);
  if (p.verbose() && !around.fragmented && bytes.size() >= length) {
    const std::uint16_t found = base::load_be16(bytes, 2);
    const std::uint16_t rest = transport_checksum(around, kIcmp6, bytes.first(length));
    base::ChecksumSum sum;
    sum.add_be16(found);
    sum.add_be16(rest);
    if (rest == 0) {
      p.say("[icmp6 sum ok] ");
    } else {
      p.say("[bad icmp6 cksum 0x{:04x} -> 0x{:04x}!] ", found, sum.folded());
    }
  }
  p.say("ICMP6, ");
  if (type >= 1 && type <= 4) {
    print_error(p, type, code, bytes, length);
  } else if (type == 128 || type == 129) {
    p.say("echo {}, id {}, seq {}", type == 128 ? "request" : "reply", base::load_be16(bytes, 4),
          base::load_be16(bytes, 6));
    print_length(p, length);
  } else if (type >= 133 && type <= 137) {
    print_discovery(p, type, bytes, length);
  } else if ((type >= 130 && type <= 132) || type == 143) {
    print_mld(p, type, bytes, length);
  } else {
    p.say("icmp6-type-#{}", type);
    print_length(p, length);
    if (p.options.verbose <= 1) print_hex(p.out, bytes, false);
  }
}

}  // namespace host::capture
