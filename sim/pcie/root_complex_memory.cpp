// SPDX-License-Identifier: Apache-2.0
// What the NIC asks of the host: memory writes in order, memory reads after a latency, MSI messages.
#include <algorithm>
#include <bit>

#include "rtl/contract/pci_contract.hpp"
#include "sim/pcie/bus_time.hpp"
#include "sim/pcie/root_complex.hpp"

namespace sim::pcie {
namespace {

constexpr std::uint16_t kRootId = 0x0000;
constexpr Picoseconds kLongestPause = 50'000;  // between the completions of one read, when split randomly

Completion answer_to(const Request& request) {
  Completion completion;
  completion.completer = kRootId;
  completion.requester = request.requester;
  completion.tag = request.tag;
  completion.byte_count = completion_byte_count(request);
  completion.lower_address = completion_lower_address(request);
  return completion;
}

std::uint32_t little_endian(const std::vector<std::byte>& bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4 && i < bytes.size(); ++i) value |= std::to_integer<std::uint32_t>(bytes[i]) << (8 * i);
  return value;
}

}  // namespace

void RootComplex::arrive(Tlp tlp) {
  if (const auto completion = parse_completion(tlp)) return take_completion(tlp, *completion);
  arrive_request(tlp, *parse_request(tlp));
}

void RootComplex::arrive_request(Tlp& tlp, const Request& request) {
  switch (request.kind) {
    case RequestKind::memory_write:
      return write_memory(tlp, request);
    case RequestKind::memory_read:
      return start_read(request);
    case RequestKind::message:
      return take_message(tlp);
    default:
      break;
  }
  ++counters_.unsupported;
  refuse(request);
}

/// Assert_INTA and Deassert_INTA are a virtual wire (2.2.8.1); others are nothing to this host.
void RootComplex::take_message(const Tlp& tlp) {
  const unsigned code = message_code(tlp);
  if (code != contract::MSG_ASSERT_INTA && code != contract::MSG_DEASSERT_INTA) return;
  ++counters_.intx;
  const bool asserted = code == contract::MSG_ASSERT_INTA;
  if (asserted == intx_asserted_) return;
  intx_asserted_ = asserted;
  if (intx_) intx_(asserted);
}

// --------------------------------------------------------------------------------------- writes

void RootComplex::write_memory(Tlp& tlp, const Request& request) {
  if (request.poisoned) {
    ++counters_.unsupported;
    return;
  }
  if (request.address >= config_.msi_base && request.address - config_.msi_base < config_.msi_bytes) {
    ++counters_.messages;
    if (message_) message_(request.address, little_endian(tlp.payload));
    return;
  }
  const ByteRange range = byte_range(request);
  if (range.bytes == 0) return;
  if (!iommu_.allows(range.first, range.bytes, memory::Access::write, {request.requester, request.tag})) {
    ++counters_.unsupported;
    return;
  }
  ++counters_.writes;
  counters_.write_bytes += range.bytes;
  write_bytes(tlp, request, range);
  const std::size_t lead = range.first - request.address;
  if (write_observer_ && lead + range.bytes <= tlp.payload.size()) {
    write_observer_(range.first, std::span(tlp.payload).subspan(lead, range.bytes));
  }
}

void RootComplex::write_bytes(Tlp& tlp, const Request& request, const ByteRange& range) {
  const std::size_t lead = range.first - request.address;
  if (lead + range.bytes > tlp.payload.size()) return;  // the checker has complained
  std::vector<std::byte>& payload = tlp.payload;
  const unsigned enables = request.first_be | (unsigned{request.last_be} << 4);
  const bool holes = request.length <= 2 && static_cast<std::size_t>(std::popcount(enables)) != range.bytes;
  if (!holes) {
    static_cast<void>(transport(tlm::TLM_WRITE_COMMAND, range.first, payload.data() + lead, range.bytes));
    return;
  }
  for (std::size_t i = 0; i < payload.size(); ++i) {
    if (((enables >> i) & 1) == 0) continue;
    static_cast<void>(transport(tlm::TLM_WRITE_COMMAND, request.address + i, &payload[i], 1));
  }
}

// ---------------------------------------------------------------------------------------- reads

