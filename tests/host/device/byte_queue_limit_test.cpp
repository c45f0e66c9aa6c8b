// SPDX-License-Identifier: Apache-2.0
// Byte queue limits: how the limit moves, and what it does to delay and throughput.
#include "host/device/byte_queue_limit.hpp"

#include <deque>

#include "tests/host/device/egress_world.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using device::ByteQueueLimit;

namespace {

constexpr platform::Nanoseconds kMillisecond = 1'000'000;

/// A device on a wire of 1 Gbit/s with a ring of so many packets, which tells of what it sent every 40 us.
class WireDriver final : public device::NetDeviceOps {
 public:
  static constexpr platform::Nanoseconds kPerByte = 8;
  static constexpr platform::Nanoseconds kCompletion = 40'000;

  WireDriver(FakeMachine& machine, kernel::Kernel& kernel, unsigned ring)
      : machine_(machine), ring_(ring), vector_(machine.irqs.allocate_vector(0).value()) {
    REQUIRE(kernel.request_irq(vector_, "wire", [this](kernel::Cpu& cpu) { complete(cpu); }).ok());
  }
  base::Result<void> open(kernel::Cpu&, device::NetDevice& dev) override {
    dev_ = &dev;
    dev.carrier_on();
    return {};
  }
  void stop(kernel::Cpu&, device::NetDevice& dev) override { dev.tx_reset_queue(0); }
  device::TxResult start_xmit(kernel::Cpu&, device::NetDevice& dev, skb::Skb& skb, device::XmitMore more) override {
    const platform::Nanoseconds now = machine_.cpus.now();
    const std::uint32_t bytes = skb->len();
    free_at_ = std::max(free_at_, now) + bytes * kPerByte;
    if (skb->mark == kProbe) probe_sent = free_at_;
    dev.tx_sent_queue(0, bytes, more);
    in_ring_.push_back({free_at_, bytes});
    most_in_ring = std::max(most_in_ring, in_ring_.size());
    if (in_ring_.size() >= ring_) dev.stop_queue();
    if (!interrupt_due_) {
      interrupt_due_ = true;
      machine_.cpus.after(kCompletion, [this] { machine_.irqs.raise(vector_); });
    }
    skb.reset();
    ++sent;
    last_sent = free_at_;
    return device::TxResult::ok;
  }

  static constexpr std::uint32_t kProbe = 999;
  std::size_t most_in_ring = 0;
  unsigned sent = 0;
  platform::Nanoseconds probe_sent = 0;
  platform::Nanoseconds last_sent = 0;

 private:
  struct OnWire {
    platform::Nanoseconds done;
    std::uint32_t bytes;
  };
  void complete(kernel::Cpu& cpu) {
    std::uint64_t bytes = 0;
    while (!in_ring_.empty() && in_ring_.front().done <= cpu.now()) {
      bytes += in_ring_.front().bytes;
      in_ring_.pop_front();
    }
    interrupt_due_ = !in_ring_.empty();
    if (interrupt_due_) machine_.cpus.after(kCompletion, [this] { machine_.irqs.raise(vector_); });
    dev_->tx_completed_queue(cpu, 0, bytes);
    if (in_ring_.size() < ring_) dev_->wake_queue(cpu);
  }

