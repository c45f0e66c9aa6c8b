// SPDX-License-Identifier: Apache-2.0
#include "sim/board/peer_device.hpp"

#include <algorithm>
#include <utility>

namespace sim::board {
namespace {

constexpr unsigned kRing = 256;  // frames, each way

}  // namespace

PeerDevice::PeerDevice(host::device::NetCore& core, SimIrqController& irqs, wire::Cable& cable,
                       host::base::MacAddress address, std::uint32_t mtu)
    : GroNapi("peer0", core), core_(core), irqs_(irqs), cable_(cable), device_("peer0", address, mtu, *this) {
  set_deferral(&device_.napi_deferral());
}

PeerDevice::~PeerDevice() = default;

host::base::Result<void> PeerDevice::open(host::kernel::Cpu& cpu, host::device::NetDevice& dev) {
  vector_ = irqs_.allocate_vector(cpu.id());
  if (!vector_) return host::base::Errno::no_device;
  auto requested = core_.kernel().request_irq(
      *vector_, dev.name(), [this](host::kernel::Cpu& on) { host::kernel::napi_schedule(on, *this); });
  if (!requested) return requested;
  napi_enable(*this);
  dev.carrier_on();
  return {};
}

void PeerDevice::stop(host::kernel::Cpu& cpu, host::device::NetDevice& dev) {
  napi_disable(cpu, *this);
  core_.kernel().free_irq(*vector_);
  irqs_.free_vector(*vector_);
  vector_.reset();
  dev.carrier_off();
  received_.clear();
}

host::device::TxResult PeerDevice::start_xmit(host::kernel::Cpu& /*cpu*/, host::device::NetDevice& dev,
                                              host::skb::Skb& skb, host::device::XmitMore /*more*/) {
  if (sending_ == kRing) {
    dev.stop_queue();
    return host::device::TxResult::busy;
  }
  std::vector<std::byte> bytes(skb->len());
  if (!skb->copy_bits(0, bytes)) return host::device::TxResult::busy;
  dev.stats().tx_packets += 1;
  dev.stats().tx_bytes += bytes.size();
  skb.reset();
  ++sending_;
  cable_.agenda().at(cable_.send({std::move(bytes)}), wire::Rank::peer, [this] {
    --sending_;
    if (device_.queue_stopped() && !wake_) {
      wake_ = true;
      interrupt();
    }
  });
  return host::device::TxResult::ok;
}

void PeerDevice::arrived(std::vector<std::byte> bytes, wire::FrameSink::Verdict verdict) {
  if (verdict != wire::FrameSink::Verdict::good) {
    ++device_.stats().rx_errors;
  } else if (!vector_ || received_.size() == kRing) {
    ++device_.stats().rx_dropped;
  } else {
    received_.push_back(std::move(bytes));
    interrupt();
  }
}

void PeerDevice::interrupt() {
  if (!vector_) return;
  const auto message = irqs_.message(*vector_);
  irqs_.message_arrived(message.address, message.data);
}

int PeerDevice::poll(host::kernel::Cpu& cpu, int budget) {
  if (std::exchange(wake_, false)) device_.wake_queue(cpu);
  int done = 0;
  while (done < budget && !received_.empty()) {
    const std::vector<std::byte> bytes = std::move(received_.front());
    received_.pop_front();
    receive(cpu, bytes);
    ++done;
  }
  if (done < budget) (void)napi_complete_done(cpu, *this, done);
  return done;
}

void PeerDevice::receive(host::kernel::Cpu& cpu, const std::vector<std::byte>& bytes) {
  host::skb::Skb skb = core_.pool().allocate(static_cast<std::uint32_t>(bytes.size()));
  if (!skb) {
    ++device_.stats().rx_dropped;
    return;
  }
  std::copy(bytes.begin(), bytes.end(), skb->put(static_cast<std::uint32_t>(bytes.size())).begin());
  device_.stats().rx_packets += 1;
  device_.stats().rx_bytes += bytes.size();
  if (!eth_type_trans(*skb, device_)) {
    host::skb::drop(cpu, std::move(skb), host::base::DropReason::short_ethernet);
    return;
  }
  gro_receive(cpu, std::move(skb));
}

}  // namespace sim::board
