// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/sparse_memory.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cstring>

#include "sim/pcie/user_error.hpp"

namespace sim::memory {

SparseMemory::SparseMemory(sc_core::sc_module_name name, std::uint64_t base, std::size_t bytes)
    : sc_module(name), socket("socket"), base_(base), bytes_(bytes) {
  void* region = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (region == MAP_FAILED) {
    throw UserError(fmt::format("cannot reserve {} MB of address space for host memory: raise ulimit -v", bytes >> 20));
  }
  data_ = static_cast<std::byte*>(region);
  socket.register_b_transport(this, &SparseMemory::b_transport);
  socket.register_transport_dbg(this, &SparseMemory::transport_dbg);
}

SparseMemory::~SparseMemory() {
  munmap(data_, bytes_);
}

std::byte* SparseMemory::at(std::uint64_t address, std::size_t bytes) {
  if (address < base_ || address - base_ > bytes_ || bytes > bytes_ - (address - base_)) return nullptr;
  return data_ + (address - base_);
}

/// Takes no time by itself: who asks knows how far away the memory is.
void SparseMemory::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  if (payload.get_byte_enable_ptr() != nullptr) return payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  const unsigned length = payload.get_data_length();
  const bool done = transport_dbg(payload) == length;
  payload.set_response_status(done ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

unsigned SparseMemory::transport_dbg(tlm::tlm_generic_payload& payload) {
  const unsigned length = payload.get_data_length();
  std::byte* bytes = at(payload.get_address(), length);
  if (bytes == nullptr) return 0;
  if (payload.is_read()) std::memcpy(payload.get_data_ptr(), bytes, length);
  if (payload.is_write()) std::memcpy(bytes, payload.get_data_ptr(), length);
  return length;
}

}  // namespace sim::memory
