// SPDX-License-Identifier: Apache-2.0
// Costs and tunables by name.
#include <catch2/catch.hpp>

#include "host/kernel/cpu_mask.hpp"
#include "host/kernel/kernel.hpp"
#include "tests/host/fake_machine.hpp"

using namespace host;
using kernel::CostTable;
using kernel::Op;

TEST_CASE("Costs are set by name, and a wrong name changes nothing", "[kernel][cost]") {
  CostTable costs = CostTable::typical();
  std::string culprit;
  CHECK(costs.load({{"ip_rcv", 12.5}, {"copy_per_byte", 0.1}}).ok());
  CHECK(costs.picoseconds(Op::ip_rcv) == 12'500);
  CHECK(costs.picoseconds(Op::copy_per_byte) == 100);
  CHECK(costs.load({{"ip_rcv", 99.0}, {"ip_recieve", 1.0}}, &culprit).error() == base::Errno::no_entry);
  CHECK(culprit == "ip_recieve");
  CHECK(costs.load({{"udp_rcv", -1.0}}, &culprit).error() == base::Errno::range);
  CHECK(costs.picoseconds(Op::ip_rcv) == 12'500);
  CHECK(CostTable::free().picoseconds(Op::ip_rcv) == 0);
}

TEST_CASE("Fractions of a nanosecond add up", "[kernel][cost]") {
  host_test::FakeMachine machine;
  CostTable costs;
  costs.set(Op::copy_per_byte, 0.3);
  kernel::Kernel kernel(machine.machine(), costs);
  for (int i = 0; i < 100; ++i) kernel.cpu(0).charge(Op::copy_per_byte);
  CHECK(kernel.now() == 30);
  kernel.cpu(0).charge(Op::copy_per_byte, 1000);
  CHECK(kernel.now() == 330);
}

TEST_CASE("Tunables keep to their range", "[kernel][sysctl]") {
  host_test::FakeMachine machine;
  kernel::Kernel kernel(machine.machine());
  auto& sysctl = kernel.sysctl();
  CHECK(*sysctl.value("net.core.netdev_budget") == 300);
  CHECK(*sysctl.value("net.core.netdev_budget_usecs") == 2000);
  CHECK(*sysctl.value("net.core.dev_weight") == 64);
  CHECK(sysctl.set("net.core.netdev_budget", 0).error() == base::Errno::range);
  CHECK(sysctl.set("net.core.nothing", 1).error() == base::Errno::no_entry);
  CHECK(sysctl.set("net.core.netdev_budget", 50).ok());
  CHECK(sysctl.find("net.core.netdev_budget").value == 50);
}

TEST_CASE("A set of CPUs is a mask of hexadecimal digits in groups of eight", "[kernel][mask]") {
  using kernel::cpu_mask_text;
  using kernel::CpuSet;
  using kernel::parse_cpu_mask;
  CHECK(cpu_mask_text({}, 1) == "0");
  CHECK(cpu_mask_text({0, 2}, 4) == "5");
  CHECK(cpu_mask_text({0}, 6) == "01");
  CHECK(cpu_mask_text({5, 31}, 32) == "80000020");
  CHECK(cpu_mask_text({0, 32, 33}, 36) == "3,00000001");
  CHECK(*parse_cpu_mask("f", 4) == CpuSet{0, 1, 2, 3});
  CHECK(*parse_cpu_mask(" 0000A\n", 4) == CpuSet{1, 3});
  CHECK(*parse_cpu_mask("3,00000001", 36) == CpuSet{0, 32, 33});
  CHECK(*parse_cpu_mask("1,1", 36) == CpuSet{0, 32});
  CHECK(parse_cpu_mask("0", 4)->empty());
  for (const auto* wrong : {"", "x", "0x3", "-1", "1,", ",1", "f f"}) {
    INFO(wrong);
    CHECK(parse_cpu_mask(wrong, 4).error() == base::Errno::invalid);
  }
  for (const auto* large : {"10", "000000001", "1,0"}) {
    INFO(large);
    CHECK(parse_cpu_mask(large, 4).error() == base::Errno::overflow);
  }
}
