// SPDX-License-Identifier: Apache-2.0
// An interface with a driver that takes as much as the test lets it, and CPUs that send.
#pragma once

#include <catch2/catch.hpp>
#include <vector>

#include "host/base/byte_order.hpp"
#include "host/device/net_core.hpp"
#include "tests/host/fake_machine.hpp"

namespace host_test {

using Marks = std::vector<std::uint32_t>;

/// A driver with room for so many packets.
class EgressDriver final : public host::device::NetDeviceOps {
 public:
  host::base::Result<void> open(host::kernel::Cpu&, host::device::NetDevice& dev) override {
    dev.carrier_on();
    return {};
  }
  void stop(host::kernel::Cpu&, host::device::NetDevice&) override {}
  host::device::TxResult start_xmit(host::kernel::Cpu& cpu, host::device::NetDevice& dev, host::skb::Skb& skb,
                                    host::device::XmitMore more) override {
    const unsigned queue = skb->queue_mapping;
    CHECK_FALSE(dev.queue_stopped(queue));
    cpu.charge_ns(cost);
    if (room == 0) {
      dev.stop_queue(queue);
      return host::device::TxResult::busy;
    }
    --room;
    marks.push_back(skb->mark);
    queues.push_back(queue);
    doorbells += more == host::device::XmitMore::no ? 1 : 0;
    skb.reset();
    return host::device::TxResult::ok;
  }
  int room = 1'000'000;
  int doorbells = 0;
  host::platform::Nanoseconds cost = 0;
  Marks marks;
  std::vector<unsigned> queues;
};

struct EgressOptions {
  unsigned tx_queues = 1;
  unsigned cpus = 1;
  bool open = true;
  host::kernel::CostTable costs = host::kernel::CostTable::free();
};

struct EgressPacket {
  std::uint32_t priority = 0;
  unsigned cpu = 0;
  std::uint32_t bytes = 60;
};

struct EgressWorld {
  explicit EgressWorld(const EgressOptions& options = {})
      : machine(options.cpus),
        kernel(machine.machine(), options.costs),
        pool(kernel),
        core(kernel, pool),
        dev("eth0", {{2, 0, 0, 0, 0, 1}}, 1500, driver, options.tx_queues) {
    REQUIRE(core.register_device(dev).ok());
    if (options.open) REQUIRE(dev.open(cpu()).ok());
  }
  ~EgressWorld() { dev.close(cpu()); }
  EgressWorld(const EgressWorld&) = delete;
  EgressWorld& operator=(const EgressWorld&) = delete;

  host::kernel::Cpu& cpu() { return kernel.cpu(0); }
  host::skb::Skb frame(std::uint32_t mark, const EgressPacket& packet = {}) {
    host::skb::Skb skb = pool.allocate(packet.bytes);
    REQUIRE(skb != nullptr);
    host::base::store_be16(skb->put(packet.bytes), 12, 0x0800);
    skb->dev = &dev;
    skb->mark = mark;
    skb->priority = packet.priority;
    return skb;
  }
  host::base::Result<void> send(std::uint32_t mark, const EgressPacket& packet = {}) {
    return core.dev_queue_xmit(kernel.cpu(packet.cpu), frame(mark, packet));
  }
  void run_all() {
    for (unsigned lap = 0; lap < 3; ++lap) {
      for (unsigned id = 0; id < kernel.cpu_count(); ++id) kernel.run(id);
    }
  }

  FakeMachine machine;
  host::kernel::Kernel kernel;
  host::skb::SkbPool pool;
  host::device::NetCore core;
  EgressDriver driver;
  host::device::NetDevice dev;
};

}  // namespace host_test
