// SPDX-License-Identifier: Apache-2.0
// Probe and remove: identity, features, interrupts, and the worker for configuration changes.
#include "host/driver/virtio_net.hpp"
#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace host::driver {
namespace {

using base::Errno;
using namespace contract;

constexpr Features kRequired = feature(F_VERSION_1) | feature(F_RING_PACKED);
constexpr Features kWanted = feature(RING_F_EVENT_IDX) | feature(F_RING_RESET) | feature(NET_F_MAC) |
                             feature(NET_F_STATUS) | feature(NET_F_MTU) | feature(F_ACCESS_PLATFORM);
constexpr std::uint32_t kMinMtu = 68;  // 5.1.4.1
constexpr std::uint32_t kDefaultMtu = 1500;

}  // namespace

VirtioNet::VirtioNet(device::NetCore& core, VirtioTransport transport, VirtioNetOptions options)
    : core_(core),
      kernel_(core.kernel()),
      dma_(core.kernel().machine().dma),
      transport_(std::move(transport)),
      options_(std::move(options)),
      rx_napi_(std::make_unique<RxNapi>(*this)),
      tx_napi_(std::make_unique<TxNapi>(*this)),
      refill_timer_([this](kernel::Cpu& cpu) {
        ++stats_.refill_retries;
        napi_schedule(cpu, *rx_napi_);
      }) {}

base::Result<std::unique_ptr<VirtioNet>> VirtioNet::probe(kernel::Cpu&, device::NetCore& core, platform::PciDevice& pci,
                                                          VirtioNetOptions options) {
  auto transport = VirtioTransport::create(pci);
  if (!transport) return transport.error();
  std::unique_ptr<VirtioNet> net(new VirtioNet(core, std::move(*transport), std::move(options)));
  if (const auto done = net->negotiate(); !done) return done.error();
  if (const auto done = net->read_identity(); !done) {
    net->transport_.fail();
    return done.error();
  }
  if (const auto done = net->request_vectors(); !done) {
    net->transport_.fail();
    return done.error();
  }
  net->netdev_ = std::make_unique<device::NetDevice>(net->options_.name, net->address_, net->mtu_, *net);
  net->netdev_->set_needed_headroom(NET_HDR_BYTES);
  if (const auto done = core.register_device(*net->netdev_); !done) {
    net->transport_.fail();
    return done.error();
  }
  core.kernel().spawn(net->options_.irq_cpu, net->options_.name + "-config",
                      [raw = net.get()](kernel::Process& self) { return raw->config_worker(self); });
  return net;
}

VirtioNet::~VirtioNet() {
  if (netdev_ && netdev_->is_up()) {
    napi_disable(kernel_.cpu(0), *rx_napi_);
    napi_disable(kernel_.cpu(0), *tx_napi_);
    refill_timer_.stop();
    netdev_->qdisc().clear();
    release_rx();
    release_tx(kernel_.cpu(0));
  }
  for (unsigned entry = 0; entry < vectors_taken_; ++entry) {
    kernel_.free_irq(vectors_[entry]);
    kernel_.machine().irqs.free_vector(vectors_[entry]);
  }
}

base::Result<void> VirtioNet::negotiate() {
  const auto accepted = transport_.negotiate(kRequired, kWanted);
  if (!accepted) return accepted.error();
  features_ = *accepted;
  return {};
}

base::Result<void> VirtioNet::read_identity() {
  address_ = options_.fallback_address;
  if ((features_ & feature(NET_F_MAC)) != 0) {
    const std::uint64_t octets = transport_.config(NETCFG_MAC, base::MacAddress::kBytes);
    for (std::size_t i = 0; i < base::MacAddress::kBytes; ++i) {
      address_.octets[i] = static_cast<std::uint8_t>(octets >> (8 * i));
    }
  }
  mtu_ = kDefaultMtu;
  if ((features_ & feature(NET_F_MTU)) != 0) {
    mtu_ = static_cast<std::uint32_t>(transport_.config(NETCFG_MTU, 2));
  }
  if (mtu_ < kMinMtu) return Errno::range;
  return {};
}

