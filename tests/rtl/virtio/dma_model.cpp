// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/virtio/dma_model.hpp"
#include "tests/rtl/dma_layout.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rtl/contract/nic_contract.hpp"

namespace tests::virtio {

namespace {
constexpr unsigned kBytes = 8;  // of a word
}

std::uint64_t HostMemory::read(std::uint64_t addr, unsigned bytes) {
  std::uint64_t value = 0;
  for (unsigned k = bytes; k-- > 0;) value = value << 8 | at(addr + k);
  return value;
}

void HostMemory::write(std::uint64_t addr, std::uint64_t value, unsigned bytes) {
  for (unsigned k = 0; k < bytes; ++k) at(addr + k) = static_cast<std::uint8_t>(value >> (8 * k));
}

DmaModel::DmaModel(HostMemory& memory, DmaTiming timing, unsigned seed)
    : memory_(memory), timing_(timing), random_(seed) {}

unsigned DmaModel::busy(const std::vector<unsigned>& open) const {
  unsigned mask = 0;
  for (unsigned k = 0; k < open.size(); ++k) mask |= (open[k] != 0 ? 1u : 0u) << k;
  return mask;
}

void DmaModel::begin() {
  ++now_;
  write_done_ = 0;
  if (!dones_.empty() && dones_.front().first <= now_) {
    Write write = std::move(dones_.front().second);
    dones_.pop_front();
    write_done_ = 1u << write.client;
    --write_open_[write.client];
    put_on_link({.due = 0, .write = std::move(write), .read = {}, .interrupt = {}});
  }
  while (!link_.empty() && link_.front().due <= now_) {
    OnLink item = std::move(link_.front());
    link_.pop_front();
    arrive(item);
  }
  answer();
  data_ready_ = writing_ && below(100) >= timing_.stall ? 1u << writing_->client : 0;
}

void DmaModel::put_on_link(OnLink item) {
  item.due = now_ + 1 + below(timing_.link_max);
  if (!link_.empty()) item.due = std::max(item.due, link_.back().due);
  link_.push_back(std::move(item));
}

void DmaModel::arrive(OnLink& item) {
  if (item.write) {
    if (writes_forbidden) violate("a write took effect after the reset");
    const auto& bytes = item.write->bytes;
    if (!memory_.holds(item.write->request.addr, bytes.size())) {
      violate(fmt::format("write outside memory at {:#x}", item.write->request.addr));
      return;
    }
    for (std::size_t k = 0; k < bytes.size(); ++k) memory_.at(item.write->request.addr + k) = bytes[k];
  } else if (item.read) {
    const long sample = now_ + below(timing_.memory_max);
    answers_.push_back({.client = item.read->first,
                        .request = item.read->second,
                        .sample_at = sample,
                        .due = sample + 1 + below(timing_.memory_max),
                        .sampled = false,
                        .status = 0,
                        .bytes = {},
                        .next = 0});
  } else {
    on_interrupt(*item.interrupt);
  }
}

void DmaModel::answer() {
  place_.reset();
  read_done_.reset();
  std::vector<std::size_t> ready;
  for (std::size_t k = 0; k < answers_.size(); ++k) {
    Answer& a = answers_[k];
    if (!a.sampled && a.sample_at <= now_) {
      a.sampled = true;
      if (memory_.holds(a.request.addr, a.request.len)) {
        for (std::uint32_t i = 0; i < a.request.len; ++i) a.bytes.push_back(memory_.at(a.request.addr + i));
      } else {
        a.status = contract::RD_CPL_STATUS;
      }
    }
    if (a.sampled && a.due <= now_) ready.push_back(k);
  }
  if (ready.empty() || below(100) < timing_.stall) return;
  Answer& a = answers_[ready[below(static_cast<unsigned>(ready.size()))]];
  if (a.status == 0) {
    Place place{.client = a.client,
                .word = ((a.request.local + a.next) & ((1u << dma_layout::kLocalW) - 1)) / kBytes,
                .data = 0,
                .be = 0};
    do {
      const unsigned lane = (a.request.local + a.next) % kBytes;
      place.be |= 1u << lane;
      place.data |= std::uint64_t{a.bytes[a.next]} << (8 * lane);
      ++a.next;
    } while (a.next < a.request.len && (a.request.local + a.next) % kBytes != 0);
    place_ = place;
    if (a.next < a.request.len) return;
  }
  read_done_ = Done{.client = a.client, .op = a.request.op, .status = a.status};
  --read_open_[a.client];
  answers_.erase(answers_.begin() + (&a - answers_.data()));
}

unsigned DmaModel::choose_write(unsigned valid, unsigned gate) {
  valid &= ~gate;
  if (valid == 0 || writing_ || below(100) < timing_.stall) return 0;
  unsigned pick = 0;
  do pick = 1u << below(8);
  while ((pick & valid) == 0);
  return pick;
}

unsigned DmaModel::choose_read(unsigned valid, unsigned gate) {
  valid &= ~gate;
  if (valid == 0 || below(100) < timing_.stall) return 0;
  unsigned pick = 0;
  do pick = 1u << below(8);
  while ((pick & valid) == 0);
  return pick;
}

void DmaModel::take_write(unsigned client, const WriteRequest& request) {
  if (request.len == 0) violate("a write request of no bytes");
  ++writes_;
  ++write_open_[client];
  writing_ = Write{.client = client, .request = request, .bytes = {}};
}

void DmaModel::take_data(const Beat& beat) {
  for (unsigned k = 0; k < kBytes - beat.empty; ++k)
    writing_->bytes.push_back(static_cast<std::uint8_t>(beat.data >> (8 * k)));
  if (!beat.last && beat.empty != 0) violate("a beat that is not the last has empty lanes");
  if (!beat.last) return;
  if (writing_->bytes.size() != writing_->request.len) {
    violate(fmt::format("write of client {}: {} bytes announced, {} came", writing_->client, writing_->request.len,
                        writing_->bytes.size()));
  }
  long due = now_ + timing_.done_min + below(6);
  if (!dones_.empty()) due = std::max(due, dones_.back().first);
  dones_.emplace_back(due, std::move(*writing_));
  writing_.reset();
}

void DmaModel::take_read(unsigned client, const ReadRequest& request) {
  if (request.len == 0) violate("a read request of no bytes");
  ++reads_;
  ++read_open_[client];
  put_on_link({.due = 0, .write = {}, .read = std::pair(client, request), .interrupt = {}});
}

void DmaModel::take_interrupt(unsigned vector) {
  put_on_link({.due = 0, .write = {}, .read = {}, .interrupt = vector});
}

}  // namespace tests::virtio
