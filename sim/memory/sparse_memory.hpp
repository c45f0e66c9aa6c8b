// SPDX-License-Identifier: Apache-2.0
// Host memory: one reserved region of which only the pages that are touched exist, as a TLM-2.0 target.
#pragma once

#include <tlm_utils/simple_target_socket.h>
#include <cstddef>
#include <cstdint>
#include <span>
#include <systemc>
#include <tlm>

namespace sim::memory {

class SparseMemory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket_optional<SparseMemory> socket;

  /// `base`: the bus address of the first byte.
  SparseMemory(sc_core::sc_module_name name, std::uint64_t base, std::size_t bytes);
  ~SparseMemory() override;
  SparseMemory(const SparseMemory&) = delete;
  SparseMemory& operator=(const SparseMemory&) = delete;

  [[nodiscard]] std::uint64_t base() const { return base_; }
  [[nodiscard]] std::span<std::byte> bytes() { return {data_, bytes_}; }
  /// Bus address of a byte of bytes().
  [[nodiscard]] std::uint64_t address_of(const std::byte* byte) const {
    return base_ + static_cast<std::uint64_t>(byte - data_);
  }
  /// What arrives at the socket; for a second bus of the same machine.
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

 private:
  unsigned transport_dbg(tlm::tlm_generic_payload& payload);
  [[nodiscard]] std::byte* at(std::uint64_t address, std::size_t bytes);

  std::uint64_t base_;
  std::size_t bytes_;
  std::byte* data_;
};

}  // namespace sim::memory
