// SPDX-License-Identifier: Apache-2.0
#include "sim/world/native_nic.hpp"

#include <algorithm>
#include <utility>

namespace sim::world {

using host::device::TxResult;
using host::kernel::JourneyStep;
using host::kernel::Op;

NativeNic::NativeNic(host::device::NetCore& core, board::SimIrqController& irqs, Wire& wire, unsigned end,
                     const PortPlan& plan, host::base::MacAddress address)
    : GroNapi(plan.name, core),
      core_(core),
      irqs_(irqs),
      wire_(wire),
      end_(end),
      ring_(plan.ring),
      device_(plan.name, address, plan.mtu, *this) {
  set_deferral(&device_.napi_deferral());
}

NativeNic::~NativeNic() = default;

host::base::Result<void> NativeNic::open(host::kernel::Cpu& cpu, host::device::NetDevice& dev) {
  vector_ = irqs_.allocate_vector(cpu.id());
  if (!vector_) return host::base::Errno::no_device;
  auto requested = core_.kernel().request_irq(
      *vector_, dev.name(), [this](host::kernel::Cpu& on) { host::kernel::napi_schedule(on, *this); });
  if (!requested) return requested;
  napi_enable(*this);
  dev.carrier_on();
  return {};
}

void NativeNic::stop(host::kernel::Cpu& cpu, host::device::NetDevice& dev) {
  napi_disable(cpu, *this);
  core_.kernel().free_irq(*vector_);
  irqs_.free_vector(*vector_);
  vector_.reset();
  dev.carrier_off();
  rx_.missed += received_.size();
  received_.clear();
}

TxResult NativeNic::start_xmit(host::kernel::Cpu& cpu, host::device::NetDevice& dev, host::skb::Skb& skb,
                               host::device::XmitMore /*more*/) {
  if (sending_ == ring_) {
    dev.stop_queue();
    return TxResult::busy;
  }
  FrameBytes bytes(skb->len());
  if (!skb->copy_bits(0, bytes)) return TxResult::busy;
  cpu.trace(JourneyStep::driver_transmit, skb->id());
  cpu.charge(Op::driver_transmit_packet);
  dev.stats().tx_packets += 1;
  dev.stats().tx_bytes += bytes.size();
  bytes.resize(std::max(bytes.size(), wire::kMinFrame));
  skb.reset();
  ++sending_;
  const Picoseconds free = wire_.send(end_, std::move(bytes), wire_.agenda().now());
  wire_.agenda().at(free, wire::Rank::peer, [this] {
    --sending_;
    if (!device_.queue_stopped() || wake_) return;
    wake_ = true;
    interrupt();
  });
  return TxResult::ok;
}

void NativeNic::frame_arrives(FrameBytes frame, bool intact) {
  if (!vector_) {
    ++rx_.missed;
  } else if (!intact) {
    ++rx_.bad_fcs;
    ++device_.stats().rx_errors;
  } else if (received_.size() == ring_) {
    ++rx_.ring_full;
    ++device_.stats().rx_dropped;
  } else {
    received_.push_back(std::move(frame));
    interrupt();
  }
}

void NativeNic::interrupt() {
  if (!vector_) return;
  const auto message = irqs_.message(*vector_);
  irqs_.message_arrived(message.address, message.data);
}

int NativeNic::poll(host::kernel::Cpu& cpu, int budget) {
  if (std::exchange(wake_, false)) device_.wake_queue(cpu);
  int done = 0;
  while (done < budget && !received_.empty()) {
    const FrameBytes bytes = std::move(received_.front());
    received_.pop_front();
    receive(cpu, bytes);
    ++done;
  }
  if (done < budget && napi_complete_done(cpu, *this, done) && (!received_.empty() || wake_)) {
    host::kernel::napi_schedule(cpu, *this);
  }
  return done;
}

void NativeNic::receive(host::kernel::Cpu& cpu, const FrameBytes& bytes) {
  cpu.charge(Op::driver_receive_packet);
  host::skb::Skb skb = core_.pool().allocate(static_cast<std::uint32_t>(bytes.size()));
  if (!skb) {
    ++rx_.no_memory;
    ++device_.stats().rx_dropped;
    return;
  }
  cpu.trace(JourneyStep::driver_receive, skb->id());
  std::copy(bytes.begin(), bytes.end(), skb->put(static_cast<std::uint32_t>(bytes.size())).begin());
  device_.stats().rx_packets += 1;
  device_.stats().rx_bytes += bytes.size();
  if (!eth_type_trans(*skb, device_)) {
    host::skb::drop(cpu, std::move(skb), host::base::DropReason::short_ethernet);
    return;
  }
  gro_receive(cpu, std::move(skb));
}

void NativeNic::report(board::Report& report, const std::string& group) const {
  report.add(group, "rx_missed", rx_.missed);
  report.add(group, "rx_bad_fcs", rx_.bad_fcs);
  report.add(group, "rx_ring_full", rx_.ring_full);
  report.add(group, "rx_no_memory", rx_.no_memory);
  report.expect_equal(
      group + ": frames that the wire delivered", wire_.counters(1 - end_).delivered,
      "rx_packets + rx_missed + rx_bad_fcs + rx_ring_full + rx_no_memory + in the ring",
      device_.stats().rx_packets + rx_.missed + rx_.bad_fcs + rx_.ring_full + rx_.no_memory + received_.size());
  report.expect_equal(group + ": tx_packets", device_.stats().tx_packets, "frames on the wire",
                      wire_.counters(end_).frames);
}

}  // namespace sim::world
