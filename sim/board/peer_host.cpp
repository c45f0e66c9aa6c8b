// SPDX-License-Identifier: Apache-2.0
#include "sim/board/peer_host.hpp"

#include <fmt/format.h>

#include "sim/pcie/user_error.hpp"

namespace sim::board {
namespace {

constexpr host::base::MacAddress kPeerMac{{0x52, 0x54, 0x00, 0xBE, 0xE7, 0x01}};

}  // namespace

PeerHost::PeerHost(wire::Cable& cable, host::headers::Ipv4Prefix address, std::uint64_t seed, std::uint32_t mtu)
    : address_(address),
      machine_("peer", {.cpus = 1, .speed = 0, .host = {.seed = seed + 1}, .boot = {}}),
      device_(machine_.host().net(), machine_.irqs(), cable, kPeerMac, mtu) {
  cable.attach_peer(device_);
}

PeerHost::~PeerHost() {
  machine_.kernel().terminate_processes();
  if (device_.device().is_up()) device_.device().close(machine_.kernel().cpu(0));
  if (registered_) host().net().unregister_device(device_.device());
}

std::string PeerHost::bring_up(host::kernel::Cpu& cpu) {
  if (auto done = host().net().register_device(device_.device()); !done) {
    return fmt::format("the peer's interface was refused: {}", errno_name(done.error()));
  }
  registered_ = true;
  if (auto done = device_.device().open(cpu); !done) {
    return fmt::format("the peer's interface could not be opened: {}", errno_name(done.error()));
  }
  if (auto done = host().add_address(device_.device(), address_); !done) {
    return fmt::format("the peer could not take {}: {}", to_string(address_), errno_name(done.error()));
  }
  return {};
}

host::headers::Ipv4Prefix neighbour_of(host::headers::Ipv4Prefix address) {
  if (address.length > 30) {
    throw UserError(
        fmt::format("the network of {} has no room for a peer; use a prefix of 30 or shorter", to_string(address)));
  }
  const std::uint32_t first = address.network().value + 1;
  return {{address.address.value == first ? first + 1 : first}, address.length};
}

}  // namespace sim::board
