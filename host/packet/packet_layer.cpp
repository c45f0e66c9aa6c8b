// SPDX-License-Identifier: Apache-2.0
// Sockets and their taps; devices that come and go under them (Linux: packet_create, packet_do_bind, packet_notifier).
#include "host/packet/packet_layer.hpp"

#include <algorithm>

#include "host/base/invariant.hpp"
#include "host/packet/packet_receive.hpp"

namespace host::packet {

using base::Errno;
using base::Result;
using device::DeviceEvent;
using device::NetDevice;

namespace {

constexpr unsigned kNoDevice = UINT32_MAX;  // bound to one that has gone

void stop(PacketLayer& layer, PacketSocket& socket) {
  if (socket.running()) layer.net.taps().remove(std::exchange(socket.tap, 0));
}

void start(PacketLayer& layer, PacketSocket& socket) {
  stop(layer, socket);
  if (socket.protocol == 0 || socket.ifindex == kNoDevice) return;
  device::Tap tap{.ifindex = socket.ifindex,
                  .ether_type = socket.protocol == kEveryProtocol ? std::uint16_t{0} : socket.protocol,
                  .owner = socket.send.owner(),
                  .take = [&socket](kernel::Cpu& cpu, skb::Skb skb, std::uint32_t wanted) {
                    packet_rcv(cpu, socket, std::move(skb), wanted);
                  }};
  tap.filter = [&layer, &socket](kernel::Cpu& cpu, skb::SkBuff& skb) { return run_filter(layer, cpu, socket, skb); };
  socket.tap = layer.net.taps().add(std::move(tap));
}

/// Linux: packet_notifier.
void on_device(PacketLayer& layer, kernel::Cpu& cpu, NetDevice& dev, DeviceEvent event) {
  const std::vector<PacketSocket*> sockets = layer.sockets;
  for (PacketSocket* socket : sockets) {
    const bool there = std::ranges::find(layer.sockets, socket) != layer.sockets.end();  // telling takes time
    if (!there) continue;
    if (event == DeviceEvent::unregistered) {
      std::erase_if(socket->members, [&](const PacketSocket::Member& each) { return each.ifindex == dev.ifindex(); });
    }
    if (socket->ifindex != dev.ifindex()) continue;
    if (event == DeviceEvent::up) {
      start(layer, *socket);
    } else if (event != DeviceEvent::registered) {
      const bool ran = socket->running();
      stop(layer, *socket);
      if (event == DeviceEvent::unregistered) socket->ifindex = kNoDevice;
      if (ran) socket->queue.report_error(cpu, Errno::network_down);
    }
  }
}

void hold(NetDevice& dev, Membership kind, int change) {
  if (kind == Membership::promiscuous) dev.hold_promiscuous(change);  // drivers here hear every group anyway
}

}  // namespace

PacketLayer::PacketLayer(device::NetCore& core) : net(core) {
  notifier = net.add_notifier(
      [this](kernel::Cpu& cpu, NetDevice& dev, DeviceEvent event) { on_device(*this, cpu, dev, event); });
}

PacketLayer::~PacketLayer() {
  INVARIANT(sockets.empty(), "a packet socket outlives its layer");
  net.remove_notifier(notifier);
}

void packet_create(PacketLayer& layer, PacketSocket& socket, std::uint16_t protocol) {
  socket.protocol = protocol;
  layer.sockets.push_back(&socket);
  start(layer, socket);
}

Result<void> packet_bind(PacketLayer& layer, PacketSocket& socket, unsigned ifindex, std::uint16_t protocol) {
  const NetDevice* dev = ifindex == 0 ? nullptr : layer.net.device_by_index(ifindex);
  if (dev == nullptr && ifindex != 0) return Errno::no_device;
  socket.ifindex = ifindex;
  if (protocol != 0) socket.protocol = protocol;
  if (dev == nullptr || dev->is_up()) {
    start(layer, socket);
    return {};
  }
  stop(layer, socket);
  return Errno::network_down;
}

Result<void> packet_join(PacketLayer& layer, PacketSocket& socket, unsigned ifindex, Membership kind) {
  NetDevice* dev = layer.net.device_by_index(ifindex);
  if (dev == nullptr) return Errno::no_device;
  const auto same = [&](const PacketSocket::Member& each) { return each.ifindex == ifindex && each.kind == kind; };
  const auto found = std::ranges::find_if(socket.members, same);
  if (found != socket.members.end()) {
    ++found->count;
    return {};
  }
  socket.members.push_back({ifindex, kind, 1});
  hold(*dev, kind, 1);
  return {};
}

Result<void> packet_leave(PacketLayer& layer, PacketSocket& socket, unsigned ifindex, Membership kind) {
  const auto same = [&](const PacketSocket::Member& each) { return each.ifindex == ifindex && each.kind == kind; };
  const auto found = std::ranges::find_if(socket.members, same);
  if (found == socket.members.end()) return Errno::address_not_available;
  if (--found->count > 0) return {};
  socket.members.erase(found);
  if (NetDevice* dev = layer.net.device_by_index(ifindex)) hold(*dev, kind, -1);
  return {};
}

PacketStatistics packet_statistics(PacketSocket& socket) {
  return std::exchange(socket.statistics, {});
}

void packet_close(PacketLayer& layer, PacketSocket& socket) {
  stop(layer, socket);
  socket.protocol = 0;  // no device brings it back
  for (const PacketSocket::Member& member : std::exchange(socket.members, {})) {
    if (NetDevice* dev = layer.net.device_by_index(member.ifindex)) hold(*dev, member.kind, -1);
  }
  std::erase(layer.sockets, &socket);
  while (socket.queue.pop() != nullptr) {
    // Copies: nobody misses them.
  }
}

}  // namespace host::packet
