// SPDX-License-Identifier: Apache-2.0
#include "sim/pcie/adversary.hpp"

#include <algorithm>

#include "rtl/contract/pci_contract.hpp"
#include "sim/pcie/tlp_format.hpp"
#include "sim/pcie/user_error.hpp"

namespace sim::pcie {

bool AdversaryConfig::idle() const {
  return starve_every == 0 && std::all_of(per_mille.begin(), per_mille.end(), [](unsigned rate) { return rate == 0; });
}

Adversary::Adversary(const AdversaryConfig& config) : config_(config), random_(config.seed ^ 0xADBE'EF00) {
  unsigned sum = 0;
  for (const unsigned rate : config.per_mille) sum += rate;
  if (sum > 1000) throw UserError("adversary: the rates of all behaviours together must not exceed 1000 per mille");
  if (config.starve_every != 0 && config.starve_for >= config.starve_every) {
    throw UserError("adversary: a famine of credits must end before the next one begins");
  }
}

Picoseconds Adversary::credits_at(Picoseconds at) const {
  if (config_.starve_every == 0 || at < config_.starve_every || at < config_.after) return at;
  const Picoseconds into = at % config_.starve_every;
  return into < config_.starve_for ? at - into + config_.starve_for : at;
}

FilterVerdict Adversary::act(Tlp& tlp, Picoseconds now) {
  if (!is_completion(tlp) || now < config_.after) return {};
  auto draw = static_cast<unsigned>(random_.below(1000));
  for (std::size_t k = 0; k < config_.per_mille.size(); ++k) {
    if (draw < config_.per_mille[k]) {
      ++counts_[k];
      return strike(static_cast<Misdeed>(k), tlp);
    }
    draw -= config_.per_mille[k];
  }
  return {};
}

FilterVerdict Adversary::strike(Misdeed misdeed, Tlp& tlp) {
  switch (misdeed) {
    case Misdeed::delay:
      return {.copies = 1,
              .delay = 1 + static_cast<Picoseconds>(random_.below(static_cast<std::uint64_t>(config_.delay)))};
    case Misdeed::drop:
      return {.copies = 0, .delay = 0};
    case Misdeed::duplicate:
      return {.copies = 2, .delay = 0};
    case Misdeed::corrupt:
      if (!tlp.payload.empty()) {
        tlp.payload[random_.below(tlp.payload.size())] ^= std::byte{1} << static_cast<int>(random_.below(8));
      }
      return {};
    default:
      rewrite(misdeed, tlp);
      return {};
  }
}

/// Builds the completion anew with another header.
void Adversary::rewrite(Misdeed misdeed, Tlp& tlp) {
  Completion completion = *parse_completion(tlp);
  std::vector<std::byte> payload = std::move(tlp.payload);
  switch (misdeed) {
    case Misdeed::misdirect:
      if (random_.below(2) == 0) {
        completion.requester = static_cast<std::uint16_t>(completion.requester ^ (1U << random_.below(16)));
      } else {
        completion.tag = static_cast<std::uint8_t>(completion.tag ^ (1U << random_.below(8)));
      }
      break;
    case Misdeed::miscount:
      if (random_.below(2) == 0) {
        completion.byte_count = 1 + static_cast<unsigned>(random_.below(4096));
      } else {
        completion.lower_address = static_cast<std::uint8_t>(completion.lower_address ^ (1U << random_.below(7)));
      }
      break;
    case Misdeed::shorten:
      if (payload.size() > 4) payload.resize(payload.size() - 4);
      break;
    case Misdeed::lengthen:
      payload.resize(payload.size() + 4);
      break;
    case Misdeed::poison:
      completion.poisoned = true;
      break;
    default: {
      constexpr std::array<std::uint32_t, 3> kRefusals = {contract::CPL_UR, contract::CPL_CA, contract::CPL_CRS};
      completion.status = static_cast<std::uint8_t>(kRefusals[random_.below(kRefusals.size())]);
      payload.clear();
      break;
    }
  }
  completion.length = static_cast<unsigned>(payload.size() / 4);
  tlp = make_completion(completion, payload);
}

}  // namespace sim::pcie
