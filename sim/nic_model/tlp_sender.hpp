// SPDX-License-Identifier: Apache-2.0
// The NIC's way out: TLPs leave in the order that PCIe demands and as the host's credits allow (2.4, 2.6).
#pragma once

#include <deque>
#include <vector>

#include "sim/nic_model/timeline.hpp"
#include "sim/pcie/ports.hpp"
#include "sim/pcie/tlp_format.hpp"

namespace sim::nic_model {

class TlpSender {
 public:
  TlpSender(Timeline& timeline, Picoseconds latency) : timeline_(timeline), latency_(latency) {}

  void connect(pcie::HostPort& host) { host_ = &host; }
  /// What goes on link: in order within its class; nothing passes an earlier posted request.
  void send(pcie::Tlp tlp);
  /// Cumulative, of the host's receiver.
  void credits(const pcie::Credits& total);

  /// Whether the read with this tag still waits for credits.
  [[nodiscard]] bool waits(std::uint8_t tag) const;
  /// Takes back the memory requests that wait for credits.
  [[nodiscard]] std::vector<pcie::Request> abandon();

  [[nodiscard]] bool idle() const { return posted_.empty() && nonposted_.empty() && completions_.empty(); }
  /// When a TLP that leaves now is on the link.
  [[nodiscard]] Picoseconds last_departure() const { return last_; }

 private:
  struct Waiting {
    std::uint64_t order;
    pcie::Tlp tlp;
  };

  void pump();
  [[nodiscard]] std::deque<Waiting>* next();

  Timeline& timeline_;
  Picoseconds latency_;
  pcie::HostPort* host_ = nullptr;
  pcie::Credits limit_;
  pcie::Credits used_;
  std::deque<Waiting> posted_;
  std::deque<Waiting> nonposted_;
  std::deque<Waiting> completions_;
  std::uint64_t order_ = 0;
  Picoseconds last_ = 0;
};

}  // namespace sim::nic_model
