// SPDX-License-Identifier: Apache-2.0
// Classic BPF: small programs that say how much of a packet somebody wants (Linux: net/core/filter.c, struct
// sock_fprog; McCanne and Jacobson, USENIX 1993).
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "host/base/result.hpp"
#include "host/skb/skb.hpp"

namespace host::device {

/// Linux: struct sock_filter.
struct BpfInstruction {
  std::uint16_t code = 0;
  std::uint8_t jump_true = 0;
  std::uint8_t jump_false = 0;
  std::uint32_t k = 0;

  friend constexpr bool operator==(const BpfInstruction&, const BpfInstruction&) = default;
};

/// Most instructions of a program (Linux: BPF_MAXINSNS).
inline constexpr std::size_t kBpfMaxInstructions = 4096;
/// Words of scratch memory (Linux: BPF_MEMWORDS).
inline constexpr std::uint32_t kBpfMemoryWords = 16;

/// Where a program's offsets and ancillary loads (Linux: SKF_AD_*) get their answers.
struct BpfContext {
  /// Offset 0 is its data.
  const skb::SkBuff& skb;
  unsigned cpu = 0;
  /// Draws for SKF_AD_RANDOM, only when a program asks; without one the answer is 0.
  std::minstd_rand* random = nullptr;
};

/// A program that cannot loop, jump out of itself, read memory that it did not write, or divide by a zero that it
/// knows: checked when it is made. Immutable.
class BpfProgram {
 public:
  /// invalid: empty, longer than kBpfMaxInstructions, or not such a program (Linux: bpf_check_classic).
  [[nodiscard]] static base::Result<BpfProgram> make(std::span<const BpfInstruction> instructions);

  /// Bytes of the packet that are wanted: 0 none, larger than the packet all. A load beyond the packet's end ends the
  /// program with 0, as does a division by zero.
  [[nodiscard]] std::uint32_t run(const BpfContext& context) const;

  [[nodiscard]] const std::vector<BpfInstruction>& instructions() const { return instructions_; }

 private:
  explicit BpfProgram(std::span<const BpfInstruction> instructions)
      : instructions_(instructions.begin(), instructions.end()) {}

  std::vector<BpfInstruction> instructions_;
};

}  // namespace host::device
