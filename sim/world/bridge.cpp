// SPDX-License-Identifier: Apache-2.0
#include "sim/world/bridge.hpp"

#include <utility>

namespace sim::world {
namespace {

constexpr std::size_t kAddressBytes = 6;
constexpr std::size_t kHeaderBytes = 14;

std::uint64_t address_at(const FrameBytes& frame, std::size_t offset) {
  std::uint64_t address = 0;
  for (std::size_t i = 0; i < kAddressBytes; ++i) {
    address = address << 8 | static_cast<std::uint64_t>(frame[offset + i]);
  }
  return address;
}

bool is_group(std::uint64_t address) {
  return (address >> 40 & 1) != 0;
}

}  // namespace

void Bridge::plug(Wire& wire, unsigned end) {
  ports_.emplace_back(*this, ports_.size(), wire, end);
  wire.attach(end, ports_.back());
}

/// A full table forgets what is too old, and learns nothing when all is fresh.
void Bridge::learn(const FrameBytes& frame, std::size_t from) {
  const std::uint64_t source = address_at(frame, kAddressBytes);
  if (is_group(source)) return;
  const Picoseconds now = agenda_.now();
  if (!table_.contains(source) && table_.size() >= plan_.table) {
    std::erase_if(table_, [&](const auto& entry) { return now - entry.second.seen > plan_.age; });
    if (table_.size() >= plan_.table) {
      ++counters_.table_full;
      return;
    }
  }
  if (table_.insert_or_assign(source, Entry{from, now}).second) ++counters_.learned;
}

void Bridge::receive(std::size_t from, FrameBytes frame, bool intact) {
  ++counters_.received;
  if (!intact || frame.size() < kHeaderBytes) {
    ++counters_.bad_fcs;
    return;
  }
  learn(frame, from);
  const std::uint64_t destination = address_at(frame, 0);
  const auto known = table_.find(destination);
  if (known != table_.end() && agenda_.now() - known->second.seen <= plan_.age) {
    if (known->second.port == from) {
      ++counters_.filtered;
      return;
    }
    ++counters_.forwarded;
    return send(known->second.port, std::move(frame));
  }
  if (ports_.size() < 2) {
    ++counters_.filtered;
    return;
  }
  ++counters_.flooded;
  counters_.copies += ports_.size() - 2;
  for (std::size_t to = 0; to < ports_.size(); ++to) {
    if (to != from) send(to, frame);
  }
}

void Bridge::send(std::size_t to, FrameBytes frame) {
  Port& port = ports_[to];
  if (port.wire.waiting(port.end) >= plan_.queue) {
    ++counters_.queue_full;
    return;
  }
  ++counters_.sent;
  port.wire.send(port.end, std::move(frame), agenda_.now());
}

}  // namespace sim::world
