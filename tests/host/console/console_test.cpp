// SPDX-License-Identifier: Apache-2.0
// Commands as an administrator types them, and what they answer.
#include <catch2/catch.hpp>

#include "tests/host/console/desk.hpp"

using namespace host;
using namespace host_test;

TEST_CASE("Commands of a list run by what came before", "[console]") {
  Desk desk;
  CHECK(desk.out("echo a; echo -n b && echo c || echo d") == "a\nbc\n");
  const Answer answer = desk.type("cat /proc/nothing || echo other; nosuch && echo not");
  CHECK(answer.out == "other\n");
  CHECK(answer.err == "cat: /proc/nothing: No such file or directory\nbash: nosuch: command not found\n");
  CHECK(answer.status == console::kNotFound);
  CHECK(desk.err("echo |", console::kMisused) == "bash: syntax error near unexpected token `|'\n");
  CHECK(desk.out("").empty());
  CHECK(desk.out("help").find("sysctl") != std::string::npos);
}

TEST_CASE("Files are read, written and listed", "[console]") {
  Desk desk;
  CHECK(desk.out("cat /proc/sys/net/core/netdev_budget") == "300\n");
  CHECK(desk.out("echo 64 > /proc/sys/net/core/netdev_budget; cat /proc/sys/net/core/netdev_budget") == "64\n");
  CHECK(desk.err("echo -1 > /proc/sys/net/core/netdev_budget", 1) == "bash: echo: write error: Invalid argument\n");
  CHECK(desk.err("echo x > /proc/sys/net/core/netdev_budget", 1) == "bash: echo: write error: Invalid argument\n");
  CHECK(desk.err("echo 1 > /proc/sys/net/core/nothing", 1) ==
        "bash: /proc/sys/net/core/nothing: No such file or directory\n");
  CHECK(desk.err("echo 1 > /proc/sys/net", 1) == "bash: /proc/sys/net: Is a directory\n");
  CHECK(desk.err("cat /proc/sys/net", 1) == "cat: /proc/sys/net: Is a directory\n");
  desk.station().host.kernel().files().add("/proc/bus/version", [] { return std::string("cosnic\n"); });
  CHECK(desk.err("echo 1 > /proc/bus/version", 1) == "bash: /proc/bus/version: Permission denied\n");
  CHECK(desk.out("ls /proc/bus") == "version\n");
  CHECK(desk.out("ls /proc/bus/version") == "/proc/bus/version\n");
  CHECK(desk.out("ls /proc/bus /proc/sys") == "/proc/bus:\nversion\n\n/proc/sys:\nnet\n");
  CHECK(desk.err("ls /dev", console::kMisused) == "ls: cannot access '/dev': No such file or directory\n");
}

TEST_CASE("A file is opened before the command runs, and written once it has printed", "[console]") {
  Desk desk;
  auto& host = desk.station().host;
  std::vector<std::string> written;
  host.kernel().files().add(
      "/proc/knob", [] { return std::string("0\n"); },
      [&](kernel::Cpu&, std::string_view text) -> base::Result<void> {
        written.emplace_back(text);
        return text == "full" ? base::Result<void>(base::Errno::no_buffers) : base::Result<void>();
      });
  host.kernel().files().add("/proc/version", [] { return std::string("cosnic\n"); });
  int runs = 0;
  host.console().add("count", "for this test", [&](console::Invocation&) -> kernel::Task<int> {
    ++runs;
    co_return 3;
  });
  CHECK(desk.err("count > /proc/nothing", 1) == "bash: /proc/nothing: No such file or directory\n");
  CHECK(desk.err("count > /proc/version", 1) == "bash: /proc/version: Permission denied\n");
  CHECK(desk.err("count > /proc", 1) == "bash: /proc: Is a directory\n");
  CHECK(runs == 0);
  CHECK(desk.err("nosuch > /proc/version", 1) == "bash: /proc/version: Permission denied\n");
  CHECK(desk.err("nosuch > /proc/knob", console::kNotFound) == "bash: nosuch: command not found\n");
  CHECK(desk.err("count > /proc/knob", 3).empty());
  CHECK(runs == 1);
  CHECK(written.empty());
  CHECK(desk.out("echo -n 5 > /proc/knob").empty());
  CHECK(desk.err("echo full > /proc/knob", 1) == "bash: echo: write error: No buffer space available\n");
  CHECK(desk.err("sysctl -n net.core.dev_weight > /proc/sys/net/core/netdev_budget; cat /proc/version > "
                 "/proc/sys/net/core/netdev_budget",
                 1) == "cat: write error: Invalid argument\n");
  CHECK(desk.out("cat /proc/sys/net/core/netdev_budget") == "64\n");
  CHECK(written == std::vector<std::string>{"5", "full"});
}

