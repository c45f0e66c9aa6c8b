// SPDX-License-Identifier: Apache-2.0
// rps_cpus and rps_flow_cnt of each receive queue; gro_flush_timeout and napi_defer_hard_irqs of the interface.
#include "host/device/rx_files.hpp"

#include <bit>
#include <cstdint>
#include <string>

#include "host/device/table_size.hpp"
#include "host/kernel/cpu_mask.hpp"

namespace host::device {
namespace {

std::string device_file(const NetDevice& dev, const char* name) {
  return "/sys/class/net/" + dev.name() + '/' + name;
}

std::string file_of(const NetDevice& dev, std::size_t queue, const char* name) {
  return "/sys/class/net/" + dev.name() + "/queues/rx-" + std::to_string(queue) + '/' + name;
}

base::Result<void> set_flow_count(RxQueue& queue, std::string_view text) {
  const auto wanted = parse_table_size(text, RxQueue::kMostFlows);
  if (!wanted) return wanted.error();
  queue.flows.assign(*wanted == 0 ? 0 : std::bit_ceil(*wanted), {});
  return {};
}

constexpr std::int64_t kLongestDeferral = 1'000'000'000;  // a second: Linux bounds it by the width of a long only

base::Result<std::int64_t> parse_deferral(std::string_view text) {
  const auto value = parse_table_size(text, kLongestDeferral);
  if (!value) return value.error();
  return static_cast<std::int64_t>(*value);
}

void add_deferral_files(kernel::PseudoFiles& files, NetDevice& dev) {
  kernel::NapiDeferral& deferral = dev.napi_deferral();
  files.add(
      device_file(dev, "gro_flush_timeout"), [&deferral] { return std::to_string(deferral.gro_flush_timeout) + '\n'; },
      [&deferral](kernel::Cpu&, std::string_view text) -> base::Result<void> {
        const auto value = parse_deferral(text);
        if (!value) return value.error();
        deferral.gro_flush_timeout = *value;
        return {};
      });
  files.add(
      device_file(dev, "napi_defer_hard_irqs"),
      [&deferral] { return std::to_string(deferral.napi_defer_hard_irqs) + '\n'; },
      [&deferral](kernel::Cpu&, std::string_view text) -> base::Result<void> {
        const auto value = parse_deferral(text);
        if (!value) return value.error();
        deferral.napi_defer_hard_irqs = static_cast<unsigned>(*value);
        return {};
      });
}

}  // namespace

void add_rx_files(kernel::Kernel& kernel, NetDevice& dev) {
  add_deferral_files(kernel.files(), dev);
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
  for (const char* name : {"gro_flush_timeout", "napi_defer_hard_irqs"}) kernel.files().remove(device_file(dev, name));
  for (std::size_t i = 0; i < dev.rx_queues().size(); ++i) {
    for (const char* name : {"rps_cpus", "rps_flow_cnt"}) kernel.files().remove(file_of(dev, i, name));
  }
}

}  // namespace host::device
