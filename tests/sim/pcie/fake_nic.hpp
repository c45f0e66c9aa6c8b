// SPDX-License-Identifier: Apache-2.0
// A root complex with memory, and a NIC of plain C++ at the other end of its link.
#pragma once

#include <functional>
#include <systemc>
#include <utility>
#include <vector>

#include "sim/memory/iommu.hpp"
#include "sim/memory/sparse_memory.hpp"
#include "sim/pcie/bus_time.hpp"
#include "sim/pcie/root_complex.hpp"

namespace tests {

inline constexpr std::uint64_t kMemoryBase = 0x1'0000'0000;
inline constexpr std::size_t kMemoryBytes = 1 << 20;

/// Writes down what arrives; a hook may answer.
class FakeNic : public sim::pcie::NicPort {
 public:
  void to_nic(sim::pcie::Tlp tlp, sim::Picoseconds at) override {
    if (host != nullptr) {
      freed += sim::pcie::credits_of(tlp);
      host->nic_credits(freed, at);
    }
    if (hook) hook(tlp, at);
    received.emplace_back(std::move(tlp), at);
  }
  void host_credits(const sim::pcie::Credits& total, sim::Picoseconds at) override { credits.emplace_back(total, at); }

  std::vector<std::pair<sim::pcie::Tlp, sim::Picoseconds>> received;
  std::vector<std::pair<sim::pcie::Credits, sim::Picoseconds>> credits;
  std::function<void(const sim::pcie::Tlp&, sim::Picoseconds)> hook;
  sim::pcie::HostPort* host = nullptr;  // gets its credits back; null: never
  sim::pcie::Credits freed;
};

/// The checker starts with bus master on, 128-byte payloads, 512-byte reads, extended tags.
struct World {
  explicit World(const sim::pcie::RootComplexConfig& config = {})
      : iommu(kMemoryBase, kMemoryBytes), memory("memory", kMemoryBase, kMemoryBytes), root("root", config, iommu) {
    root.memory.bind(memory.socket);
    root.attach(nic);
    root.set_max_payload(128);
    nic.host = &root;
    iommu.open(kMemoryBase, kMemoryBytes, sim::memory::Access::both);
    for (std::size_t i = 0; i < kMemoryBytes; ++i) memory.bytes()[i] = static_cast<std::byte>(i * 7 + i / 256);
    allow_bus_master();
  }

  void allow_bus_master() {
    using namespace sim::pcie;
    Request request;
    request.kind = RequestKind::config_write;
    const auto write = [&](unsigned offset, std::byte low, std::byte high) {
      request.address = offset;
      request.first_be = 3;
      root.checker().tlp(Direction::to_nic, make_request(request, std::vector<std::byte>{low, high, {}, {}}), 0);
      root.checker().tlp(Direction::from_nic, make_completion({}), 0);
    };
    write(4, std::byte{6}, std::byte{0});
    write(0x68, std::byte{0}, std::byte{0x21});
  }

  static sim::pcie::Request request(sim::pcie::RequestKind kind, std::uint64_t address, std::size_t bytes,
                                    std::uint8_t tag = 0) {
    sim::pcie::Request result;
    const auto enables = sim::pcie::byte_enables(address, bytes);
    result.kind = kind;
    result.address = address & ~std::uint64_t{3};
    result.length = enables.length;
    result.first_be = enables.first;
    result.last_be = enables.last;
    result.requester = 0x0100;
    result.tag = tag;
    return result;
  }
  void nic_read(std::uint64_t address, std::size_t bytes, std::uint8_t tag, sim::Picoseconds at) {
    root.from_nic(make_request(request(sim::pcie::RequestKind::memory_read, address, bytes, tag)), at);
  }
  void nic_write(std::uint64_t address, const std::vector<std::byte>& bytes, sim::Picoseconds at) {
    const auto header = request(sim::pcie::RequestKind::memory_write, address, bytes.size());
    std::vector<std::byte> payload(4 * header.length);
    std::copy(bytes.begin(), bytes.end(), payload.begin() + static_cast<std::ptrdiff_t>(address & 3));
    root.from_nic(make_request(header, payload), at);
  }
  static void run(sim::Picoseconds time) { sc_core::sc_start(sim::pcie::sc_ps(time)); }
  [[nodiscard]] std::string complaints() {
    std::string text;
    for (const auto& violation : root.checker().violations()) text += violation.text() + "\n";
    return text;
  }

  sim::memory::Iommu iommu;
  sim::memory::SparseMemory memory;
  sim::pcie::RootComplex root;
  FakeNic nic;
};

/// Runs `body` as a SystemC thread, for blocking calls.
inline void in_thread(std::function<void()> body) {
  sc_core::sc_spawn_options options;
  options.set_stack_size(1 << 20);
  sc_core::sc_spawn(std::move(body), sc_core::sc_gen_unique_name("thread"), &options);
}

}  // namespace tests
