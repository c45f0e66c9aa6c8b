// SPDX-License-Identifier: Apache-2.0
// Four CPUs and a NIC with one queue whose interrupt comes to CPU 0; who took which packet is recorded.
#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "host/base/byte_order.hpp"
#include "host/device/net_core.hpp"
#include "tests/host/fake_machine.hpp"

namespace host_test {

inline constexpr host::base::MacAddress kSteeredMac{{2, 0, 0, 0, 0, 1}};
inline constexpr unsigned kSteeringCpus = 4;

/// A packet of a test: `flow` decides its ports, `number` is its payload.
struct Steered {
  std::uint16_t flow = 0;
  std::uint32_t number = 0;
  unsigned cpu = 0;  // that took it
  std::uint32_t hash = 0;
};

class SteeringNic final : public host::device::NetDeviceOps, public host::kernel::Napi {
 public:
  SteeringNic(host::device::NetCore& core, FakeIrqs& irqs)
      : Napi("nic"), core_(core), irqs_(irqs), device("eth0", kSteeredMac, 1500, *this) {
    REQUIRE(core_.register_device(device).ok());
    vector_ = irqs_.allocate_vector(0).value();
    REQUIRE(
        core_.kernel().request_irq(vector_, "nic", [this](host::kernel::Cpu& cpu) { napi_schedule(cpu, *this); }).ok());
    REQUIRE(device.open(core_.kernel().cpu(0)).ok());
  }
  ~SteeringNic() override {
    if (device.is_up()) device.close(core_.kernel().cpu(0));
  }
  host::base::Result<void> open(host::kernel::Cpu&, host::device::NetDevice&) override {
    napi_enable(*this);
    return {};
  }
  void stop(host::kernel::Cpu& cpu, host::device::NetDevice&) override { napi_disable(cpu, *this); }
  host::device::TxResult start_xmit(host::kernel::Cpu&, host::device::NetDevice&, host::skb::Skb& skb,
                                    host::device::XmitMore) override {
    skb.reset();
    return host::device::TxResult::ok;
  }
  int poll(host::kernel::Cpu& cpu, int budget) override {
    int work = 0;
    for (; work < budget && !ring_.empty(); ++work) {
      const Steered next = ring_.front();
      ring_.pop_front();
      receive(cpu, next);
    }
    if (work < budget) static_cast<void>(napi_complete_done(cpu, *this, work));
    return work;
  }
  void arrive(std::uint16_t flow, std::uint32_t number) {
    ring_.push_back({flow, number, 0, 0});
    irqs_.raise(vector_);
  }

 private:
  void receive(host::kernel::Cpu& cpu, const Steered& packet) {
    using namespace host;
    skb::Skb skb = core_.pool().allocate(60);
    REQUIRE(skb);
    const auto bytes = skb->put(60);
    kSteeredMac.store(bytes, 0);
    base::store_be16(bytes, 12, 0x800);
    base::store_u8(bytes, 14, 0x45);
    base::store_u8(bytes, 23, 17);
    base::store_be32(bytes, 26, 0x0a000002);
    base::store_be32(bytes, 30, 0x0a000001);
    base::store_be16(bytes, 34, static_cast<std::uint16_t>(10'000 + packet.flow));
    base::store_be16(bytes, 36, 7);
    base::store_be32(bytes, 42, packet.number);
    skb->rx_queue = 1;
    REQUIRE(eth_type_trans(*skb, device));
    core_.netif_receive_skb(cpu, std::move(skb));
  }
  host::device::NetCore& core_;
  FakeIrqs& irqs_;
  unsigned vector_ = 0;
  std::deque<Steered> ring_;

 public:
  host::device::NetDevice device;
};

struct SteeringWorld {
  SteeringWorld()
      : machine(kSteeringCpus), kernel(machine.machine()), pool(kernel), core(kernel, pool), nic(core, machine.irqs) {
    REQUIRE(core.add_protocol(0x800,
                              [this](host::kernel::Cpu& cpu, host::skb::Skb skb) {
                                const auto bytes = skb->bytes();
                                const auto flow = static_cast<std::uint16_t>(host::base::load_be16(bytes, 20) - 10'000);
                                taken.push_back({flow, host::base::load_be32(bytes, 28), cpu.id(), skb->hash});
                              })
                .ok());
  }
  [[nodiscard]] host::base::Result<void> write(const std::string& file, std::string_view text) {
    return kernel.files().write(kernel.cpu(0), "/sys/class/net/eth0/queues/rx-0/" + file, text);
  }
  void set(const std::string& file, std::string_view text) {
    INFO(file << " = " << text);
    REQUIRE(write(file, text).ok());
  }
  void sysctl(std::string_view name, std::string_view text) { REQUIRE(kernel.sysctl().set_text(name, text).ok()); }
  /// Every CPU until none has anything to do.
  void run() {
    for (bool again = true; again;) {
      for (unsigned id = 0; id < kSteeringCpus; ++id) kernel.run(id);
      again = false;
      for (unsigned id = 0; id < kSteeringCpus; ++id) again = again || machine.irqs.interrupt_pending(id);
    }
  }
  [[nodiscard]] host::kernel::SoftnetStats& softnet(unsigned id) { return kernel.cpu(id).softnet(); }
  /// The CPUs that took packets of `flow`.
  [[nodiscard]] std::set<unsigned> cpus_of(std::uint16_t flow) const {
    std::set<unsigned> cpus;
    for (const Steered& packet : taken) {
      if (packet.flow == flow) cpus.insert(packet.cpu);
    }
    return cpus;
  }
  /// Packets of `flow` in the order in which they were taken.
  [[nodiscard]] std::vector<std::uint32_t> numbers_of(std::uint16_t flow) const {
    std::vector<std::uint32_t> numbers;
    for (const Steered& packet : taken) {
      if (packet.flow == flow) numbers.push_back(packet.number);
    }
    return numbers;
  }

  FakeMachine machine;
  host::kernel::Kernel kernel;
  host::skb::SkbPool pool;
  host::device::NetCore core;
  SteeringNic nic;
  std::vector<Steered> taken;
};

[[nodiscard]] inline std::vector<std::uint32_t> up_to(std::uint32_t count) {
  std::vector<std::uint32_t> numbers;
  for (std::uint32_t i = 0; i < count; ++i) numbers.push_back(i);
  return numbers;
}

}  // namespace host_test
