// SPDX-License-Identifier: Apache-2.0
// Sends buffers through the RTL: records of a length (32 bits, little-endian) and virtio_net_hdr with frame on
// standard input; for each record the number of frames and each frame with its length on standard output.
#include <cstdio>

#include "tests/rtl/tx/tx_path_bench.hpp"

namespace {

bool read_word(std::uint32_t& value) {
  std::uint8_t b[4];
  if (std::fread(b, 1, 4, stdin) != 4) return false;
  value = b[0] | std::uint32_t{b[1]} << 8 | std::uint32_t{b[2]} << 16 | std::uint32_t{b[3]} << 24;
  return true;
}

void write_word(std::size_t value) {
  for (unsigned k = 0; k < 4; ++k) std::fputc(static_cast<int>(value >> (8 * k) & 0xFF), stdout);
}

}  // namespace

int main() {
  constexpr unsigned kAllOffloads = 31;
  tests::tx::TxPathBench bench(1, 9234);
  for (std::uint32_t length = 0; read_word(length);) {
    tests::Bytes buffer(length);
    if (std::fread(buffer.data(), 1, length, stdin) != length) return 1;
    bench.collector.frames.clear();
    bench.submit(buffer, kAllOffloads);
    if (!bench.finish()) return 2;
    write_word(bench.collector.frames.size());
    for (const auto& frame : bench.collector.frames) {
      write_word(frame.bytes.size());
      std::fwrite(frame.bytes.data(), 1, frame.bytes.size(), stdout);
    }
  }
  return 0;
}
