// SPDX-License-Identifier: Apache-2.0
// Flows whose last packet was for this host (Linux: ip_route_use_hint does not ask again for a packet like the last).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "host/ip/route.hpp"

namespace host::ip {

/// What stands here was true when routes, rules, devices and tunables were of that generation. A flow makes room for
/// the next one of its place: it costs a search again, nothing else.
class LocalFlows {
 public:
  [[nodiscard]] bool has(const Flow& flow, std::uint64_t generation) const {
    const Entry& entry = entries_[place(flow)];
    return entry.generation == generation && entry.flow == flow;
  }
  void add(const Flow& flow, std::uint64_t generation) { entries_[place(flow)] = {flow, generation}; }

 private:
  struct Entry {
    Flow flow{};
    std::uint64_t generation = 0;
  };
  static constexpr unsigned kBits = 6;

  [[nodiscard]] static std::size_t place(const Flow& flow) {
    return (flow.source.value ^ flow.destination.value) * 0x9e37'79b9U >> (32 - kBits);
  }

  std::array<Entry, std::size_t{1} << kBits> entries_{};
};

}  // namespace host::ip
