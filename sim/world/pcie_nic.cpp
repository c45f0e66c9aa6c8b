// SPDX-License-Identifier: Apache-2.0
#include "sim/world/pcie_nic.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/nic_model/model_engine.hpp"

namespace sim::world {
namespace {

constexpr Picoseconds kLongestNicEnd = 100 * kNanosecond;
constexpr Picoseconds kLinkLatency = 250 * kNanosecond;
constexpr std::uint64_t kBatch = 64;           // core cycles that it runs ahead at most
constexpr std::uint32_t kTimeout = 2'500'000;  // core cycles: 10 ms
constexpr unsigned kFastMac = 25;

Picoseconds byte_time(const WirePlan& wire) {
  return 8'000 / (wire.gbps == kFastMac ? kFastMac : 10);
}

pcie::RootComplexConfig root_config(std::uint64_t seed) {
  pcie::RootComplexConfig config;
  config.link.latency = kLinkLatency;
  config.memory_latency_min = config.memory_latency_max = 200 * kNanosecond;
  config.reorder = false;
  config.seed = seed;
  return config;
}

rtl_bridge::EngineOptions engine_options(const PortPlan& plan, const WirePlan& wire, host::base::MacAddress address,
                                         std::uint64_t seed) {
  rtl_bridge::EngineOptions options;
  options.wide = plan.nic == Nic::rtl128;
  options.clocks.mac_period = 8 * byte_time(wire);
  options.clocks.mac_tx_phase %= options.clocks.mac_period;
  options.mac_address = 0;
  for (std::size_t i = 0; i < address.octets.size(); ++i) {
    options.mac_address |= static_cast<std::uint64_t>(address.octets[i]) << (8 * i);
  }
  options.mtu = static_cast<std::uint16_t>(plan.mtu);
  options.completion_timeout = kTimeout;
  options.lookahead = std::min(kLinkLatency, nic_end_of(wire));
  options.seed = seed;
  options.encoder = {.seed = seed, .byte_time = byte_time(wire)};
  return options;
}

std::unique_ptr<rtl_bridge::NicEngine> make_engine(Nic kind, const rtl_bridge::EngineOptions& options) {
  return kind == Nic::model ? nic_model::make_model_engine(options) : rtl_bridge::make_nic_engine(options);
}

}  // namespace

MemoryPort::MemoryPort(sc_core::sc_module_name name, memory::SparseMemory& memory)
    : sc_module(name), socket("socket"), memory_(memory) {
  socket.register_b_transport(this, &MemoryPort::b_transport);
}

Picoseconds nic_end_of(const WirePlan& wire) {
  return std::min(wire.delay / 2, kLongestNicEnd);
}

PcieNic::PcieNic(const std::string& name, board::Machine& machine, Wire& wire, unsigned end, const PortPlan& plan,
                 host::base::MacAddress address, std::uint64_t seed)
    : name_(name),
      wire_(wire),
      end_(end),
      plan_(plan),
      byte_time_(byte_time(wire.plan())),
      cable_(wire.agenda(), nic_end_of(wire.plan()), byte_time_),
      memory_((name + "_memory_port").c_str(), machine.memory()),
      root_((name + "_root").c_str(), root_config(seed), machine.iommu()),
      options_(engine_options(plan, wire.plan(), address, seed)),
      nic_((name + "_nic").c_str(), make_engine(plan.nic, options_), kBatch) {
  root_.memory.bind(memory_.socket);
  root_.on_message([&machine](std::uint64_t to, std::uint32_t data) { machine.irqs().message_arrived(to, data); });
  nic_.connect(root_, cable_);
  root_.attach(nic_.engine());
  cable_.attach_nic(nic_.engine());
  cable_.attach_peer(*this);
  nic_.engine().encoder().observe([this](const wire::Frame& frame, Picoseconds start, Picoseconds done) {
    cable_.reached_nic(frame, start, done);
  });
  wire.attach(end, *this);
}

PcieNic::~PcieNic() = default;

std::string PcieNic::enumerate() {
  pcie::EnumerationConfig config;
  config.max_payload = root_.config().max_payload;
  function_ = pcie::enumerate(root_, config);
  if (!function_.found) return fmt::format("{}: the NIC was not found on the bus: {}", name_, function_.problem);
  root_.set_max_payload(function_.max_payload);
  pci_.emplace(root_, function_);
  return {};
}

std::string PcieNic::probe(host::kernel::Cpu& cpu, host::device::NetCore& core) {
  host::driver::VirtioNetOptions options;
  options.name = plan_.name;
  options.bus_name = fmt::format("virtio-{}", plan_.name);
  options.rx_ring = options.tx_ring = plan_.ring;
  options.queue_pairs = plan_.queues;
  auto driver = host::driver::VirtioNet::probe(cpu, core, *pci_, options);
  if (!driver) return fmt::format("{}: the driver refused the NIC: {}", name_, errno_name(driver.error()));
  driver_ = std::move(driver).value();
  return {};
}

void PcieNic::frame_arrives(FrameBytes frame, bool intact) {
  cable_.send({std::move(frame), intact ? wire::Fault::none : wire::Fault::bad_fcs});
}

/// What the cable adds behind send(): its own propagation, and the frame byte by byte.
Picoseconds PcieNic::lead(std::size_t bytes) const {
  return static_cast<Picoseconds>(line_bytes(bytes)) * byte_time_;
}

/// The cable gives a frame when its last byte is here.
void PcieNic::arrived(std::vector<std::byte> bytes, wire::FrameSink::Verdict verdict) {
  if (verdict != wire::FrameSink::Verdict::good) return;  // counted by the decoder, and reported
  const Picoseconds begin = wire_.agenda().now() - lead(bytes.size());
  wire_.send(end_, std::move(bytes), begin);
}

}  // namespace sim::world
