// SPDX-License-Identifier: Apache-2.0
// Nothing here takes time before the frame is queued: the socket may close whenever time passes.
#include "host/packet/packet_receive.hpp"

#include <algorithm>
#include <cstring>

#include "host/device/net_device.hpp"

namespace host::packet {
namespace {

constexpr std::size_t kSource = 6;

/// Bytes in front of where the socket's frames begin.
std::uint32_t front_of(const PacketSocket& socket) {
  return socket.kind == PacketKind::datagram ? device::kEthernetHeaderBytes : 0;
}

}  // namespace

void set_note(skb::SkBuff& skb, const FrameNote& note) {
  std::memcpy(skb.control.data(), &note, sizeof note);
}

FrameNote note_of(const skb::SkBuff& skb) {
  FrameNote note;
  std::memcpy(&note, skb.control.data(), sizeof note);
  return note;
}

std::uint32_t run_filter(PacketLayer& layer, kernel::Cpu& cpu, PacketSocket& socket, skb::SkBuff& skb) {
  const std::uint32_t front = front_of(socket);
  if (!socket.filter) return skb.len() - front;
  skb.pull(front);
  const std::uint32_t wanted = std::min(socket.filter->run({skb, cpu.id(), &layer.random}), skb.len());
  skb.restore(front);
  return wanted;
}

void packet_rcv(kernel::Cpu& cpu, PacketSocket& socket, skb::Skb skb, std::uint32_t wanted) {
  FrameNote note{.from = {.ifindex = skb->dev->ifindex(),
                          .protocol = skb->protocol,
                          .hardware_type = skb->dev->hardware_type(),
                          .packet_type = skb->packet_type,
                          .address = base::MacAddress::load(skb->bytes(), kSource)}};
  skb->pull(front_of(socket));
  note.original_bytes = skb->len();
  skb->trim(wanted);
  skb->dev = nullptr;  // it may go before the frame is read
  skb->nfct = {};
  set_note(*skb, note);
  ++socket.statistics.packets;
  if (!socket.queue.has_room()) {
    ++socket.statistics.drops;
    ++socket.drops;
    cpu.count_drop(base::DropReason::tap_buffer_full, skb->id());
    return;
  }
  static_cast<void>(socket.queue.enqueue(cpu, skb));
}

}  // namespace host::packet
