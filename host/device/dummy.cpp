// SPDX-License-Identifier: Apache-2.0
// What is sent has been sent.
#include "host/device/dummy.hpp"

namespace host::device {
namespace {

constexpr std::uint32_t kMtu = 1500;

}  // namespace

Dummy::Dummy(std::string name, base::MacAddress address) : device_(std::move(name), address, kMtu, *this) {
  device_.set_no_queue();
  device_.set_offloads({.checksum = true, .tso4 = true, .tso6 = true, .tso_ecn = true, .uso = true});
}

base::Result<void> Dummy::open(kernel::Cpu&, NetDevice& dev) {
  dev.carrier_on();
  return {};
}

void Dummy::stop(kernel::Cpu&, NetDevice&) {}

/// Linux: dummy_xmit.
TxResult Dummy::start_xmit(kernel::Cpu&, NetDevice& dev, skb::Skb& skb, XmitMore) {
  ++dev.stats().tx_packets;
  dev.stats().tx_bytes += skb->len();
  skb.reset();
  return TxResult::ok;
}

}  // namespace host::device
