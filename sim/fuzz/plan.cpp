// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "rtl/contract/virtio_contract.hpp"
#include "sim/fuzz/packets.hpp"
#include "sim/pcie/seeded_random.hpp"

namespace sim::fuzz {
namespace {

using Kind = Operation::Kind;

constexpr const char* kKindNames[] = {"receive_buffers",
                                      "transmit",
                                      "wire",
                                      "wait",
                                      "sync",
                                      "wish",
                                      "stray_doorbell",
                                      "spurious_kick",
                                      "broken buffer",
                                      "reset",
                                      "settings",
                                      "queue_reset",
                                      "function_reset",
                                      "master_off",
                                      "mask",
                                      "bad_features",
                                      "jump",
                                      "unmap",
                                      "move"};
constexpr unsigned kBurst = 12;  // frames: far below the packet buffer, so that nothing depends on its size

std::uint64_t bit(unsigned number) {
  return std::uint64_t{1} << number;
}

/// 5.1.3.1: without those whose prerequisites are missing.
std::uint64_t sound(std::uint64_t features) {
  const auto drop = [&](unsigned number) { features &= ~bit(number); };
  if ((features & bit(contract::NET_F_CSUM)) == 0) {
    drop(contract::NET_F_HOST_TSO4);
    drop(contract::NET_F_HOST_TSO6);
    drop(contract::NET_F_HOST_USO);
  }
  if ((features & (bit(contract::NET_F_HOST_TSO4) | bit(contract::NET_F_HOST_TSO6))) == 0) {
    drop(contract::NET_F_HOST_ECN);
  }
  if ((features & bit(contract::NET_F_GUEST_CSUM)) == 0) {
    drop(contract::NET_F_GUEST_TSO4);
    drop(contract::NET_F_GUEST_TSO6);
  }
  if ((features & (bit(contract::NET_F_GUEST_TSO4) | bit(contract::NET_F_GUEST_TSO6))) == 0) {
    drop(contract::NET_F_GUEST_ECN);
  }
  return features;
}

template <std::size_t N>
unsigned one_of(pcie::SeededRandom& random, const unsigned (&values)[N]) {
  return values[random.below(N)];
}

unsigned ring_size(pcie::SeededRandom& random, RingKind ring, unsigned most) {
  if (ring == RingKind::packed && random.below(2) == 0) return between(random, 8, most);
  unsigned size = 8;
  while (2 * size <= most && random.below(3) != 0) size *= 2;
  return size;
}

Machine make_machine(pcie::SeededRandom& random, std::uint64_t seed, const Bounds& bounds) {
  Machine machine;
  machine.seed = seed;
  machine.pairs = between(random, 1, bounds.max_pairs);
  machine.ring = bounds.packed && (!bounds.split || random.below(2) == 0) ? RingKind::packed : RingKind::split;
  machine.features = bounds.required | bit(contract::F_VERSION_1);
  if (machine.ring == RingKind::packed) machine.features |= bit(contract::F_RING_PACKED);
  for (unsigned number = 0; number < 64; ++number) {
    if ((bounds.optional & bit(number)) != 0 && random.below(2) == 0) machine.features |= bit(number);
  }
  machine.features = sound(machine.features);
  machine.rx_size = ring_size(random, machine.ring, bounds.max_queue_size);
  machine.tx_size = ring_size(random, machine.ring, bounds.max_queue_size);
  machine.honour_suppression = random.below(3) != 0;
  machine.max_payload = one_of(random, {128U, 256U});
  machine.max_read = one_of(random, {128U, 256U, 512U, 1024U, 4096U});
  machine.extended_tags = random.below(2) == 0;
  machine.memory_latency_min = 100'000 + 1000 * static_cast<Picoseconds>(random.below(400));
  machine.memory_latency_max = machine.memory_latency_min + 1000 * static_cast<Picoseconds>(random.below(700));
  machine.reorder = random.below(2) == 0;
  machine.split_completions = random.below(2) == 0;
  machine.mtu = random.below(3) != 0 ? 1500 : one_of(random, {600U, 1280U, 2000U, 4000U, 9000U, 9198U});
  const unsigned most_stalls = machine.mtu > 1500 ? 10 : 40;  // more, and the packet buffers fill up
  machine.stall_percent = random.below(3) == 0 ? between(random, 1, most_stalls) : 0;
  machine.high_memory = random.below(2) == 0;
  machine.settings = random.below(4) == 0 ? 0 : random.next();
  machine.wide = pcie::SeededRandom(seed).below(4) == 0;  // the plan is the same at either width
  return machine;
}

Operation make_operation(pcie::SeededRandom& random, const Machine& machine) {
  Operation operation;
  operation.seed = random.next();
  operation.pair = static_cast<unsigned>(random.below(machine.pairs));
  const std::uint64_t draw = random.below(100);
  const auto set = [&](Kind kind, unsigned count) {
    operation.kind = kind;
    operation.count = count;
  };
  if (draw < 20) {
    set(Kind::receive_buffers, between(random, 1, 2 * kBurst));
  } else if (draw < 42) {
    set(Kind::transmit, between(random, 1, kBurst));
  } else if (draw < 62) {
    set(Kind::wire, between(random, 1, kBurst));
  } else if (draw < 76) {
    set(Kind::wait, between(random, 1, 3000));
  } else if (draw < 84) {
    set(Kind::sync, 0);
  } else if (draw < 91) {
    set(Kind::wish, static_cast<unsigned>(random.below(3)));
  } else if (draw < 93) {
    set(Kind::stray_doorbell, 0);
  } else if (draw < 96) {
    set(Kind::spurious_kick, static_cast<unsigned>(random.below(2)));
  } else if (draw < 97) {
    set(Kind::broken, static_cast<unsigned>(random.below(static_cast<unsigned>(Rule::count))));
  } else if (draw < 98) {
    set(Kind::reset, 0);
  } else if (draw < 99) {
    set(Kind::settings, 0);
  } else {
    set(Kind::queue_reset, static_cast<unsigned>(random.below(2)));
  }
  return operation;
}

/// Instead of some of the operations: what is only done where nothing is compared.
Operation make_chaotic(pcie::SeededRandom& random, const Machine& machine) {
  Operation operation = make_operation(random, machine);
  const std::uint64_t draw = random.below(100);
  const auto set = [&](Kind kind, unsigned count) {
    operation.kind = kind;
    operation.count = count;
  };
  if (draw < 6) {
    set(Kind::broken, static_cast<unsigned>(random.below(static_cast<unsigned>(Rule::count))));
  } else if (draw < 9) {
    set(Kind::reset, 0);
  } else if (draw < 14) {
    set(Kind::queue_reset, static_cast<unsigned>(random.below(2)));
  } else if (draw < 16) {
    set(Kind::function_reset, 0);
  } else if (draw < 18) {
    set(Kind::master_off, between(random, 1, 4000));
  } else if (draw < 22) {
    set(Kind::mask, between(random, 1, 6000));
  } else if (draw < 24) {
    set(Kind::bad_features, 0);
  } else if (draw < 28) {
    set(Kind::jump, static_cast<unsigned>(random.below(2)));
  } else if (draw < 30) {
    set(Kind::wire, 60);
  } else if (draw < 31) {
    set(Kind::unmap, static_cast<unsigned>(random.below(2)));
  } else if (draw < 32) {
    set(Kind::move, static_cast<unsigned>(random.below(2)));
  }
  return operation;
}

/// Some behaviours, each rare.
void make_adversary(pcie::SeededRandom& random, Machine& machine) {
  pcie::AdversaryConfig& adversary = machine.adversary;
  adversary.seed = random.next();
  adversary.delay = 1000 * static_cast<Picoseconds>(between(random, 100, 3000));
  for (unsigned& rate : adversary.per_mille) {
    if (random.below(4) == 0) rate = between(random, 1, 12);
  }
  if (random.below(4) == 0) {
    adversary.starve_every = 1'000'000 * static_cast<Picoseconds>(between(random, 20, 60));
    adversary.starve_for = 1'000'000 * static_cast<Picoseconds>(between(random, 1, 18));
  }
  // 64 reads at a time, 8 bytes a cycle: none must time out because all are under way
  machine.max_read = std::min(machine.max_read, 512U);
  machine.completion_timeout = between(random, 7000, 9000);
}

}  // namespace

Plan make_plan(std::uint64_t seed, const Bounds& bounds) {
  pcie::SeededRandom random(seed * 2 + 1);
  Plan plan;
  plan.machine = make_machine(random, seed, bounds);
  plan.chaos = random.below(100) < bounds.chaos_percent;
  for (unsigned pair = 0; pair < plan.machine.pairs; ++pair) {
    plan.operations.push_back({Kind::receive_buffers, pair, 2 * kBurst, random.next()});
  }
  const unsigned count = between(random, bounds.operations / 2, bounds.operations);
  for (unsigned i = 0; i < count; ++i) {
    plan.operations.push_back(plan.chaos ? make_chaotic(random, plan.machine) : make_operation(random, plan.machine));
  }
  if (!plan.chaos) return plan;
  if (random.below(4) != 0) make_adversary(random, plan.machine);
  for (unsigned pair = 0; pair < plan.machine.pairs; ++pair) {
    plan.epilogue.push_back({Kind::receive_buffers, pair, kBurst, random.next()});
    plan.epilogue.push_back({Kind::transmit, pair, 2, random.next()});
  }
  plan.epilogue.push_back({Kind::wire, 0, kBurst, random.next()});
  return plan;
}

std::string describe(const Plan& plan) {
  const Machine& m = plan.machine;
  std::string text = fmt::format(
      "machine: {} bits, {} pairs, {}, MTU {}, rings {} and {}, features {:#x}, {}, MPS {}, MRRS {}, {} tags, memory "
      "{} to {} "
      "ns{}{}, "
      "stalls {} %, {}\n",
      m.wide ? 128 : 64, m.pairs, m.ring == RingKind::packed ? "packed" : "split", m.mtu, m.rx_size, m.tx_size,
      m.features, m.honour_suppression ? "kicks on demand" : "kicks always", m.max_payload, m.max_read,
      m.extended_tags ? "extended" : "plain", m.memory_latency_min / 1000, m.memory_latency_max / 1000,
      m.reorder ? ", reordered" : "", m.split_completions ? ", split" : "", m.stall_percent,
      m.high_memory ? "64-bit addresses" : "32-bit addresses");
  if (plan.chaos) {
    text += "chaos, then a reset and some traffic; per thousand completions:";
    for (std::size_t i = 0; i < m.adversary.per_mille.size(); ++i) {
      if (m.adversary.per_mille[i] == 0) continue;
      fmt::format_to(std::back_inserter(text), " {} {}", pcie::kMisdeedNames[i], m.adversary.per_mille[i]);
    }
    fmt::format_to(std::back_inserter(text), "; credits starved {} of {} us; time-out {} cycles\n",
                   m.adversary.starve_for / 1'000'000, m.adversary.starve_every / 1'000'000, m.completion_timeout);
  }
  for (std::size_t i = 0; i < plan.operations.size(); ++i) {
    const Operation& o = plan.operations[i];
    fmt::format_to(std::back_inserter(text), "{:4}: {} pair {} count {} seed {}\n", i,
                   kKindNames[static_cast<std::size_t>(o.kind)], o.pair, o.count, o.seed);
  }
  return text;
}

}  // namespace sim::fuzz
