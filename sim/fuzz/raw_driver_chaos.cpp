// SPDX-License-Identifier: Apache-2.0
// How the raw driver breaks rules, and what has to hold then.
#include <fmt/format.h>

#include <algorithm>

#include "rtl/contract/pci_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "sim/fuzz/raw_driver.hpp"

namespace sim::fuzz {

using namespace contract;

namespace {

constexpr Picoseconds kLookAgainAfter = 5'000'000;
constexpr Picoseconds kGiveUpAfter = 1'000'000'000;  // a long chain, read one by one
constexpr std::size_t kZone = 0x4'0000;              // no descriptor reaches over its end

}  // namespace

/// A buffer that the device must refuse.
std::vector<Descriptor> RawDriver::broken_chain(const Operation& operation, unsigned index,
                                                pcie::SeededRandom& random) {
  const Descriptor bad = buffer(200, index % 2 == QUEUE_RX0, random);
  queues_[index].scratch.push_back(bad);
  std::vector<Descriptor> chain{bad};
  switch (static_cast<Rule>(operation.count)) {
    case Rule::direction:
      chain[0].writable = !chain[0].writable;
      break;
    case Rule::empty:
      chain[0].length = 0;
      break;
    case Rule::huge:
      chain[0].length = 0x1'0000 + static_cast<std::uint32_t>(random.below(3)) * 0x7FFF'0000U;
      break;
    case Rule::wraps:
      chain[0] = {~std::uint64_t{0} - 50, 100, bad.writable, 0};
      break;
    case Rule::indirect:  // a table in a table, or a table that was not negotiated
      chain[0].extra_flags = DESC_F_INDIRECT | DESC_F_NEXT;
      break;
    case Rule::endless:
    case Rule::count:
      chain.assign(std::max<std::size_t>(1, queues_[index].ring->room()), bad);  // all of an idle ring
      chain.back().extra_flags = DESC_F_NEXT;
      break;
  }
  return chain;
}

/// The first buffer after a start, so that it is looked at; the device then asks for a reset, which it gets.
void RawDriver::broken(const Operation& operation) {
  restart();
  pcie::SeededRandom random(operation.seed);
  const unsigned index = 2 * operation.pair + static_cast<unsigned>(random.below(2));
  static_cast<void>(queues_[index].ring->add(broken_chain(operation, index, random)));
  queues_[index].hostile = true;
  kick(index);
  const Picoseconds deadline = bus_.now() + kGiveUpAfter;
  bool asked = false;
  while (!asked && bus_.now() < deadline && bus_.violations().empty()) {
    bus_.run_until(bus_.now() + kLookAgainAfter);
    asked = needs_reset();
  }
  recorder_.note("errors", fmt::format("{} rule {}: needs reset {}", name_of(index), operation.count, asked));
  if (!asked) bus_.violation(fmt::format("a broken rule ({}) went unseen on {}", operation.count, name_of(index)));
  restart();
}

bool RawDriver::needs_reset() {
  return (common_read(COMMON_DEVICE_STATUS, 1) & STATUS_NEEDS_RESET) != 0;
}

void RawDriver::break_rule(const Operation& operation) {
  pcie::SeededRandom random(operation.seed);
  const unsigned index = 2 * operation.pair + static_cast<unsigned>(random.below(2));
  static_cast<void>(queues_[index].ring->add(broken_chain(operation, index, random)));
  queues_[index].hostile = true;
  kick(index);
}

void RawDriver::jump(const Operation& operation) {
  pcie::SeededRandom random(operation.seed);
  const unsigned index = 2 * operation.pair + operation.count % 2;
  if (zones_.to_read == 0) {
    zones_.to_read = memory_.allocate(kZone, 64);
    zones_.to_write = memory_.allocate(kZone, 64);
    memory_.grant(zones_.to_read, kZone, HostMemory::ring_read);
    memory_.grant(zones_.to_write, kZone, HostMemory::write);
  }
  zones_.device_writes = index % 2 == QUEUE_RX0;
  queues_[index].hostile = true;
  queues_[index].ring->rubbish(random, zones_);
  kick(index);
}

void RawDriver::unmap(const Operation& operation) {
  const unsigned index = 2 * operation.pair + operation.count % 2;
  queues_[index].hostile = true;
  queues_[index].ring->unmap();
  kick(index);
}

/// 4.1.4.3.2: the driver must not, and an enabled queue's addresses are not the driver's to change.
void RawDriver::move_ring(const Operation& operation) {
  common_write(COMMON_QUEUE_SELECT, 2, 2 * operation.pair + operation.count % 2);
  for (const std::uint32_t offset : {COMMON_QUEUE_DESC_LO, COMMON_QUEUE_DRIVER_LO, COMMON_QUEUE_DEVICE_LO}) {
    common_write(offset, 4, static_cast<std::uint32_t>(operation.seed) & ~0xFU);
    common_write(offset + 4, 4, 0x7F);
  }
}

/// PCIe 6.6.2. The device may finish what it does until it says that it is reset.
void RawDriver::function_reset(const std::function<void()>& before_start) {
  const std::uint32_t control = bus_.config_read(CAP_EXP + EXP_DEVICE_CTRL) & 0xFFFF;
  bus_.config_write(CAP_EXP + EXP_DEVICE_CTRL, control | EXP_DEVCTRL_FLR, 3);
  set_up_function();
  wait_for_zero(COMMON_DEVICE_STATUS, 1, "the function's reset");
  silence();
  if (before_start) before_start();
  set_up_messages();
  start();
}

/// Used entries that were on their way are lost: what stands in a ring from then on is old.
void RawDriver::allow_master(bool allow) {
  for (Queue& queue : queues_) queue.hostile = queue.hostile || !allow;
  bus_.config_write(CFG_COMMAND, COMMAND_MEMORY | (allow ? COMMAND_MASTER : 0U) | COMMAND_INTX_DISABLE, 3);
}

void RawDriver::mask_messages(bool mask) {
  const std::uint32_t control = MSIX_CTRL_ENABLE | (mask ? MSIX_CTRL_FUNCTION_MASK : 0U);
  bus_.config_write(CAP_MSIX, control << 16, 0xC);
}

/// 3.1.1: without VERSION_1, with what was not offered, or with what needs something that is missing.
void RawDriver::ask_unsound(std::uint64_t seed) {
  common_write(COMMON_DEVICE_STATUS, 1, 0);
  wait_for_zero(COMMON_DEVICE_STATUS, 1, "the device reset");
  silence();
  const auto bit = [](unsigned number) { return std::uint64_t{1} << number; };
  std::uint64_t features = machine_.features;
  if (seed % 4 == 0) features &= ~bit(F_VERSION_1);
  if (seed % 4 == 1) features |= bit(63);
  if (seed % 4 == 3) features = (features | bit(NET_F_GUEST_TSO6)) & ~bit(NET_F_GUEST_CSUM);
  if (seed % 4 == 2) features = (features | bit(NET_F_HOST_TSO4)) & ~bit(NET_F_CSUM);
  ask(features);
  if ((common_read(COMMON_DEVICE_STATUS, 1) & STATUS_FEATURES_OK) != 0) {
    bus_.violation(fmt::format("the device accepts features {:#x}", features));
  }
  restart();
}

void RawDriver::start_over() {
  marks_ = 0;
  for (Queue& queue : queues_) {
    queue.count = 0;
    queue.wish = Wish::every;
    queue.ring->wish(queue.wish);
  }
}

}  // namespace sim::fuzz
