// SPDX-License-Identifier: Apache-2.0
// What the checker learns from configuration writes: the rules that software chooses.
#include <algorithm>

#include "rtl/contract/pci_contract.hpp"
#include "sim/pcie/tlp_checker.hpp"

namespace sim::pcie {
namespace {

constexpr unsigned kControl = contract::CAP_EXP + contract::EXP_DEVICE_CTRL;

std::uint32_t bytes_of(std::uint32_t code) {
  return 128U << std::min(code, 5U);
}

/// The byte at `offset` of the DW that a write carries, or nothing when it is not enabled.
bool enabled(const Request& request, unsigned offset) {
  return (request.address & ~std::uint64_t{3}) == (offset & ~3U) && ((request.first_be >> (offset & 3)) & 1) != 0;
}

std::uint32_t byte_at(const Tlp& tlp, unsigned offset) {
  const std::size_t at = offset & 3;
  return at < tlp.payload.size() ? std::to_integer<std::uint32_t>(tlp.payload[at]) : 0;
}

}  // namespace

void TlpChecker::learn(const Tlp& tlp, const Request& request, Outstanding& entry) {
  const auto change = [&entry](Setting& setting, std::uint32_t value) {
    setting.before = setting.most();
    setting.now = value;
    entry.settles = true;
  };
  if (enabled(request, contract::CFG_COMMAND)) {
    change(bus_master_, byte_at(tlp, contract::CFG_COMMAND) & contract::COMMAND_MASTER);
  }
  if (enabled(request, kControl)) change(max_payload_, bytes_of((byte_at(tlp, kControl) >> 5) & 7));
  if (enabled(request, kControl + 1)) {
    const std::uint32_t high = byte_at(tlp, kControl + 1);
    change(max_read_, bytes_of((high >> 4) & 7));
    change(extended_tags_, (high << 8) & contract::EXP_DEVCTRL_EXT_TAG);
    reset_pending_ = reset_pending_ || ((high << 8) & contract::EXP_DEVCTRL_FLR) != 0;
  }
}

/// The completion of a setting's write has been seen: only what it set counts now.
void TlpChecker::settle() {
  for (Setting* setting : {&bus_master_, &max_payload_, &max_read_, &extended_tags_}) setting->before = setting->now;
  if (reset_pending_) reset_function();
}

/// After a function level reset, software enumerates anew; completions still on their way are dropped. The payload size
/// stays what the system made it (6.6.2).
void TlpChecker::reset_function() {
  reset_pending_ = false;
  bus_master_ = {};
  max_read_ = {512, 512};
  extended_tags_ = {};
}

}  // namespace sim::pcie
