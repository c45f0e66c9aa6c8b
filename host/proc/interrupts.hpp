// SPDX-License-Identifier: Apache-2.0
// /proc/interrupts, /proc/softirqs and /proc/irq (Linux: kernel/irq/proc.c, fs/proc/softirqs.c).
#pragma once

#include <string>

#include "host/kernel/kernel.hpp"

namespace host::proc {

/// A line a vector: counts by CPU, chip, its number there, flow, who handles it. ERR counts interrupts that nobody had
/// requested.
[[nodiscard]] std::string interrupts(kernel::Kernel& kernel);

/// Every softirq that Linux has; those that this kernel has not stay 0.
[[nodiscard]] std::string softirqs(kernel::Kernel& kernel);

/// The names of Linux's softirqs in its order, and which of ours each is.
struct SoftirqName {
  const char* name;
  kernel::Softirq ours;  // count: none
};
inline constexpr std::array<SoftirqName, 10> kSoftirqNames{{{"HI", kernel::Softirq::count},
                                                            {"TIMER", kernel::Softirq::timer},
                                                            {"NET_TX", kernel::Softirq::net_tx},
                                                            {"NET_RX", kernel::Softirq::net_rx},
                                                            {"BLOCK", kernel::Softirq::count},
                                                            {"IRQ_POLL", kernel::Softirq::count},
                                                            {"TASKLET", kernel::Softirq::count},
                                                            {"SCHED", kernel::Softirq::count},
                                                            {"HRTIMER", kernel::Softirq::count},
                                                            {"RCU", kernel::Softirq::count}}};
[[nodiscard]] std::uint64_t softirq_count(const kernel::Cpu& cpu, const SoftirqName& name);

/// What lies in /proc/irq now: for each vector smp_affinity and smp_affinity_list, which move its interrupts when they
/// are written, effective_affinity and effective_affinity_list, spurious; and default_smp_affinity.
[[nodiscard]] kernel::PseudoFiles::Files irq_files(kernel::Kernel& kernel);

}  // namespace host::proc
