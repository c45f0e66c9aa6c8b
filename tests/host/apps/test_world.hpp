// SPDX-License-Identifier: Apache-2.0
// Several whole hosts in one process under one clock, and the cables between them.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "host/apps/host.hpp"
#include "host/device/gro.hpp"
#include "tests/host/fake_machine.hpp"

namespace host_test {

using Frame = std::vector<std::byte>;

/// CPUs that give control back when they are idle, so that the hosts take turns without threads.
class TurnCpus final : public host::platform::CpuPlatform {
 public:
  TurnCpus(Nanoseconds& clock, FakeIrqs& irqs, unsigned cpus) : clock_(clock), irqs_(irqs), deadlines_(cpus) {}

  unsigned cpu_count() const override { return static_cast<unsigned>(deadlines_.size()); }
  Nanoseconds now() const override { return clock_; }
  Nanoseconds charge(unsigned cpu, Nanoseconds cost, bool interruptible) override;
  bool idle(unsigned cpu, std::optional<Nanoseconds> deadline) override;

  /// Something waits for one of its CPUs; IPIs are taken by asking, for the next turn looks at every run queue.
  [[nodiscard]] bool pending();
  /// When the earliest of its CPUs wants to be woken.
  [[nodiscard]] std::optional<Nanoseconds> next_deadline() const;

 private:
  Nanoseconds& clock_;
  FakeIrqs& irqs_;
  std::vector<std::optional<Nanoseconds>> deadlines_;
};

/// One end of a cable: a NIC with an interrupt, NAPI, and a transmit ring of bounded length. Without a peer, what it
/// sends is kept for the test to look at.
class CableNic final : private host::device::NetDeviceOps, private host::device::GroNapi {
 public:
  CableNic(host::apps::Host& host, FakeIrqs& irqs, host::base::MacAddress address, std::uint32_t mtu,
           const std::string& name = "eth0");
  ~CableNic() override;

  [[nodiscard]] host::device::NetDevice& device() { return device_; }
  void plug(CableNic& peer);
  /// A frame arrives.
  void deliver(Frame frame);
  /// What was sent without a peer; the caller takes it.
  [[nodiscard]] std::vector<Frame> take_sent() { return std::exchange(sent_, {}); }

  /// Frames in the ring that nobody has taken make it full; with no limit it never is.
  std::size_t ring = SIZE_MAX;
  /// With a full ring and no peer: the wire takes this many frames.
  void drain(std::size_t frames);
  /// Sees each frame on its way out and may change it; false loses it.
  std::function<bool(Frame&)> on_wire;
  std::uint64_t delivered = 0;

 private:
  host::base::Result<void> open(host::kernel::Cpu& cpu, host::device::NetDevice& dev) override;
  void stop(host::kernel::Cpu& cpu, host::device::NetDevice& dev) override;
  host::device::TxResult start_xmit(host::kernel::Cpu& cpu, host::device::NetDevice& dev, host::skb::Skb& skb,
                                    host::device::XmitMore more) override;
  int poll(host::kernel::Cpu& cpu, int budget) override;
  void receive(host::kernel::Cpu& cpu, const Frame& frame);

  host::apps::Host& host_;
  FakeIrqs& irqs_;
  unsigned vector_;
  host::device::NetDevice device_;
  CableNic* peer_ = nullptr;
  std::deque<Frame> arrived_;
  std::vector<Frame> sent_;
  std::size_t in_ring_ = 0;
};

/// A host with one NIC, `eth0`.
struct Station {
  Station(Nanoseconds& clock, unsigned number, unsigned cpus_wanted, std::uint32_t mtu,
          host::apps::HostOptions options);
  ~Station();

  [[nodiscard]] std::uint64_t counter(const std::string& name);
  [[nodiscard]] host::kernel::Process& start(std::string name, host::kernel::Process::Main main);

  FakeIrqs irqs;
  FakeDma dma;
  TurnCpus cpus;
  host::apps::Host host;
  CableNic nic;
};

/// Station n has MAC 02:00:00:00:00:n and address 10.0.0.n/24, from 1 on.
class World {
 public:
  struct Options {
    unsigned stations = 2;
    unsigned cpus = 1;
    std::uint32_t mtu = 1500;
    host::apps::HostOptions host = {};
  };
  World() : World(Options{}) {}
  explicit World(Options options);

  [[nodiscard]] Station& operator[](unsigned number) { return *stations_.at(number - 1); }
  /// Runs until nothing is left to do before `duration` has passed.
  void run_for(Nanoseconds duration);
  /// Runs `main` as a process of a station for `duration`; std::logic_error if it does not end.
  void run_in(unsigned station, Nanoseconds duration, const host::kernel::Process::Main& main);
  using CallingMain = std::function<host::kernel::Task<void>(host::kernel::Process&, host::socket::SocketCalls&)>;
  /// The same in station 1 for ten seconds, with its socket calls.
  void run(const CallingMain& main);
  [[nodiscard]] Nanoseconds now() const { return clock_; }

 private:
  void run_all_until_idle();

  Nanoseconds clock_ = 0;
  std::vector<std::unique_ptr<Station>> stations_;
};

[[nodiscard]] host::headers::Ipv4Address address_of(unsigned number);
[[nodiscard]] host::base::MacAddress mac_of(unsigned number);

inline constexpr Nanoseconds kMicrosecond = 1'000;
inline constexpr Nanoseconds kMillisecond = 1'000'000;
inline constexpr Nanoseconds kSecond = 1'000'000'000;

}  // namespace host_test
