// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/nic.hpp"

#include <utility>

namespace sim::nic_model {
namespace {

using namespace contract;

constexpr Picoseconds kRestCheck = 50'000;  // how often a reset looks whether all is at rest

bool is_receive(unsigned queue) {
  return queue % 2 == QUEUE_RX0;
}

}  // namespace

Nic::Nic(const ModelConfig& config)
    : config_(config),
      controls_(config.pairs),
      space_(config_),
      sender_(timeline_, config_.latency.dma),
      dma_(timeline_, sender_, space_, statistics_, config_.completion_timeout),
      interrupts_(config_, space_, dma_, sender_, statistics_),
      completer_(space_, *this, dma_, sender_, statistics_),
      registers_(config_, *this),
      control_registers_(
          config_, controls_,
          [this] {
            return ControlRegisters::State{registers_.link_is_up(), registers_.features()};
          },
          [this](unsigned queue) { moderate(queue); }),
      pairs_(config_.pairs),
      receive_(config_, controls_, timeline_, dma_, statistics_, pairs_, [this] { return registers_.features(); }),
      transmit_(config_, controls_, timeline_, dma_, statistics_, pairs_) {
  controls_.filter.own_address = config.mac_address;
}

void Nic::connect(pcie::HostPort& host, TransmitPath::Output wire) {
  host_ = &host;
  sender_.connect(host);
  transmit_.connect(std::move(wire));
}

void Nic::tlp(const pcie::Tlp& tlp) {
  completer_.arrive(tlp);
  host_->nic_credits(completer_.freed(), timeline_.now());
}

void Nic::frame_received(std::vector<std::byte> bytes, std::uint32_t verdict) {
  receive_.frame(std::move(bytes), verdict);
}

void Nic::link(bool up) {
  if (up == registers_.link_is_up()) return;
  registers_.link(up);
  if (registers_.driver_ok()) interrupts_.raise(Interrupts::Cause::configuration, registers_.config_vector());
}

// --------------------------------------------------------------------------------------- registers

std::uint32_t Nic::bar_read(std::uint32_t offset, unsigned byte_enables) {
  if (offset >= BAR_CONTROL) return control_registers_.read(offset - BAR_CONTROL);
  const std::uint32_t place = offset % BAR_WINDOW_BYTES;
  switch (offset - place) {
    case BAR_COMMON:
      return registers_.common_read(place);
    case BAR_ISR:
      return place == 0 && (byte_enables & 1) != 0 ? interrupts_.isr_read() : 0;
    case BAR_DEVICE:
      return registers_.device_read(place);
    case BAR_MSIX_TABLE:
      return interrupts_.table_read(place);
    case BAR_MSIX_PBA:
      return interrupts_.pending_read(place);
    case BAR_STATS:
      return statistics_.read(place);
    default:
      return 0;
  }
}

void Nic::bar_write(std::uint32_t offset, unsigned byte_enables, std::uint32_t data) {
  if (offset >= BAR_CONTROL) return control_registers_.write(offset - BAR_CONTROL, byte_enables, data);
  const std::uint32_t place = offset % BAR_WINDOW_BYTES;
  switch (offset - place) {
    case BAR_COMMON:
      return registers_.common_write(place, byte_enables, data);
    case BAR_NOTIFY:
      return registers_.notify_write(place, byte_enables, data);
    case BAR_MSIX_TABLE:
      return interrupts_.table_write(place, byte_enables, data);
    default:
      return;
  }
}

void Nic::config_changed() {
  interrupts_.settings_changed();
  dma_.settings_changed();
}

// ------------------------------------------------------------------------------------------ queues

std::unique_ptr<Virtqueue>& Nic::slot(unsigned queue) {
  QueuePair& pair = pairs_[queue / 2];
  return is_receive(queue) ? pair.rx : pair.tx;
}

void Nic::queues_changed() {
  if (!registers_.driver_ok() || resetting_) return;
  for (unsigned queue = 0; queue < registers_.queues(); ++queue) {
    if (registers_.queue(queue).enabled && !registers_.queue(queue).resetting && slot(queue) == nullptr) {
      start_queue(queue);
    }
  }
}

void Nic::start_queue(unsigned queue) {
  const QueueRegisters& set = registers_.queue(queue);
  const QueueSettings settings{set.size, set.descriptors, set.driver, set.device, registers_.features()};
  QueueEvents events;
  if (is_receive(queue)) {
    events.ready = [this, queue] { receive_.serve(queue / 2); };
  } else {
    events.ready = [this] { transmit_.serve(); };
  }
  events.failed = [this, queue](std::uint32_t) { queue_failed(queue); };
  events.interrupt = [this, queue] { interrupts_.raise(Interrupts::Cause::queue, registers_.queue(queue).vector); };
  events.suppressed = [this] { statistics_.count(STAT_IRQ_SUPPRESSED); };
  const auto use = is_receive(queue) ? BufferUse::device_writes : BufferUse::device_reads;
  slot(queue) = make_queue(config_, timeline_, dma_, use, settings, std::move(events));
  moderate(queue);
  slot(queue)->kick();  // the driver may have filled it before DRIVER_OK
  if (is_receive(queue)) receive_.serve_all();
}

/// 2.1.1: the device cannot go on, and says so.
void Nic::queue_failed(unsigned queue) {
  statistics_.count(is_receive(queue) ? STAT_RX_DESC_ERROR : STAT_TX_DESC_ERROR);
  registers_.needs_reset();
  interrupts_.raise(Interrupts::Cause::configuration, registers_.config_vector());
}

void Nic::kick(unsigned queue) {
  statistics_.count(STAT_DOORBELLS);
  if (slot(queue) != nullptr) slot(queue)->kick();
}

void Nic::moderate(unsigned queue) {
  if (slot(queue) != nullptr) slot(queue)->moderate(controls_.moderation[queue]);
}

void Nic::bad_doorbell() {
  statistics_.count(STAT_DOORBELL_BAD);
}

// ------------------------------------------------------------------------------------------ resets

void Nic::stop_queue(unsigned queue) {
  if (slot(queue) != nullptr) slot(queue)->stop();
}

bool Nic::quiet(unsigned queue) {
  if (slot(queue) == nullptr) return true;
  return slot(queue)->quiet() && (is_receive(queue) || transmit_.quiet(queue / 2));
}

void Nic::remove_queue(unsigned queue) {
  if (is_receive(queue)) receive_.flush(queue / 2);
  slot(queue).reset();
}

/// 2.6.1: reads 1 until nothing of the queue is under way.
void Nic::queue_reset(unsigned queue) {
  stop_queue(queue);
  finish_queue_reset(queue);
}

void Nic::finish_queue_reset(unsigned queue) {
  if (resetting_) return;  // the device's reset takes over
  timeline_.after(kRestCheck, [this, queue] {
    if (resetting_ || !registers_.queue(queue).resetting) return;
    if (!quiet(queue)) return finish_queue_reset(queue);
    remove_queue(queue);
    registers_.clear_queue(queue);
  });
}

/// 2.4: status reads 0 only when nothing of any queue is under way any more.
void Nic::device_reset() {
  if (resetting_) return;
  resetting_ = true;
  receive_.release();
  registers_.lock();
  for (unsigned queue = 0; queue < registers_.queues(); ++queue) stop_queue(queue);
  finish_device_reset();
}

void Nic::finish_device_reset() {
  bool rest = true;
  for (unsigned queue = 0; queue < registers_.queues(); ++queue) rest = rest && quiet(queue);
  if (!rest) return timeline_.after(kRestCheck, [this] { finish_device_reset(); });
  for (unsigned queue = 0; queue < registers_.queues(); ++queue) remove_queue(queue);
  registers_.clear();
  interrupts_.device_reset();
  resetting_ = false;
}

/// PCIe 6.6.2: the configuration space has been reset already.
void Nic::function_level_reset() {
  interrupts_.function_level_reset();
  device_reset();
}

}  // namespace sim::nic_model
