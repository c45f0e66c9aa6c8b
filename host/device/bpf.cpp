// SPDX-License-Identifier: Apache-2.0
// Running a checked program on a packet.
#include "host/device/bpf.hpp"

#include <array>
#include <optional>

#include "host/base/byte_order.hpp"
#include "host/device/bpf_code.hpp"
#include "host/device/net_device.hpp"

namespace host::device {
namespace {

using namespace bpf;

constexpr std::uint32_t kShiftMask = 31;  // Linux: what a shift by X looks at
constexpr std::uint32_t kArphrdEther = 1;
constexpr std::uint32_t kArphrdLoopback = 772;
constexpr std::uint8_t kLowNibble = 0x0f;

/// The machine's registers and memory.
struct Machine {
  std::uint32_t a = 0;
  std::uint32_t x = 0;
  std::array<std::uint32_t, kBpfMemoryWords> memory{};
};

unsigned width_of(std::uint16_t code) {
  if ((code & kB) != 0) return 1;
  return (code & kH) != 0 ? 2 : 4;
}

/// `offset` is from data, or from a header when it is one of those.
std::optional<std::uint32_t> load_packet(const skb::SkBuff& skb, std::uint32_t offset, unsigned width) {
  std::int64_t from_data = offset;
  if (offset >= kFromNetworkHeader) {
    if (!skb.has_network_header()) return std::nullopt;
    from_data = std::int64_t{offset - kFromNetworkHeader} - skb.network_offset();
  } else if (offset >= kFromLinkHeader) {
    if (!skb.has_mac_header()) return std::nullopt;
    from_data = std::int64_t{offset - kFromLinkHeader} - skb.mac_offset();
  }
  std::array<std::byte, 4> bytes{};
  const auto out = std::span(bytes).last(width);
  if (from_data < 0) {
    // In front of data, where the headers stand that were pulled: linear.
    const auto header = offset >= kFromNetworkHeader ? skb.network_header() : skb.mac_header();
    const std::uint32_t at = offset - (offset >= kFromNetworkHeader ? kFromNetworkHeader : kFromLinkHeader);
    if (at + width > header.size()) return std::nullopt;
    const auto part = header.subspan(at, width);
    std::copy(part.begin(), part.end(), out.begin());
  } else if (from_data > UINT32_MAX || !skb.copy_bits(static_cast<std::uint32_t>(from_data), out)) {
    return std::nullopt;
  }
  return base::load_be32(bytes, 0);
}

std::uint32_t load_ancillary(const BpfContext& context, const Machine& machine, Ancillary what) {
  const skb::SkBuff& skb = context.skb;
  switch (what) {
    case Ancillary::protocol:
      return skb.protocol;
    case Ancillary::packet_type:
      return static_cast<std::uint32_t>(skb.packet_type);
    case Ancillary::interface_index:
      return skb.dev == nullptr ? 0 : skb.dev->ifindex();
    case Ancillary::mark:
      return skb.mark;
    case Ancillary::queue:
      return skb.queue_mapping;
    case Ancillary::hardware_type:
      return skb.dev != nullptr && skb.dev->address().is_zero() ? kArphrdLoopback : kArphrdEther;
    case Ancillary::receive_hash:
      return skb.hash_valid ? skb.hash : 0;
    case Ancillary::cpu:
      return context.cpu;
    case Ancillary::xor_x:
      return machine.a ^ machine.x;
    case Ancillary::random:
      return context.random != nullptr ? static_cast<std::uint32_t>((*context.random)()) : 0;
    case Ancillary::vlan_tag:
    case Ancillary::vlan_tag_present:
      return 0;  // tags stand in the frame
  }
  return 0;
}

/// Nothing: a division by zero.
std::optional<std::uint32_t> calculate(unsigned operation, std::uint32_t a, std::uint32_t operand) {
  switch (operation) {
    case kAdd:
      return a + operand;
    case kSub:
      return a - operand;
    case kMul:
      return a * operand;
    case kOr:
      return a | operand;
    case kAnd:
      return a & operand;
    case kXor:
      return a ^ operand;
    case kLsh:
      return a << (operand & kShiftMask);
    case kRsh:
      return a >> (operand & kShiftMask);
    case kDiv:
      return operand == 0 ? std::nullopt : std::optional(a / operand);
    case kMod:
      return operand == 0 ? std::nullopt : std::optional(a % operand);
    default:
      return 0 - a;
  }
}

bool holds(unsigned operation, std::uint32_t a, std::uint32_t operand) {
  switch (operation) {
    case kJeq:
      return a == operand;
    case kJgt:
      return a > operand;
    case kJge:
      return a >= operand;
    default:
      return (a & operand) != 0;
  }
}

/// What a load gives; nothing when it is beyond the packet.
std::optional<std::uint32_t> load(const BpfContext& context, const Machine& machine,
                                  const BpfInstruction& instruction) {
  const std::uint32_t k = instruction.k;
  switch (instruction.code & ~(kClassMask | kH | kB)) {
    case kAbs:
      if (k >= kAncillary) return load_ancillary(context, machine, static_cast<Ancillary>(k - kAncillary));
      return load_packet(context.skb, k, width_of(instruction.code));
    case kInd:
      return load_packet(context.skb, machine.x + k, width_of(instruction.code));
    case kMem:
      return machine.memory[k];
    case kLen:
      return context.skb.len();
    case kMsh: {
      const auto byte = load_packet(context.skb, k, 1);
      if (!byte) return std::nullopt;
      return (*byte & kLowNibble) << 2;  // an IPv4 header's length
    }
    default:
      return k;
  }
}

}  // namespace

std::uint32_t BpfProgram::run(const BpfContext& context) const {
  Machine machine;
  for (std::size_t at = 0; at < instructions_.size(); ++at) {
    const BpfInstruction& instruction = instructions_[at];
    const unsigned operation = instruction.code & kOperationMask;
    const std::uint32_t operand = (instruction.code & kX) != 0 ? machine.x : instruction.k;
    switch (instruction.code & kClassMask) {
      case kLd:
      case kLdx: {
        const auto value = load(context, machine, instruction);
        if (!value) return 0;
        ((instruction.code & kClassMask) == kLd ? machine.a : machine.x) = *value;
        break;
      }
      case kSt:
        machine.memory[instruction.k] = machine.a;
        break;
      case kStx:
        machine.memory[instruction.k] = machine.x;
        break;
      case kAlu: {
        const auto value = calculate(operation, machine.a, operand);
        if (!value) return 0;
        machine.a = *value;
        break;
      }
      case kJmp:
        if (operation == kJa) {
          at += instruction.k;
        } else {
          at += holds(operation, machine.a, operand) ? instruction.jump_true : instruction.jump_false;
        }
        break;
      case kRet:
        return instruction.code == (kRet | kA) ? machine.a : instruction.k;
      default:
        if (instruction.code == (kMisc | kTxa)) {
          machine.a = machine.x;
        } else {
          machine.x = machine.a;
        }
    }
  }
  return 0;
}

}  // namespace host::device
