// SPDX-License-Identifier: Apache-2.0
#include <verilated_fst_c.h>
#include <Vloop_nic_traced.h>

#include "sim/rtl_bridge/edge_loop.hpp"

#include <gtkwave/fstapi.h>
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/sim/rtl_bridge/recorder.hpp"

using namespace sim::rtl_bridge;

namespace {

struct Waves {
  std::uintmax_t bytes = 0;
  int unit = 0;  ///< 10^unit s
  std::uint64_t first = 0, last = 0;
};

Waves waves(sim::Picoseconds from, sim::Picoseconds to) {
  const auto file = std::filesystem::temp_directory_path() / ("cosnic_waves_" + std::to_string(from) + ".fst");
  std::filesystem::remove(file);
  {
    tests::Recorder world;
    EngineOptions options;
    options.trace_file = file.string();
    options.trace_from = from;
    options.trace_to = to;
    EdgeLoop<Vloop_nic_traced, FstWaves<VerilatedFstC>> engine(options);
    engine.connect({&world, &world});
    for (int i = 0; i < 10; ++i) static_cast<void>(engine.run(10'000'000, 10'000));
    CHECK(engine.failure().empty());
  }
  if (!std::filesystem::exists(file)) return {};
  Waves waves{std::filesystem::file_size(file)};
  void* reader = fstReaderOpen(file.c_str());
  REQUIRE(reader != nullptr);
  waves.unit = fstReaderGetTimescale(reader);
  waves.first = fstReaderGetStartTime(reader);
  waves.last = fstReaderGetEndTime(reader);
  fstReaderClose(reader);
  std::filesystem::remove(file);
  return waves;
}

}  // namespace

TEST_CASE("Waves are written for their window only", "[bridge]") {
  const Waves all = waves(0, INT64_MAX);
  const Waves some = waves(5'000'000, 6'000'000);
  CHECK(some.bytes > 0);
  CHECK(some.bytes < all.bytes);
  CHECK(waves(20'000'000, INT64_MAX).bytes == 0);
  CHECK(all.unit == -12);
  CHECK(some.unit == -12);
  CHECK(some.first >= 5'000'000);
  CHECK(some.last < 6'000'000);
  CHECK(some.last > 5'900'000);
}
