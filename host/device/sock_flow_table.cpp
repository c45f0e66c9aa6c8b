// SPDX-License-Identifier: Apache-2.0
// The table that sockets write and RFS reads.
#include "host/device/sock_flow_table.hpp"

#include <bit>
#include <string>

#include "host/device/table_size.hpp"

namespace host::device {

SockFlowTable::SockFlowTable(kernel::Kernel& kernel) {
  kernel.sysctl().add_text(
      "net.core.rps_sock_flow_entries", [this] { return std::to_string(entries_.size()); },
      [this](std::string_view text) { return resize(text); });
}

/// A new size rounds up and keeps what was recorded only if it is the old one (Linux: rps_sock_flow_sysctl).
base::Result<void> SockFlowTable::resize(std::string_view text) {
  const auto wanted = parse_table_size(text, kLargest);
  if (!wanted) return wanted.error();
  const std::size_t size = *wanted == 0 ? 0 : std::bit_ceil(*wanted);
  if (size != entries_.size()) entries_.assign(size, {});
  return {};
}

void SockFlowTable::record(const kernel::Cpu& cpu, std::uint32_t hash) {
  if (!entries_.empty() && hash != 0) entries_[hash & (entries_.size() - 1)] = {hash, cpu.id()};
}

std::optional<unsigned> SockFlowTable::cpu_of(std::uint32_t hash) const {
  if (entries_.empty() || hash == 0) return std::nullopt;
  const Entry& entry = entries_[hash & (entries_.size() - 1)];
  return entry.hash == hash ? std::optional(entry.cpu) : std::nullopt;
}

}  // namespace host::device
