// SPDX-License-Identifier: Apache-2.0
// The whole virtio device against a driver that follows the specification, with every delay drawn anew.
#include <catch2/catch.hpp>

#include "tests/rtl/virtio/driver_actor.hpp"

namespace {

using tests::virtio::DmaTiming;
using tests::virtio::Traffic;
using tests::virtio::TrafficOptions;

void run_traffic(const TrafficOptions& options, unsigned seed) {
  INFO("seed " << seed << ", pairs " << options.pairs << (options.packed ? ", packed" : ", split") << ", rx size "
               << options.rx_size << ", tx size " << options.tx_size << ", event index " << options.event_idx
               << ", in order " << options.in_order << ", indirect " << options.indirect << ", mergeable "
               << options.mergeable << ", notification data " << options.notification_data);
  Traffic traffic(options, seed);
  traffic.run();
}

}  // namespace

TEST_CASE("Every frame arrives in order and nothing hangs, whatever the ring sizes", "[rtl][virtio]") {
  for (const unsigned size : {1u, 2u, 3u, 4u, 5u, 7u, 8u, 13u, 16u, 31u, 64u, 100u, 255u, 256u}) {
    for (const bool event_idx : {false, true}) {
      TrafficOptions options;
      options.rx_size = size;
      options.tx_size = size;
      options.event_idx = event_idx;
      options.frames = size < 4 ? 60 : 300;
      run_traffic(options, size * 2 + (event_idx ? 1 : 0));
    }
  }
}

TEST_CASE("Split rings of every size do the same", "[rtl][virtio]") {
  for (const unsigned size : {1u, 2u, 4u, 8u, 16u, 32u, 64u, 128u, 256u}) {
    for (const bool event_idx : {false, true}) {
      TrafficOptions options;
      options.packed = false;
      options.rx_size = size;
      options.tx_size = size;
      options.event_idx = event_idx;
      options.frames = size < 4 ? 60 : 300;
      run_traffic(options, 500 + size * 2 + (event_idx ? 1 : 0));
    }
  }
}

TEST_CASE("Every mix of ring features carries every frame on every number of pairs", "[rtl][virtio]") {
  for (unsigned seed = 0; seed < 96; ++seed) {
    TrafficOptions options;
    options.packed = (seed & 1u) != 0;
    options.event_idx = (seed & 2u) != 0;
    options.in_order = (seed & 4u) != 0;
    options.indirect = (seed & 8u) != 0;
    options.mergeable = (seed & 16u) != 0;
    options.notification_data = (seed & 32u) != 0;
    options.pairs = 1 + seed * 5 % 8;
    options.rx_size = options.packed ? 9 + seed % 60 : 32u << seed % 3;
    options.tx_size = options.packed ? 7 + seed % 50 : 16u << seed % 3;
    options.max_pieces = 1 + seed % 6;
    options.frames = 400;
    options.pause = 40 + 10 * (seed % 30);
    options.bad_percent = options.mergeable ? 5 : 10;
    options.timing.memory_max = 20 + (seed * 7) % 150;
    run_traffic(options, 4000 + seed);
  }
}

TEST_CASE("No wake-up is lost when lone frames meet every phase of arming", "[rtl][virtio]") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    TrafficOptions options;
    options.rx_size = 2 + seed % 9;
    options.tx_size = 2 + seed % 7;
    options.event_idx = seed % 4 != 0;
    options.packed = seed % 8 < 5;
    if (!options.packed) {
      options.rx_size = 4;
      options.tx_size = 4;
    }
    options.frames = 120;
    options.burst = 1 + seed % 3;
    options.pause = 40 + 10 * (seed % 30);
    options.timing.link_max = 1 + seed % 40;
    options.timing.memory_max = 1 + (seed * 7) % 150;
    run_traffic(options, 1000 + seed);
  }
}

TEST_CASE("Deep rings under load keep order with chains of many pieces", "[rtl][virtio]") {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    TrafficOptions options;
    options.frames = 1500;
    options.burst = 64;
    options.pause = 0;
    options.max_pieces = seed % 2 == 0 ? 20 : 4;
    options.timing.memory_max = 400;
    options.timing.stall = 5;
    run_traffic(options, 2000 + seed);
  }
}

TEST_CASE("A host that answers at once and one that is slow see the same frames", "[rtl][virtio]") {
  for (const unsigned latency : {1u, 10u, 1000u}) {
    TrafficOptions options;
    options.frames = 300;
    options.timing = DmaTiming{.link_max = latency, .memory_max = latency, .stall = 0};
    run_traffic(options, 3000 + latency);
  }
}
