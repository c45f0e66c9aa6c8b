// SPDX-License-Identifier: Apache-2.0
// A frame that an application wrote goes out (Linux: packet_snd).
#include <algorithm>

#include "host/base/byte_order.hpp"
#include "host/headers/ethernet.hpp"
#include "host/packet/packet_layer.hpp"

namespace host::packet {

using base::Errno;
using base::Result;
using device::kEthernetHeaderBytes;
using device::NetDevice;

namespace {

constexpr std::uint32_t kVlanTag = 4;
constexpr std::size_t kEtherTypeAt = 12;

/// Nothing: it may go.
std::optional<Errno> refuse(const NetDevice& dev, PacketKind kind, headers::Bytes bytes) {
  const std::size_t header = kind == PacketKind::raw ? kEthernetHeaderBytes : 0;
  if (!dev.is_up()) return Errno::network_down;
  if (bytes.size() < header) return Errno::invalid;
  const bool tagged = kind == PacketKind::raw && bytes.size() > header &&
                      base::load_be16(bytes, kEtherTypeAt) == static_cast<std::uint16_t>(headers::EtherType::vlan);
  const std::size_t most = dev.mtu() + header + (tagged ? kVlanTag : 0);
  if (bytes.size() > most) return Errno::message_size;
  return {};
}

}  // namespace

Result<void> packet_send(PacketLayer& layer, kernel::Cpu& cpu, PacketSocket& socket,
                         const std::optional<LinkAddress>& to, headers::Bytes bytes) {
  const unsigned ifindex = to ? to->ifindex : socket.ifindex;
  const std::uint16_t protocol = to && to->protocol != 0 ? to->protocol : socket.protocol;
  cpu.charge(kernel::Op::skb_alloc);
  cpu.charge(kernel::Op::copy_per_byte, bytes.size());
  NetDevice* dev = layer.net.device_by_index(ifindex);
  if (dev == nullptr) return Errno::no_address;
  if (const auto error = refuse(*dev, socket.kind, bytes)) return *error;
  skb::Skb frame = layer.net.pool().allocate(static_cast<std::uint32_t>(bytes.size()));
  if (frame == nullptr) return Errno::no_buffers;
  std::ranges::copy(bytes, frame->put(static_cast<std::uint32_t>(bytes.size())).begin());
  frame->protocol = protocol;
  if (socket.kind == PacketKind::datagram) {
    frame->reset_network_header();
    headers::write_ethernet(frame->push(kEthernetHeaderBytes), {.destination = to ? to->address : base::MacAddress{},
                                                                .source = dev->address(),
                                                                .type = headers::EtherType{protocol}});
  } else {
    if (protocol == 0 || protocol == kEveryProtocol) frame->protocol = base::load_be16(frame->bytes(), kEtherTypeAt);
    frame->pull(kEthernetHeaderBytes);
    frame->reset_network_header();
    frame->restore(kEthernetHeaderBytes);
  }
  frame->dev = dev;
  frame->priority = socket.priority;
  frame->mark = socket.mark;
  socket.send.own(cpu, *frame);
  cpu.trace(kernel::JourneyStep::application_send, frame->id());
  return layer.net.dev_queue_xmit(cpu, std::move(frame));
}

}  // namespace host::packet
