// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/iommu.hpp"

#include <catch2/catch.hpp>

using sim::memory::Access;
using sim::memory::Iommu;
using sim::memory::IommuFault;

namespace {

constexpr std::uint64_t kBase = 0x1'0000'0000;
constexpr std::size_t kBytes = 1 << 20;

}  // namespace

TEST_CASE("An access must lie wholly inside one window", "[iommu]") {
  Iommu iommu(kBase, kBytes);
  iommu.open(kBase + 100, 50, Access::both);
  CHECK(iommu.allows(kBase + 100, 50, Access::read, {}));
  CHECK(iommu.allows(kBase + 149, 1, Access::write, {}));
  CHECK_FALSE(iommu.allows(kBase + 99, 2, Access::read, {}));
  CHECK_FALSE(iommu.allows(kBase + 149, 2, Access::read, {}));
  CHECK_FALSE(iommu.allows(kBase + 150, 1, Access::read, {}));
  CHECK(iommu.faults() == 3);
}

TEST_CASE("The direction of a window is kept", "[iommu]") {
  Iommu iommu(kBase, kBytes);
  iommu.open(kBase, 64, Access::read);
  iommu.open(kBase + 64, 64, Access::write);
  CHECK(iommu.allows(kBase, 64, Access::read, {}));
  CHECK_FALSE(iommu.allows(kBase, 64, Access::write, {}));
  CHECK(iommu.allows(kBase + 64, 64, Access::write, {}));
  CHECK_FALSE(iommu.allows(kBase + 64, 64, Access::read, {}));
}

TEST_CASE("Windows over many pages open and close whole", "[iommu]") {
  Iommu iommu(kBase, kBytes);
  iommu.open(kBase + 4000, 20'000, Access::both);
  CHECK(iommu.allows(kBase + 8192, 4096, Access::read, {}));
  CHECK(iommu.allows(kBase + 23'999, 1, Access::read, {}));
  CHECK_FALSE(iommu.close(kBase + 4000, 19'999));
  CHECK(iommu.close(kBase + 4000, 20'000));
  CHECK_FALSE(iommu.close(kBase + 4000, 20'000));
  CHECK_FALSE(iommu.allows(kBase + 8192, 1, Access::read, {}));
  CHECK(iommu.windows() == 0);
}

TEST_CASE("Overlapping windows count for themselves", "[iommu]") {
  Iommu iommu(kBase, kBytes);
  iommu.open(kBase, 128, Access::read);
  iommu.open(kBase, 128, Access::write);
  CHECK(iommu.allows(kBase, 128, Access::write, {}));
  REQUIRE(iommu.close(kBase, 128));
  CHECK(iommu.windows() == 1);
}

TEST_CASE("A fault names address, length and who asked", "[iommu]") {
  Iommu iommu(kBase, kBytes);
  IommuFault seen;
  iommu.on_fault([&](const IommuFault& fault) { seen = fault; });
  CHECK_FALSE(iommu.allows(0xDEAD'BEEF, 64, Access::write, {0x0100, 17}));
  CHECK(seen.address == 0xDEAD'BEEF);
  CHECK(seen.text == "IOMMU: 01:00.0 (tag 17) may not write 64 bytes at 0xdeadbeef: no open window covers them");
}

TEST_CASE("Addresses at the edges of 64 bits are faults, not surprises", "[iommu]") {
  Iommu iommu(kBase, kBytes);
  iommu.open(kBase + kBytes - 16, 16, Access::both);
  iommu.open(kBase + kBytes - 16, 17, Access::both);  // not inside: ignored
  CHECK(iommu.windows() == 1);
  CHECK(iommu.allows(kBase + kBytes - 16, 16, Access::read, {}));
  for (const std::uint64_t address : {std::uint64_t{0}, kBase - 1, kBase + kBytes, UINT64_MAX}) {
    CHECK_FALSE(iommu.allows(address, 4, Access::read, {}));
  }
  CHECK_FALSE(iommu.allows(kBase + kBytes - 4, SIZE_MAX, Access::read, {}));
}