  FakeMachine& machine_;
  std::size_t ring_;
  unsigned vector_;
  device::NetDevice* dev_ = nullptr;
  std::deque<OnWire> in_ring_;
  platform::Nanoseconds free_at_ = 0;
  bool interrupt_due_ = false;
};

struct Flood {
  std::size_t most_in_ring;
  platform::Nanoseconds probe_delay;
  platform::Nanoseconds took;
};

/// 900 full frames at once, and 3 ms later an urgent one.
Flood flood(std::uint32_t limit_min) {
  FakeMachine machine;
  kernel::Kernel kernel(machine.machine());
  skb::SkbPool pool(kernel);
  device::NetCore core(kernel, pool);
  WireDriver driver(machine, kernel, 512);
  device::NetDevice dev("eth0", {{2, 0, 0, 0, 0, 1}}, 1500, driver);
  REQUIRE(core.register_device(dev).ok());
  REQUIRE(dev.open(kernel.cpu(0)).ok());
  const std::string path = "/sys/class/net/eth0/queues/tx-0/byte_queue_limits/limit_min";
  REQUIRE(kernel.files().write(kernel.cpu(0), path, std::to_string(limit_min)).ok());
  const auto send = [&](std::uint32_t mark, std::uint32_t priority, std::uint32_t bytes) {
    skb::Skb skb = pool.allocate(bytes);
    REQUIRE(skb != nullptr);
    static_cast<void>(skb->put(bytes));
    skb->dev = &dev;
    skb->mark = mark;
    skb->priority = priority;
    REQUIRE(core.dev_queue_xmit(kernel.cpu(0), std::move(skb)).ok());
  };
  for (unsigned i = 0; i < 900; ++i) send(0, 0, 1514);
  machine.cpus.at(3 * kMillisecond, [&] { send(WireDriver::kProbe, 6, 60); });
  kernel.run(0);
  CHECK(driver.sent == 901);
  CHECK(dev.byte_queue_limit().in_flight() == 0);
  const Flood result{driver.most_in_ring, driver.probe_sent - 3 * kMillisecond, driver.last_sent};
  dev.close(kernel.cpu(0));
  return result;
}

}  // namespace

TEST_CASE("The limit begins at nothing and grows when the device ran dry with more waiting", "[device][bql]") {
  ByteQueueLimit bql;
  CHECK(bql.available() == 0);
  bql.queued(1000);
  CHECK(bql.available() == -1000);
  bql.completed(0, 1000);
  CHECK(bql.limit == 1000);
  CHECK(bql.available() == 1000);
  bql.queued(800);
  CHECK(bql.available() == 200);
  bql.queued(700);
  CHECK(bql.in_flight() == 1500);
  bql.completed(0, 1500);
  CHECK(bql.limit == 2500);  // by what was sent since
  bql.queued(1000);
  bql.completed(0, 1000);
  CHECK(bql.limit == 2500);  // it ran dry, but nothing had to wait
}

