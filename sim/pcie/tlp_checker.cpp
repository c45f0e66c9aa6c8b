// SPDX-License-Identifier: Apache-2.0
#include "sim/pcie/tlp_checker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "rtl/contract/pci_contract.hpp"
#include "sim/pcie/link.hpp"

namespace sim::pcie {
namespace {

constexpr std::size_t kKept = 100;
constexpr unsigned kPage = 4096;

std::size_t index(Direction direction) {
  return direction == Direction::to_nic ? 0 : 1;
}

bool is_read(RequestKind kind) {
  return kind == RequestKind::memory_read || kind == RequestKind::config_read || kind == RequestKind::io_read;
}

bool is_memory(RequestKind kind) {
  return kind == RequestKind::memory_read || kind == RequestKind::memory_write;
}

/// One run of ones: no gap between enabled bytes.
bool contiguous(unsigned be) {
  return be == 0 || std::has_single_bit((be >> std::countr_zero(be)) + 1U);
}

}  // namespace

std::string TlpChecker::Violation::text() const {
  return fmt::format("{:.3f} ns, {} NIC: {}: {}", static_cast<double>(at) / 1000.0,
                     direction == Direction::to_nic ? "to" : "from", rule, tlp);
}

void TlpChecker::violate(const std::string& rule) {
  ++count_;
  Violation violation{at_, direction_, rule, describe(*tlp_)};
  if (handler_) handler_(violation);
  if (violations_.size() < kKept) violations_.push_back(std::move(violation));
}

void TlpChecker::tlp(Direction direction, const Tlp& tlp, Picoseconds at) {
  at_ = at;
  direction_ = direction;
  tlp_ = &tlp;
  ++checked_;
  check_format(tlp);
  check_credits(direction, tlp);
  if (const auto completion = parse_completion(tlp)) {
    check_completion(direction, tlp, *completion);
  } else {
    check_request(direction, tlp, *parse_request(tlp));
  }
}

void TlpChecker::forgive(const Tlp& tlp) {
  flows_[0].consumed += credits_of(tlp);
  const auto request = parse_request(tlp);
  if (!request || class_of(tlp) != TlpClass::nonposted) return;
  outstanding_[0][request->tag] = {true, true, *request, completion_byte_count(*request), false};
}

unsigned TlpChecker::outstanding_reads() const {
  const auto& reads = outstanding_[index(Direction::from_nic)];
  return static_cast<unsigned>(std::count_if(reads.begin(), reads.end(), [](const Outstanding& o) { return o.busy; }));
}

// ------------------------------------------------------------------------------------ every TLP

void TlpChecker::check_format(const Tlp& tlp) {
  const std::size_t said = has_payload(tlp) ? std::size_t{4} * length_dw(tlp) : 0;
  if (tlp.payload.size() != said) {
    violate(fmt::format("the header says {} bytes of payload, there are {}", said, tlp.payload.size()));
  }
  if (header_dw(tlp) == 3 && tlp.header[3] != 0) violate("DW3 of a 3-DW header is not zero");
  constexpr std::uint32_t kReserved = (1U << 31) | (1U << 23) | (1U << 19) | (1U << 17);
  if ((tlp.header[0] & kReserved) != 0) violate("a reserved bit of DW0 is set (or a TLP prefix)");
  if ((tlp.header[0] & (1U << 15)) != 0) violate("a digest is announced, but there is none");
  if (has_payload(tlp) && tlp.payload.size() > max_payload_.most()) {
    violate(fmt::format("payload above the maximum of {} bytes", max_payload_.most()));
  }
}

void TlpChecker::credit_limit(Direction direction, const Credits& limit, Picoseconds at) {
  Flow& flow = flows_[index(direction)];
  flow.limited = true;
  flow.limits.emplace_back(at, limit);
}

void TlpChecker::check_credits(Direction direction, const Tlp& tlp) {
  Flow& flow = flows_[index(direction)];
  while (!flow.limits.empty() && flow.limits.front().first <= at_) {
    flow.limit = flow.limits.front().second;
    flow.limits.pop_front();
  }
  const Credits need = credits_of(tlp);
  if (flow.limited && !credits_allow(flow.consumed, need, flow.limit)) {
    violate(fmt::format("more than the receiver allowed: {} posted headers ({} units) of {} ({}), {} non-posted of {}",
                        flow.consumed.posted_headers + need.posted_headers,
                        flow.consumed.posted_data + need.posted_data, flow.limit.posted_headers, flow.limit.posted_data,
                        flow.consumed.nonposted_headers + need.nonposted_headers, flow.limit.nonposted_headers));
  }
  flow.consumed += need;
}

// ------------------------------------------------------------------------------------- requests

void TlpChecker::check_request(Direction direction, const Tlp& tlp, const Request& request) {
  if (request.kind == RequestKind::message) {
    if (direction == Direction::from_nic) check_message(tlp);
    return;
  }
  if (request.kind == RequestKind::other) return violate("no such type of TLP");
  check_byte_enables(request);
  if (is_memory(request.kind)) {
    check_memory(request);
  } else if (request.length != 1) {
    violate("configuration and I/O requests have one DW");
  }
  if (direction == Direction::from_nic) check_from_nic(request);
  if (class_of(tlp) == TlpClass::nonposted) remember(direction, request);
}

/// The only messages of this NIC are those of INTA, and each of them changes the level.
void TlpChecker::check_message(const Tlp& tlp) {
  const unsigned code = message_code(tlp);
  if (tlp.header[0] >> 24 != contract::TLP_MSG_LOCAL) return violate("not a local message without data (2.2.8.1)");
  if (code != contract::MSG_ASSERT_INTA && code != contract::MSG_DEASSERT_INTA) {
    return violate("a NIC has no business with such a message");
  }
  if ((tlp.header[0] & 0x00FF'FFFF) != 0 || tlp.header[2] != 0 || tlp.header[3] != 0) {
    violate("a reserved field of an INTx message is not zero, or its traffic class (2.2.8.1)");
  }
  const bool asserted = code == contract::MSG_ASSERT_INTA;
  if (asserted == intx_asserted_) violate("an INTx message that changes nothing");
  intx_asserted_ = asserted;
}

void TlpChecker::check_byte_enables(const Request& request) {
  if (request.length == 1) {
    if (request.last_be != 0) violate("last BE of a single DW is not zero (2.2.5)");
    return;
  }
  if (request.first_be == 0 || request.last_be == 0) return violate("a request of several DW has an empty BE (2.2.5)");
  const bool quad = request.length == 2 && request.address % 8 == 0;
  if (quad) return;  // may have holes
  if (!contiguous(request.first_be) || !contiguous(request.last_be) || (request.first_be & 8) == 0 ||
      (request.last_be & 1) == 0) {
    violate("byte enables of a request of several DW have a hole (2.2.5)");
  }
}

void TlpChecker::check_memory(const Request& request) {
  const bool high = (request.address >> 32) != 0;
  if (request.four_dw && !high) violate("an address below 4 GB in a 4-DW header (2.2.4.1)");
  if (request.address % kPage + std::uint64_t{4} * request.length > kPage) {
    violate("the request crosses a 4 KB boundary (2.2.7)");
  }
  if (request.kind == RequestKind::memory_read && 4 * request.length > max_read_.most()) {
    violate(fmt::format("a read above the maximum request of {} bytes", max_read_.most()));
  }
}

void TlpChecker::check_from_nic(const Request& request) {
  if (!is_memory(request.kind)) return violate("a NIC has no business with such a request");
  if (bus_master_.most() == 0) violate("a request while bus master is off");
  if (request.kind == RequestKind::memory_read && extended_tags_.most() == 0 && request.tag > 31) {
    violate("a tag above 31 while extended tags are off");
  }
}

void TlpChecker::remember(Direction direction, const Request& request) {
  Outstanding& entry = outstanding_[index(direction)][request.tag];
  if (entry.busy) violate(fmt::format("tag {} is already outstanding", request.tag));
  entry = {true, false, request, completion_byte_count(request), false};
  if (direction == Direction::to_nic && request.kind == RequestKind::config_write) learn(*tlp_, request, entry);
}

// ---------------------------------------------------------------------------------- completions

void TlpChecker::check_completion(Direction direction, const Tlp& tlp, const Completion& completion) {
  const Direction asker = direction == Direction::to_nic ? Direction::from_nic : Direction::to_nic;
  Outstanding& entry = outstanding_[index(asker)][completion.tag];
  if (!entry.busy) return violate("a completion that nobody asked for");
  if (completion.requester != entry.request.requester) violate("the completion's requester is not who asked");
  if (has_payload(tlp) && !is_read(entry.request.kind)) violate("data in the completion of a write");
  const bool success = completion.status == contract::CPL_SC;
  if (!success && completion.status != contract::CPL_UR && completion.status != contract::CPL_CA &&
      completion.status != contract::CPL_CRS) {
    violate("a reserved completion status");
  }
  if (completion.bcm) violate("byte count modified is for PCI-X bridges only");
  if (!success) {
    if (has_payload(tlp)) violate("data in an error completion");
    entry.busy = false;
  } else {
    check_completion_data(completion, entry);
  }
  if (entry.busy) return;
  if (asker == Direction::to_nic && entry.settles) settle();
}

void TlpChecker::check_completion_data(const Completion& completion, Outstanding& entry) {
  if (entry.forgiven || !is_read(entry.request.kind)) {
    entry.busy = false;
    return;
  }
  if (completion.length == 0) {
    entry.busy = false;
    return violate("a successful read without data");
  }
  if (completion.byte_count != entry.left) {
    violate(fmt::format("byte count {}, but {} bytes are left", completion.byte_count, entry.left));
  }
  const unsigned total = completion_byte_count(entry.request);
  const bool first = entry.left == total;
  const unsigned start = (completion_lower_address(entry.request) + total - entry.left) & 0x7F;
  if (completion.lower_address != start) {
    violate(fmt::format("lower address 0x{:02x}, expected 0x{:02x}", completion.lower_address, start));
  }
  const unsigned lead = start & 3;
  const unsigned carried = std::min(entry.left, 4 * completion.length - lead);
  if (4 * completion.length >= lead + entry.left + 4) violate("more data than was asked for");
  entry.left -= carried;
  entry.busy = entry.left != 0;
  if (!entry.busy) return;
  // 2.3.1.1: a completion that is not the last ends on a read completion boundary
  if ((start + carried) % 64 != 0) violate("a partial completion does not end on a multiple of 64 bytes");
  if (!first && start % 64 != 0) violate("a later completion does not begin on a multiple of 64 bytes");
}

}  // namespace sim::pcie
