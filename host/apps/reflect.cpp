// SPDX-License-Identifier: Apache-2.0
// The reflector: every frame that a device receives goes out of it again, unchanged, below all protocols.
#include "host/apps/reflect.hpp"

namespace host::apps {

Reflect::Reflect(device::NetCore& core, device::NetDevice& device, std::uint32_t queue_frames)
    : core_(core), device_(device) {
  device_.set_tx_queue_len(queue_frames);
  device_.set_rx_handler([this](kernel::Cpu& cpu, skb::Skb& packet) { return send_back(cpu, packet); });
}

Reflect::~Reflect() {
  device_.set_rx_handler(nullptr);
}

device::RxHandlerResult Reflect::send_back(kernel::Cpu& cpu, skb::Skb& skb) {
  ++stats_.received;
  skb->restore(skb->mac_offset());
  const auto queued = core_.dev_queue_xmit(cpu, std::move(skb));
  ++(queued.ok() ? stats_.sent : stats_.refused);
  return device::RxHandlerResult::consumed;
}

}  // namespace host::apps
