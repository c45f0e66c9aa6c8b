// SPDX-License-Identifier: Apache-2.0
// rps_cpus of each receive queue.
#include "host/device/rx_files.hpp"

#include <string>

#include "host/kernel/cpu_mask.hpp"

namespace host::device {
namespace {

std::string file_of(const NetDevice& dev, std::size_t queue, const char* name) {
  return "/sys/class/net/" + dev.name() + "/queues/rx-" + std::to_string(queue) + '/' + name;
}

}  // namespace

void add_rx_files(kernel::Kernel& kernel, NetDevice& dev) {
  const unsigned cpus = kernel.cpu_count();
  for (std::size_t i = 0; i < dev.rx_queues().size(); ++i) {
    RxQueue& queue = dev.rx_queues()[i];
    kernel.files().add(
        file_of(dev, i, "rps_cpus"), [&queue, cpus] { return cpu_mask_text(queue.rps_cpus, cpus) + '\n'; },
        [&queue, cpus](kernel::Cpu&, std::string_view text) -> base::Result<void> {
          auto set = kernel::parse_cpu_mask(text, cpus);
          if (!set) return set.error();
          queue.rps_cpus = std::move(*set);
          return {};
        });
  }
}

void remove_rx_files(kernel::Kernel& kernel, const NetDevice& dev) {
  for (std::size_t i = 0; i < dev.rx_queues().size(); ++i) kernel.files().remove(file_of(dev, i, "rps_cpus"));
}

}  // namespace host::device
