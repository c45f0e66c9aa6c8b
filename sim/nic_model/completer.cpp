// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/completer.hpp"

#include <array>

#include "sim/nic_model/little_endian.hpp"
#include "sim/pcie/link.hpp"
#include "sim/pcie/tlp_format.hpp"

namespace sim::nic_model {
namespace {

using namespace contract;

unsigned type_of(const pcie::Tlp& tlp) {
  return tlp.header[0] >> 24;
}

/// Types that exist, are not performed by this function, and want an answer.
bool wants_refusal(unsigned type) {
  switch (type) {
    case TLP_MRDLK32:
    case TLP_MRDLK64:
    case TLP_IORD:
    case TLP_IOWR:
    case TLP_CFGRD1:
    case TLP_CFGWR1:
    case TLP_FETCHADD32:
    case TLP_FETCHADD64:
    case TLP_SWAP32:
    case TLP_SWAP64:
    case TLP_CAS32:
    case TLP_CAS64:
      return true;
    default:
      return false;
  }
}

bool is_configuration(unsigned type) {
  return type == TLP_CFGRD0 || type == TLP_CFGWR0;
}

}  // namespace

void Completer::arrive(const pcie::Tlp& tlp) {
  freed_ += pcie::credits_of(tlp);
  if (const auto completion = parse_completion(tlp)) return dma_.completion(tlp, *completion);
  statistics_.count(STAT_TLP_REQUESTS);
  const auto parsed = pcie::parse_request(tlp);
  if (parsed) request(tlp, *parsed);
}

void Completer::request(const pcie::Tlp& tlp, const pcie::Request& request) {
  const unsigned type = type_of(tlp);
  const std::size_t said = pcie::has_payload(tlp) ? std::size_t{4} * request.length : 0;
  const bool malformed = tlp.payload.size() != said;
  const bool memory_type = type == TLP_MRD32 || type == TLP_MRD64 || type == TLP_MWR32 || type == TLP_MWR64;
  if (malformed || (!memory_type && !is_configuration(type) && !wants_refusal(type))) {
    return statistics_.count(STAT_TLP_IGNORED);
  }
  if (request.poisoned && pcie::has_payload(tlp)) {
    statistics_.count(STAT_TLP_POISONED);
    space_.parity_error();
    if (class_of(tlp) == pcie::TlpClass::nonposted) refuse(request, CPL_UR);
    return;
  }
  if (memory_type) return memory(tlp, request);
  if (is_configuration(type) && request.length == 1 && (request.target & 7) == 0) return configuration(tlp, request);
  unsupported(tlp, request);
}

void Completer::unsupported(const pcie::Tlp& tlp, const pcie::Request& request) {
  statistics_.count(STAT_TLP_UNSUPPORTED);
  space_.unsupported_request();
  const bool locked = type_of(tlp) == TLP_MRDLK32 || type_of(tlp) == TLP_MRDLK64;
  if (class_of(tlp) != pcie::TlpClass::posted) refuse(request, CPL_UR, locked);
}

void Completer::memory(const pcie::Tlp& tlp, const pcie::Request& request) {
  const std::uint64_t bar = space_.bar();
  const bool inside = space_.memory_enabled() && (request.address & ~std::uint64_t{BAR_BYTES - 1}) == bar;
  if (!inside) return unsupported(tlp, request);
  if (request.length != 1) {
    statistics_.count(STAT_TLP_ABORTED);
    if (request.kind == pcie::RequestKind::memory_read) refuse(request, CPL_CA);
    return;
  }
  const auto offset = static_cast<std::uint32_t>(request.address - bar);
  if (request.kind == pcie::RequestKind::memory_read) {
    return answer(request, request.first_be == 0 ? 0 : registers_.bar_read(offset, request.first_be));
  }
  if (request.first_be == 0) return;
  registers_.bar_write(offset, request.first_be, static_cast<std::uint32_t>(read_le(tlp.payload, 0, 4)));
}

void Completer::configuration(const pcie::Tlp& tlp, const pcie::Request& request) {
  const auto offset = static_cast<unsigned>(request.address & 0xFFC);
  if (request.kind == pcie::RequestKind::config_read) {
    return answer(request, request.first_be == 0 ? 0 : config_read(offset));
  }
  dma_.requester_id(request.target);  // 2.2.6.2: captured from every type 0 write
  config_write(offset, request.first_be, static_cast<std::uint32_t>(read_le(tlp.payload, 0, 4)));
  pcie::Completion completion;
  completion.completer = dma_.requester_id();
  completion.requester = request.requester;
  completion.tag = request.tag;
  sender_.send(pcie::make_completion(completion));
}

std::uint32_t Completer::config_read(unsigned offset) {
  if (offset == CAP_VIRTIO_PCI_DATA) {
    if (const auto window = space_.window(); window.valid) {
      const unsigned shift = 8 * static_cast<unsigned>(space_.read(CAP_VIRTIO_PCI + 8) % 4);
      space_.window_data(registers_.bar_read(window.address, window.byte_enables) >> shift);
    }
  }
  return space_.read(offset);
}

void Completer::config_write(unsigned offset, unsigned byte_enables, std::uint32_t data) {
  const bool reset = space_.write(offset, byte_enables, data);
  if (offset == CAP_VIRTIO_PCI_DATA && byte_enables != 0) {
    if (const auto window = space_.window(); window.valid) {
      const unsigned shift = 8 * static_cast<unsigned>(space_.read(CAP_VIRTIO_PCI + 8) % 4);
      registers_.bar_write(window.address, window.byte_enables, space_.read(offset) << shift);
    }
  }
  if (reset) registers_.function_level_reset();
  registers_.config_changed();
}

void Completer::answer(const pcie::Request& request, std::uint32_t data) {
  pcie::Completion completion;
  completion.completer = dma_.requester_id();
  completion.requester = request.requester;
  completion.tag = request.tag;
  completion.length = 1;
  completion.byte_count = pcie::completion_byte_count(request);
  completion.lower_address = pcie::completion_lower_address(request);
  std::array<std::byte, 4> bytes{};
  write_le(bytes, 0, 4, data);
  sender_.send(pcie::make_completion(completion, bytes));
}

void Completer::refuse(const pcie::Request& request, std::uint32_t status, bool locked) {
  pcie::Completion completion;
  completion.completer = dma_.requester_id();
  completion.requester = request.requester;
  completion.tag = request.tag;
  completion.status = static_cast<std::uint8_t>(status);
  completion.byte_count = pcie::completion_byte_count(request);
  completion.lower_address = pcie::completion_lower_address(request);
  pcie::Tlp tlp = pcie::make_completion(completion);
  if (locked) tlp.header[0] = (tlp.header[0] & 0x00FF'FFFF) | (TLP_CPLLK << 24);
  sender_.send(std::move(tlp));
}

}  // namespace sim::nic_model
