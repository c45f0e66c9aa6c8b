// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz/host_bus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "rtl/contract/pci_contract.hpp"
#include "sim/pcie/link.hpp"

namespace sim::fuzz {
namespace {

constexpr Picoseconds kLinkLatency = 150'000;
constexpr Picoseconds kQuiet = 6'000'000;        // longer than any timer of a data path
constexpr Picoseconds kLongQuiet = 500'000'000;  // longer than the slowest rate holds back the longest buffer
constexpr Picoseconds kForEver = 3'000'000'000;  // 3 ms: whoever has not settled by then never will
constexpr Picoseconds kAnswerAtMost = 200'000'000;
constexpr std::uint64_t kBoundary = 64;
constexpr std::uint64_t kMessages = 0xFEE0'0000;
constexpr std::uint64_t kMessageBytes = 0x10'0000;
constexpr std::uint16_t kNicId = 0x0100;  // 01:00.0
constexpr std::size_t kKept = 20;

std::array<std::byte, 4> bytes_of(std::uint32_t value) {
  std::array<std::byte, 4> bytes{};
  for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<std::byte>((value >> (8 * i)) & 0xFF);
  return bytes;
}

std::uint32_t number_of(const std::vector<std::byte>& bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4 && i < bytes.size(); ++i) value |= std::to_integer<std::uint32_t>(bytes[i]) << (8 * i);
  return value;
}

pcie::Completion answer_to(const pcie::Request& request) {
  pcie::Completion completion;
  completion.requester = request.requester;
  completion.tag = request.tag;
  completion.byte_count = pcie::completion_byte_count(request);
  completion.lower_address = pcie::completion_lower_address(request);
  return completion;
}

}  // namespace

HostBus::HostBus(const Machine& machine, HostMemory& memory)
    : machine_(machine), memory_(memory), random_(machine.seed), credits_(pcie::initial_credits(pcie::CreditConfig{})) {
  // the checker sees completions as they should have been: what became of a tag, only the liar knows
  const bool liar = !machine.adversary.idle();
  checker_.on_violation([this, liar](const pcie::TlpChecker::Violation& v) {
    const bool about_tags = v.direction == pcie::Direction::to_nic || v.rule.find("outstanding") != std::string::npos;
    if (!liar || !about_tags) violation("PCIe: " + v.text());
  });
}

void HostBus::attach(rtl_bridge::NicEngine& nic) {
  nic_ = &nic;
  nic_->host_credits(credits_, 0);
  checker_.credit_limit(pcie::Direction::from_nic, credits_, 0);
}

void HostBus::violation(std::string text) {
  if (violations_.size() < kKept) violations_.push_back(std::move(text));
}

// ----------------------------------------------------------------------------------------- time

