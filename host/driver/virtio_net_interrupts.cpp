// SPDX-License-Identifier: Apache-2.0
// Vectors: one a queue, or one for all queues, or the INTx line (Linux: vp_find_vqs, vp_interrupt).
#include "host/driver/virtio_net.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace host::driver {
namespace {

using base::Errno;
using namespace contract;

constexpr unsigned kConfigEntry = 0;
constexpr unsigned kSharedEntry = 1;
constexpr std::uint8_t kNobody = 0xff;
constexpr unsigned kPin = 16;  // of the IO-APIC, where a PC has its first PCI line

}  // namespace

base::Result<void> VirtioNet::request_interrupts() {
  for (const auto mode : {InterruptMode::per_queue, InterruptMode::shared}) {
    if (mode < options_.interrupts) continue;
    const unsigned entries = 1 + (mode == InterruptMode::shared ? 1 : 2 * queue_pairs());
    if (transport_.msix_entries() < entries) continue;
    const auto done = request_messages(mode);
    if (done) return done;
    free_vectors();
    if (done.error() != Errno::no_memory) return done;
  }
  return request_line();
}

base::Result<void> VirtioNet::request_messages(InterruptMode mode) {
  interrupt_mode_ = mode;
  auto& irqs = kernel_.machine().irqs;
  auto done = take_vector(
      irqs.allocate_vector(options_.irq_cpu), "config", [this](kernel::Cpu& cpu) { config_interrupt(cpu); },
      options_.irq_cpu);
  if (mode == InterruptMode::shared && done) {
    done = take_vector(
        irqs.allocate_vector(options_.irq_cpu), "virtqueues", [this](kernel::Cpu& cpu) { queues_interrupt(cpu); },
        options_.irq_cpu);
  }
  for (unsigned pair = 0; mode == InterruptMode::per_queue && done && pair < queue_pairs(); ++pair) {
    const unsigned cpu = pair % kernel_.cpu_count();
    const std::string number = std::to_string(pair);
    done = take_vector(
        irqs.allocate_vector(cpu), "input." + number, [this, pair](kernel::Cpu& on) { rx_interrupt(on, *rx_[pair]); },
        cpu);
    if (!done) break;
    done = take_vector(
        irqs.allocate_vector(cpu), "output." + number, [this, pair](kernel::Cpu& on) { tx_interrupt(on, *tx_[pair]); },
        cpu);
  }
  if (!done) return done;
  transport_.enable_msix();
  for (unsigned entry = 0; entry < vectors_.size(); ++entry) {
    transport_.program_entry(entry, irqs.message(vectors_[entry]));
  }
  return {};
}

base::Result<void> VirtioNet::request_line() {
  if (!transport_.has_intx()) return transport_.msix_entries() > kSharedEntry ? Errno::no_memory : Errno::not_supported;
  interrupt_mode_ = InterruptMode::intx;
  const auto done = take_vector(
      kernel_.machine().irqs.allocate_line(options_.irq_cpu), {}, [this](kernel::Cpu& cpu) { line_interrupt(cpu); },
      options_.irq_cpu);
  if (done) transport_.enable_intx();
  return done;
}

/// Linux names an MSI-X vector "virtio0-input.0", the line "virtio0".
base::Result<void> VirtioNet::take_vector(std::optional<unsigned> vector, std::string suffix,
                                          std::function<void(kernel::Cpu&)> handler, unsigned cpu) {
  if (!vector) return Errno::no_memory;
  const bool line = interrupt_mode_ == InterruptMode::intx;
  const auto index = static_cast<unsigned>(vectors_.size());
  kernel::IrqSource source{.chip = line ? "IO-APIC" : "PCI-MSIX",
                           .hwirq = line ? kPin : index,
                           .flow = line ? "fasteoi" : "edge",
                           .affinity = suffix.find('.') == std::string::npos ? kernel::CpuSet{} : kernel::CpuSet{cpu},
                           .cpu = cpu,
                           .retarget = [this, index](unsigned target) { set_affinity(index, target); }};
  const std::string name = suffix.empty() ? options_.bus_name : options_.bus_name + "-" + suffix;
  const auto requested = kernel_.request_irq(*vector, name, std::move(handler), std::move(source));
  if (!requested) {
    kernel_.machine().irqs.free_vector(*vector);
    return requested;
  }
  vectors_.push_back(*vector);
  return {};
}

void VirtioNet::free_vectors() {
  for (const unsigned vector : vectors_) {
    kernel_.free_irq(vector);
    kernel_.machine().irqs.free_vector(vector);
  }
  vectors_.clear();
}

std::optional<unsigned> VirtioNet::msix_entry(unsigned queue) const {
  if (interrupt_mode_ == InterruptMode::intx) return std::nullopt;
  return interrupt_mode_ == InterruptMode::shared ? kSharedEntry : kConfigEntry + 1 + queue;
}

void VirtioNet::set_affinity(unsigned index, unsigned target) {
  auto& irqs = kernel_.machine().irqs;
  irqs.set_affinity(vectors_.at(index), target);
  if (interrupt_mode_ != InterruptMode::intx) transport_.program_entry(index, irqs.message(vectors_[index]));
}

// --- handlers --------------------------------------------------------------------------------------

void VirtioNet::rx_interrupt(kernel::Cpu& cpu, RxQueue& queue) {
  ++queue.stats.interrupts;
  cpu.trace(kernel::JourneyStep::driver_interrupt, 0);
  if (!queue.ring) return;  // a message that was on its way when the interface stopped
  queue.ring->disable_interrupts();
  if (!options_.napi && !queue.napi.scheduled()) {
    receive_in_interrupt(cpu, queue);
    return;
  }
  napi_schedule(cpu, queue.napi);
}

void VirtioNet::tx_interrupt(kernel::Cpu& cpu, TxRing& queue) {
  ++queue.stats.interrupts;
  cpu.trace(kernel::JourneyStep::tx_interrupt, 0);
  if (!queue.ring) return;
  queue.ring->disable_interrupts();
  napi_schedule(cpu, queue.napi);
}

/// One vector for all queues: those that have something are meant.
void VirtioNet::queues_interrupt(kernel::Cpu& cpu) {
  bool claimed = false;
  for (const auto& queue : rx_) {
    if (!queue->ring || !queue->ring->has_used()) continue;
    rx_interrupt(cpu, *queue);
    claimed = true;
  }
  for (const auto& queue : tx_) {
    if (!queue->ring || !queue->ring->has_used()) continue;
    tx_interrupt(cpu, *queue);
    claimed = true;
  }
  if (!claimed) ++stats_.unclaimed_interrupts;
}

void VirtioNet::line_interrupt(kernel::Cpu& cpu) {
  const std::uint8_t isr = transport_.read_isr();
  if (isr == 0 || isr == kNobody) {
    ++stats_.unclaimed_interrupts;
    return;
  }
  if ((isr & ISR_CONFIG) != 0) config_interrupt(cpu);
  if ((isr & ISR_QUEUE) != 0) queues_interrupt(cpu);
}

}  // namespace host::driver
