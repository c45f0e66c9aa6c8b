// SPDX-License-Identifier: Apache-2.0
// Host memory of a raw driver, with a note for every byte of what the device may do to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

#include "sim/memory/allocator.hpp"

namespace sim::fuzz {

class HostMemory {
 public:
  /// ring: what the device reads there names memory.
  /// gone: was granted, and is no longer mapped; touching it is no fault of the device.
  enum Grant : std::uint8_t {
    none = 0,
    read = 1,
    write = 2,
    both = 3,
    ring = 4,
    ring_read = 5,
    ring_both = 7,
    gone = 8
  };

  HostMemory(std::uint64_t base, std::size_t bytes) : base_(base), bytes_(bytes), grants_(bytes), places_(bytes) {}

  /// A piece of so many bytes; not all of memory can be used at once.
  [[nodiscard]] std::uint64_t allocate(std::size_t bytes, std::size_t align) {
    const auto place = places_.allocate(bytes, align);
    if (!place) throw std::length_error("the plan needs more host memory than there is");
    return base_ + *place;
  }
  void free(std::uint64_t address) { static_cast<void>(places_.free(address - base_)); }

  void grant(std::uint64_t address, std::size_t bytes, Grant grant) {
    for (std::size_t i = 0; i < bytes; ++i) grants_[address - base_ + i] = grant;
  }
  [[nodiscard]] bool allows(std::uint64_t address, std::size_t bytes, Grant wanted) const {
    if (address < base_ || address - base_ > bytes_.size() || bytes > bytes_.size() - (address - base_)) return false;
    for (std::size_t i = 0; i < bytes; ++i) {
      if ((grants_[address - base_ + i] & wanted) != wanted) return false;
    }
    return true;
  }

  [[nodiscard]] bool unmapped(std::uint64_t address) const { return allows(address, 1, gone); }
  [[nodiscard]] bool structure(std::uint64_t address) const { return (grants_[address - base_] & ring) != 0; }

  [[nodiscard]] std::span<std::byte> at(std::uint64_t address, std::size_t bytes) {
    return std::span<std::byte>(bytes_).subspan(address - base_, bytes);
  }
  [[nodiscard]] std::uint64_t load(std::uint64_t address, unsigned width) {
    std::uint64_t value = 0;
    const auto bytes = at(address, width);
    for (unsigned i = 0; i < width; ++i) value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    return value;
  }
  void store(std::uint64_t address, unsigned width, std::uint64_t value) {
    const auto bytes = at(address, width);
    for (unsigned i = 0; i < width; ++i) bytes[i] = static_cast<std::byte>((value >> (8 * i)) & 0xFF);
  }

 private:
  std::uint64_t base_;
  std::vector<std::byte> bytes_;
  std::vector<std::uint8_t> grants_;
  memory::Allocator places_;
};

}  // namespace sim::fuzz
