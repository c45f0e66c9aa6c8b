// SPDX-License-Identifier: Apache-2.0
// What CPUs ask of the NIC: configuration accesses and MMIO.
#include <algorithm>
#include <array>

#include "rtl/contract/pci_contract.hpp"
#include "sim/pcie/bus_time.hpp"
#include "sim/pcie/root_complex.hpp"

namespace sim::pcie {
namespace {

constexpr std::uint32_t kAllOnes = 0xFFFF'FFFF;

std::uint32_t mask_of(unsigned width) {
  return width >= 4 ? kAllOnes : (1U << (8 * width)) - 1U;
}

std::array<std::byte, 4> bytes_of(std::uint32_t value) {
  std::array<std::byte, 4> bytes{};
  for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<std::byte>((value >> (8 * i)) & 0xFF);
  return bytes;
}

void place(Request& request, std::uint64_t address, unsigned width) {
  const ByteEnables enables = byte_enables(address, width);
  request.address = address & ~std::uint64_t{3};
  request.length = enables.length;
  request.first_be = enables.first;
  request.last_be = enables.last;
}

}  // namespace

std::uint32_t RootComplex::config_read(std::uint16_t bdf, unsigned offset, unsigned width) {
  ++counters_.host_reads;
  Request request;
  request.kind = RequestKind::config_read;
  request.target = bdf;
  return host_access(request, offset, width, 0);
}

void RootComplex::config_write(std::uint16_t bdf, unsigned offset, unsigned width, std::uint32_t value) {
  ++counters_.host_writes;
  Request request;
  request.kind = RequestKind::config_write;
  request.target = bdf;
  static_cast<void>(host_access(request, offset, width, value));
}

std::uint32_t RootComplex::mmio_read(std::uint64_t address, unsigned width) {
  ++counters_.host_reads;
  return host_access({}, address, width, 0);
}

void RootComplex::mmio_write(std::uint64_t address, unsigned width, std::uint32_t value) {
  ++counters_.host_writes;
  Request request;
  request.kind = RequestKind::memory_write;
  place(request, address, width);
  enqueue(posted_, make_request(request, bytes_of(value << (8 * (address & 3)))));
}

/// A tag that is free, waiting for one if need be; null when every tag is lost to a NIC that never answered.
RootComplex::HostRequest* RootComplex::take_tag(std::uint8_t& tag) {
  for (;;) {
    const auto free = std::find_if(tags_.begin(), tags_.end(), [](const auto& t) { return !t->busy; });
    if (free != tags_.end()) {
      tag = static_cast<std::uint8_t>(free - tags_.begin());
      return free->get();
    }
    if (std::none_of(tags_.begin(), tags_.end(), [](const auto& t) { return t->waited_for; })) return nullptr;
    sc_core::wait(tag_freed_);
  }
}

std::uint32_t RootComplex::host_access(Request request, std::uint64_t address, unsigned width, std::uint32_t value) {
  HostRequest* host = take_tag(request.tag);
  if (host == nullptr) {
    ++counters_.host_timeouts;
    return mask_of(width);
  }
  place(request, address, width);
  host->busy = true;
  host->waited_for = true;
  host->good = false;
  host->request = request;
  const unsigned shift = 8 * static_cast<unsigned>(address & 3);
  enqueue(nonposted_, make_request(request, bytes_of(value << shift)));
  sc_core::wait(sc_ps(config_.host_timeout), host->done);

  const bool answered = !host->waited_for;
  host->waited_for = false;
  if (!answered) {
    ++counters_.host_timeouts;  // the tag stays busy until the completion comes after all
    return mask_of(width);
  }
  host->busy = false;
  tag_freed_.notify(sc_core::SC_ZERO_TIME);
  if (!host->good) {
    ++counters_.host_errors;
    return mask_of(width);
  }
  return (host->data >> shift) & mask_of(width);
}

void RootComplex::take_completion(const Tlp& tlp, const Completion& completion) {
  if (completion.tag >= tags_.size() || !tags_[completion.tag]->busy) {
    ++counters_.late_completions;
    return;
  }
  HostRequest& host = *tags_[completion.tag];
  if (!host.waited_for) {
    ++counters_.late_completions;
    host.busy = false;
    return;
  }
  host.waited_for = false;
  host.good = completion.status == contract::CPL_SC && !completion.poisoned;
  host.data = 0;
  for (std::size_t i = 0; i < 4 && i < tlp.payload.size(); ++i) {
    host.data |= std::to_integer<std::uint32_t>(tlp.payload[i]) << (8 * i);
  }
  host.done.notify(sc_ps(until_whole_nanosecond(now_ps())));
}

}  // namespace sim::pcie