base::Result<void> VirtioNet::request_vectors() {
  if (transport_.msix_entries() < kMsixEntries) return Errno::not_supported;
  auto& irqs = kernel_.machine().irqs;
  const std::array<std::function<void(kernel::Cpu&)>, kMsixEntries> handlers = {
      [this](kernel::Cpu& cpu) { config_interrupt(cpu); },
      [this](kernel::Cpu& cpu) { rx_interrupt(cpu); },
      [this](kernel::Cpu& cpu) { tx_interrupt(cpu); },
  };
  constexpr std::array<std::string_view, kMsixEntries> kSuffixes = {"-config", "-input.0", "-output.0"};
  transport_.enable_msix();
  for (unsigned entry = 0; entry < kMsixEntries; ++entry) {
    const auto vector = irqs.allocate_vector(options_.irq_cpu);
    if (!vector) return Errno::no_memory;
    const auto requested = kernel_.request_irq(*vector, options_.name + std::string(kSuffixes[entry]), handlers[entry]);
    if (!requested) {
      irqs.free_vector(*vector);
      return requested.error();
    }
    vectors_[entry] = *vector;
    ++vectors_taken_;
    transport_.program_entry(entry, irqs.message(*vector));
  }
  return {};
}

void VirtioNet::set_affinity(MsixEntry entry, unsigned target) {
  auto& irqs = kernel_.machine().irqs;
  irqs.set_affinity(vector(entry), target);
  transport_.program_entry(static_cast<unsigned>(entry), irqs.message(vector(entry)));
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
  const bool has_status = (features_ & feature(NET_F_STATUS)) != 0;
  const bool up = !has_status || (transport_.config(NETCFG_STATUS, 2) & NET_S_LINK_UP) != 0;
  if (up && !broken_) {
    netdev_->carrier_on();
  } else {
    netdev_->carrier_off();
  }
}

void VirtioNet::mark_broken() {
  broken_ = true;
  netdev_->carrier_off();
  netdev_->stop_queue();
}

// --- counters ---------------------------------------------------------------------------------------

std::vector<std::pair<std::string_view, std::uint64_t>> VirtioNet::statistics() const {
  const auto ring = [](const Virtqueue* queue) { return queue != nullptr ? queue->stats() : VirtqueueStats{}; };
  const auto rx = ring(rx_.ring.get());
  const auto tx = ring(tx_.ring.get());
  return {{"rx_interrupts", stats_.rx_interrupts},
          {"tx_interrupts", stats_.tx_interrupts},
          {"config_interrupts", stats_.config_interrupts},
          {"rx_polls", stats_.rx_polls},
          {"tx_polls", stats_.tx_polls},
          {"rx_kicks", stats_.rx_kicks},
          {"tx_kicks", stats_.tx_kicks},
          {"rx_kicks_suppressed", rx.kicks_suppressed},
          {"tx_kicks_suppressed", tx.kicks_suppressed},
          {"napi_rearms", stats_.napi_rearms},
          {"tx_queue_stops", netdev_->queue_stops()},
          {"tx_queue_wakes", netdev_->queue_wakes()},
          {"tx_linearized", stats_.tx_linearized},
          {"refill_failures", stats_.refill_failures},
          {"refill_retries", stats_.refill_retries},
          {"ring_faults", stats_.ring_faults},
          {"needs_reset", stats_.needs_reset},
          {"reset_failures", stats_.reset_failures}};
}

std::vector<std::pair<std::string_view, std::uint64_t>> VirtioNet::device_statistics() const {
  std::vector<std::pair<std::string_view, std::uint64_t>> counters;
  if (!transport_.has_device_counters()) return counters;
  for (unsigned index = 0; index < STAT_COUNT; ++index) {
    counters.emplace_back(kStatNames[index], transport_.device_counter(index));
  }
  return counters;
}

}  // namespace host::driver
