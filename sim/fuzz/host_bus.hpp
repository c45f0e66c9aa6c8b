// SPDX-License-Identifier: Apache-2.0
// The host's end of the link for a raw driver: memory behind seeded latencies, CPU accesses, MSI messages.
// Plain C++: two NICs can be driven in one process, one after the other.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/fuzz/host_memory.hpp"
#include "sim/fuzz/plan.hpp"
#include "sim/pcie/adversary.hpp"
#include "sim/pcie/ports.hpp"
#include "sim/pcie/seeded_random.hpp"
#include "sim/pcie/tlp_checker.hpp"
#include "sim/pcie/tlp_format.hpp"
#include "sim/rtl_bridge/nic_engine.hpp"
#include "sim/wire/agenda.hpp"

namespace sim::fuzz {

class HostBus final : public pcie::HostPort {
 public:
  HostBus(const Machine& machine, HostMemory& memory);

  void attach(rtl_bridge::NicEngine& nic);
  [[nodiscard]] Picoseconds now() const { return now_; }
  /// Lets the NIC and the host live until `time`.
  void run_until(Picoseconds time);
  /// Until nothing has moved for a while, or for very long. False in the latter case. As long as `waits` says that
  /// something has to come, the while is a long one.
  [[nodiscard]] bool settle(const std::function<bool()>& waits);
  void at(Picoseconds when, wire::Agenda::Action action) { agenda_.add(when, wire::Rank::peer, std::move(action)); }
  /// Something moved that the bus does not see.
  void activity() { last_activity_ = now_; }

  /// From now on completions to the NIC suffer this; an idle configuration ends it.
  void misbehave(const pcie::AdversaryConfig& config);
  /// Until the end of a famine of credits.
  void outlast() { run_until(last_told_); }
  /// Of the NIC into memory, each within what was granted.
  [[nodiscard]] std::uint64_t writes() const { return writes_; }

  // CPU accesses; reads and configuration writes wait for the answer.
  [[nodiscard]] std::uint32_t config_read(unsigned offset);
  void config_write(unsigned offset, std::uint32_t value, std::uint8_t byte_enables = 0xF);
  [[nodiscard]] std::uint32_t mmio_read(std::uint64_t address, unsigned width);
  void mmio_write(std::uint64_t address, unsigned width, std::uint32_t value);

  void on_message(std::function<void(std::uint32_t data)> handler) { message_ = std::move(handler); }
  /// Called after each write of the device, before anything else happens.
  void on_write(std::function<void()> handler) { written_ = std::move(handler); }
  /// What must never be: broken rules of PCIe, accesses that no grant allows, no answer.
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  void violation(std::string text);
  /// From now on the NIC may write nothing but completions: it said that it was reset.
  void expect_silence(bool silent) { silent_ = silent; }

  void from_nic(pcie::Tlp tlp, Picoseconds at) override;
  void nic_credits(const pcie::Credits&, Picoseconds) override {}

 private:
  void arrive(const pcie::Tlp& tlp);
  void tell_credits(Picoseconds when);
  void write(const pcie::Tlp& tlp, const pcie::Request& request);
  void read(const pcie::Request& request);
  void complete(const pcie::Request& request, std::uint64_t address, std::size_t left);
  void refuse(const pcie::Request& request);
  [[nodiscard]] pcie::FilterVerdict strike(pcie::Tlp& tlp, bool structure);
  [[nodiscard]] std::size_t chunk(std::uint64_t address, std::size_t left);
  /// `structure`: of a ring or a table, where a false byte could name memory that nobody granted.
  void send(pcie::Tlp tlp, bool structure = false);
  [[nodiscard]] std::uint32_t ask(pcie::Request request, std::uint32_t value);

  Machine machine_;
  HostMemory& memory_;
  rtl_bridge::NicEngine* nic_ = nullptr;
  pcie::SeededRandom random_;
  pcie::TlpChecker checker_;
  wire::ActionQueue agenda_;
  Picoseconds now_ = 0;
  Picoseconds last_activity_ = 0;
  Picoseconds last_read_ = 0;
  pcie::Credits credits_;
  Picoseconds last_told_ = 0;
  std::optional<pcie::Adversary> adversary_;
  std::array<bool, 256> maybe_open_{};  // tags that the NIC may be waiting for
  std::uint64_t writes_ = 0;
  bool silent_ = false;
  std::function<void(std::uint32_t)> message_;
  std::function<void()> written_;
  std::optional<std::uint32_t> answer_;  // to the CPU's request under way
  std::uint8_t tag_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace sim::fuzz
