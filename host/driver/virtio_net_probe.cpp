// SPDX-License-Identifier: Apache-2.0
// Probe and remove: identity, features, queues, and the worker for configuration changes.
#include <algorithm>

#include "host/driver/virtio_net.hpp"
#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace host::driver {
namespace {

using base::Errno;
using namespace contract;

constexpr std::uint32_t kMinMtu = 68;  // 5.1.4.1
constexpr std::uint32_t kDefaultMtu = 1500;
constexpr unsigned kQueuesPerPair = 2;

}  // namespace

VirtioNet::VirtioNet(device::NetCore& core, VirtioTransport transport, VirtioNetOptions options)
    : core_(core),
      kernel_(core.kernel()),
      dma_(core.kernel().machine().dma),
      transport_(std::move(transport)),
      options_(std::move(options)) {}

base::Result<std::unique_ptr<VirtioNet>> VirtioNet::probe(kernel::Cpu&, device::NetCore& core, platform::PciDevice& pci,
                                                          VirtioNetOptions options) {
  auto transport = VirtioTransport::create(pci);
  if (!transport) return transport.error();
  std::unique_ptr<VirtioNet> net(new VirtioNet(core, std::move(*transport), std::move(options)));
  if (const auto done = net->negotiate(); !done) return done.error();
  auto done = net->read_identity();
  if (done) done = net->request_interrupts();
  if (done) {
    net->register_netdev();
    done = core.register_device(*net->netdev_);
  }
  if (!done) {
    net->transport_.fail();
    return done.error();
  }
  net->netdev_->carrier_off();  // until the device says that there is a link
  core.kernel().spawn(net->options_.irq_cpu, net->options_.name + "-config",
                      [raw = net.get()](kernel::Process& self) { return raw->config_worker(self); });
  return net;
}

VirtioNet::~VirtioNet() {
  if (netdev_ && netdev_->is_up()) {
    auto& cpu = kernel_.cpu(0);
    for (auto& queue : rx_) {
      napi_disable(cpu, queue->napi);
      queue->refill_timer.stop();
    }
    for (auto& queue : tx_) {
      napi_disable(cpu, queue->napi);
      netdev_->qdisc(queue->pair).reset(cpu);
    }
    release_all(cpu);
  }
  free_vectors();
}

base::Result<void> VirtioNet::negotiate() {
  Features wanted = driver_features() & ~options_.features_off;
  if (options_.ring == RingKind::split) wanted &= ~feature(F_RING_PACKED);
  const auto accepted = transport_.negotiate(feature(F_VERSION_1), wanted);
  if (!accepted) return accepted.error();
  features_ = *accepted;
  header_bytes_ = net_header_bytes(features_);
  return {};
}

/// Without a control queue nobody may ask for more than one pair by virtio's rules (MQ needs CTRL_VQ), but a cosnic
/// has a control window for that.
base::Result<void> VirtioNet::read_identity() {
  address_ = options_.fallback_address;
  if (has_feature(features_, NET_F_MAC)) {
    const std::uint64_t octets = transport_.config(NETCFG_MAC, base::MacAddress::kBytes);
    for (std::size_t i = 0; i < base::MacAddress::kBytes; ++i) {
      address_.octets[i] = static_cast<std::uint8_t>(octets >> (8 * i));
    }
  }
  mtu_ = kDefaultMtu;
  if (has_feature(features_, NET_F_MTU)) {
    mtu_ = static_cast<std::uint32_t>(transport_.config(NETCFG_MTU, 2));
  }
  if (mtu_ < kMinMtu) return Errno::range;

  unsigned pairs = 1;
  if (transport_.is_cosnic()) {
    control_ = NicControl::find(transport_.function().device(), transport_.register_bar());
    const auto most = static_cast<unsigned>(transport_.config(NETCFG_MAX_PAIRS, 2));
    pairs = std::min({most, transport_.queue_count() / kQueuesPerPair, kernel_.cpu_count(), options_.queue_pairs});
  }
  create_queues(std::max(pairs, 1u));
  return {};
}

void VirtioNet::create_queues(unsigned pairs) {
  for (unsigned pair = 0; pair < pairs; ++pair) {
    const std::string number = std::to_string(pair);
    rx_.push_back(std::make_unique<RxQueue>(
        pair, options_.name + "-rx-" + number, core_,
        [this, pair](kernel::Cpu& cpu, int budget) { return poll_rx(cpu, *rx_[pair], budget); },
        [this, pair](kernel::Cpu& cpu) {
          ++stats_.refill_retries;
          napi_schedule(cpu, rx_[pair]->napi);
        }));
    tx_.push_back(std::make_unique<TxRing>(
        pair, options_.name + "-tx-" + number,
        [this, pair](kernel::Cpu& cpu, int budget) { return poll_tx(cpu, *tx_[pair], budget); }));
  }
}

/// Each CPU sends by the pair whose interrupts it gets (Linux: virtnet_set_affinity).
void VirtioNet::register_netdev() {
  netdev_ = std::make_unique<device::NetDevice>(options_.name, address_, mtu_, *this, queue_pairs());
  for (const auto& queue : rx_) queue->napi.set_deferral(&netdev_->napi_deferral());
  netdev_->set_needed_headroom(header_bytes_);
  netdev_->set_offloads(tx_offloads(features_));
  netdev_->set_ethtool_ops(ethtool_);
  static_cast<void>(set_channels(queue_pairs()));
}

base::Result<void> VirtioNet::set_channels(unsigned pairs) {
  if (pairs == 0 || pairs > queue_pairs()) return Errno::invalid;
  channels_ = pairs;
  rss_.reset();  // a table for other queues
  netdev_->set_real_tx_queues(pairs);
  for (unsigned cpu = 0; cpu < kernel_.cpu_count(); ++cpu) netdev_->set_xps(cpu, {cpu % pairs});
  if (control_ && netdev_->is_up()) return control_->set_channels(pairs);
  return {};
}

// --- configuration changes -----------------------------------------------------------------------

void VirtioNet::config_interrupt(kernel::Cpu& cpu) {
  ++stats_.config_interrupts;
  config_pending_ = true;
  config_wait_.wake_one(cpu);
}

kernel::Task<void> VirtioNet::config_worker(kernel::Process& self) {
  for (;;) {
    while (!config_pending_) co_await config_wait_.wait(self);
    config_pending_ = false;
    if (netdev_->is_up()) update_link();
  }
}

void VirtioNet::update_link() {
  if (transport_.needs_reset()) {
    ++stats_.needs_reset;
    mark_broken();
    return;
  }
  const bool up = !has_feature(features_, NET_F_STATUS) || (transport_.config(NETCFG_STATUS, 2) & NET_S_LINK_UP) != 0;
  if (up && !broken_) {
    netdev_->carrier_on();
  } else {
    netdev_->carrier_off();
  }
}

void VirtioNet::mark_broken() {
  broken_ = true;
  netdev_->carrier_off();
  for (const auto& queue : tx_) netdev_->stop_queue(queue->pair);
}

/// The first malformed entry of any ring breaks the interface; it is counted once.
void VirtioNet::check_ring(const Virtqueue& ring) {
  if (!ring.broken() || broken_) return;
  ++stats_.ring_faults;
  mark_broken();
}

}  // namespace host::driver
