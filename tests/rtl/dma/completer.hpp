// SPDX-License-Identifier: Apache-2.0
// A completer in C++: answers memory reads from a memory that is a function of the address, in seeded splits, delays
// and orders between tags.
#pragma once

#include <random>

#include "tests/rtl/dma/memory_request_rules.hpp"

namespace tests {

/// The byte that host memory holds at `address`.
inline std::uint8_t host_byte(std::uint64_t address) {
  const std::uint64_t mixed = (address ^ 0x5bd1e995) * 0x9e3779b97f4a7c15ull;
  return static_cast<std::uint8_t>(mixed >> 40);
}

inline Tlp completion(unsigned requester, unsigned tag, unsigned status, unsigned byte_count, std::uint64_t address,
                      unsigned dws) {
  Tlp t;
  const unsigned type = dws == 0 ? contract::TLP_CPL : contract::TLP_CPLD;
  t.header[0] = (type << 24) | (dws & 0x3ff);
  t.header[1] = (0x0010u << 16) | (status << 13) | (byte_count & 0xfff);
  t.header[2] = (requester << 16) | (tag << 8) | static_cast<unsigned>(address & 0x7f);
  const std::uint64_t start = address & ~std::uint64_t{3};
  for (unsigned i = 0; i < 4 * dws; ++i) t.payload.push_back(static_cast<std::byte>(host_byte(start + i)));
  return t;
}

class Completer {
 public:
  explicit Completer(unsigned seed) : random_(seed) {}

  unsigned rcb = 64;
  unsigned split_chance = 50;  // percent, at each boundary
  unsigned max_delay = 100;    // cycles
  bool reorder = true;

  void request(const Tlp& read, long now) {
    const RequestSpan span = span_of(read);
    Pending p{{}, now + draw(max_delay + 1)};
    std::uint64_t at = span.address;
    const std::uint64_t end = span.address + span.bytes;
    while (at < end) {
      std::uint64_t stop = (at / rcb + 1) * rcb;
      while (stop < end && draw(100) >= split_chance) stop += rcb;
      stop = std::min(stop, end);
      const auto dws = static_cast<unsigned>((stop + 3) / 4 - at / 4);
      p.parts.push_back(
          completion(requester_of(read), tag_of(read), contract::CPL_SC, static_cast<unsigned>(end - at), at, dws));
      at = stop;
    }
    pending_.push_back(std::move(p));
  }

  /// The next completion whose time has come; those of one tag stay in order.
  std::optional<Tlp> next(long now) {
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      if (pending_[i].when <= now) ready.push_back(i);
    }
    if (ready.empty()) return std::nullopt;
    const std::size_t i = ready[reorder ? draw(static_cast<unsigned>(ready.size())) : 0];
    Tlp t = std::move(pending_[i].parts.front());
    pending_[i].parts.pop_front();
    if (pending_[i].parts.empty()) {
      pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return t;
  }

  [[nodiscard]] bool idle() const { return pending_.empty(); }

 private:
  struct Pending {
    std::deque<Tlp> parts;
    long when = 0;
  };
  unsigned draw(unsigned n) { return static_cast<unsigned>(random_() % n); }

  std::mt19937 random_;
  std::vector<Pending> pending_;
};

}  // namespace tests
