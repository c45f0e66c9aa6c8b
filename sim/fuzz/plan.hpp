// SPDX-License-Identifier: Apache-2.0
// A stimulus: how the machine is made and what happens on it. Operations carry their own seed, so that any
// of them can be left out without changing the others: that is how a failure is shrunk.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rtl/contract/virtio_contract.hpp"
#include "sim/pcie/adversary.hpp"
#include "sim/pcie/ports.hpp"

namespace sim::fuzz {

enum class RingKind : std::uint8_t { packed, split };

struct Machine {
  std::uint64_t seed = 1;  ///< of latencies
  unsigned pairs = 1;
  RingKind ring = RingKind::packed;
  unsigned rx_size = 64;  ///< entries
  unsigned tx_size = 64;
  std::uint64_t features = 0;  ///< that the driver takes, VERSION_1 and the ring's bit included
  unsigned mtu = 1500;
  bool honour_suppression = true;  ///< the driver kicks only when it is asked to
  unsigned max_payload = 256;
  unsigned max_read = 512;
  bool extended_tags = true;
  Picoseconds memory_latency_min = 200'000;
  Picoseconds memory_latency_max = 400'000;
  bool reorder = false;
  bool split_completions = false;
  unsigned stall_percent = 0;       ///< of core cycles in which the host takes no TLP; the RTL only
  bool wide = false;                ///< the RTL's data path has 128 bits
  bool high_memory = true;          ///< above 4 GB
  std::uint64_t settings = 0;       ///< seed of what is set through the control window; 0: nothing
  unsigned completion_timeout = 0;  ///< core cycles; 0: what is usual
  pcie::AdversaryConfig adversary;  ///< of a plan with chaos

  /// Without FCS and VLAN tags.
  [[nodiscard]] unsigned max_frame() const { return mtu + 14; }
  /// With one tag: nothing longer leaves.
  [[nodiscard]] unsigned longest() const { return mtu + 18; }
  [[nodiscard]] bool takes(unsigned feature) const { return ((features >> feature) & 1) != 0; }
  /// TCP segments may come as one.
  [[nodiscard]] bool large() const { return takes(contract::NET_F_GUEST_TSO4) || takes(contract::NET_F_GUEST_TSO6); }
};

/// What the driver wants to be told about.
enum class Wish : std::uint8_t { every, none, specific };

struct Operation {
  enum class Kind : std::uint8_t {
    receive_buffers,  ///< `count` buffers into the receive queue of `pair`
    transmit,         ///< `count` frames into the transmit queue of `pair`
    wire,             ///< `count` frames from the wire
    wait,             ///< `count` nanoseconds
    sync,             ///< until nothing moves any more; what has come is compared up to here
    wish,             ///< interrupts of `pair`, `count` is a Wish
    stray_doorbell,   ///< one that names no queue
    spurious_kick,    ///< one for nothing
    broken,           ///< a buffer that breaks rule `count` (Rule), then a device reset
    reset,            ///< a device reset and a new start
    settings,         ///< other settings, from the seed
    queue_reset,      ///< RING_RESET of one queue of `pair`: receive if `count` is 0
    // only where nothing is compared
    function_reset,  ///< FLR
    master_off,      ///< no bus mastering for `count` nanoseconds
    mask,            ///< no messages for `count` nanoseconds
    bad_features,    ///< a set of features that must be refused
    jump,            ///< rubbish in the ring of `pair`, transmit if `count` is odd
    unmap,           ///< the ring of `pair`, transmit if `count` is odd, is no longer mapped
    move,            ///< the ring of `pair` gets other addresses while it is enabled, which must change nothing
  };
  Kind kind = Kind::wait;
  unsigned pair = 0;
  unsigned count = 0;
  std::uint64_t seed = 0;
};

/// The rules that a buffer can break.
enum class Rule : std::uint8_t { direction, empty, huge, wraps, indirect, endless, count };

struct Plan {
  Machine machine;
  std::vector<Operation> operations;
  bool chaos = false;               ///< the operations come at any moment, and the host misbehaves ...
  std::vector<Operation> epilogue;  ///< ... until here, behind a reset, where all is compared again
};

/// What a driver may take or leave.
inline constexpr std::uint64_t kOptional = [] {
  std::uint64_t features = 0;
  for (const unsigned number :
       {contract::NET_F_CSUM, contract::NET_F_GUEST_CSUM, contract::NET_F_HOST_TSO4, contract::NET_F_HOST_TSO6,
        contract::NET_F_HOST_ECN, contract::NET_F_HOST_USO, contract::NET_F_MRG_RXBUF, contract::NET_F_HASH_REPORT,
        contract::NET_F_GUEST_TSO4, contract::NET_F_GUEST_TSO6, contract::NET_F_GUEST_ECN,
        contract::RING_F_INDIRECT_DESC, contract::RING_F_EVENT_IDX, contract::F_IN_ORDER, contract::F_NOTIFICATION_DATA,
        contract::F_RING_RESET}) {
    features |= std::uint64_t{1} << number;
  }
  return features;
}();

/// What a random plan may use.
struct Bounds {
  unsigned max_pairs = 8;
  bool packed = true;
  bool split = true;
  std::uint64_t required = 0;          ///< features that are always taken
  std::uint64_t optional = kOptional;  ///< features of which each is taken half of the time
  unsigned max_queue_size = 256;
  unsigned operations = 40;
  unsigned chaos_percent = 40;  ///< of the plans
};

[[nodiscard]] Plan make_plan(std::uint64_t seed, const Bounds& bounds);
/// One line an operation, the machine first.
[[nodiscard]] std::string describe(const Plan& plan);

}  // namespace sim::fuzz
