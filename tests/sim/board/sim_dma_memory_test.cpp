// SPDX-License-Identifier: Apache-2.0
#include "sim/board/sim_dma_memory.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using host::platform::DmaDirection;
using sim::memory::Access;

namespace {

constexpr std::uint64_t kBase = 0x1'0000'0000;
constexpr std::size_t kBytes = 1 << 20;

}  // namespace

TEST_CASE("Memory is zeroed, aligned, and reachable exactly while and where it is mapped", "[dma]") {
  sim::memory::SparseMemory memory("memory", kBase, kBytes);
  sim::memory::Iommu iommu(kBase, kBytes);
  sim::board::SimDmaMemory dma(memory, iommu);

  auto piece = dma.allocate(1500, 4096);
  REQUIRE(piece.size() == 1500);
  CHECK(memory.address_of(piece.data()) % 4096 == 0);
  CHECK(std::all_of(piece.begin(), piece.end(), [](std::byte b) { return b == std::byte{0}; }));
  std::fill(piece.begin(), piece.end(), std::byte{0xFF});

  const auto address = dma.map(piece.subspan(10, 100), DmaDirection::from_device);
  CHECK(address == memory.address_of(piece.data()) + 10);
  CHECK(iommu.allows(address, 100, Access::write, {}));
  CHECK_FALSE(iommu.allows(address, 100, Access::read, {}));
  CHECK_FALSE(iommu.allows(address - 1, 2, Access::write, {}));
  dma.unmap(address, 100);
  CHECK_FALSE(iommu.allows(address, 1, Access::write, {}));

  dma.free(piece);
  piece = dma.allocate(1500, 4096);
  CHECK(std::all_of(piece.begin(), piece.end(), [](std::byte b) { return b == std::byte{0}; }));
  CHECK(dma.misuses() == 0);
}

TEST_CASE("What was never given cannot be given back", "[dma]") {
  sim::memory::SparseMemory memory("memory", kBase, kBytes);
  sim::memory::Iommu iommu(kBase, kBytes);
  sim::board::SimDmaMemory dma(memory, iommu);
  dma.unmap(kBase, 64);
  dma.free(memory.bytes().subspan(64, 64));
  CHECK(dma.misuses() == 2);
  CHECK(dma.allocate(kBytes + 1, 64).empty());
}
