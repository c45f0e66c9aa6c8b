// SPDX-License-Identifier: Apache-2.0
// Which features this driver takes, and what each needs (virtio 1.2 section 5.1.3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/device/net_device.hpp"

namespace host::driver {

/// A set of feature bits.
using Features = std::uint64_t;
[[nodiscard]] constexpr Features feature(unsigned bit) {
  return Features{1} << bit;
}
[[nodiscard]] constexpr bool has_feature(Features features, unsigned bit) {
  return (features & feature(bit)) != 0;
}

/// All that this driver can use.
[[nodiscard]] Features driver_features();
/// `features` without those whose prerequisites are not in it.
[[nodiscard]] Features with_prerequisites(Features features);

/// The specification's name without its prefix, like "CSUM", "MRG_RXBUF" or "RING_PACKED"; nothing when unknown.
[[nodiscard]] std::optional<unsigned> feature_by_name(std::string_view name);
/// The names of all features that driver_features() has.
[[nodiscard]] std::vector<std::string> driver_feature_names();

/// What the stack may leave to a device with these features.
[[nodiscard]] device::TxOffloads tx_offloads(Features features);
/// Large packets may arrive.
[[nodiscard]] bool receives_large(Features features);
/// 12 or, with HASH_REPORT, 20.
[[nodiscard]] std::uint32_t net_header_bytes(Features features);

}  // namespace host::driver
