// SPDX-License-Identifier: Apache-2.0
// Feature tables; the numbers and names are the contract's.
#include "host/driver/virtio_features.hpp"

#include <array>

#include "rtl/contract/virtio_contract.hpp"

namespace host::driver {
namespace {

using namespace contract;

constexpr std::array kUsed = {
    NET_F_CSUM,           NET_F_GUEST_CSUM, NET_F_MTU,         NET_F_MAC,         NET_F_GUEST_TSO4,
    NET_F_GUEST_TSO6,     NET_F_GUEST_ECN,  NET_F_HOST_TSO4,   NET_F_HOST_TSO6,   NET_F_HOST_ECN,
    NET_F_MRG_RXBUF,      NET_F_STATUS,     NET_F_HOST_USO,    NET_F_HASH_REPORT, F_VERSION_1,
    RING_F_INDIRECT_DESC, RING_F_EVENT_IDX, F_ACCESS_PLATFORM, F_RING_PACKED,     F_IN_ORDER,
    F_NOTIFICATION_DATA,  F_RING_RESET,
};

/// A feature and what it needs: one of the two.
struct Need {
  unsigned feature;
  unsigned one;
  unsigned other;
};
constexpr std::array kNeeds = {
    Need{NET_F_GUEST_TSO4, NET_F_GUEST_CSUM, NET_F_GUEST_CSUM},
    Need{NET_F_GUEST_TSO6, NET_F_GUEST_CSUM, NET_F_GUEST_CSUM},
    Need{NET_F_GUEST_ECN, NET_F_GUEST_TSO4, NET_F_GUEST_TSO6},
    Need{NET_F_HOST_TSO4, NET_F_CSUM, NET_F_CSUM},
    Need{NET_F_HOST_TSO6, NET_F_CSUM, NET_F_CSUM},
    Need{NET_F_HOST_ECN, NET_F_HOST_TSO4, NET_F_HOST_TSO6},
    Need{NET_F_HOST_USO, NET_F_CSUM, NET_F_CSUM},
};

constexpr std::array<std::string_view, 3> kPrefixes = {"NET_F_", "RING_F_", "F_"};

/// The contract's name without its prefix; empty when the number is no feature.
std::string_view feature_name(std::string_view contract_name) {
  for (const auto prefix : kPrefixes) {
    if (contract_name.starts_with(prefix)) return contract_name.substr(prefix.size());
  }
  return {};
}

}  // namespace

Features driver_features() {
  Features all = 0;
  for (const unsigned bit : kUsed) all |= feature(bit);
  return all;
}

Features with_prerequisites(Features features) {
  for (const auto& need : kNeeds) {
    if (!has_feature(features, need.one) && !has_feature(features, need.other)) features &= ~feature(need.feature);
  }
  return features;
}

std::optional<unsigned> feature_by_name(std::string_view name) {
  for (const auto& number : kVirtioNumbers) {
    if (!name.empty() && feature_name(number.name) == name) return static_cast<unsigned>(number.value);
  }
  return std::nullopt;
}

std::vector<std::string> driver_feature_names() {
  std::vector<std::string> names;
  for (const auto& number : kVirtioNumbers) {
    const auto name = feature_name(number.name);
    if (!name.empty() && has_feature(driver_features(), static_cast<unsigned>(number.value))) names.emplace_back(name);
  }
  return names;
}

device::TxOffloads tx_offloads(Features features) {
  return {.checksum = has_feature(features, NET_F_CSUM),
          .tso4 = has_feature(features, NET_F_HOST_TSO4),
          .tso6 = has_feature(features, NET_F_HOST_TSO6),
          .tso_ecn = has_feature(features, NET_F_HOST_ECN),
          .uso = has_feature(features, NET_F_HOST_USO)};
}

bool receives_large(Features features) {
  return has_feature(features, NET_F_GUEST_TSO4) || has_feature(features, NET_F_GUEST_TSO6);
}

std::uint32_t net_header_bytes(Features features) {
  return has_feature(features, NET_F_HASH_REPORT) ? NET_HDR_HASH_BYTES : NET_HDR_BYTES;
}

}  // namespace host::driver
