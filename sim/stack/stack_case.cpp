// SPDX-License-Identifier: Apache-2.0
#include "sim/stack/stack_case.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "sim/stack/receive_case.hpp"

extern "C" [[gnu::noinline]] void cosnic_stack_measured(void* kernel) {
  static_cast<host::kernel::Kernel*>(kernel)->run(0);
}

namespace sim::stack {
namespace {

using namespace host;
using headers::Ipv4Address;
using kernel::Process;
using kernel::Task;

constexpr std::int64_t kSendBuffer = 64 << 20;  // bytes: more than a burst, whatever its packets take
constexpr unsigned kWarmUp = 400;
constexpr Nanoseconds kBurstTime = 64'000;  // a million packets a second, as far as timers are concerned
constexpr unsigned kManySockets = 1'000;
constexpr unsigned kRoutes = 10'000;
constexpr unsigned kNatFlows = 1'000;
constexpr std::size_t kLargest = 2'048;
constexpr Ipv4Address kPeer = Ipv4Address::of(10, 0, 0, 2);

/// A connected socket that sends; the ring is emptied while nobody looks.
class Send final : public Case {
 public:
  explicit Send(std::size_t payload) : Case({}), payload_(payload) {
    world.kernel().spawn(0, "sender", [this](Process& self) { return send(self); });
    world.settle();
    world.nic().on_sent = [this](std::span<const std::byte>) { ++sent_; };
  }
  ~Send() override { world.kernel().terminate_processes(); }  // it may sleep on go_
  void offer() override {
    world.nic().transmit();
    wanted_ += kBurst;
    go_.wake_all(world.kernel().cpu(0));
  }
  /// What was sent is on the wire when the next burst is offered.
  std::uint64_t finished() const override { return called_; }
  [[nodiscard]] std::uint64_t on_wire() const { return sent_; }

 private:
  Task<void> send(Process& self) {
    auto& calls = world.host().sockets();
    const int fd = calls.socket(self, socket::SocketKind::udp).value();
    INVARIANT(calls.connect(self, fd, {kPeer, kFirstPort}).ok(), "the bench's peer is unreachable");
    INVARIANT(world.kernel().sysctl().set("net.core.wmem_max", kSendBuffer).ok() &&
                  calls.set_send_buffer(fd, kSendBuffer).ok(),
              "a burst has no room in the socket");
    while (true) {
      while (called_ == wanted_) co_await go_.wait(self);
      const auto done = co_await calls.sendto(self, fd, std::span<const std::byte>(buffer_).first(payload_));
      INVARIANT(done.ok(), "a datagram of the bench cannot be sent");
      ++called_;
    }
  }

  std::size_t payload_;
  kernel::WaitQueue go_;
  std::uint64_t wanted_ = 0;
  std::uint64_t called_ = 0;
  std::uint64_t sent_ = 0;
  std::array<std::byte, kLargest> buffer_{};
};

/// From eth0 to eth1 by 10,000 prefixes, or translated by masquerade.
class Forward final : public Case {
 public:
  explicit Forward(bool translate) : Case({.nics = 2}) {
    world.command("sysctl -w net.ipv4.ip_forward=1");
    for (unsigned i = 0; i < kRoutes; ++i) {
      const Ipv4Address network{Ipv4Address::of(20, 0, 0, 0).value + (i << 8)};
      const auto added = world.host().add_route({network, 24}, Ipv4Address::of(192, 168, 1, 2));
      INVARIANT(added.ok(), "a route of the bench is refused");
    }
    if (translate) {
      world.command("nft add table ip nat");
      world.command("nft 'add chain ip nat out { type nat hook postrouting priority srcnat; }'");
      world.command("nft add rule ip nat out oifname eth1 masquerade");
    }
    const unsigned flows = translate ? kNatFlows : kRoutes;
    for (unsigned i = 0; i < flows; ++i) {
      frames_.push_back(udp_frame({.destination = {Ipv4Address::of(20, 0, 0, 1).value + (i << 8)},
                                   .destination_port = 9,
                                   .source_port = static_cast<std::uint16_t>(kFirstPort + i)}));
    }
    world.nic(1).on_sent = [this](std::span<const std::byte>) { ++sent_; };
  }
  void offer() override {
    world.nic(1).transmit();
    for (unsigned i = 0; i < kBurst; ++i) {
      next_ = (next_ + kStride) % frames_.size();
      INVARIANT(world.nic(0).deliver(frames_[next_]), "the driver left no buffers");
    }
    offered_ += kBurst;
    world.nic(0).signal();
  }
  /// The ring holds the last burst until the next one is offered.
  std::uint64_t finished() const override { return offered_; }
  [[nodiscard]] std::uint64_t on_wire() const { return sent_; }

 private:
  std::vector<Frame> frames_;
  std::size_t next_ = 0;
  std::uint64_t offered_ = 0;
  std::uint64_t sent_ = 0;
};

std::unique_ptr<Case> make(const std::string& name) {
  if (name == "udp64_rx_1_socket") return std::make_unique<Receive>(ReceiveOptions{});
  if (name == "udp64_rx_1000_sockets") return std::make_unique<Receive>(ReceiveOptions{.sockets = kManySockets});
  if (name == "udp1472_rx_sw_csum") return std::make_unique<Receive>(ReceiveOptions{.payload_bytes = 1472});
  if (name == "udp1472_rx_offload")
    return std::make_unique<Receive>(ReceiveOptions{.payload_bytes = 1472, .checksum_offload = true});
  if (name == "udp64_tx") return std::make_unique<Send>(64);
  if (name == "forward_10k_routes") return std::make_unique<Forward>(false);
  INVARIANT(name == "forward_nat", "no such case");
  return std::make_unique<Forward>(true);
}

/// What must have left by the time that all is quiet.
void check_wire(Case& one, std::uint64_t packets) {
  one.world.settle();
  if (const auto* send = dynamic_cast<Send*>(&one)) INVARIANT(send->on_wire() == packets, "sent datagrams got lost");
  if (const auto* on = dynamic_cast<Forward*>(&one)) INVARIANT(on->on_wire() == packets, "forwarded packets got lost");
}

}  // namespace

const std::vector<std::string>& stack_cases() {
  static const std::vector<std::string> cases = {
      "udp64_rx_1_socket", "udp64_rx_1000_sockets", "udp1472_rx_sw_csum", "udp1472_rx_offload",
      "udp64_tx",          "forward_10k_routes",    "forward_nat"};
  return cases;
}

StackResult run_stack_case(const std::string& name, unsigned bursts) {
  using Clock = std::chrono::steady_clock;
  const auto one = make(name);
  kernel::Kernel& kernel = one->world.kernel();
  std::vector<double> times;
  for (unsigned burst = 0; burst < kWarmUp + bursts; ++burst) {
    one->offer();
    const auto begin = Clock::now();
    if (burst < kWarmUp) {
      kernel.run(0);
    } else {
      cosnic_stack_measured(&kernel);
    }
    const std::chrono::duration<double, std::nano> spent = Clock::now() - begin;
    if (burst >= kWarmUp) times.push_back(spent.count() / kBurst);
    INVARIANT(one->finished() == std::uint64_t{burst + 1} * kBurst, "packets of a burst got lost");
    one->world.machine().cpus.pass(kBurstTime);
  }
  check_wire(*one, std::uint64_t{kWarmUp + bursts} * kBurst);
  std::ranges::nth_element(times, times.begin() + times.size() / 2);
  return {std::uint64_t{bursts} * kBurst, times[times.size() / 2]};
}

}  // namespace sim::stack
