// SPDX-License-Identifier: Apache-2.0
// The header in front of a frame: its fields, both lengths, both widths, every frame length.
#include <catch2/catch.hpp>
#include <deque>

#include "tests/rtl/clocked.hpp"
#include "tests/rtl/rx/wide_beats.hpp"
#include MODEL_HEADER

using namespace tests;
using namespace tests::rx;

namespace {

void put_le(Bytes& to, unsigned value, unsigned bytes) {
  for (unsigned b = 0; b < bytes; ++b) to.push_back(static_cast<std::uint8_t>(value >> (8 * b)));
}

/// virtio 1.2, 5.1.6.
Bytes header_of(const Meta& m, unsigned num_buffers, bool hash_report) {
  Bytes h;
  put_le(h, m.flags, 1);
  put_le(h, m.gso_type, 1);
  for (const unsigned field : {m.hdr_len, m.gso_size, m.csum_start, m.csum_offset, num_buffers}) put_le(h, field, 2);
  if (!hash_report) return h;
  put_le(h, m.hash, 4);
  put_le(h, m.hash_report, 2);
  put_le(h, 0, 2);
  return h;
}

}  // namespace

TEST_CASE("Every frame leaves with its header in front", "[rtl][rx]") {
  const bool hash_report = GENERATE(false, true);
  const unsigned stall = GENERATE(0U, 30U);
  Clocked<MODEL> dut;
  Random random(stall + hash_report);
  dut->hash_report_i = hash_report;
  std::deque<Bytes> expected;
  Bytes current;
  for (std::size_t length = 1; length <= 300; ++length) {
    const Bytes frame = random_frame(random, length);
    const Meta meta{false,          random() % 64,      random(),           random() % 10,      random() % 8,
                    random() % 256, random() % 0x10000, random() % 0x10000, random() % 0x10000, random() % 0x10000};
    const unsigned buffers = 1 + random() % 40;
    Bytes whole = header_of(meta, buffers, hash_report);
    whole.insert(whole.end(), frame.begin(), frame.end());
    expected.push_back(whole);
    const auto step = [&](const WideBeat* beat) {
      dut->in_valid_i = beat != nullptr;
      if (beat != nullptr) put_wide_beat(dut->in_i, *beat);
      dut->out_ready_i = random() % 100 >= stall;
      dut.settle();
      if (dut->out_valid_o && dut->out_ready_i) {
        const WideBeat out = take_wide_beat(dut->out_o);
        REQUIRE((out.last || out.used == kBytes));
        current.insert(current.end(), out.data.begin(), out.data.begin() + out.used);
        if (out.last) {
          REQUIRE(current == expected.front());
          expected.pop_front();
          current.clear();
        }
      }
      const bool taken = dut->in_ready_o;
      dut.tick();
      return taken;
    };
    dut->meta_valid_i = 1;
    put_meta(dut->meta_i, meta);
    step(nullptr);
    dut->meta_valid_i = 0;
    put_meta(dut->meta_i, Meta{});
    dut->num_buffers_i = static_cast<std::uint16_t>(buffers);
    for (const WideBeat& beat : to_wide(frame)) {
      while (!step(&beat)) continue;
    }
    while (!expected.empty()) step(nullptr);
  }
}
