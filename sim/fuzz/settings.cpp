// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz/settings.hpp"

#include "rtl/contract/control_contract.hpp"
#include "sim/fuzz/packets.hpp"
#include "sim/pcie/seeded_random.hpp"

namespace sim::fuzz {
namespace {

using namespace contract;

constexpr unsigned kVlans = 4096;
constexpr unsigned kLongest = 4;  // microseconds of moderation, below what counts as quiet

class Maker {
 public:
  Maker(std::uint64_t seed, const Machine& machine, std::uint64_t own)
      : random_(seed), machine_(machine), addresses_(destinations(own)) {
    settings_.filter.own_address = own;
  }

  Settings make() {
    filter();
    scaling();
    moderation();
    shares();
    const auto tag = static_cast<std::uint32_t>(random_.below(0x10000));
    write(CTL_TX_SCHEDULE, TXS_VLAN, random_.below(4) == 0 ? (1U << 16) | tag : 0U);
    return std::move(settings_);
  }

 private:
  void write(std::uint32_t window, std::uint32_t place, std::uint32_t value) {
    settings_.writes.emplace_back(CTL_WINDOW_BYTES * window + place, value);
  }

  void filter() {
    nic_model::ReceiveFilter& filter = settings_.filter;
    if (random_.below(2) == 0)
      filter.mode = static_cast<std::uint32_t>(random_.below(0x80)) & ~(1U << RXF_MODE_PROMISC);
    for (unsigned i = 0; i < 4; ++i) {
      const std::uint64_t address = addresses_[random_.below(addresses_.size())];
      auto& entry = filter.addresses.at(random_.below(RXF_MAC_ENTRIES));
      entry = {random_.below(4) != 0, address};
    }
    for (unsigned i = 0; i < filter.addresses.size(); ++i) {
      const auto& [valid, value] = filter.addresses[i];
      write(CTL_RX_FILTER, RXF_MAC_TABLE + 8 * i, static_cast<std::uint32_t>(value));
      write(CTL_RX_FILTER, RXF_MAC_TABLE + 8 * i + 4,
            static_cast<std::uint32_t>(value >> 32) | (valid ? 1U << 31 : 0U));
    }
    if (filter.has(RXF_MODE_VLAN)) vlans();
    write(CTL_RX_FILTER, RXF_MODE, filter.mode);
  }

  void vlans() {
    for (unsigned word = 0; word < kVlans / 32; ++word) {
      const auto bits = word == 0 ? static_cast<std::uint32_t>(random_.below(0x100)) : 0U;
      write(CTL_RX_FILTER, RXF_VLAN_TABLE + 4 * word, bits);
      for (unsigned bit = 0; bit < 32; ++bit) {
        if (((bits >> bit) & 1) != 0) settings_.filter.vlans.insert(static_cast<std::uint16_t>(32 * word + bit));
      }
    }
  }

  void scaling() {
    nic_model::ReceiveScaling& scaling = settings_.scaling;
    for (unsigned i = 0; i < scaling.key.size(); i += 4) {
      const auto word = static_cast<std::uint32_t>(random_.next());
      for (unsigned k = 0; k < 4; ++k) scaling.key.at(i + k) = static_cast<std::uint8_t>(word >> (8 * k));
      write(CTL_RX_RSS, RSS_KEY + i, word);
    }
    scaling.mask = (1U << random_.below(6)) - 1;
    for (unsigned i = 0; i <= scaling.mask; ++i) {
      scaling.table.at(i) = static_cast<std::uint8_t>(random_.below(machine_.pairs));
      write(CTL_RX_RSS, RSS_TABLE + 4 * i, scaling.table.at(i));
    }
    scaling.unclassified = static_cast<unsigned>(random_.below(machine_.pairs));
    scaling.pairs = random_.below(4) == 0 ? between(random_, 1, machine_.pairs) : machine_.pairs;
    scaling.hash_types = random_.below(4) == 0 ? 0 : static_cast<std::uint32_t>(random_.below(0x200));
    write(CTL_RX_RSS, RSS_MASK, scaling.mask);
    write(CTL_RX_RSS, RSS_UNCLASSIFIED, scaling.unclassified);
    write(CTL_RX_RSS, RSS_TYPES, scaling.hash_types);
    write(CTL_RX_RSS, RSS_PAIRS, scaling.pairs);
  }

  void moderation() {
    for (unsigned pair = 0; pair < machine_.pairs; ++pair) {
      for (const std::uint32_t packets : {COAL_RX_PACKETS, COAL_TX_PACKETS}) {
        const bool off = random_.below(2) == 0;
        write(CTL_COALESCE, COAL_PAIR_BYTES * pair + packets, off ? 0U : static_cast<std::uint32_t>(random_.below(20)));
        write(CTL_COALESCE, COAL_PAIR_BYTES * pair + packets + 4, static_cast<std::uint32_t>(random_.below(kLongest)));
      }
    }
  }

  void shares() {
    for (unsigned pair = 0; pair < machine_.pairs; ++pair) {
      const std::uint32_t place = TXS_PAIRS + TXS_PAIR_BYTES * pair;
      write(CTL_TX_SCHEDULE, place + TXS_QUANTUM, between(random_, 1, 9000));
      write(CTL_TX_SCHEDULE, place + TXS_RATE, random_.below(4) == 0 ? between(random_, 300, 2000) : 0U);
    }
  }

  pcie::SeededRandom random_;
  const Machine& machine_;
  std::vector<std::uint64_t> addresses_;
  Settings settings_;
};

}  // namespace

std::vector<std::uint64_t> destinations(std::uint64_t own) {
  return {own, own, own, 0xFFFF'FFFF'FFFF, 0x0100'005E'0001, 0x0200'005E'0001, 0x0300'0000'0002, 0x0400'0000'0002};
}

Settings make_settings(std::uint64_t seed, const Machine& machine, std::uint64_t own) {
  return Maker(seed, machine, own).make();
}

}  // namespace sim::fuzz
