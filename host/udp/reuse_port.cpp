// SPDX-License-Identifier: Apache-2.0
// Choosing among sockets of one name.
#include "host/udp/reuse_port.hpp"

#include <algorithm>

#include "host/base/invariant.hpp"
#include "host/device/flow_hash.hpp"
#include "host/udp/udp_layer.hpp"

namespace host::udp {

void ReusePortGroup::join(UdpSocket& socket) {
  members_.push_back(&socket);
  count_choosy(socket.wants_cpu ? 1 : 0);
}

void ReusePortGroup::leave(UdpSocket& socket) {
  const auto place = std::find(members_.begin(), members_.end(), &socket);
  INVARIANT(place != members_.end(), "a socket leaves a group that it is not in");
  *place = members_.back();
  members_.pop_back();
  count_choosy(socket.wants_cpu ? -1 : 0);
}

UdpSocket& ReusePortGroup::select(const device::BpfContext& packet, std::uint32_t hash) const {
  if (program_) {
    const std::uint32_t index = program_->run(packet);
    if (index < members_.size()) return *members_[index];
  }
  const std::size_t chosen = device::scale_hash(hash, static_cast<unsigned>(members_.size()));
  for (std::size_t i = 0; choosy_ != 0 && i < members_.size(); ++i) {
    UdpSocket& member = *members_[(chosen + i) % members_.size()];
    if (member.incoming_cpu == static_cast<int>(packet.cpu)) return member;
  }
  return *members_[chosen];
}

}  // namespace host::udp
