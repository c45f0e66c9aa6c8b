// SPDX-License-Identifier: Apache-2.0
// Choosing among sockets of one name.
#include "host/udp/reuse_port.hpp"

#include <algorithm>

#include "host/base/invariant.hpp"
#include "host/device/flow_hash.hpp"

namespace host::udp {

void ReusePortGroup::leave(UdpSocket& socket) {
  const auto place = std::find(members_.begin(), members_.end(), &socket);
  INVARIANT(place != members_.end(), "a socket leaves a group that it is not in");
  *place = members_.back();
  members_.pop_back();
}

UdpSocket& ReusePortGroup::select(const device::BpfContext& packet, std::uint32_t hash) const {
  if (program_) {
    const std::uint32_t index = program_->run(packet);
    if (index < members_.size()) return *members_[index];
  }
  return *members_[device::scale_hash(hash, static_cast<unsigned>(members_.size()))];
}

}  // namespace host::udp
