// SPDX-License-Identifier: Apache-2.0
// ethtool's options in small letters, which show.
#include <array>

#include "host/console/errors.hpp"
#include "host/console/ethtool_command.hpp"

namespace host::console {

using base::Errno;

namespace {

constexpr int kNoDriverInfo = 71;
constexpr int kNoStatistics = 94;
constexpr std::size_t kIndirectionColumns = 8;

/// The parts of a feature's line: what it is called, and which of the driver's features it shows (in `of`: one of them
/// is enough). Those that no driver here has are off for ever.
struct FeatureLine {
  std::string_view title;
  std::string_view of;
};

/// In the order of ethtool and of the kernel.
constexpr std::array<FeatureLine, 25> kFeatureLines{{{"rx-checksumming", "rx-checksum"},
                                                     {"tx-checksumming", "tx-checksum-"},
                                                     {"\ttx-checksum-ipv4", ""},
                                                     {"\ttx-checksum-ip-generic", "tx-checksum-ip-generic"},
                                                     {"\ttx-checksum-ipv6", ""},
                                                     {"\ttx-checksum-fcoe-crc", ""},
                                                     {"\ttx-checksum-sctp", ""},
                                                     {"scatter-gather", "+"},
                                                     {"\ttx-scatter-gather", "+"},
                                                     {"\ttx-scatter-gather-fraglist", ""},
                                                     {"tcp-segmentation-offload", "tx-tcp"},
                                                     {"\ttx-tcp-segmentation", "tx-tcp-segmentation"},
                                                     {"\ttx-tcp-ecn-segmentation", "tx-tcp-ecn-segmentation"},
                                                     {"\ttx-tcp-mangleid-segmentation", ""},
                                                     {"\ttx-tcp6-segmentation", "tx-tcp6-segmentation"},
                                                     {"generic-segmentation-offload", "+"},
                                                     {"generic-receive-offload", "rx-gro"},
                                                     {"large-receive-offload", "large-receive-offload"},
                                                     {"rx-vlan-offload", ""},
                                                     {"tx-vlan-offload", ""},
                                                     {"ntuple-filters", ""},
                                                     {"receive-hashing", "rx-hashing"},
                                                     {"highdma", "+"},
                                                     {"tx-udp-segmentation", "tx-udp-segmentation"},
                                                     {"rx-udp-gro-forwarding", "rx-udp-gro-forwarding"}}};

std::string feature_line(const FeatureLine& line, const std::vector<device::DeviceFeature>& features) {
  bool on = line.of == "+";  // what the stack does for every device
  bool fixed = true;
  for (const device::DeviceFeature& feature : features) {
    const bool meant =
        line.of.ends_with('-') || line.of == "tx-tcp" ? feature.name.starts_with(line.of) : feature.name == line.of;
    if (line.of.empty() || !meant) continue;
    on = on || feature.on;
    fixed = fixed && feature.fixed;
  }
  return fmt::format("{}: {}{}\n", line.title, on ? "on" : "off", fixed ? " [fixed]" : "");
}

std::string key_text(const std::vector<std::byte>& key) {
  std::string text;
  for (const std::byte octet : key)
    text += fmt::format("{}{:02x}", text.empty() ? "" : ":", std::to_integer<unsigned>(octet));
  return text;
}

}  // namespace

std::vector<device::DeviceFeature> ethtool_all_features(const EthtoolCall& call) {
  const bool forwards = call.dev->core()->link_flags(*call.dev).udp_gro_forwarding;
  std::vector<device::DeviceFeature> features{{"rx-gro", call.dev->gro()}, {"rx-udp-gro-forwarding", forwards}};
  if (call.driver != nullptr) {
    for (const device::DeviceFeature& feature : call.driver->features()) features.push_back(feature);
  }
  return features;
}

int ethtool_settings(const EthtoolCall& call) {
  call.out(fmt::format("Settings for {}:\n", call.name));
  if (call.driver != nullptr) {
    call.out(
        "\tSupported ports: [  ]\n\tSupported link modes:   Not reported\n\tSupported pause frame use: No\n"
        "\tSupports auto-negotiation: No\n\tSupported FEC modes: Not reported\n"
        "\tAdvertised link modes:  Not reported\n\tAdvertised pause frame use: No\n"
        "\tAdvertised auto-negotiation: No\n\tAdvertised FEC modes: Not reported\n"
        "\tSpeed: Unknown!\n\tDuplex: Unknown! (255)\n\tAuto-negotiation: off\n\tPort: Other\n\tPHYAD: 0\n"
        "\tTransceiver: internal\n");
  }
  call.out(fmt::format("\tLink detected: {}\n", call.dev->is_up() && call.dev->carrier_ok() ? "yes" : "no"));
  return 0;
}

int ethtool_driver(const EthtoolCall& call) {
  if (call.driver == nullptr) {
    call.err("Cannot get driver information: Operation not supported");
    return kNoDriverInfo;
  }
  const device::DriverInfo info = call.driver->driver_info();
  call.out(fmt::format("driver: {}\nversion: {}\nfirmware-version: \nexpansion-rom-version: \nbus-info: {}\n",
                       info.driver, info.version, info.bus));
  call.out(
      "supports-statistics: yes\nsupports-test: no\nsupports-eeprom-access: no\nsupports-register-dump: no\n"
      "supports-priv-flags: no\n");
  return 0;
}

int ethtool_statistics(const EthtoolCall& call) {
  if (call.driver == nullptr) {
    call.err("no stats available");
    return kNoStatistics;
  }
  call.out("NIC statistics:\n");
  for (const auto& [name, count] : call.driver->statistics()) call.out(fmt::format("     {}: {}\n", name, count));
  return 0;
}

int ethtool_features(const EthtoolCall& call) {
  if (!call.words.empty()) {
    call.err(fmt::format("ethtool: unexpected parameter '{}'", call.words.front()));
    return kFailure;
  }
  const auto features = ethtool_all_features(call);
  call.out(fmt::format("Features for {}:\n", call.name));
  for (const FeatureLine& line : kFeatureLines) call.out(feature_line(line, features));
  return 0;
}

int ethtool_coalesce(const EthtoolCall& call) {
  const auto coalesce = call.driver == nullptr ? Errno::not_supported : call.driver->coalesce();
  if (!coalesce) return ethtool_refused(call, coalesce.error(), {}, kFailure);
  call.out(fmt::format("Coalesce parameters for {}:\n", call.name));
  call.out(
      "Adaptive RX: n/a  TX: n/a\nstats-block-usecs: n/a\nsample-interval: n/a\npkt-rate-low: n/a\n"
      "pkt-rate-high: n/a\n\n");
  call.out(fmt::format("rx-usecs: {}\nrx-frames: {}\nrx-usecs-irq: n/a\nrx-frames-irq: n/a\n\n", coalesce->rx_usecs,
                       coalesce->rx_frames));
  call.out(fmt::format("tx-usecs: {}\ntx-frames: {}\ntx-usecs-irq: n/a\ntx-frames-irq: n/a\n\n", coalesce->tx_usecs,
                       coalesce->tx_frames));
  for (const char* level : {"low", "high"}) {
    call.out(fmt::format("rx-usecs-{0}: n/a\nrx-frame-{0}: n/a\ntx-usecs-{0}: n/a\ntx-frame-{0}: n/a\n\n", level));
  }
  call.out("CQE mode RX: n/a  TX: n/a\n\n");
  return 0;
}

int ethtool_rings(const EthtoolCall& call) {
  const auto rings = call.driver == nullptr ? Errno::not_supported : call.driver->rings();
  if (!rings) return ethtool_refused(call, rings.error(), {}, kFailure);
  const auto sizes = [&](std::uint32_t rx, std::uint32_t tx) {
    call.out(fmt::format("RX:\t\t{}\nRX Mini:\tn/a\nRX Jumbo:\tn/a\nTX:\t\t{}\n", rx, tx));
  };
  call.out(fmt::format("Ring parameters for {}:\nPre-set maximums:\n", call.name));
  sizes(rings->rx_max, rings->tx_max);
  call.out("Current hardware settings:\n");
  sizes(rings->rx, rings->tx);
  call.out("RX Buf Len:\t\tn/a\nCQE Size:\t\tn/a\nTX Push:\toff\nTCP data split:\tn/a\n");
  return 0;
}

int ethtool_channels(const EthtoolCall& call) {
  const auto channels = call.driver == nullptr ? Errno::not_supported : call.driver->channels();
  if (!channels) return ethtool_refused(call, channels.error(), {}, kFailure);
  const auto pairs = [&](std::uint32_t combined) {
    call.out(fmt::format("RX:\t\tn/a\nTX:\t\tn/a\nOther:\t\tn/a\nCombined:\t{}\n", combined));
  };
  call.out(fmt::format("Channel parameters for {}:\nPre-set maximums:\n", call.name));
  pairs(channels->max);
  call.out("Current hardware settings:\n");
  pairs(channels->combined);
  return 0;
}

int ethtool_flow_hash(const EthtoolCall& call) {
  const auto hash = call.driver == nullptr ? Errno::not_supported : call.driver->rx_flow_hash();
  if (!hash) {
    call.err(fmt::format("Cannot get RX ring count: {}", error_text(hash.error())));
    return kFailure;
  }
  call.out(fmt::format("RX flow hash indirection table for {} with {} RX ring(s):\n", call.name, hash->queues));
  const auto& table = hash->indirection;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (i % kIndirectionColumns == 0) call.out(fmt::format("{:>5}: ", i));
    const bool ends_line = i % kIndirectionColumns == kIndirectionColumns - 1 || i + 1 == table.size();
    call.out(fmt::format(" {:>5}{}", table[i], ends_line ? "\n" : ""));
  }
  call.out(fmt::format("RSS hash key:\n{}\n", key_text(hash->key)));
  call.out("RSS hash function:\n    toeplitz: on\n    xor: off\n    crc32: off\n");
  return 0;
}

}  // namespace host::console
