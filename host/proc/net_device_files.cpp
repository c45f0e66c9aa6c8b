// SPDX-License-Identifier: Apache-2.0
// Interfaces: one line of counters, or one file a fact.
#include "host/proc/net_device_files.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "host/device/link_stats.hpp"
#include "host/device/virtual_links.hpp"

namespace host::proc {

using base::Errno;
using device::AllLinkStats;
using device::HardwareType;
using device::LinkStats;
using device::NetCore;
using device::NetDevice;
using kernel::PseudoFiles;

namespace {

// include/uapi/linux/if.h
constexpr unsigned kUp = 0x1;
constexpr unsigned kBroadcast = 0x2;
constexpr unsigned kLoopback = 0x8;
constexpr unsigned kNoArp = 0x80;
constexpr unsigned kPromiscuous = 0x100;
constexpr unsigned kAllMulticast = 0x200;
constexpr unsigned kMulticast = 0x1000;

struct Statistic {
  std::string_view name;
  std::uint64_t AllLinkStats::*member;  // null: this host has no such thing
};
constexpr std::array<Statistic, 24> kStatistics{{{"collisions", nullptr},
                                                 {"multicast", &LinkStats::multicast},
                                                 {"rx_bytes", &LinkStats::rx_bytes},
                                                 {"rx_compressed", nullptr},
                                                 {"rx_crc_errors", &AllLinkStats::rx_crc_errors},
                                                 {"rx_dropped", &LinkStats::rx_dropped},
                                                 {"rx_errors", &LinkStats::rx_errors},
                                                 {"rx_fifo_errors", nullptr},
                                                 {"rx_frame_errors", &LinkStats::rx_frame_errors},
                                                 {"rx_length_errors", &LinkStats::rx_length_errors},
                                                 {"rx_missed_errors", &AllLinkStats::rx_missed_errors},
                                                 {"rx_nohandler", &LinkStats::rx_nohandler},
                                                 {"rx_over_errors", &AllLinkStats::rx_over_errors},
                                                 {"rx_packets", &LinkStats::rx_packets},
                                                 {"tx_aborted_errors", nullptr},
                                                 {"tx_bytes", &LinkStats::tx_bytes},
                                                 {"tx_carrier_errors", &LinkStats::tx_carrier_errors},
                                                 {"tx_compressed", nullptr},
                                                 {"tx_dropped", &LinkStats::tx_dropped},
                                                 {"tx_errors", &LinkStats::tx_errors},
                                                 {"tx_fifo_errors", nullptr},
                                                 {"tx_heartbeat_errors", nullptr},
                                                 {"tx_packets", &LinkStats::tx_packets},
                                                 {"tx_window_errors", nullptr}}};

std::string line(std::string_view text) {
  return std::string(text) + '\n';
}

std::string line(std::uint64_t number) {
  return std::to_string(number) + '\n';
}

base::Result<std::uint32_t> to_number(std::string_view text) {
  const bool hexadecimal = text.starts_with("0x");
  if (hexadecimal) text.remove_prefix(2);
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, hexadecimal ? 16 : 10);
  if (error == std::errc::result_out_of_range) return Errno::range;
  if (error != std::errc() || stop != end) return Errno::invalid;
  return number;
}

base::Result<void> set_tx_queue_len(NetDevice& dev, std::string_view text) {
  const auto packets = to_number(text);
  if (!packets) return packets.error();
  if (*packets > static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max())) return Errno::range;
  dev.set_tx_queue_len(*packets);
  return {};
}

base::Result<void> set_mtu(NetDevice& dev, std::string_view text) {
  const auto mtu = to_number(text);
  return mtu ? dev.set_mtu(*mtu) : mtu.error();
}

