// SPDX-License-Identifier: Apache-2.0
// Qdiscs and classes as `tc` prints them (iproute2: print_qdisc, print_class, print_tcstats2_attr).
#pragma once

#include <string>
#include <vector>

#include "host/device/qdisc_control.hpp"

namespace host::console {

struct TcFormat {
  bool statistics = false;  // -s
  bool json = false;        // -j
  bool device = false;      // every device's are shown, so each line names its own
};

/// One qdisc: its lines, or its JSON object.
[[nodiscard]] std::string tc_qdisc_text(const device::NetDevice& dev, const device::QdiscPlace& place,
                                        const TcFormat& format);

/// The qdisc of what is received, ingress or clsact.
[[nodiscard]] std::string tc_ingress_text(device::NetDevice& dev, const TcFormat& format);

/// The classes of one qdisc, a line or three each; as text only.
[[nodiscard]] std::string tc_classes_text(const device::QdiscPlace& place, const TcFormat& format);

}  // namespace host::console
