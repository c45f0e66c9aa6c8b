// SPDX-License-Identifier: Apache-2.0
// What CPUs did with their time, and what NAPI did on them.
#include "host/proc/cpu_files.hpp"

#include <fmt/format.h>

#include "host/proc/interrupts.hpp"

namespace host::proc {

using kernel::Cpu;
using kernel::CpuState;
using kernel::Kernel;
using platform::Nanoseconds;

namespace {

constexpr Nanoseconds kTick = 10'000'000;  // USER_HZ is 100
constexpr Nanoseconds kCentisecond = kTick;
constexpr Nanoseconds kSecond = 1'000'000'000;

Nanoseconds time_of_all(Kernel& kernel, CpuState state) {
  Nanoseconds sum = 0;
  for (unsigned id = 0; id < kernel.cpu_count(); ++id) sum += kernel.cpu(id).time_in(state);
  return sum;
}

/// user nice system idle iowait irq softirq steal guest guest_nice.
template <typename TimeIn>
std::string ticks(TimeIn time_in) {
  const auto of = [&](CpuState state) { return time_in(state) / kTick; };
  return fmt::format(" {} 0 {} {} 0 {} {} 0 0 0\n", of(CpuState::user), of(CpuState::system), of(CpuState::idle),
                     of(CpuState::irq), of(CpuState::softirq));
}

/// The sum over CPUs of a number of each.
template <typename Number>
std::uint64_t sum_of(Kernel& kernel, Number number) {
  std::uint64_t sum = 0;
  for (unsigned id = 0; id < kernel.cpu_count(); ++id) sum += number(kernel.cpu(id));
  return sum;
}

std::string interrupt_line(const Kernel& kernel) {
  std::uint64_t total = 0;
  std::string each;
  for (const auto& action : kernel.irq_actions()) {
    std::uint64_t count = 0;
    if (action) {
      for (const std::uint64_t on_cpu : action->counts) count += on_cpu;
    }
    total += count;
    each += fmt::format(" {}", count);
  }
  return fmt::format("intr {}{}\n", total, each);
}

std::string softirq_line(Kernel& kernel) {
  std::uint64_t total = 0;
  std::string each;
  for (const SoftirqName& name : kSoftirqNames) {
    const std::uint64_t count = sum_of(kernel, [&](const Cpu& cpu) { return softirq_count(cpu, name); });
    total += count;
    each += fmt::format(" {}", count);
  }
  return fmt::format("softirq {}{}\n", total, each);
}

std::string seconds(Nanoseconds time) {
  return fmt::format("{}.{:02}", time / kSecond, time % kSecond / kCentisecond);
}

}  // namespace

std::string stat(Kernel& kernel) {
  std::string text = "cpu " + ticks([&](CpuState state) { return time_of_all(kernel, state); });
  for (unsigned id = 0; id < kernel.cpu_count(); ++id) {
    text += "cpu" + std::to_string(id) + ticks([&](CpuState state) { return kernel.cpu(id).time_in(state); });
  }
  text += interrupt_line(kernel);
  text += fmt::format("ctxt {}\nbtime 0\nprocesses {}\n",
                      sum_of(kernel, [](const Cpu& cpu) { return cpu.context_switches(); }), kernel.processes().size());
  // Whoever reads this runs.
  text += fmt::format("procs_running {}\nprocs_blocked 0\n",
                      1 + sum_of(kernel, [](const Cpu& cpu) { return cpu.runnable(); }));
  return text + softirq_line(kernel);
}

std::string uptime(Kernel& kernel) {
  return seconds(kernel.now()) + ' ' + seconds(time_of_all(kernel, CpuState::idle)) + '\n';
}

std::string softnet_stat(device::NetCore& net) {
  Kernel& kernel = net.kernel();
  std::string text;
  for (unsigned id = 0; id < kernel.cpu_count(); ++id) {
    const auto& softnet = kernel.cpu(id).softnet();
    const device::Backlog& backlog = net.rps().backlog(id);
    const std::uint64_t input = backlog.input_packets();
    const std::uint64_t process = backlog.process_packets();
    std::array<std::uint64_t, 15> columns{softnet.processed, softnet.dropped, softnet.time_squeeze};
    columns[9] = softnet.received_rps;  // five that are 0 for ever, and cpu_collision, stand before it
    columns[10] = softnet.flow_limit;
    columns[11] = input + process;
    columns[12] = id;
    columns[13] = input;
    columns[14] = process;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      text += fmt::format("{}{:08x}", i == 0 ? "" : " ", columns[i] & 0xffff'ffff);
    }
    text += '\n';
  }
  return text;
}

}  // namespace host::proc
