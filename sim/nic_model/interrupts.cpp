// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/interrupts.hpp"

#include <array>

#include "sim/nic_model/little_endian.hpp"

namespace sim::nic_model {
namespace {

using namespace contract;

// PCIe 2.2.8.1: message codes of the virtual wire
constexpr std::uint8_t kAssertIntA = 0x20;
constexpr std::uint8_t kDeassertIntA = 0x24;
constexpr unsigned kPendingPerDw = 32;

std::uint32_t merge(std::uint32_t old, unsigned byte_enables, std::uint32_t data) {
  for (unsigned i = 0; i < 4; ++i) {
    const std::uint32_t mask = 0xFFU << (8 * i);
    if (((byte_enables >> i) & 1) != 0) old = (old & ~mask) | (data & mask);
  }
  return old;
}

}  // namespace

Interrupts::Interrupts(const ModelConfig& config, ConfigSpace& space, Dma& dma, TlpSender& sender,
                       Statistics& statistics)
    : space_(space), dma_(dma), sender_(sender), statistics_(statistics), vectors_(config.vectors()) {}

void Interrupts::raise(Cause cause, std::uint16_t vector) {
  if (!space_.msix_enabled()) {
    isr_ = static_cast<std::uint8_t>(isr_ | (cause == Cause::queue ? ISR_QUEUE : ISR_CONFIG));
    return update_pin();
  }
  if (vector < vectors_.size()) deliver(vectors_[vector]);
}

bool Interrupts::may_send(const Vector& vector) const {
  return !vector.masked && space_.msix_enabled() && !space_.msix_masked() && space_.bus_master();
}

void Interrupts::deliver(Vector& vector) {
  if (!may_send(vector)) {
    vector.pending = true;
    return statistics_.count(STAT_IRQ_PENDED);
  }
  vector.pending = false;
  statistics_.count(STAT_IRQ_SENT);
  std::array<std::byte, 4> message{};
  write_le(message, 0, 4, vector.data);
  dma_.write(vector.address, message);
}

void Interrupts::settings_changed() {
  for (Vector& vector : vectors_) {
    if (vector.pending && may_send(vector)) deliver(vector);
  }
  update_pin();
}

void Interrupts::function_level_reset() {
  for (Vector& vector : vectors_) {
    vector.masked = true;
    vector.pending = false;
  }
  device_reset();
}

void Interrupts::device_reset() {
  isr_ = 0;
  update_pin();
}

void Interrupts::update_pin() {
  const bool wanted = isr_ != 0 && !space_.msix_enabled();
  space_.interrupt_pending(wanted && (space_.read(CFG_INTERRUPT_LINE) >> 8) != 0);
  const bool assert_now = wanted && space_.intx_enabled();
  if (assert_now == asserted_) return;
  asserted_ = assert_now;
  pcie::Tlp tlp;
  pcie::Request message;
  message.kind = pcie::RequestKind::message;
  message.requester = dma_.requester_id();
  tlp = pcie::make_request(message);
  tlp.header[1] = (tlp.header[1] & ~0xFFU) | (asserted_ ? kAssertIntA : kDeassertIntA);
  sender_.send(std::move(tlp));
}

std::uint32_t Interrupts::table_read(std::uint32_t offset) const {
  const std::uint32_t index = offset / MSIX_ENTRY_BYTES;
  if (index >= vectors_.size()) return 0;
  const Vector& vector = vectors_[index];
  switch (offset % MSIX_ENTRY_BYTES) {
    case MSIX_ENTRY_ADDR_LO:
      return static_cast<std::uint32_t>(vector.address);
    case MSIX_ENTRY_ADDR_HI:
      return static_cast<std::uint32_t>(vector.address >> 32);
    case MSIX_ENTRY_DATA:
      return vector.data;
    default:
      return vector.masked ? MSIX_ENTRY_MASKED : 0;
  }
}

void Interrupts::table_write(std::uint32_t offset, unsigned byte_enables, std::uint32_t data) {
  const std::uint32_t index = offset / MSIX_ENTRY_BYTES;
  if (index >= vectors_.size()) return;
  Vector& vector = vectors_[index];
  const std::uint32_t value = merge(table_read(offset), byte_enables, data);
  switch (offset % MSIX_ENTRY_BYTES) {
    case MSIX_ENTRY_ADDR_LO:
      vector.address = (vector.address & ~std::uint64_t{0xFFFF'FFFF}) | (value & ~3U);
      break;
    case MSIX_ENTRY_ADDR_HI:
      vector.address = (vector.address & 0xFFFF'FFFF) | (std::uint64_t{value} << 32);
      break;
    case MSIX_ENTRY_DATA:
      vector.data = value;
      break;
    default:
      vector.masked = (value & MSIX_ENTRY_MASKED) != 0;
      if (vector.pending && may_send(vector)) deliver(vector);
      break;
  }
}

std::uint32_t Interrupts::pending_read(std::uint32_t offset) const {
  std::uint32_t bits = 0;
  for (unsigned i = 0; i < kPendingPerDw; ++i) {
    const std::size_t index = std::size_t{offset} * 8 + i;
    if (index < vectors_.size() && vectors_[index].pending) bits |= 1U << i;
  }
  return bits;
}

std::uint32_t Interrupts::isr_read() {
  const std::uint32_t value = isr_;
  isr_ = 0;
  update_pin();
  return value;
}

}  // namespace sim::nic_model
