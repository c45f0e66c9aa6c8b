// SPDX-License-Identifier: Apache-2.0
// What an administrator does to a device's qdiscs: add, replace, change, delete, by parent and handle
// (Linux: tc_modify_qdisc, tc_get_qdisc, net/sched/sch_api.c).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/device/net_device.hpp"

namespace host::device {

struct QdiscRequest {
  enum class Verb : std::uint8_t { add, change, replace, remove };
  Verb verb = Verb::add;
  qdisc::Handle parent = 0;                  // kRootHandle, a class, or 0: not given
  qdisc::Handle handle = 0;                  // 0: not given
  std::string kind;                          // empty: not given
  std::function<void(qdisc::Options&)> set;  // turns what the qdisc has into what is wanted; none: as it is
};

/// Why it was not done: an errno and, mostly, a sentence (Linux: extack).
struct QdiscError {
  base::Errno error = base::Errno::invalid;
  std::string message;
};

/// Nothing: it is done. Process context.
[[nodiscard]] std::optional<QdiscError> control_qdisc(kernel::Cpu& cpu, NetDevice& dev, const QdiscRequest& request);

/// One of a device's qdiscs and where it stands.
struct QdiscPlace {
  qdisc::Qdisc* qdisc = nullptr;
  qdisc::Qdisc* around = nullptr;  // null: it is the root
  qdisc::Handle parent = qdisc::kRootHandle;
  bool visible = true;  // not what a class has until it is given another one
};

/// All of them, each before those in its classes. mq's are those of the transmit queues in use.
[[nodiscard]] std::vector<QdiscPlace> qdiscs_of(NetDevice& dev);

}  // namespace host::device
