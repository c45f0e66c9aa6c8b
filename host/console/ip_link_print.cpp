// SPDX-License-Identifier: Apache-2.0
// An interface as ip shows it (iproute2: ip/ipaddress.c, print_linkinfo, print_stats64).
#include <algorithm>
#include <array>
#include <vector>

#include "host/console/ip_command.hpp"
#include "host/device/link_stats.hpp"
#include "host/device/virtual_links.hpp"
#include "host/proc/net_device_files.hpp"

namespace host::console {

using device::AllLinkStats;
using device::HardwareType;
using device::LinkInfo;
using device::NetDevice;

namespace {

LinkInfo info_of(const IpCall& call, const NetDevice& dev) {
  return call.system.net.links().info(dev);
}

/// In the order of iproute2's print_link_flags.
std::vector<std::string_view> flags_of(const IpCall& call, const NetDevice& dev) {
  const device::LinkFlags set = call.system.net.link_flags(dev);
  const bool loopback = dev.hardware_type() == HardwareType::loopback;
  std::vector<std::string_view> flags;
  if (dev.is_up() && !dev.carrier_ok()) flags.push_back("NO-CARRIER");
  if (loopback) {
    flags.push_back("LOOPBACK");
  } else {
    flags.push_back("BROADCAST");
    if (!set.no_multicast) flags.push_back("MULTICAST");
  }
  if (set.no_arp) flags.push_back("NOARP");
  if (set.all_multicast) flags.push_back("ALLMULTI");
  if (dev.promiscuous()) flags.push_back("PROMISC");
  if (dev.is_up()) flags.push_back("UP");
  if (dev.is_up() && dev.carrier_ok()) flags.push_back("LOWER_UP");
  const NetDevice* link = info_of(call, dev).link;
  if (link != nullptr && !link->is_up()) flags.push_back("M-DOWN");
  return flags;
}

void print_flags(IpCall& call, const NetDevice& dev) {
  call.out.text("<");
  call.out.open_array("flags");
  bool first = true;
  for (const std::string_view flag : flags_of(call, dev)) {
    if (!first) call.out.text(",");
    first = false;
    call.out.element("{}", flag);
  }
  call.out.close_array();
  call.out.text("> ");
}

std::string upper(std::string_view word) {
  std::string result(word);
  for (char& letter : result) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  return result;
}

std::string_view qdisc_of(const NetDevice& dev) {
  return dev.root_qdisc() == nullptr ? "noop" : std::string_view(dev.root_qdisc()->kind());
}

/// A column of -s: what text calls it, and its number.
struct Column {
  std::string_view title;
  std::uint64_t number;
};
/// One direction: the six columns that are always shown, and the five of errors that stand below the last five.
struct Direction {
  std::string_view name;
  std::array<Column, 6> totals;
  std::array<Column, 5> errors;
};

using Widths = std::array<std::size_t, 6>;
constexpr Widths kNarrowest = {10, 7, 6, 7, 7, 7};  // of the longest titles

void widen(Widths& widths, const Direction& direction) {
  const auto fit = [&](std::size_t column, std::uint64_t number) {
    widths[column] = std::max(widths[column], std::to_string(number).size());
  };
  for (std::size_t i = 0; i < direction.totals.size(); ++i) fit(i, direction.totals[i].number);
  for (std::size_t i = 0; i < direction.errors.size(); ++i) fit(i + 1, direction.errors[i].number);
}

std::string totals_text(const Direction& direction, const Widths& widths, std::string_view line_end) {
  constexpr std::size_t kTitle = 4;  // "RX: "
  std::string titles = fmt::format("    {}:", direction.name);
  std::string numbers(4, ' ');
  for (std::size_t i = 0; i < direction.totals.size(); ++i) {
    titles += fmt::format(" {:>{}}", direction.totals[i].title, i == 0 ? widths[0] - kTitle : widths[i]);
    numbers += fmt::format("{:>{}} ", direction.totals[i].number, widths[i]);
  }
  titles.append(11, ' ');  // a column of compressed packets, if there were any
  return titles.append(line_end) + numbers;
}

std::string errors_text(const Direction& direction, const Widths& widths, std::string_view line_end) {
  std::string titles = fmt::format("    {} errors:", direction.name);
  std::string numbers(4 + widths[0] + 1, ' ');
  titles.resize(4 + widths[0], ' ');
  for (std::size_t i = 0; i < direction.errors.size(); ++i) {
    titles += fmt::format(" {:>{}}", direction.errors[i].title, widths[i + 1]);
    numbers += fmt::format("{:>{}} ", direction.errors[i].number, widths[i + 1]);
  }
  return titles.append(line_end) + numbers;
}

Direction received(const AllLinkStats& stats) {
  return {.name = "RX",
          .totals = {{{"bytes", stats.rx_bytes},
                      {"packets", stats.rx_packets},
                      {"errors", stats.rx_errors},
                      {"dropped", stats.rx_dropped},
                      {"missed", stats.rx_missed_errors},
                      {"mcast", stats.multicast}}},
          .errors = {{{"length", stats.rx_length_errors},
                      {"crc", stats.rx_crc_errors},
                      {"frame", stats.rx_frame_errors},
                      {"fifo", 0},
                      {"overrun", stats.rx_over_errors}}}};
}

Direction sent(const AllLinkStats& stats, std::uint64_t transitions) {
  return {.name = "TX",
          .totals = {{{"bytes", stats.tx_bytes},
                      {"packets", stats.tx_packets},
                      {"errors", stats.tx_errors},
                      {"dropped", stats.tx_dropped},
                      {"carrier", stats.tx_carrier_errors},
                      {"collsns", 0}}},
          .errors = {{{"aborted", 0}, {"fifo", 0}, {"window", 0}, {"heartbt", 0}, {"transns", transitions}}}};
}

/// The members of stats64, each under the kernel's name.
void print_json(IpCall& call, const AllLinkStats& stats, std::uint64_t transitions) {
  const auto member = [&](std::string_view key, std::uint64_t number) { call.out.json_only(key, number); };
  const bool errors_too = call.options.statistics > 1;
  call.out.open_object("stats64");
  call.out.open_object("rx");
  member("bytes", stats.rx_bytes);
  member("packets", stats.rx_packets);
  member("errors", stats.rx_errors);
  member("dropped", stats.rx_dropped);
  member("over_errors", stats.rx_over_errors);
  member("multicast", stats.multicast);
  if (errors_too) {
    member("length_errors", stats.rx_length_errors);
    member("crc_errors", stats.rx_crc_errors);
    member("frame_errors", stats.rx_frame_errors);
    member("fifo_errors", 0);
    member("missed_errors", stats.rx_missed_errors);
  }
  call.out.close_object();
  call.out.open_object("tx");
  member("bytes", stats.tx_bytes);
  member("packets", stats.tx_packets);
  member("errors", stats.tx_errors);
  member("dropped", stats.tx_dropped);
  member("carrier_errors", stats.tx_carrier_errors);
  member("collisions", 0);
  if (errors_too) {
    for (const char* key : {"aborted_errors", "fifo_errors", "window_errors", "heartbeat_errors"}) {
      member(key, 0);
    }
    member("carrier_changes", transitions);
  }
  call.out.close_object();
  call.out.close_object();
}

/// "eth0.5@eth0". iproute2: print_name_and_link.
std::string full_name(const NetDevice& dev, const NetDevice* link) {
  return link == nullptr ? dev.name() : dev.name() + '@' + link->name();
}

void print_name(IpCall& call, const NetDevice& dev, std::string_view format) {
  const NetDevice* link = info_of(call, dev).link;
  if (link != nullptr) call.out.json_only("link", link->name());
  call.out.json_only("ifname", dev.name());
  call.out.text(fmt::format(fmt::runtime(format), full_name(dev, link)));
}

/// iproute2: print_linktype.
void print_kind(IpCall& call, const LinkInfo& info) {
  if (info.kind.empty()) return;
  call.out.text(call.line_end());
  call.out.open_object("linkinfo");
  call.out.print("info_kind", "    {} ", info.kind);
  if (info.kind == "vlan") {
    call.out.open_object("info_data");
    call.out.print("protocol", "protocol {} ", "802.1Q");
    call.out.print("id", "id {} ", std::uint32_t{info.vlan_id});
    call.out.open_array("flags");
    call.out.element("<{}> ", "REORDER_HDR");
    call.out.close_array();
    call.out.close_object();
  }
  call.out.close_object();
}

/// Behind the addresses, with -d.
void print_details(IpCall& call, const NetDevice& dev, LinkMode mode) {
  constexpr unsigned kGsoBytes = 65536;
  constexpr unsigned kGsoSegments = 65535;
  const bool loopback = dev.hardware_type() == HardwareType::loopback;
  call.out.print("promiscuity", " promiscuity {} ", dev.promiscuity());
  call.out.print("allmulti", " allmulti {} ", call.system.net.link_flags(dev).all_multicast ? 1U : 0U);
  call.out.print("min_mtu", "minmtu {} ", loopback ? 0U : device::kMinMtu);
  call.out.print("max_mtu", "maxmtu {} ", loopback ? 0U : dev.max_mtu());
  print_kind(call, info_of(call, dev));
  if (mode == LinkMode::shown) call.out.print("inet6_addr_gen_mode", "addrgenmode {} ", "eui64");
  call.out.print("num_tx_queues", "numtxqueues {} ", dev.tx_queues());
  call.out.print("num_rx_queues", "numrxqueues {} ", static_cast<unsigned>(dev.rx_queues().size()));
  call.out.print("gso_max_size", "gso_max_size {} ", kGsoBytes);
  call.out.print("gso_max_segs", "gso_max_segs {} ", kGsoSegments);
  call.out.print("tso_max_size", "tso_max_size {} ", kGsoBytes);
  call.out.print("tso_max_segs", "tso_max_segs {} ", kGsoSegments);
  call.out.print("gro_max_size", "gro_max_size {} ", kGsoBytes);
}

}  // namespace

void print_brief(IpCall& call, const NetDevice& dev) {
  print_name(call, dev, "{:<16} ");
  call.out.print("operstate", "{:<14} ", upper(proc::operstate(dev)));
}

void print_brief_link(IpCall& call, const NetDevice& dev) {
  print_brief(call, dev);
  call.out.print("address", "{} ", dev.address().to_string());
  print_flags(call, dev);
  call.out.text("\n");
}

void print_link(IpCall& call, const NetDevice& dev, LinkMode mode) {
  call.out.print("ifindex", "{}: ", dev.ifindex());
  print_name(call, dev, "{}: ");
  print_flags(call, dev);
  call.out.print("mtu", "mtu {} ", dev.mtu());
  if (mode != LinkMode::of_inet6) call.out.print("qdisc", "qdisc {} ", qdisc_of(dev));
  call.out.print("operstate", "state {} ", upper(proc::operstate(dev)));
  if (mode == LinkMode::shown) call.out.print("linkmode", "mode {} ", "DEFAULT");
  if (mode != LinkMode::of_inet6) call.out.print("group", "group {} ", "default");
  call.out.print("txqlen", "qlen {}", dev.tx_queue_len());
  if (!shows(call.options, IpOptions::Family::link) && mode != LinkMode::shown) return;
  const bool loopback = dev.hardware_type() == HardwareType::loopback;
  const auto broadcast = loopback ? base::MacAddress{} : base::MacAddress::broadcast();
  call.out.text(call.line_end());
  call.out.print("link_type", "    link/{} ", loopback ? "loopback" : "ether");
  call.out.print("address", "{}", dev.address().to_string());
  call.out.print("broadcast", " brd {}", broadcast.to_string());
  if (!call.options.details) return;
  print_details(call, dev, mode);
}

void print_statistics(IpCall& call, const NetDevice& dev) {
  const AllLinkStats stats = device::all_link_stats(dev);
  const std::uint64_t transitions = dev.carrier_ups() + dev.carrier_downs();
  if (call.out.is_json()) return print_json(call, stats, transitions);
  const std::array<Direction, 2> directions = {received(stats), sent(stats, transitions)};
  Widths widths = kNarrowest;
  for (const Direction& direction : directions) widen(widths, direction);
  for (const Direction& direction : directions) {
    if (&direction != &directions.front()) call.out.text(call.line_end());
    call.out.text(totals_text(direction, widths, call.line_end()));
    if (call.options.statistics < 2) continue;
    call.out.text(call.line_end());
    call.out.text(errors_text(direction, widths, call.line_end()));
  }
}

}  // namespace host::console
