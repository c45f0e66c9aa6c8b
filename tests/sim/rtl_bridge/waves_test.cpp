// SPDX-License-Identifier: Apache-2.0
#include <verilated_fst_c.h>
#include <Vloop_nic_traced.h>

#include "sim/rtl_bridge/edge_loop.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/sim/rtl_bridge/recorder.hpp"

using namespace sim::rtl_bridge;

namespace {

std::uintmax_t size_of_waves(sim::Picoseconds from, sim::Picoseconds to) {
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
  const auto size = std::filesystem::exists(file) ? std::filesystem::file_size(file) : 0;
  std::filesystem::remove(file);
  return size;
}

}  // namespace

TEST_CASE("Waves are written for their window only", "[bridge]") {
  const auto all = size_of_waves(0, INT64_MAX);
  const auto some = size_of_waves(5'000'000, 6'000'000);
  CHECK(all > 0);
  CHECK(some > 0);
  CHECK(some < all);
  CHECK(size_of_waves(20'000'000, INT64_MAX) == 0);
}
