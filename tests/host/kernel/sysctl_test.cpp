// SPDX-License-Identifier: Apache-2.0
// Tunables as their files show and take them, and the rows of interfaces.
#include <catch2/catch.hpp>

#include "host/kernel/cpu_list.hpp"
#include "host/kernel/device_sysctl.hpp"
#include "host/kernel/kernel.hpp"
#include "tests/host/fake_machine.hpp"

using namespace host;
using base::Errno;
using kernel::DeviceSysctls;
using kernel::DeviceVariable;
using kernel::HasAll;
using kernel::ListOrder;
using kernel::SysctlTable;

TEST_CASE("A list is written in part or whole, or not at all", "[kernel][sysctl]") {
  SysctlTable table;
  const auto numbers = table.add_list(
      "net.ipv4.tcp_rmem", {{4096, 4096, 9'000'000}, {131'072, 4096, 9'000'000}, {6'291'456, 4096, 9'000'000}},
      ListOrder::ascending);
  CHECK(*table.text("net.ipv4.tcp_rmem") == "4096\t131072\t6291456");
  CHECK(table.set_text("net.ipv4.tcp_rmem", "8192 16384\t32768\n").ok());
  CHECK(numbers[1].value == 16'384);
  CHECK(table.set_text("net.ipv4.tcp_rmem", "0x2001").ok());
  CHECK(*table.text("net.ipv4.tcp_rmem") == "8193\t16384\t32768");
  for (const auto* wrong : {"", "  ", "8192 16384 32768 65536", "8192x", "twelve", "20000 10000", "0x", "1e3", "- 1"}) {
    INFO(wrong);
    CHECK(table.set_text("net.ipv4.tcp_rmem", wrong).error() == Errno::invalid);
  }
  CHECK(table.set_text("net.ipv4.tcp_rmem", "8194 16385 1").error() == Errno::range);
  CHECK(table.set_text("net.ipv4.tcp_rmem", "99999999999999999999").error() == Errno::invalid);
  CHECK(*table.text("net.ipv4.tcp_rmem") == "8193\t16384\t32768");
  CHECK(table.value("net.ipv4.tcp_rmem").error() == Errno::invalid);
}

TEST_CASE("A word is one of its choices", "[kernel][sysctl]") {
  SysctlTable table;
  const auto& qdisc = table.add_word("net.core.default_qdisc", {"pfifo_fast", "fq_codel"});
  int changes = 0;
  table.on_change("net.core.default_qdisc", [&] { ++changes; });
  CHECK(*table.text("net.core.default_qdisc") == "pfifo_fast");
  CHECK(table.set_text("net.core.default_qdisc", "cake").error() == Errno::no_entry);
  CHECK(table.set_text("net.core.default_qdisc", "fq_codel fq").error() == Errno::invalid);
  CHECK(changes == 0);
  CHECK(table.set_text("net.core.default_qdisc", "fq_codel\n").ok());
  CHECK(qdisc.value() == "fq_codel");
  CHECK(changes == 1);
}

TEST_CASE("An interface starts as default is, and its tunables go with it", "[kernel][sysctl]") {
  SysctlTable table;
  constexpr std::array<DeviceVariable, 2> kVariables{{{"forwarding", 0, 0, 1}, {"rp_filter", 0, 0, 2}}};
  {
    DeviceSysctls group(table, "net.ipv4.conf", kVariables, HasAll::yes);
    CHECK(table.set("net.ipv4.conf.default.rp_filter", 1).ok());
    const auto& row = group.add_device("eth0.5");
    CHECK(row[1]->value == 1);
    CHECK(table.set_text("net.ipv4.conf.eth0/5.rp_filter", "2").ok());
    CHECK(group.row("eth0.5")[1]->value == 2);
    CHECK(group.row("default")[1]->value == 1);
    CHECK(group.row("all")[1]->value == 0);
    CHECK(group.set("eth0.5", 0, 2).error() == Errno::range);
    CHECK(group.instances() == std::vector<std::string>{"all", "default", "eth0.5"});
    CHECK(table.names().size() == 6);
    group.remove_device("eth0.5");
    CHECK_FALSE(group.contains("eth0.5"));
    CHECK(table.text("net.ipv4.conf.eth0/5.rp_filter").error() == Errno::no_entry);
  }
  CHECK(table.names().empty());
}

TEST_CASE("/proc and /sys are read, written and listed by path", "[kernel][files]") {
  host_test::FakeMachine machine;
  kernel::Kernel kernel(machine.machine());
  auto& files = kernel.files();
  auto& cpu = kernel.cpu(0);
  std::string mask = "f";
  files.add("/proc/net/dev", [] { return std::string("Inter-|\n"); });
  files.add(
      "/proc/irq/24/smp_affinity", [&] { return mask + '\n'; },
      [&](kernel::Cpu&, std::string_view text) -> base::Result<void> {
        if (text.empty()) return Errno::invalid;
        mask = text;
        return {};
      });
  CHECK(*files.read("/proc/net/dev") == "Inter-|\n");
  CHECK(*files.read("//proc/net//dev/") == "Inter-|\n");
  CHECK(files.write(cpu, "/proc/net/dev", "1").error() == Errno::access);
  CHECK(files.write(cpu, "/proc/irq/24/smp_affinity", "3\n").ok());
  CHECK(*files.read("/proc/irq/24/smp_affinity") == "3\n");
  CHECK(files.write(cpu, "/proc/irq/24/smp_affinity", "\n").error() == Errno::invalid);
  CHECK(files.read("/proc/irq/24").error() == Errno::is_directory);
  CHECK(files.write(cpu, "/proc", "x").error() == Errno::is_directory);
  CHECK(files.read("/proc/irq/25").error() == Errno::no_entry);

  CHECK(*files.read("/proc/sys/net/core/netdev_budget") == "300\n");
  CHECK(files.write(cpu, "/proc/sys/net/core/netdev_budget", "64\n").ok());
  CHECK(kernel.sysctl().find("net.core.netdev_budget").value == 64);
  CHECK(files.write(cpu, "/proc/sys/net/core/netdev_budget", "-1").error() == Errno::invalid);
  CHECK(files.write(cpu, "/proc/sys/net/core/nothing", "1").error() == Errno::no_entry);
  CHECK(files.read("/proc/sys/net/core").error() == Errno::is_directory);

  CHECK(*files.list("/proc") == std::vector<std::string>{"irq/", "net/", "sys/"});
  CHECK(*files.list("/proc/irq/24/") == std::vector<std::string>{"smp_affinity"});
  CHECK(files.list("/proc/sys/net/core").value().size() >= 3);
  CHECK(files.list("/proc/net/dev").error() == Errno::not_directory);
  CHECK(files.list("/proc/sys/net/core/netdev_budget").error() == Errno::not_directory);
  CHECK(files.list("/dev").error() == Errno::no_entry);
  files.remove("/proc/irq");
  CHECK(files.read("/proc/irq/24/smp_affinity").error() == Errno::no_entry);
}

TEST_CASE("A text is its owner's to make and to refuse", "[kernel][sysctl]") {
  SysctlTable table;
  std::string kept = "0";
  table.add_text(
      "net.core.flow_limit_cpu_bitmap", [&] { return kept; },
      [&](std::string_view text) -> base::Result<void> {
        if (text.size() > 4) return Errno::overflow;
        kept = text;
        return {};
      });
  CHECK(*table.text("net.core.flow_limit_cpu_bitmap") == "0");
  CHECK(table.set_text("net.core.flow_limit_cpu_bitmap", "f").ok());
  CHECK(*table.text("net.core.flow_limit_cpu_bitmap") == "f");
  CHECK(table.set_text("net.core.flow_limit_cpu_bitmap", "fffff").error() == Errno::overflow);
  CHECK(table.value("net.core.flow_limit_cpu_bitmap").error() == Errno::invalid);  // no number
  table.remove("net.core.flow_limit_cpu_bitmap");
  CHECK_FALSE(table.contains("net.core.flow_limit_cpu_bitmap"));
}

TEST_CASE("A mounted directory holds what is there at each look", "[kernel][files]") {
  host_test::FakeMachine machine;
  kernel::Kernel kernel(machine.machine());
  auto& files = kernel.files();
  auto& cpu = kernel.cpu(0);
  std::vector<std::string> present;
  std::string written;
  files.mount("/sys/class/net", [&] {
    kernel::PseudoFiles::Files now;
    for (const std::string& name : present) {
      now[name + "/mtu"] = {.read = [name] { return name + "'s\n"; },
                            .write = [&written, name](kernel::Cpu&, std::string_view text) -> base::Result<void> {
                              written = name + ' ' + std::string(text);
                              return {};
                            }};
      now[name + "/carrier"].read = []() -> base::Result<std::string> { return Errno::invalid; };
    }
    return now;
  });
  CHECK(files.list("/sys/class/net")->empty());
  CHECK(*files.list("/sys") == std::vector<std::string>{"class/"});
  CHECK(files.read("/sys/class/net").error() == Errno::is_directory);
  CHECK(files.read("/sys/class/net/lo/mtu").error() == Errno::no_entry);
  present = {"eth0", "lo"};
  CHECK(*files.list("/sys/class/net/") == std::vector<std::string>{"eth0/", "lo/"});
  CHECK(*files.list("/sys/class/net/lo") == std::vector<std::string>{"carrier", "mtu"});
  CHECK(files.list("/sys/class/net/lo/mtu").error() == Errno::not_directory);
  CHECK(*files.read("/sys/class/net/lo/mtu") == "lo's\n");
  CHECK(files.read("/sys/class/net/lo/carrier").error() == Errno::invalid);
  CHECK(files.write(cpu, "/sys/class/net/eth0/mtu", "1280\n").ok());
  CHECK(written == "eth0 1280");
  CHECK(files.may_write("/sys/class/net/eth0/carrier").error() == Errno::access);

  files.add("/sys/class/net/eth0/queues/rx-0/rps_cpus", [] { return std::string("f\n"); });
  CHECK(*files.list("/sys/class/net/eth0") == std::vector<std::string>{"carrier", "mtu", "queues/"});
  present = {"lo"};
  CHECK(files.read("/sys/class/net/eth0/mtu").error() == Errno::no_entry);
  CHECK(*files.list("/proc") == std::vector<std::string>{"sys/"});
}

TEST_CASE("CPU lists are read and written as Linux does", "[kernel][files]") {
  using kernel::CpuSet;
  CHECK(kernel::cpu_list_text({}) == "");
  CHECK(kernel::cpu_list_text({0, 1, 2, 5, 7, 8}) == "0-2,5,7-8");
  CHECK(*kernel::parse_cpu_list("7-8,0-2,5", 64) == CpuSet{0, 1, 2, 5, 7, 8});
  CHECK(*kernel::parse_cpu_list("3,3", 4) == CpuSet{3});
  CHECK(kernel::parse_cpu_list("", 4)->empty());
  CHECK(kernel::parse_cpu_list("0-4", 4).error() == Errno::range);
  for (const auto* wrong : {"x", "1-", "-1", "2-1", "1,,2", "0x1", "1 2"}) {
    INFO(wrong);
    CHECK(kernel::parse_cpu_list(wrong, 64).error() == Errno::invalid);
  }
}
