// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/virtio/give_ring.hpp"

#include <fmt/format.h>

#include "rtl/contract/virtio_contract.hpp"

namespace tests::virtio {

namespace {
constexpr unsigned kBoth = contract::DESC_F_AVAIL | contract::DESC_F_USED;
}

GiveRing::GiveRing(HostMemory& memory, std::uint64_t base, std::uint64_t spread, unsigned pair, unsigned size,
                   GiveMode mode)
    : memory_(memory),
      desc_(base),
      driver_(base + spread),
      device_(base + spread + spread / 4),
      pair_(pair),
      size_(size),
      mode_(mode),
      room_(size) {
  restart(size);
}

void GiveRing::violate(const std::string& what) {
  if (violation_.empty()) violation_ = fmt::format("pair {}: {}", pair_, what);
}

void GiveRing::restart(unsigned size) {
  size_ = size;
  room_ = size;
  avail_ = used_ = 0;
  avail_wrap_ = used_wrap_ = true;
  frames_.clear();
  if (mode_.packed) {
    for (unsigned k = 0; k < 16 * size; ++k) memory_.at(desc_ + k) = 0;
  } else {
    for (unsigned k = 0; k < 6 + 8 * size; ++k) memory_.at(device_ + k) = 0;
  }
  enable();
}

std::vector<Give> GiveRing::offer(const std::vector<unsigned>& descs, std::mt19937& random) {
  std::vector<Give> frame;
  for (std::size_t k = 0; k < descs.size(); ++k) {
    const unsigned count = mode_.packed ? descs[k] : 1;
    frame.push_back({.pair = pair_,
                     .more = k + 1 < descs.size(),
                     .written = !mode_.packed || random() % 2 == 0,
                     .id = next_id_++ & 0xffff,
                     .descs = count,
                     .len = static_cast<std::uint32_t>(random())});
    room_ -= count;
    for (unsigned d = 0; d < count && mode_.packed; ++d) {
      memory_.write(desc_ + 16 * avail_ + 14, avail_wrap_ ? contract::DESC_F_AVAIL : contract::DESC_F_USED, 2);
      if (++avail_ == size_) {
        avail_ = 0;
        avail_wrap_ = !avail_wrap_;
      }
    }
  }
  frames_.push_back(frame);
  return frame;
}

unsigned GiveRing::entry_flags(unsigned index) const {
  return static_cast<unsigned>(memory_.read(desc_ + 16 * index + 14, 2));
}

bool GiveRing::used_waits() const {
  if (mode_.packed) return (entry_flags(used_) & kBoth) == (used_wrap_ ? kBoth : 0u);
  return memory_.read(device_ + 2, 2) != (used_ & 0xffff);
}

void GiveRing::advance(unsigned descs) {
  room_ += descs;
  used_ += descs;
  if (mode_.packed && used_ >= size_) {
    used_ -= size_;
    used_wrap_ = !used_wrap_;
  }
}

void GiveRing::retire_front() {
  for (const Give& g : frames_.front()) advance(g.descs);
  frames_.pop_front();
}

/// One used entry for all buffers up to the one of this id.
unsigned GiveRing::take_batch(unsigned id) {
  unsigned count = 0;
  while (!frames_.empty()) {
    const bool last = frames_.front().back().id == id;
    retire_front();
    ++count;
    if (last) return count;
  }
  violate(fmt::format("a batch ends in id {}, which is not open", id));
  return count;
}

unsigned GiveRing::reap_packed() {
  unsigned index = used_;
  bool wrap = used_wrap_;
  if (frames_.empty()) {
    violate("a used entry too many");
    return 0;
  }
  if (mode_.in_order) return take_batch(static_cast<unsigned>(memory_.read(desc_ + 16 * index + 12, 2)));
  for (const Give& g : frames_.front()) {
    const unsigned expected = (wrap ? kBoth : 0u) | (g.written ? contract::DESC_F_WRITE : 0u);
    if (entry_flags(index) != expected || memory_.read(desc_ + 16 * index + 8, 4) != g.len ||
        memory_.read(desc_ + 16 * index + 12, 2) != g.id) {
      violate(fmt::format("used entry at {} for id {} is wrong or missing", index, g.id));
      return 0;
    }
    index += g.descs;
    if (index >= size_) {
      index -= size_;
      wrap = !wrap;
    }
  }
  retire_front();
  return 1;
}

unsigned GiveRing::reap_split() {
  const auto shown = static_cast<std::uint16_t>(memory_.read(device_ + 2, 2));
  unsigned count = 0;
  while (static_cast<std::uint16_t>(used_) != shown && violation_.empty()) {
    if (frames_.empty()) {
      violate("used.idx is ahead of what was given");
      return count;
    }
    const std::uint64_t at = device_ + 4;
    if (mode_.in_order) {
      count += take_batch(static_cast<unsigned>(memory_.read(at + 8 * (used_ % size_), 4)));
    } else {
      unsigned index = used_;
      for (const Give& g : frames_.front()) {
        if (static_cast<std::uint16_t>(index) == shown) violate("used.idx stands within a frame");
        if (memory_.read(at + 8 * (index % size_), 4) != g.id || memory_.read(at + 8 * (index % size_) + 4, 4) != g.len)
          violate(fmt::format("used ring entry {} is not id {}", index, g.id));
        ++index;
      }
      retire_front();
      ++count;
    }
    if (static_cast<std::uint16_t>(shown - used_) > size_) violate("used.idx was passed by a batch");
  }
  return count;
}

unsigned GiveRing::reap() {
  if (!used_waits() || !violation_.empty()) return 0;
  return mode_.packed ? reap_packed() : reap_split();
}

void GiveRing::disable() {
  if (mode_.packed)
    memory_.write(driver_ + 2, contract::EVENT_DISABLE, 2);
  else if (!mode_.event_idx)
    memory_.write(driver_, contract::AVAIL_F_NO_INTERRUPT, 2);
}

void GiveRing::enable() {
  if (mode_.packed) {
    memory_.write(driver_, used_ | (used_wrap_ ? 0x8000u : 0u), 2);
    memory_.write(driver_ + 2, mode_.event_idx ? contract::EVENT_DESC : contract::EVENT_ENABLE, 2);
  } else if (mode_.event_idx) {
    memory_.write(driver_ + 4 + 2 * size_, used_ & 0xffff, 2);
  } else {
    memory_.write(driver_, 0, 2);
  }
}

}  // namespace tests::virtio
