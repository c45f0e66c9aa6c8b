// SPDX-License-Identifier: Apache-2.0
// Numbers in decimal, one a file (Linux: bql_set, bql_show_inflight).
#include "host/device/tx_queue_files.hpp"

#include <charconv>
#include <string>

namespace host::device {
namespace {

using base::Errno;

constexpr platform::Nanoseconds kMillisecond = 1'000'000;

std::string directory(const NetDevice& dev, unsigned queue) {
  return "/sys/class/net/" + dev.name() + "/queues/tx-" + std::to_string(queue);
}

std::string line(std::uint64_t number) {
  return std::to_string(number) + '\n';
}

base::Result<std::uint32_t> parse(std::string_view text) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::result_out_of_range) return Errno::range;
  if (error != std::errc() || stop != end) return Errno::invalid;
  return value;
}

/// A number of bytes, or "max".
base::Result<void> store(std::uint32_t& bytes, std::string_view text) {
  const auto value = text == "max" ? base::Result<std::uint32_t>(ByteQueueLimit::kLargest) : parse(text);
  if (!value) return value.error();
  if (*value > ByteQueueLimit::kLargest) return Errno::invalid;
  bytes = *value;
  return {};
}

void add_limit_files(kernel::PseudoFiles& files, const std::string& path, ByteQueueLimit& limit) {
  const auto add = [&](const char* name, std::uint32_t ByteQueueLimit::*member) {
    files.add(
        path + name, [&limit, member] { return line(limit.*member); },
        [&limit, member](kernel::Cpu&, std::string_view text) { return store(limit.*member, text); });
  };
  add("limit", &ByteQueueLimit::limit);
  add("limit_min", &ByteQueueLimit::minimum);
  add("limit_max", &ByteQueueLimit::maximum);
  files.add(path + "inflight", [&limit] { return line(limit.in_flight()); });
  files.add(
      path + "hold_time", [&limit] { return line(static_cast<std::uint64_t>(limit.hold_time / kMillisecond)); },
      [&limit](kernel::Cpu&, std::string_view text) -> base::Result<void> {
        const auto value = parse(text);
        if (!value) return value.error();
        limit.hold_time = *value * kMillisecond;
        return {};
      });
}

void add_xps_file(kernel::Kernel& kernel, const std::string& path, NetDevice& dev, unsigned queue) {
  kernel.files().add(
      path, [&kernel, &dev, queue] { return kernel::cpu_mask_text(dev.xps_cpus(queue), kernel.cpu_count()) + '\n'; },
      [&kernel, &dev, queue](kernel::Cpu&, std::string_view text) -> base::Result<void> {
        const auto cpus = kernel::parse_cpu_mask(text, kernel.cpu_count());
        if (!cpus) return cpus.error();
        dev.set_xps_cpus(queue, *cpus);
        return {};
      });
}

}  // namespace

void add_tx_queue_files(kernel::Kernel& kernel, NetDevice& dev) {
  for (unsigned queue = 0; queue < dev.tx_queues(); ++queue) {
    const std::string path = directory(dev, queue);
    add_limit_files(kernel.files(), path + "/byte_queue_limits/", dev.byte_queue_limit(queue));
    if (dev.tx_queues() > 1) add_xps_file(kernel, path + "/xps_cpus", dev, queue);
  }
}

void remove_tx_queue_files(kernel::Kernel& kernel, const NetDevice& dev) {
  for (unsigned queue = 0; queue < dev.tx_queues(); ++queue) kernel.files().remove(directory(dev, queue));
}

}  // namespace host::device
