// SPDX-License-Identifier: Apache-2.0
// Several whole hosts in one process under one clock, and the cables between them.
#include "tests/host/apps/test_world.hpp"

#include <stdexcept>

namespace host_test {

using namespace host;

Nanoseconds TurnCpus::charge(unsigned cpu, Nanoseconds cost, bool interruptible) {
  if (interruptible && irqs_.interrupt_pending(cpu)) {
    return cost;
  }
  clock_ += cost;
  return 0;
}

bool TurnCpus::idle(unsigned cpu, std::optional<Nanoseconds> deadline) {
  deadlines_[cpu] = deadline;
  return irqs_.interrupt_pending(cpu) || irqs_.take_ipi(cpu) || (deadline && *deadline <= clock_);
}

bool TurnCpus::pending() {
  bool any = false;
  for (unsigned cpu = 0; cpu < cpu_count(); ++cpu) {
    any = irqs_.interrupt_pending(cpu) || irqs_.take_ipi(cpu) || any;
  }
  return any;
}

std::optional<Nanoseconds> TurnCpus::next_deadline() const {
  std::optional<Nanoseconds> earliest;
  for (const auto& deadline : deadlines_) {
    if (deadline && (!earliest || *deadline < *earliest)) {
      earliest = deadline;
    }
  }
  return earliest;
}

CableNic::CableNic(apps::Host& host, FakeIrqs& irqs, base::MacAddress address, std::uint32_t mtu,
                   const std::string& name)
    : device::GroNapi(name, host.net()),
      host_(host),
      irqs_(irqs),
      vector_(irqs.allocate_vector(0).value()),
      device_(name, address, mtu, *this) {
  set_deferral(&device_.napi_deferral());
  const auto requested = host_.kernel().request_irq(vector_, name, [this](kernel::Cpu& cpu) {
    if (device_.queue_stopped() && in_ring_ < ring) {
      device_.wake_queue(cpu);
    }
    napi_schedule(cpu, *this);
  });
  const auto registered = host_.net().register_device(device_);
  const auto opened = device_.open(host_.kernel().cpu(0));
  INVARIANT(requested.ok() && registered.ok() && opened.ok(), "a test NIC does not come up");
}

CableNic::~CableNic() {
  if (device_.is_up()) {
    device_.close(host_.kernel().cpu(0));
  }
  host_.forget_device(device_);
  host_.net().unregister_device(device_);
  host_.kernel().free_irq(vector_);
}

void CableNic::plug(CableNic& peer) {
  peer_ = &peer;
  peer.peer_ = this;
}

void CableNic::deliver(Frame frame) {
  ++delivered;
  arrived_.push_back(std::move(frame));
  irqs_.raise(vector_);
}

void CableNic::drain(std::size_t frames) {
  in_ring_ -= std::min(frames, in_ring_);
  irqs_.raise(vector_);
}

base::Result<void> CableNic::open(kernel::Cpu&, device::NetDevice& dev) {
  napi_enable(*this);
  dev.carrier_on();
  return {};
}

void CableNic::stop(kernel::Cpu& cpu, device::NetDevice& dev) {
  napi_disable(cpu, *this);
  dev.carrier_off();
}

device::TxResult CableNic::start_xmit(kernel::Cpu&, device::NetDevice& dev, skb::Skb& skb, device::XmitMore) {
  if (in_ring_ >= ring) {
    dev.stop_queue();
    return device::TxResult::busy;
  }
  Frame frame(std::max<std::size_t>(skb->len(), 60));  // padded as the MAC does
  INVARIANT(skb->copy_bits(0, std::span(frame).first(skb->len())), "an skb is shorter than it says");
  ++dev.stats().tx_packets;
  dev.stats().tx_bytes += skb->len();
  skb.reset();
  if (on_wire && !on_wire(frame)) {
    return device::TxResult::ok;
  }
  if (peer_ != nullptr) {
    peer_->deliver(std::move(frame));
  } else {
    sent_.push_back(std::move(frame));
    if (ring != SIZE_MAX) {
      ++in_ring_;
    }
  }
  return device::TxResult::ok;
}

int CableNic::poll(kernel::Cpu& cpu, int budget) {
  int done = 0;
  for (; done < budget && !arrived_.empty(); ++done) {
    const Frame frame = std::move(arrived_.front());
    arrived_.pop_front();
    receive(cpu, frame);
  }
  if (done < budget) {
    static_cast<void>(napi_complete_done(cpu, *this, done));
  }
  return done;
}

void CableNic::receive(kernel::Cpu& cpu, const Frame& frame) {
  skb::Skb packet = host_.pool().allocate(static_cast<std::uint32_t>(frame.size()));
  if (packet == nullptr) {
    cpu.count_drop(base::DropReason::rx_no_memory, 0);
    ++device_.stats().rx_dropped;
    return;
  }
  const auto out = packet->put(static_cast<std::uint32_t>(frame.size()));
  std::copy(frame.begin(), frame.end(), out.begin());
  ++device_.stats().rx_packets;
  device_.stats().rx_bytes += frame.size();
  if (!eth_type_trans(*packet, device_)) {
    drop(cpu, std::move(packet), base::DropReason::short_ethernet);
    return;
  }
  gro_receive(cpu, std::move(packet));
}

Station::Station(Nanoseconds& clock, unsigned number, unsigned cpus_wanted, std::uint32_t mtu,
                 apps::HostOptions options)
    : irqs(cpus_wanted),
      cpus(clock, irqs, cpus_wanted),
      host({cpus, dma, irqs}, options),
      nic(host, irqs, mac_of(number), mtu) {
  const auto added = host.add_address(nic.device(), {address_of(number), 24});
  INVARIANT(added.ok(), "a test station's address is refused");
}

Station::~Station() {
  host.kernel().terminate_processes();
}

std::uint64_t Station::counter(const std::string& name) {
  return host.counters().at(name);
}

kernel::Process& Station::start(std::string name, kernel::Process::Main main) {
  return host.kernel().spawn(host.kernel().cpu_count() - 1, std::move(name), std::move(main));
}

World::World(Options options) {
  for (unsigned number = 1; number <= options.stations; ++number) {
    stations_.push_back(std::make_unique<Station>(clock_, number, options.cpus, options.mtu, options.host));
  }
  if (options.stations == 2) {
    stations_[0]->nic.plug(stations_[1]->nic);
  }
}

void World::run_all_until_idle() {
  bool again = true;
  while (again) {
    again = false;
    for (const auto& station : stations_) {
      for (unsigned cpu = 0; cpu < station->host.kernel().cpu_count(); ++cpu) {
        station->host.kernel().run(cpu);
      }
    }
    for (const auto& station : stations_) {
      again = again || station->cpus.pending();
    }
  }
}

void World::run_for(Nanoseconds duration) {
  const Nanoseconds end = clock_ + duration;
  while (true) {
    run_all_until_idle();
    std::optional<Nanoseconds> next;
    for (const auto& station : stations_) {
      const auto deadline = station->cpus.next_deadline();
      if (deadline && (!next || *deadline < *next)) {
        next = deadline;
      }
    }
    if (!next || *next > end) {
      break;
    }
    clock_ = std::max(clock_, *next);
  }
  clock_ = std::max(clock_, end);
}

void World::run_in(unsigned station, Nanoseconds duration, const kernel::Process::Main& main) {
  bool finished = false;
  static_cast<void>((*this)[station].start("test", [&](kernel::Process& self) -> kernel::Task<void> {
    co_await main(self);
    finished = true;
  }));
  run_for(duration);
  if (!finished) throw std::logic_error("the process did not end in its time");
}

void World::run(const CallingMain& main) {
  run_in(1, 10 * kSecond, [&](kernel::Process& self) { return main(self, (*this)[1].host.sockets()); });
}

headers::Ipv4Address address_of(unsigned number) {
  return headers::Ipv4Address::of(10, 0, 0, number);
}

base::MacAddress mac_of(unsigned number) {
  return {{2, 0, 0, 0, 0, static_cast<std::uint8_t>(number)}};
}

}  // namespace host_test
