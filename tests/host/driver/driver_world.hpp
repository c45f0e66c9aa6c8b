// SPDX-License-Identifier: Apache-2.0
// A native host with the driver on the pretended NIC.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "host/driver/virtio_net.hpp"
#include "rtl/contract/pci_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "tests/host/driver/fake_virtio_nic.hpp"

namespace host_test {

/// 14 bytes of Ethernet header to `destination`, EtherType 0x88b5, then a pattern.
inline Frame make_frame(std::size_t bytes, unsigned seed = 0,
                        const host::base::MacAddress& destination = host::base::MacAddress::broadcast()) {
  Frame frame(bytes);
  for (std::size_t i = 0; i < bytes; ++i) frame[i] = static_cast<std::byte>(i * 7 + seed * 13 + (i >> 8));
  if (bytes >= 14) {
    destination.store(frame, 0);
    frame[12] = std::byte{0x88};
    frame[13] = std::byte{0xb5};
  }
  return frame;
}

struct DriverWorld {
  explicit DriverWorld(host::kernel::CostTable costs = {}, unsigned cpus = 1)
      : machine(cpus), kernel(machine.machine(), costs), pool(kernel), core(kernel, pool), nic(machine) {}
  ~DriverWorld() {
    kernel.terminate_processes();
    if (net && net->netdev().is_up()) net->netdev().close(kernel.cpu(0));
    net.reset();
    CHECK(machine.dma.windows() == 0);
    CHECK(machine.dma.faults == 0);
    CHECK(machine.irqs.vectors() == 0);
    CHECK(pool.in_use() == 0);
  }
  host::kernel::Cpu& cpu() { return kernel.cpu(0); }
  host::device::NetDevice& dev() { return net->netdev(); }
  host::base::Result<void> probe(const host::driver::VirtioNetOptions& options = {}) {
    auto probed = host::driver::VirtioNet::probe(cpu(), core, nic, options);
    if (!probed) return probed.error();
    net = std::move(*probed);
    return {};
  }
  /// Probes, opens, and collects what protocol 0x88b5 and the protocols of IP receive.
  void up(const host::driver::VirtioNetOptions& options = {}) {
    REQUIRE(probe(options).ok());
    REQUIRE(dev().open(cpu()).ok());
    for (const std::uint16_t type : {std::uint16_t{0x88b5}, std::uint16_t{0x0800}, std::uint16_t{0x86dd}}) {
      REQUIRE(core.add_protocol(type, [this](host::kernel::Cpu& on, host::skb::Skb skb) { take(on, *skb); }).ok());
    }
    run();
  }
  /// From now on the rings take what they have room for.
  void lift_byte_limits() {
    for (unsigned queue = 0; queue < dev().tx_queues(); ++queue) {
      dev().byte_queue_limit(queue).minimum = host::device::ByteQueueLimit::kLargest;
      dev().tx_sent_queue(queue, 1, host::device::XmitMore::no);  // counts from a completion on
      dev().tx_completed_queue(cpu(), queue, 1);
    }
  }
  void take(host::kernel::Cpu& on, host::skb::SkBuff& skb) {
    skb.restore(skb.mac_offset());
    Frame frame(skb.len());
    REQUIRE(skb.copy_bits(0, frame));
    received.push_back(frame);
    meta.push_back({skb.ip_summed, skb.ip_summed == host::skb::IpSummed::partial ? skb.csum_start_from_data() : 0,
                    skb.csum_offset, skb.gso_type, skb.gso_size, skb.gso_segs, skb.hash, skb.hash_valid, skb.rx_queue,
                    on.id()});
  }
  void run_all() {
    for (int lap = 0; lap < 3; ++lap) {
      for (unsigned id = 0; id < kernel.cpu_count(); ++id) kernel.run(id);
    }
  }
  /// Until nothing is left to happen.
  void run() { kernel.run(0); }
  host::skb::Skb packet(const Frame& frame, std::uint32_t headroom = 128) {
    auto skb = pool.allocate(static_cast<std::uint32_t>(frame.size()), headroom);
    if (!skb) return nullptr;
    std::copy(frame.begin(), frame.end(), skb->put(static_cast<std::uint32_t>(frame.size())).begin());
    skb->dev = &dev();
    return skb;
  }
  bool send(const Frame& frame) { return core.dev_queue_xmit(cpu(), packet(frame)).ok(); }

  FakeMachine machine;
  host::kernel::Kernel kernel;
  host::skb::SkbPool pool;
  host::device::NetCore core;
  FakeVirtioNic nic;
  std::unique_ptr<host::driver::VirtioNet> net;
  struct Meta {
    host::skb::IpSummed ip_summed;
    std::uint32_t csum_start;
    std::uint16_t csum_offset;
    host::skb::GsoType gso_type;
    std::uint16_t gso_size;
    std::uint16_t gso_segs;
    std::uint32_t hash;
    bool hash_valid;
    std::uint16_t rx_queue;
    unsigned cpu;
  };
  std::vector<Frame> received;
  std::vector<Meta> meta;  // of each frame received
};

}  // namespace host_test
