// SPDX-License-Identifier: Apache-2.0
// One routing table: longest prefix match (Linux: struct fib_table, net/ipv4/fib_trie.c).
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "host/base/result.hpp"
#include "host/device/net_device.hpp"
#include "host/ip/route.hpp"

namespace host::ip {

/// Its device is up; what is ours stays ours when its device goes down.
[[nodiscard]] inline bool is_alive(const Route& route) {
  return route.type == RouteType::local || route.device == nullptr || route.device->is_up();
}

/// A search looks for each length of prefix that there is, the longest first: at most 33 looks into a hash table,
/// whatever the number of routes.
class RouteTable {
 public:
  RouteTable() = default;
  RouteTable(const RouteTable&) = delete;
  RouteTable& operator=(const RouteTable&) = delete;

  /// Takes the route as it is; Fib::add checks it first. invalid: the prefix has host bits set; exists: by `how` it
  /// cannot join, or it is there already; no_entry: there is none to change.
  [[nodiscard]] base::Result<void> add(const Route& route, RouteAdd how = RouteAdd::create);
  /// no_process (Linux: ESRCH): there is none.
  [[nodiscard]] base::Result<void> remove(const RouteSelector& which);
  /// Every route through the device goes.
  void remove_all(const device::NetDevice& device);

  /// The route of the longest prefix that has one for the flow: its type of service, not farther than asked, through
  /// the device asked for, which is up. Null when there is none. Linux: fib_table_lookup.
  [[nodiscard]] const Route* lookup(const Flow& flow) const;

  /// By address, then longest prefix first, then by metric: the order of `ip route show`.
  [[nodiscard]] std::vector<Route> routes() const;
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Looks that the longest search takes.
  [[nodiscard]] unsigned looks() const { return static_cast<unsigned>(std::popcount(lengths_)); }

 private:
  /// All routes of one prefix: by type of service, highest first, then by metric. Linux: fa_list of a leaf.
  using Aliases = std::vector<Route>;

  [[nodiscard]] static constexpr std::uint64_t key_of(headers::Ipv4Prefix prefix) {
    return std::uint64_t{prefix.network().value} << 8 | prefix.length;
  }
  std::unordered_map<std::uint64_t, Aliases> by_prefix_;
  std::array<std::size_t, 33> prefixes_{};  // by length
  std::uint64_t lengths_ = 0;               // of which there are prefixes: a bit each
  std::size_t size_ = 0;
};

}  // namespace host::ip
