// SPDX-License-Identifier: Apache-2.0
// The windows that a host has opened for its devices: exact byte ranges with a direction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace sim::memory {

/// What a device may do in a window.
enum class Access : std::uint8_t { read = 1, write = 2, both = 3 };

/// Who asked, for the message.
struct Asker {
  std::uint16_t requester = 0;
  std::uint8_t tag = 0;
};

struct IommuFault {
  std::uint64_t address = 0;
  std::size_t bytes = 0;
  Access access = Access::read;
  Asker asker;
  std::string text;  ///< one line with all of the above
};

/// Windows lie inside [base, base + bytes) and may overlap; an access must lie wholly in one window
/// that allows it.
class Iommu {
 public:
  Iommu(std::uint64_t base, std::size_t bytes);

  void open(std::uint64_t address, std::size_t bytes, Access access);
  /// Closes one window that open() made with this address and length. False when there is none.
  [[nodiscard]] bool close(std::uint64_t address, std::size_t bytes);

  /// True when the access is inside a window; else the fault is counted and told.
  [[nodiscard]] bool allows(std::uint64_t address, std::size_t bytes, Access access, Asker asker);

  void on_fault(std::function<void(const IommuFault&)> handler) { handler_ = std::move(handler); }
  [[nodiscard]] std::uint64_t faults() const { return faults_; }
  [[nodiscard]] std::size_t windows() const { return live_; }

 private:
  struct Window {
    std::uint64_t first;
    std::uint64_t last;  // inclusive
    Access access;
  };
  static constexpr unsigned kPageShift = 12;

  [[nodiscard]] std::size_t page_of(std::uint64_t address) const { return (address - base_) >> kPageShift; }
  [[nodiscard]] bool contains(std::uint64_t address, std::size_t bytes) const;
  void fault(std::uint64_t address, std::size_t bytes, Access access, Asker asker);

  std::uint64_t base_;
  std::size_t bytes_;
  std::vector<std::vector<Window>> pages_;  // each window stands in every page that it touches
  std::function<void(const IommuFault&)> handler_;
  std::uint64_t faults_ = 0;
  std::size_t live_ = 0;
};

}  // namespace sim::memory
