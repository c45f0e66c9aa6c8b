// SPDX-License-Identifier: Apache-2.0
// Settings of the driver and of the NIC's control window, in ethtool's terms.
#include "host/driver/virtio_ethtool.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "host/driver/virtio_net.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace host::driver {

using base::Errno;
using device::DeviceFeature;
using device::TxOffloads;

namespace {

using namespace contract;

constexpr std::string_view kLro = "large-receive-offload";

/// A feature of transmission: its name, its switch, and what the device must have for it.
struct TxFeature {
  std::string_view name;
  bool TxOffloads::*member;
};
constexpr std::array<TxFeature, 5> kTxFeatures{{{"tx-checksum-ip-generic", &TxOffloads::checksum},
                                                {"tx-tcp-segmentation", &TxOffloads::tso4},
                                                {"tx-tcp-ecn-segmentation", &TxOffloads::tso_ecn},
                                                {"tx-tcp6-segmentation", &TxOffloads::tso6},
                                                {"tx-udp-segmentation", &TxOffloads::uso}}};

/// "STAT_RX_DROP_BAD_FCS" -> "nic_rx_drop_bad_fcs".
std::string short_name(std::string_view name) {
  std::string out = "nic_";
  out += name.substr(std::string_view("STAT_").size());
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace

device::DriverInfo VirtioEthtool::driver_info() const {
  return {.driver = "virtio_net", .version = "1.0.0", .bus = net_.options().bus_name};
}

device::EthtoolOps::Counters VirtioEthtool::statistics() {
  Counters counters = net_.statistics();
  for (const auto& [name, count] : net_.device_statistics()) counters.emplace_back(short_name(name), count);
  return counters;
}

std::vector<DeviceFeature> VirtioEthtool::features() const {
  const TxOffloads hardware = tx_offloads(net_.features());
  const TxOffloads& now = net_.netdev().offloads();
  std::vector<DeviceFeature> all;
  all.push_back({"rx-checksum", has_feature(net_.features(), NET_F_GUEST_CSUM), true});
  for (const TxFeature& feature : kTxFeatures) {
    all.push_back({feature.name, now.*feature.member, !(hardware.*feature.member)});
  }
  all.push_back(
      {kLro, receives_large(net_.features()) && net_.options().lro_usecs != 0, !receives_large(net_.features())});
  all.push_back({"rx-hashing", has_feature(net_.features(), NET_F_HASH_REPORT), true});
  return all;
}

base::Result<void> VirtioEthtool::set_feature(std::string_view name, bool on) {
  if (name == kLro && receives_large(net_.features())) {
    net_.set_lro_usecs(on ? VirtioNetOptions{}.lro_usecs : 0);
    return {};
  }
  const TxOffloads hardware = tx_offloads(net_.features());
  const auto feature = std::ranges::find(kTxFeatures, name, &TxFeature::name);
  if (feature == kTxFeatures.end() || !(hardware.*feature->member)) return Errno::not_supported;
  TxOffloads now = net_.netdev().offloads();
  now.*feature->member = on;
  // Segments need their checksums made where they are cut (Linux: netdev_fix_features).
  if (!now.checksum) now = {};
  net_.netdev().set_offloads(now);
  return {};
}

base::Result<device::Coalesce> VirtioEthtool::coalesce() {
  if (net_.control() == nullptr) return Errno::not_supported;
  return net_.options().coalesce;
}

base::Result<void> VirtioEthtool::set_coalesce(const device::Coalesce& coalesce) {
  if (net_.control() == nullptr) return Errno::not_supported;
  net_.set_coalesce(coalesce);
  return {};
}

base::Result<device::RingSizes> VirtioEthtool::rings() {
  const std::uint32_t rx_max = net_.transport().queue_size_max(QUEUE_RX0);
  const std::uint32_t tx_max = net_.transport().queue_size_max(QUEUE_TX0);
  const Virtqueue* rx = net_.rx_ring();
  const Virtqueue* tx = net_.tx_ring();
  return device::RingSizes{.rx_max = rx_max,
                           .tx_max = tx_max,
                           .rx = rx != nullptr ? rx->size() : std::min(net_.options().rx_ring, rx_max),
                           .tx = tx != nullptr ? tx->size() : std::min(net_.options().tx_ring, tx_max)};
}

base::Result<void> VirtioEthtool::set_rings(kernel::Cpu& cpu, const device::RingSizes& sizes) {
  return net_.resize_rings(cpu, sizes.rx, sizes.tx);
}

base::Result<device::Channels> VirtioEthtool::channels() {
  return device::Channels{.max = net_.queue_pairs(), .combined = net_.channels()};
}

base::Result<void> VirtioEthtool::set_channels(std::uint32_t pairs) {
  return net_.set_channels(pairs);
}

base::Result<device::RxFlowHash> VirtioEthtool::rx_flow_hash() {
  if (net_.control() == nullptr) return Errno::not_supported;
  const Rss rss = net_.control()->rss();
  return device::RxFlowHash{.queues = net_.channels(),
                            .indirection = {rss.indirection.begin(), rss.indirection.end()},
                            .key = {rss.key.begin(), rss.key.end()}};
}

base::Result<void> VirtioEthtool::set_rx_flow_hash(const device::RxFlowHash& wanted) {
  if (net_.control() == nullptr) return Errno::not_supported;
  Rss rss = net_.control()->rss();
  if (!wanted.indirection.empty()) {
    rss.indirection.clear();
    for (const std::uint32_t queue : wanted.indirection) {
      if (queue >= net_.channels()) return Errno::invalid;
      rss.indirection.push_back(static_cast<std::uint16_t>(queue));
    }
  }
  if (!wanted.key.empty()) {
    if (wanted.key.size() != rss.key.size()) return Errno::invalid;
    std::ranges::copy(wanted.key, rss.key.begin());
  }
  return net_.set_rss(rss);
}

void VirtioEthtool::add_hardware_stats(device::AllLinkStats& stats) const {
  net_.add_hardware_stats(stats);
}

}  // namespace host::driver
