// SPDX-License-Identifier: Apache-2.0
// Interrupts by vector, softirqs by number, and where each vector goes.
#include "host/proc/interrupts.hpp"

#include <fmt/format.h>

#include "host/kernel/cpu_list.hpp"

namespace host::proc {

using base::Errno;
using kernel::CpuSet;
using kernel::IrqAction;
using kernel::Kernel;
using kernel::PseudoFiles;

namespace {

std::string cpu_header(const Kernel& kernel, unsigned indent) {
  std::string line(indent, ' ');
  for (unsigned cpu = 0; cpu < kernel.cpu_count(); ++cpu) line += fmt::format("CPU{:<8}", cpu);
  return line + '\n';
}

/// Where the vector's interrupts may go.
CpuSet affinity_of(const Kernel& kernel, const IrqAction& action) {
  return action.source.affinity.empty() ? kernel::all_cpus(kernel.cpu_count()) : action.source.affinity;
}

/// A file that shows a set as `text` writes it, and takes one as `parse` reads it.
template <typename Text, typename Parse>
PseudoFiles::File affinity_file(Kernel& kernel, unsigned vector, Text text, Parse parse) {
  return {.read = [&kernel, vector, text]() -> base::Result<std::string> {
            const auto& actions = kernel.irq_actions();
            if (vector >= actions.size() || !actions[vector]) return Errno::io;
            return text(affinity_of(kernel, *actions[vector])) + '\n';
          },
          .write = [&kernel, vector, parse](kernel::Cpu&, std::string_view written) -> base::Result<void> {
            auto set = parse(written);
            if (!set) return set.error() == Errno::range ? Errno::invalid : set.error();
            return kernel.set_irq_affinity(vector, std::move(*set));
          }};
}

void add_vector(PseudoFiles::Files& files, Kernel& kernel, unsigned vector, const IrqAction& action) {
  const unsigned cpus = kernel.cpu_count();
  const std::string folder = std::to_string(vector) + '/';
  const auto mask = [cpus](const CpuSet& set) { return kernel::cpu_mask_text(set, cpus); };
  files[folder + "smp_affinity"] =
      affinity_file(kernel, vector, mask, [cpus](std::string_view text) { return kernel::parse_cpu_mask(text, cpus); });
  files[folder + "smp_affinity_list"] =
      affinity_file(kernel, vector, kernel::cpu_list_text,
                    [cpus](std::string_view text) { return kernel::parse_cpu_list(text, cpus); });
  const unsigned target = action.source.cpu;
  files[folder + "effective_affinity"].read = [mask, target] { return mask({target}) + '\n'; };
  files[folder + "effective_affinity_list"].read = [target] { return std::to_string(target) + '\n'; };
  std::uint64_t sum = 0;
  for (const std::uint64_t count : action.counts) sum += count;
  files[folder + "spurious"].read = [sum] {
    return fmt::format("count {}\nunhandled 0\nlast_unhandled 0 ms\n", sum % 100'000);
  };
}

}  // namespace

std::string interrupts(Kernel& kernel) {
  std::string text = cpu_header(kernel, 11);
  const auto& actions = kernel.irq_actions();
  for (std::size_t vector = 0; vector < actions.size(); ++vector) {
    if (!actions[vector]) continue;
    const IrqAction& action = *actions[vector];
    text += fmt::format("{:>3}: ", vector);
    for (const std::uint64_t count : action.counts) text += fmt::format("{:>10} ", count);
    text += fmt::format(" {:>8} {:>3}-{:<8}  {}\n", action.source.chip, action.source.hwirq, action.source.flow,
                        action.name);
  }
  return text + fmt::format("ERR: {:>10}\n", kernel.spurious_interrupts());
}

std::uint64_t softirq_count(const kernel::Cpu& cpu, const SoftirqName& name) {
  return name.ours == kernel::Softirq::count ? 0 : cpu.softirq_count(name.ours);
}

std::string softirqs(Kernel& kernel) {
  std::string text = cpu_header(kernel, 20);
  for (const SoftirqName& name : kSoftirqNames) {
    text += fmt::format("{:>12}:", name.name);
    for (unsigned cpu = 0; cpu < kernel.cpu_count(); ++cpu) {
      text += fmt::format(" {:>10}", softirq_count(kernel.cpu(cpu), name));
    }
    text += '\n';
  }
  return text;
}

PseudoFiles::Files irq_files(Kernel& kernel) {
  PseudoFiles::Files files;
  const auto& actions = kernel.irq_actions();
  for (unsigned vector = 0; vector < actions.size(); ++vector) {
    if (actions[vector]) add_vector(files, kernel, vector, *actions[vector]);
  }
  const unsigned cpus = kernel.cpu_count();
  files["default_smp_affinity"].read = [cpus] { return kernel::cpu_mask_text(kernel::all_cpus(cpus), cpus) + '\n'; };
  return files;
}

}  // namespace host::proc
