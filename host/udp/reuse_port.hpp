// SPDX-License-Identifier: Apache-2.0
// Sockets that share a name and the datagrams for it (Linux: net/core/sock_reuseport.c).
#pragma once

#include <optional>
#include <vector>

#include "host/device/bpf.hpp"

namespace host::udp {

struct UdpSocket;

/// The sockets of one address, port and device that all said SO_REUSEPORT.
class ReusePortGroup {
 public:
  void join(UdpSocket& socket);
  /// The last member takes the place of the one that leaves, so that few flows move.
  void leave(UdpSocket& socket);
  [[nodiscard]] std::size_t size() const { return members_.size(); }
  [[nodiscard]] UdpSocket& first() const { return *members_.front(); }

  /// SO_ATTACH_REUSEPORT_CBPF: a program whose answer is a member's index; nothing takes it away.
  void choose_by(std::optional<device::BpfProgram> program) { program_ = std::move(program); }
  /// So many more members have set SO_INCOMING_CPU.
  void count_choosy(int more) { choosy_ += more; }
  /// By the program; where there is none, or it names nobody, by the flow's hash: the member that it falls on, or if
  /// any have set SO_INCOMING_CPU the next that wants the packet's CPU. Linux: reuseport_select_sock_by_hash.
  [[nodiscard]] UdpSocket& select(const device::BpfContext& packet, std::uint32_t hash) const;

 private:
  std::vector<UdpSocket*> members_;
  std::optional<device::BpfProgram> program_;
  int choosy_ = 0;
};

}  // namespace host::udp
