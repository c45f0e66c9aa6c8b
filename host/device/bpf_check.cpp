// SPDX-License-Identifier: Apache-2.0
// Which programs are allowed to run (Linux: bpf_check_classic, check_load_and_stores).
#include "host/device/bpf.hpp"
#include "host/device/bpf_code.hpp"

namespace host::device {
namespace {

using namespace bpf;

constexpr std::uint32_t kWordBits = 32;

bool is_ancillary(std::uint32_t k) {
  switch (static_cast<Ancillary>(k - kAncillary)) {
    case Ancillary::protocol:
    case Ancillary::packet_type:
    case Ancillary::interface_index:
    case Ancillary::mark:
    case Ancillary::queue:
    case Ancillary::hardware_type:
    case Ancillary::receive_hash:
    case Ancillary::cpu:
    case Ancillary::xor_x:
    case Ancillary::vlan_tag:
    case Ancillary::vlan_tag_present:
    case Ancillary::random:
      return true;
  }
  return false;
}

bool load_is_known(const BpfInstruction& instruction) {
  switch (instruction.code) {
    case kLd | kW | kAbs:
    case kLd | kH | kAbs:
    case kLd | kB | kAbs:
      return instruction.k < kAncillary || is_ancillary(instruction.k);
    case kLd | kW | kInd:
    case kLd | kH | kInd:
    case kLd | kB | kInd:
    case kLd | kImm:
    case kLd | kW | kLen:
    case kLdx | kImm:
    case kLdx | kW | kLen:
    case kLdx | kB | kMsh:
      return true;
    case kLd | kMem:
    case kLdx | kMem:
    case kSt:
    case kStx:
      return instruction.k < kBpfMemoryWords;
    default:
      return false;
  }
}

bool arithmetic_is_known(const BpfInstruction& instruction) {
  const bool from_k = (instruction.code & kX) == 0;
  switch (instruction.code & ~(kX | kAlu)) {
    case kAdd:
    case kSub:
    case kMul:
    case kOr:
    case kAnd:
    case kXor:
      return true;
    case kDiv:
    case kMod:
      return !from_k || instruction.k != 0;
    case kLsh:
    case kRsh:
      return !from_k || instruction.k < kWordBits;
    case kNeg:
      return from_k;
    default:
      return false;
  }
}

/// `rest`: instructions behind this one.
bool jump_is_known(const BpfInstruction& instruction, std::size_t rest) {
  switch (instruction.code & ~(kX | kJmp)) {
    case kJa:
      return (instruction.code & kX) == 0 && instruction.k < rest;
    case kJeq:
    case kJgt:
    case kJge:
    case kJset:
      return instruction.jump_true < rest && instruction.jump_false < rest;
    default:
      return false;
  }
}

bool is_known(const BpfInstruction& instruction, std::size_t rest) {
  switch (instruction.code & kClassMask) {
    case kLd:
    case kLdx:
    case kSt:
    case kStx:
      return load_is_known(instruction);
    case kAlu:
      return arithmetic_is_known(instruction);
    case kJmp:
      return jump_is_known(instruction, rest);
    case kRet:
      return instruction.code == (kRet | kK) || instruction.code == (kRet | kA);
    default:
      return instruction.code == (kMisc | kTax) || instruction.code == (kMisc | kTxa);
  }
}

/// On every path, a word of memory is written before it is read.
bool memory_is_written_first(std::span<const BpfInstruction> program) {
  constexpr std::uint32_t kAll = (1U << kBpfMemoryWords) - 1;
  // Words that are written on every path that jumps to an instruction.
  std::vector<std::uint32_t> written_at(program.size(), kAll);
  std::uint32_t written = 0;
  for (std::size_t i = 0; i < program.size(); ++i) {
    written &= written_at[i];
    const BpfInstruction& instruction = program[i];
    switch (instruction.code) {
      case kSt:
      case kStx:
        written |= 1U << instruction.k;
        break;
      case kLd | kMem:
      case kLdx | kMem:
        if ((written & (1U << instruction.k)) == 0) return false;
        break;
      case kJmp | kJa:
        written_at[i + 1 + instruction.k] &= written;
        written = kAll;
        break;
      default:
        if ((instruction.code & kClassMask) == kJmp) {
          written_at[i + 1 + instruction.jump_true] &= written;
          written_at[i + 1 + instruction.jump_false] &= written;
          written = kAll;
        }
    }
  }
  return true;
}

}  // namespace

base::Result<BpfProgram> BpfProgram::make(std::span<const BpfInstruction> instructions) {
  if (instructions.empty() || instructions.size() > kBpfMaxInstructions) return base::Errno::invalid;
  for (std::size_t i = 0; i < instructions.size(); ++i) {
    if (!is_known(instructions[i], instructions.size() - i - 1)) return base::Errno::invalid;
  }
  const bool returns = (instructions.back().code & kClassMask) == kRet;
  if (!returns || !memory_is_written_first(instructions)) return base::Errno::invalid;
  return BpfProgram(instructions);
}

}  // namespace host::device
