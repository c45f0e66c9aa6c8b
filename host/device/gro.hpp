// SPDX-License-Identifier: Apache-2.0
// Generic receive offload: packets of one flow that come together go up together (Linux: net/core/gro.c).
#pragma once

#include <array>
#include <cstdint>

#include "host/device/gro_packet.hpp"
#include "host/device/net_core.hpp"

namespace host::device {

/// A NAPI whose packets may be merged. What it holds goes up when the poll ends, when gro_flush_timeout has passed, or
/// when a protocol says so; what it still holds when it is disabled is dropped.
class GroNapi : public kernel::Napi {
 public:
  static constexpr std::size_t kLists = 8;  // Linux: GRO_HASH_BUCKETS
  static constexpr std::size_t kMost = 8;   // packets held of each (Linux: MAX_GRO_SKBS)

  /// The core outlives it.
  GroNapi(std::string name, NetCore& core);
  ~GroNapi() override;

  /// A driver hands up a frame from its poll, data at the Ethernet payload, after eth_type_trans(). Linux:
  /// napi_gro_receive.
  void gro_receive(kernel::Cpu& cpu, skb::Skb&& skb);

  /// Packets that went into others since the beginning.
  [[nodiscard]] std::uint64_t gro_merged() const { return merged_; }

 protected:
  bool gro_holds() const final;
  void gro_flush(kernel::Cpu& cpu, kernel::GroFlush which) final;
  void gro_purge(kernel::Cpu& cpu) final;

 private:
  void complete(kernel::Cpu& cpu, GroList& list, std::size_t place);
  void pass_up(kernel::Cpu& cpu, GroPacket packet);

  NetCore& core_;
  std::array<GroList, kLists> lists_;  // owned by: the poll
  std::uint64_t merged_ = 0;
  unsigned id_;  // by which sockets find it again
};

}  // namespace host::device