void RootComplex::start_read(const Request& request) {
  const auto spread = static_cast<std::uint64_t>(config_.memory_latency_max - config_.memory_latency_min) + 1;
  Picoseconds ready = now_ps() + config_.memory_latency_min + static_cast<Picoseconds>(random_.below(spread));
  if (!config_.reorder) ready = std::max(ready, last_read_ready_ + 2);
  ready = bus_instant(ready);
  last_read_ready_ = ready;

  std::uint32_t slot = 0;
  if (free_jobs_.empty()) {
    slot = static_cast<std::uint32_t>(jobs_.size());
    jobs_.emplace_back();
  } else {
    slot = free_jobs_.back();
    free_jobs_.pop_back();
  }
  const ByteRange range = byte_range(request);
  jobs_[slot] = {request, range.first, range.bytes, false};
  schedule(ready, EventKind::memory_read, slot);
}

/// All completions at once, or one now and the others after pauses, among those of other reads.
void RootComplex::continue_read(std::uint32_t slot) {
  bool more = true;
  do {
    more = complete_chunk(jobs_[slot]);
  } while (more && !config_.split_randomly);
  if (!more) return free_jobs_.push_back(slot);
  const auto pause = static_cast<Picoseconds>(random_.below(kLongestPause)) + 2;
  schedule(bus_instant(now_ps() + pause), EventKind::memory_read, slot);
}

/// Sends the next completion of the read; whether there is another one.
bool RootComplex::complete_chunk(ReadJob& job) {
  const Request& request = job.request;
  Completion completion = answer_to(request);
  if (job.left == 0) {  // zero-length read: a flush
    completion.length = 1;
    enqueue(completions_, make_completion(completion, std::vector<std::byte>(4)));
    return false;
  }
  const std::size_t bytes = chunk(job.address, job.left);
  const std::size_t lead = job.address & 3;
  completion.length = static_cast<unsigned>((lead + bytes + 3) / 4);
  std::vector<std::byte> data(std::size_t{4} * completion.length);
  if (!iommu_.allows(job.address, job.left, memory::Access::read, {request.requester, request.tag}) ||
      !transport(tlm::TLM_READ_COMMAND, job.address, data.data() + lead, bytes)) {
    ++counters_.unsupported;
    refuse(request);
    return false;
  }
  completion.byte_count = static_cast<unsigned>(job.left);
  completion.lower_address = static_cast<std::uint8_t>(job.address & 0x7F);
  Tlp tlp = make_completion(completion);
  tlp.payload = std::move(data);
  enqueue(completions_, std::move(tlp));
  if (job.left == byte_range(request).bytes) ++counters_.reads;
  counters_.read_bytes += bytes;
  job.address += bytes;
  job.left -= bytes;
  return job.left != 0;
}

/// How much the next completion carries (2.3.1.1): at most the maximum payload, and every completion but
/// the last ends on a read completion boundary.
std::size_t RootComplex::chunk(std::uint64_t address, std::size_t left) {
  const std::uint64_t boundary = config_.read_completion_boundary;
  const std::uint64_t line = address / boundary;
  std::uint64_t lines = (address + std::max<std::uint64_t>(config_.max_payload, boundary)) / boundary - line;
  if (config_.split_randomly) lines = 1 + random_.below(lines);
  return std::min<std::size_t>(left, (line + lines) * boundary - address);
}

void RootComplex::refuse(const Request& request) {
  if (request.kind == RequestKind::other) return;
  Completion completion = answer_to(request);
  completion.status = contract::CPL_UR;
  enqueue(completions_, make_completion(completion));
}

bool RootComplex::transport(tlm::tlm_command command, std::uint64_t address, std::byte* data, std::size_t bytes) {
  auto delay = sc_core::SC_ZERO_TIME;
  payload_.set_command(command);
  payload_.set_address(address);
  payload_.set_data_ptr(static_cast<unsigned char*>(static_cast<void*>(data)));
  payload_.set_data_length(static_cast<unsigned>(bytes));
  payload_.set_streaming_width(static_cast<unsigned>(bytes));
  payload_.set_byte_enable_ptr(nullptr);
  payload_.set_dmi_allowed(false);
  payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  memory->b_transport(payload_, delay);
  return payload_.is_response_ok();
}

}  // namespace sim::pcie
