// SPDX-License-Identifier: Apache-2.0
// rps_cpus and rps_flow_cnt of each receive queue.
#include "host/device/rx_files.hpp"

#include <bit>
#include <string>

#include "host/device/table_size.hpp"
#include "host/kernel/cpu_mask.hpp"

namespace host::device {
namespace {

std::string file_of(const NetDevice& dev, std::size_t queue, const char* name) {
  return "/sys/class/net/" + dev.name() + "/queues/rx-" + std::to_string(queue) + '/' + name;
}

base::Result<void> set_flow_count(RxQueue& queue, std::string_view text) {
  const auto wanted = parse_table_size(text, RxQueue::kMostFlows);
  if (!wanted) return wanted.error();
  queue.flows.assign(*wanted == 0 ? 0 : std::bit_ceil(*wanted), {});
  return {};
}

}  // namespace

void add_rx_files(kernel::Kernel& kernel, NetDevice& dev) {
  const unsigned cpus = kernel.cpu_count();
  for (std::size_t i = 0; i < dev.rx_queues().size(); ++i) {
    RxQueue& queue = dev.rx_queues()[i];
    kernel.files().add(
        file_of(dev, i, "rps_cpus"), [&queue, cpus] { return kernel::cpu_mask_text(queue.rps_cpus, cpus) + '\n'; },
        [&queue, cpus](kernel::Cpu&, std::string_view text) -> base::Result<void> {
          auto set = kernel::parse_cpu_mask(text, cpus);
          if (!set) return set.error();
          queue.rps_cpus = std::move(*set);
          return {};
        });
    kernel.files().add(
        file_of(dev, i, "rps_flow_cnt"), [&queue] { return std::to_string(queue.flows.size()) + '\n'; },
        [&queue](kernel::Cpu&, std::string_view text) { return set_flow_count(queue, text); });
  }
}

void remove_rx_files(kernel::Kernel& kernel, const NetDevice& dev) {
  for (std::size_t i = 0; i < dev.rx_queues().size(); ++i) {
    for (const char* name : {"rps_cpus", "rps_flow_cnt"}) kernel.files().remove(file_of(dev, i, name));
  }
}

}  // namespace host::device
