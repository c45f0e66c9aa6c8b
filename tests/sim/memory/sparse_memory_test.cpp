// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/sparse_memory.hpp"

#include <tlm_utils/simple_initiator_socket.h>
#include <catch2/catch.hpp>
#include <cstring>

namespace {

struct Initiator : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Initiator> socket;
  explicit Initiator(sc_core::sc_module_name name) : sc_module(name), socket("socket") {}

  tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t address, void* data, unsigned bytes) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(static_cast<unsigned char*>(data));
    payload.set_data_length(bytes);
    payload.set_streaming_width(bytes);
    auto delay = sc_core::SC_ZERO_TIME;
    socket->b_transport(payload, delay);
    return payload.get_response_status();
  }
};

}  // namespace

TEST_CASE("Memory keeps what is written, and costs nothing where nobody writes", "[memory]") {
  constexpr std::uint64_t kBase = 0x10'0000'0000;
  constexpr std::size_t kBytes = std::size_t{4} << 30;
  sim::memory::SparseMemory memory("memory", kBase, kBytes);
  Initiator initiator("initiator");
  initiator.socket.bind(memory.socket);

  std::uint64_t value = 0x0123'4567'89AB'CDEF;
  CHECK(initiator.access(tlm::TLM_WRITE_COMMAND, kBase + kBytes - 8, &value, 8) == tlm::TLM_OK_RESPONSE);
  std::uint64_t back = 0;
  CHECK(initiator.access(tlm::TLM_READ_COMMAND, kBase + kBytes - 8, &back, 8) == tlm::TLM_OK_RESPONSE);
  CHECK(back == value);
  CHECK(std::memcmp(&memory.bytes()[kBytes - 8], &value, 8) == 0);
  CHECK(memory.address_of(&memory.bytes()[kBytes - 8]) == kBase + kBytes - 8);

  CHECK(initiator.access(tlm::TLM_READ_COMMAND, kBase + kBytes - 7, &back, 8) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(initiator.access(tlm::TLM_READ_COMMAND, kBase - 1, &back, 1) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(initiator.access(tlm::TLM_WRITE_COMMAND, UINT64_MAX, &back, 8) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
}