TEST_CASE("The limit shrinks by what was not needed for the hold time", "[device][bql]") {
  ByteQueueLimit bql;
  bql.queued(10'000);
  bql.completed(0, 10'000);
  REQUIRE(bql.limit == 10'000);
  bql.queued(10'000);
  platform::Nanoseconds now = 0;
  // The device never has less than 8000, of which 1000 go at a time: 2000 would do.
  const auto run = [&](unsigned rounds) {
    for (unsigned round = 0; round < rounds; ++round) {
      now += kMillisecond;
      bql.completed(now, 1000);
      bql.queued(1000);
    }
  };
  run(900);
  CHECK(bql.limit == 10'000);
  run(200);
  CHECK(bql.limit == 2'000);
  bql.hold_time = 10 * kMillisecond;
  bql.minimum = 1'500;
  run(2'000);
  CHECK(bql.limit >= 1'500);
}

TEST_CASE("The limit stays between its bounds", "[device][bql]") {
  ByteQueueLimit bql;
  bql.maximum = 3'000;
  for (unsigned i = 0; i < 50; ++i) {
    bql.queued(2'000);
    bql.queued(2'000);
    bql.completed(i, 4'000);
    CHECK(bql.limit <= 3'000);
  }
  CHECK(bql.limit == 3'000);
  bql.reset(0);
  CHECK(bql.in_flight() == 0);
  bql.minimum = 5'000;
  bql.maximum = 9'000;
  bql.queued(10);
  bql.completed(0, 10);
  CHECK(bql.available() == 5'000);
}

TEST_CASE("With byte queue limits an urgent packet passes the flood, and the wire stays busy", "[device][bql]") {
  const Flood without = flood(10'000'000);
  const Flood with = flood(0);
  CHECK(without.most_in_ring == 512);
  CHECK(with.most_in_ring < 64);
  CHECK(without.probe_delay > 3 * kMillisecond);
  CHECK(with.probe_delay < kMillisecond / 2);
  constexpr platform::Nanoseconds kBusy = (900 * 1514 + 60) * WireDriver::kPerByte;
  CHECK(without.took < kBusy * 101 / 100);
  CHECK(with.took < kBusy * 103 / 100);
}

TEST_CASE("Byte queue limits are files of each transmit queue", "[device][bql][files]") {
  EgressWorld world({.tx_queues = 2});
  auto& files = world.kernel.files();
  const std::string path = "/sys/class/net/eth0/queues/tx-1/byte_queue_limits/";
  CHECK(*files.list(path) == std::vector<std::string>{"hold_time", "inflight", "limit", "limit_max", "limit_min"});
  CHECK(*files.read(path + "limit_max") == "1879048192\n");
  CHECK(*files.read(path + "hold_time") == "1000\n");
  CHECK(files.write(world.cpu(), path + "limit_max", "3000").ok());
  CHECK(files.write(world.cpu(), path + "limit_min", "1000").ok());
  CHECK(files.write(world.cpu(), path + "hold_time", "5").ok());
  CHECK(world.dev.byte_queue_limit(1).maximum == 3'000);
  CHECK(world.dev.byte_queue_limit(1).minimum == 1'000);
  CHECK(world.dev.byte_queue_limit(1).hold_time == 5 * kMillisecond);
  CHECK(world.dev.byte_queue_limit(0).maximum == ByteQueueLimit::kLargest);
  CHECK(files.write(world.cpu(), path + "limit_max", "max").ok());
  CHECK(*files.read(path + "limit_max") == "1879048192\n");
  CHECK(files.write(world.cpu(), path + "limit_max", "1879048193").error() == Errno::invalid);
  CHECK(files.write(world.cpu(), path + "limit_max", "-1").error() == Errno::invalid);
  CHECK(files.write(world.cpu(), path + "inflight", "1").error() == Errno::access);
  world.dev.tx_sent_queue(1, 300, device::XmitMore::yes);
  CHECK_FALSE(world.dev.xmit_stopped(1));
  world.dev.tx_sent_queue(1, 400, device::XmitMore::no);
  CHECK(*files.read(path + "inflight") == "700\n");
  CHECK(world.dev.xmit_stopped(1));
  CHECK_FALSE(world.dev.xmit_stopped(0));
}

TEST_CASE("xps_cpus of a queue names the CPUs that send through it", "[device][xps][files]") {
  EgressWorld world({.tx_queues = 3, .cpus = 6});
  auto& files = world.kernel.files();
  const auto path = [](unsigned queue) {
    return "/sys/class/net/eth0/queues/tx-" + std::to_string(queue) + "/xps_cpus";
  };
  CHECK(*files.read(path(0)) == "00\n");
  CHECK(files.write(world.cpu(), path(0), "3").ok());
  CHECK(files.write(world.cpu(), path(1), "c").ok());
  CHECK(files.write(world.cpu(), path(2), "30").ok());
  CHECK(*files.read(path(2)) == "30\n");
  for (unsigned cpu = 0; cpu < 6; ++cpu) REQUIRE(world.send(cpu, {.cpu = cpu}).ok());
  CHECK(world.driver.queues == std::vector<unsigned>{0, 0, 1, 1, 2, 2});
  CHECK(files.write(world.cpu(), path(0), "3f").ok());
  CHECK(files.write(world.cpu(), path(1), "0").ok());
  CHECK(files.write(world.cpu(), path(2), "0").ok());
  world.driver.queues.clear();
  for (unsigned cpu = 0; cpu < 6; ++cpu) REQUIRE(world.send(cpu, {.cpu = cpu}).ok());
  CHECK(world.driver.queues == std::vector<unsigned>(6, 0));
  CHECK(*files.read(path(1)) == "00\n");
  CHECK(files.write(world.cpu(), path(1), "40").error() == Errno::overflow);
  CHECK(files.write(world.cpu(), path(1), "x").error() == Errno::invalid);
  EgressWorld alone;
  CHECK(alone.kernel.files().read(path(0)).error() == Errno::no_entry);
}