void add_interface(PseudoFiles::Files& files, NetDevice& dev) {
  const std::string folder = dev.name() + '/';
  const auto constant = [&](std::string_view name, std::string_view text) {
    files[folder + std::string(name)].read = [text] { return line(text); };
  };
  const bool loopback = dev.hardware_type() == HardwareType::loopback;
  constant("addr_len", "6");
  constant("broadcast", loopback ? "00:00:00:00:00:00" : "ff:ff:ff:ff:ff:ff");
  constant("dev_id", "0x0");
  constant("dev_port", "0");
  constant("dormant", "0");
  constant("link_mode", "0");
  files[folder + "address"].read = [&dev] { return line(dev.address().to_string()); };
  files[folder + "carrier"].read = [&dev]() -> base::Result<std::string> {
    if (!dev.is_up()) return Errno::invalid;
    return line(dev.carrier_ok() ? 1U : 0U);
  };
  files[folder + "carrier_changes"].read = [&dev] { return line(dev.carrier_ups() + dev.carrier_downs()); };
  files[folder + "carrier_up_count"].read = [&dev] { return line(dev.carrier_ups()); };
  files[folder + "carrier_down_count"].read = [&dev] { return line(dev.carrier_downs()); };
  const bool made = !dev.core()->links().info(dev).kind.empty();
  constant("addr_assign_type", made ? "3" : "0");
  constant("duplex", "unknown");
  constant("ifalias", "");
  constant("name_assign_type", made ? "3" : "4");
  constant("netdev_group", "0");
  constant("proto_down", "0");
  files[folder + "speed"].read = [&dev]() -> base::Result<std::string> {
    if (!dev.is_up()) return Errno::invalid;
    return line("-1");
  };
  files[folder + "flags"].read = [&dev] { return fmt::format("{:#x}\n", interface_flags(dev)); };
  files[folder + "ifindex"].read = [&dev] { return line(dev.ifindex()); };
  files[folder + "iflink"].read = [&dev] {
    const NetDevice* link = dev.core()->links().info(dev).link;
    return line(link == nullptr ? dev.ifindex() : link->ifindex());
  };
  files[folder + "mtu"] = {.read = [&dev] { return line(dev.mtu()); },
                           .write = [&dev](kernel::Cpu&, std::string_view text) { return set_mtu(dev, text); }};
  files[folder + "operstate"].read = [&dev] { return line(operstate(dev)); };
  files[folder + "tx_queue_len"] = {
      .read = [&dev] { return line(dev.tx_queue_len()); },
      .write = [&dev](kernel::Cpu&, std::string_view text) { return set_tx_queue_len(dev, text); }};
  files[folder + "type"].read = [&dev] { return line(static_cast<std::uint64_t>(dev.hardware_type())); };
  for (const Statistic& statistic : kStatistics) {
    files[folder + "statistics/" + std::string(statistic.name)].read = [&dev, member = statistic.member] {
      return line(member == nullptr ? 0 : device::all_link_stats(dev).*member);
    };
  }
}

}  // namespace

unsigned interface_flags(const NetDevice& dev) {
  const device::LinkFlags set = dev.core()->link_flags(dev);
  unsigned flags = dev.hardware_type() == HardwareType::loopback ? kLoopback : kBroadcast;
  if (flags == kBroadcast && !set.no_multicast) flags |= kMulticast;
  return flags | (dev.is_up() ? kUp : 0) | (dev.promiscuous() ? kPromiscuous : 0) | (set.no_arp ? kNoArp : 0) |
         (set.all_multicast ? kAllMulticast : 0);
}

/// RFC 2863's ifOperStatus (Linux: default_operstate).
std::string_view operstate(const NetDevice& dev) {
  const bool unknown = dev.hardware_type() == HardwareType::loopback || dev.core()->links().info(dev).kind == "dummy";
  if (dev.is_up() && dev.carrier_ok()) return unknown ? "unknown" : "up";
  const NetDevice* link = dev.core()->links().info(dev).link;
  return dev.is_up() && link != nullptr ? "lowerlayerdown" : "down";
}

std::string net_dev(const NetCore& net) {
  std::string text =
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier "
      "compressed\n";
  for (const NetDevice* dev : net.devices()) {
    const AllLinkStats stats = device::all_link_stats(*dev);
    text += fmt::format("{:>6}: {:>7} {:>7} {:>4} {:>4} {:>4} {:>5} {:>10} {:>9} ", dev->name(), stats.rx_bytes,
                        stats.rx_packets, stats.rx_errors, stats.rx_dropped + stats.rx_missed_errors, 0,
                        stats.rx_length_errors + stats.rx_over_errors + stats.rx_crc_errors + stats.rx_frame_errors, 0,
                        stats.multicast);
    text += fmt::format("{:>8} {:>7} {:>4} {:>4} {:>4} {:>5} {:>7} {:>10}\n", stats.tx_bytes, stats.tx_packets,
                        stats.tx_errors, stats.tx_dropped, 0, 0, stats.tx_carrier_errors, 0);
  }
  return text;
}

PseudoFiles::Files class_net(NetCore& net) {
  PseudoFiles::Files files;
  for (NetDevice* dev : net.devices()) add_interface(files, *dev);
  return files;
}

}  // namespace host::proc
