// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/iommu.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sim::memory {
namespace {

bool covers(Access window, Access wanted) {
  return (static_cast<unsigned>(window) & static_cast<unsigned>(wanted)) == static_cast<unsigned>(wanted);
}

const char* verb(Access access) {
  return access == Access::read ? "read" : "write";
}

}  // namespace

Iommu::Iommu(std::uint64_t base, std::size_t bytes) : base_(base), bytes_(bytes), pages_((bytes >> kPageShift) + 1) {}

bool Iommu::contains(std::uint64_t address, std::size_t bytes) const {
  return bytes != 0 && address >= base_ && address - base_ < bytes_ && bytes <= bytes_ - (address - base_);
}

void Iommu::open(std::uint64_t address, std::size_t bytes, Access access) {
  if (!contains(address, bytes)) return;  // nothing there: an access stays a fault
  const Window window{address, address + bytes - 1, access};
  for (std::size_t page = page_of(window.first); page <= page_of(window.last); ++page) pages_[page].push_back(window);
  ++live_;
}

bool Iommu::close(std::uint64_t address, std::size_t bytes) {
  if (!contains(address, bytes)) return false;
  const std::uint64_t last = address + bytes - 1;
  bool found = false;
  for (std::size_t page = page_of(address); page <= page_of(last); ++page) {
    auto& windows = pages_[page];
    const auto it = std::find_if(windows.begin(), windows.end(),
                                 [&](const Window& w) { return w.first == address && w.last == last; });
    if (it == windows.end()) return false;
    *it = windows.back();
    windows.pop_back();
    found = true;
  }
  --live_;
  return found;
}

bool Iommu::allows(std::uint64_t address, std::size_t bytes, Access access, Asker asker) {
  if (contains(address, bytes)) {
    const std::uint64_t last = address + bytes - 1;
    for (const Window& window : pages_[page_of(address)]) {
      if (window.first <= address && last <= window.last && covers(window.access, access)) return true;
    }
  }
  fault(address, bytes, access, asker);
  return false;
}

void Iommu::fault(std::uint64_t address, std::size_t bytes, Access access, Asker asker) {
  ++faults_;
  if (!handler_) return;
  IommuFault fault{address, bytes, access, asker, {}};
  fault.text = fmt::format("IOMMU: {:02x}:{:02x}.{} (tag {}) may not {} {} bytes at 0x{:x}: no open window covers them",
                           asker.requester >> 8, (asker.requester >> 3) & 0x1F, asker.requester & 7, asker.tag,
                           verb(access), bytes, address);
  handler_(fault);
}

}  // namespace sim::memory