/// In steps of a look-ahead: what the NIC emits in one, the host answers in a later one.
void HostBus::run_until(Picoseconds time) {
  while (now_ < time && nic_->failure().empty()) {
    const Picoseconds end = now_ + nic_->lookahead();
    while (nic_->present() < end && nic_->failure().empty()) static_cast<void>(nic_->run(end, 16'384));
    while (agenda_.next() <= end) {
      now_ = std::max(now_, agenda_.next());
      agenda_.run(now_);
    }
    now_ = end;
  }
  if (!nic_->failure().empty()) violation(nic_->failure());
}

bool HostBus::settle(const std::function<bool()>& waits) {
  const Picoseconds begin = now_;
  last_activity_ = now_;
  const Picoseconds quiet = kQuiet + machine_.longest() * wire::kByteTime;  // nobody sees half a frame
  const auto enough = [&] { return waits() ? kLongQuiet : quiet; };
  while (now_ - last_activity_ < enough() && nic_->failure().empty()) {
    if (now_ - begin > kForEver) return false;
    run_until(now_ + kQuiet / 8);
  }
  return nic_->failure().empty();
}

// ---------------------------------------------------------------------------------- from the NIC

void HostBus::from_nic(pcie::Tlp tlp, Picoseconds at) {
  checker_.tlp(pcie::Direction::from_nic, tlp, at);
  at += kLinkLatency;
  this->at(at, [this, tlp = std::move(tlp)] { arrive(tlp); });
}

void HostBus::arrive(const pcie::Tlp& tlp) {
  activity();
  const pcie::Credits used = pcie::credits_of(tlp);
  if (used.posted_headers + used.nonposted_headers != 0) {
    credits_ += used;
    const Picoseconds told = now_ + kLinkLatency;
    tell_credits(adversary_ ? adversary_->credits_at(told) : told);
  }
  if (const auto completion = pcie::parse_completion(tlp)) {
    answer_ = completion->status == contract::CPL_SC ? number_of(tlp.payload) : 0xFFFF'FFFFU;
    return;
  }
  const auto request = *pcie::parse_request(tlp);
  if (request.kind == pcie::RequestKind::memory_write) return write(tlp, request);
  if (request.kind == pcie::RequestKind::memory_read) return read(request);
}

/// Never before an update that a famine holds back.
void HostBus::tell_credits(Picoseconds when) {
  when = last_told_ = std::max(when, last_told_);
  nic_->host_credits(credits_, when);
  checker_.credit_limit(pcie::Direction::from_nic, credits_, when);
}

void HostBus::write(const pcie::Tlp& tlp, const pcie::Request& request) {
  if (silent_) violation("a write after the device said that it was reset: " + describe(tlp));
  if (request.address >= kMessages && request.address - kMessages < kMessageBytes) {
    if (message_) message_(number_of(tlp.payload));
    return;
  }
  const pcie::ByteRange range = pcie::byte_range(request);
  if (memory_.unmapped(range.first)) return;
  if (!memory_.allows(range.first, range.bytes, HostMemory::write)) {
    return violation(fmt::format("a write of {} bytes at {:#x} that nothing allows", range.bytes, range.first));
  }
  std::copy_n(tlp.payload.begin() + static_cast<std::ptrdiff_t>(range.first - request.address), range.bytes,
              memory_.at(range.first, range.bytes).begin());
  ++writes_;
  if (written_) written_();
}

void HostBus::read(const pcie::Request& request) {
  const auto spread = static_cast<std::uint64_t>(machine_.memory_latency_max - machine_.memory_latency_min) + 1;
  Picoseconds ready = now_ + machine_.memory_latency_min + static_cast<Picoseconds>(random_.below(spread));
  if (!machine_.reorder) ready = std::max(ready, last_read_ + 1);
  last_read_ = ready;
  maybe_open_.at(request.tag) = true;
  at(ready, [this, request] {
    activity();
    const pcie::ByteRange range = pcie::byte_range(request);
    if (memory_.unmapped(range.first)) return refuse(request);
    if (!memory_.allows(range.first, range.bytes, HostMemory::read)) {
      violation(fmt::format("a read of {} bytes at {:#x} that nothing allows", range.bytes, range.first));
      return refuse(request);
    }
    complete(request, range.first, range.bytes);
  });
}

void HostBus::refuse(const pcie::Request& request) {
  pcie::Completion completion = answer_to(request);
  completion.status = contract::CPL_UR;
  send(pcie::make_completion(completion));
}

/// One completion, and the next after a pause, so that those of other reads come between.
void HostBus::complete(const pcie::Request& request, std::uint64_t address, std::size_t left) {
  const std::size_t bytes = chunk(address, left);
  const std::size_t lead = address & 3;
  pcie::Completion completion = answer_to(request);
  completion.length = static_cast<unsigned>((lead + bytes + 3) / 4);
  completion.byte_count = static_cast<unsigned>(left);
  completion.lower_address = static_cast<std::uint8_t>(address & 0x7F);
  std::vector<std::byte> data(std::size_t{4} * completion.length);
  std::ranges::copy(memory_.at(address, bytes), data.begin() + static_cast<std::ptrdiff_t>(lead));
  send(pcie::make_completion(completion, data), memory_.structure(address));
  if (bytes == left) return;
  const Picoseconds pause = machine_.split_completions ? 1 + static_cast<Picoseconds>(random_.below(60'000)) : 1;
  at(now_ + pause, [this, request, address, left, bytes] { complete(request, address + bytes, left - bytes); });
}

std::size_t HostBus::chunk(std::uint64_t address, std::size_t left) {
  const std::uint64_t line = address / kBoundary;
  std::uint64_t lines = (address + machine_.max_payload) / kBoundary - line;
  if (machine_.split_completions) lines = 1 + random_.below(lines);
  return std::min<std::size_t>(left, (line + lines) * kBoundary - address);
}

void HostBus::send(pcie::Tlp tlp, bool structure) {
  activity();
  checker_.tlp(pcie::Direction::to_nic, tlp, now_ + kLinkLatency);
  const pcie::FilterVerdict verdict = strike(tlp, structure);
  for (unsigned i = 0; i < verdict.copies; ++i) {
    if (verdict.delay == 0) {
      nic_->to_nic(tlp, now_ + kLinkLatency);
    } else {
      at(now_ + verdict.delay, [this, tlp] { nic_->to_nic(tlp, now_ + kLinkLatency); });
    }
  }
}

void HostBus::misbehave(const pcie::AdversaryConfig& config) {
  adversary_.reset();
  if (!config.idle()) adversary_.emplace(config);
}

/// No NIC could see that a completion was meant for another of its reads that wants as much, or that a bit is false:
/// such a thing must not happen to what names memory.
pcie::FilterVerdict HostBus::strike(pcie::Tlp& tlp, bool structure) {
  const auto before = pcie::parse_completion(tlp);
  if (!before) return {};
  pcie::Tlp struck = tlp;
  const pcie::FilterVerdict verdict = adversary_ ? adversary_->act(struck, now_) : pcie::FilterVerdict{};
  const auto after = pcie::parse_completion(struck);
  const bool same_header = struck.header == tlp.header;
  const bool corrupt = same_header && struck.payload != tlp.payload;
  const bool elsewhere = after && after->tag != before->tag && maybe_open_.at(after->tag);
  const bool last = before->byte_count <= 4 * before->length - (before->lower_address & 3U);
  const bool ends_early = after && after->status != contract::CPL_SC && !last;  // the NIC may use the tag again
  if ((corrupt && structure) || elsewhere || ends_early) return {};
  if (last && same_header && verdict.copies > 0 && verdict.delay == 0) maybe_open_.at(before->tag) = false;
  tlp = std::move(struck);
  return verdict;
}

// ------------------------------------------------------------------------------------- from CPUs

/// A famine of credits holds back the answer; one more may begin before it comes.
std::uint32_t HostBus::ask(pcie::Request request, std::uint32_t value) {
  request.tag = tag_++;
  answer_.reset();
  send(pcie::make_request(request, bytes_of(value)));
  const Picoseconds deadline = std::max(now_, last_told_) + machine_.adversary.starve_for + kAnswerAtMost;
  while (!answer_ && now_ < deadline && nic_->failure().empty()) run_until(now_ + 1);
  if (!answer_) violation("the NIC does not answer");
  return answer_.value_or(0xFFFF'FFFF);
}

std::uint32_t HostBus::config_read(unsigned offset) {
  pcie::Request request;
  request.kind = pcie::RequestKind::config_read;
  request.target = kNicId;
  request.address = offset;
  return ask(request, 0);
}

void HostBus::config_write(unsigned offset, std::uint32_t value, std::uint8_t byte_enables) {
  pcie::Request request;
  request.kind = pcie::RequestKind::config_write;
  request.target = kNicId;
  request.address = offset;
  request.first_be = byte_enables;
  static_cast<void>(ask(request, value));
}

std::uint32_t HostBus::mmio_read(std::uint64_t address, unsigned width) {
  const pcie::ByteEnables enables = pcie::byte_enables(address, width);
  pcie::Request request;
  request.address = address & ~std::uint64_t{3};
  request.first_be = enables.first;
  const std::uint32_t value = ask(request, 0) >> (8 * (address & 3));
  return width == 4 ? value : value & ((1U << (8 * width)) - 1U);
}

void HostBus::mmio_write(std::uint64_t address, unsigned width, std::uint32_t value) {
  const pcie::ByteEnables enables = pcie::byte_enables(address, width);
  pcie::Request request;
  request.kind = pcie::RequestKind::memory_write;
  request.address = address & ~std::uint64_t{3};
  request.first_be = enables.first;
  send(pcie::make_request(request, bytes_of(value << (8 * (address & 3)))));
}

}  // namespace sim::fuzz