TEST_CASE("sysctl speaks as procps does", "[console][sysctl]") {
  Desk desk;
  CHECK(desk.out("sysctl net.core.dev_weight") == "net.core.dev_weight = 64\n");
  CHECK(desk.out("sysctl net/core/dev_weight") == "net.core.dev_weight = 64\n");
  CHECK(desk.out("sysctl -n net.core.dev_weight net.core.netdev_budget") == "64\n300\n");
  CHECK(desk.out("sysctl -b net.core.dev_weight") == "64");
  CHECK(desk.out("sysctl -w net.core.dev_weight=32") == "net.core.dev_weight = 32\n");
  CHECK(desk.out("sysctl -q net.core.dev_weight=16; sysctl net.core.dev_weight") == "net.core.dev_weight = 16\n");
  CHECK(desk.out("sysctl net.ipv4.ip_local_port_range") == "net.ipv4.ip_local_port_range = 32768\t60999\n");
  CHECK(desk.out("sysctl -w 'net.ipv4.ip_local_port_range=40000 40009'") ==
        "net.ipv4.ip_local_port_range = 40000 40009\n");
  CHECK(desk.out("sysctl -aN -r '^net.core.netdev_b.*t$'") == "net.core.netdev_budget\n");
  CHECK(desk.out("sysctl -a -r '['").empty());
  CHECK(desk.out("sysctl -a").find("net.ipv4.ip_default_ttl = 64\n") != std::string::npos);
  CHECK(desk.out("sysctl net.ipv4.neigh.default").find("net.ipv4.neigh.default.gc_thresh3 = 1024\n") !=
        std::string::npos);
  CHECK(desk.out("sysctl -e net.core.nothing").empty());
}

TEST_CASE("sysctl's complaints are procps'", "[console][sysctl]") {
  Desk desk;
  CHECK(desk.err("sysctl net.core.nothing", 1) ==
        "sysctl: cannot stat /proc/sys/net/core/nothing: No such file or directory\n");
  CHECK(desk.err("sysctl -w net.core.dev_weight=x", 1) ==
        "sysctl: setting key \"net.core.dev_weight\": Invalid argument\n");
  CHECK(desk.err("sysctl -w net.core.dev_weight=0", 1) ==
        "sysctl: setting key \"net.core.dev_weight\": Invalid argument\n");
  CHECK(desk.err("sysctl -w net.core.dev_weight", 1) == "sysctl: command line(0): invalid syntax, continuing...\n");
  CHECK(desk.err("sysctl -Z", 1).starts_with("sysctl: invalid option -- 'Z'\n\nUsage:\n sysctl [options]"));
  CHECK(desk.err("sysctl --frob", 1).starts_with("sysctl: unrecognized option '--frob'\n"));
  const Answer some = desk.type("sysctl net.core.nothing net.core.dev_weight");
  CHECK(some.out == "net.core.dev_weight = 64\n");
  CHECK(some.status == 1);
}

TEST_CASE("Words are completed", "[console]") {
  Desk desk;
  const auto& console = desk.station().host.console();
  CHECK(console.complete("sy") == std::vector<std::string>{"sysctl"});
  CHECK(console.complete("sysctl net.core.netdev_budget_") == std::vector<std::string>{"net.core.netdev_budget_usecs"});
  CHECK(console.complete("cat /proc/sys/net/core/netdev_budget_") ==
        std::vector<std::string>{"/proc/sys/net/core/netdev_budget_usecs"});
  CHECK(console.complete("cat /pr") == std::vector<std::string>{"/proc/"});
  CHECK(console.complete("nosuch x").empty());
}
