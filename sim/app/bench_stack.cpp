// SPDX-License-Identifier: Apache-2.0
// cosnic bench stack: what the host's stack takes for a packet, natively, and what lwIP takes for the same work.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <regex>

#include "sim/app/bench_child.hpp"
#include "sim/app/bench_table.hpp"
#include "sim/app/commands.hpp"
#include "sim/app/output_file.hpp"
#include "sim/pcie/user_error.hpp"
#include "sim/stack/stack_case.hpp"
#include "sim/stack/stack_memory.hpp"

namespace sim::app {
namespace {

constexpr int kRepeats = 7;
constexpr unsigned kTimedBursts = 2'000;
constexpr unsigned kCountedBursts = 100;
constexpr const char* kCallgrind = "valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect=";
constexpr const char* kMemory = "memory";
constexpr unsigned kMemoryPackets = 10'000'000;

/// A way to use lwIP, and the program that does.
struct Peer {
  std::string name;
  std::string program;
  std::string suffix;  ///< of the metrics that it is compared by
};

/// Where lwIP was built; empty, and said so, when it cannot be had.
std::filesystem::path build_lwip() {
  auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "lwip";
  fmt::print(stderr, "lwIP's source from Debian, built in {}\n", folder.string());
  const auto log = folder.string() + ".log";
  if (std::system(fmt::format("'{}' '{}' >'{}' 2>&1", COSNIC_LWIP_BUILD, folder.string(), log).c_str()) == 0) {
    return folder;
  }
  fmt::print(stderr, "lwIP cannot be had (see {}): no comparison\n", log);
  return {};
}

/// Who does the same work: lwIP translates no addresses, and who forwards has no socket.
std::vector<Peer> peers_of(const std::string& name, const std::filesystem::path& lwip) {
  if (lwip.empty() || name == "forward_nat") return {};
  std::vector<Peer> peers = {{"lwIP 2.1.3", lwip / "lwip_raw", ""}};
  if (!name.starts_with("forward")) peers.push_back({"lwIP 2.1.3 sockets", lwip / "lwip_sockets", "_by_sockets"});
  return peers;
}

std::string probe(const std::string& name, unsigned bursts) {
  return fmt::format("{}:{}", name, bursts);
}

double nanoseconds(const ChildOutput& output) {
  return output.result["ns_per_packet"].get<double>();
}

/// Our figure beside each peer's; alone where there is none.
void add_rows(BenchTable& table, BenchRow row, const std::vector<Peer>& peers, const std::vector<double>& theirs) {
  if (peers.empty()) table.rows.push_back(row);
  const std::string metric = row.metric;
  for (std::size_t i = 0; i < peers.size(); ++i) {
    row.metric = metric + peers[i].suffix;
    row.peer = peers[i].name;
    row.peer_value = theirs[i];
    table.rows.push_back(row);
  }
}

/// The best of several, taken in turn: another program only ever makes a run slower.
void add_time(BenchTable& table, const std::string& name, const std::vector<Peer>& peers) {
  double ours = std::numeric_limits<double>::infinity();
  std::vector<double> theirs(peers.size(), ours);
  for (int i = 0; i < kRepeats; ++i) {
    ours = std::min(ours, nanoseconds(run_in_child("stack", probe(name, kTimedBursts))));
    for (std::size_t p = 0; p < peers.size(); ++p) {
      const std::string command = fmt::format("'{}' {} {}", peers[p].program, name, kTimedBursts);
      theirs[p] = std::min(theirs[p], nanoseconds(run_for_json(command, name)));
    }
  }
  add_rows(table, {name, "ns_per_packet", ours, "ns", fmt::format("{:.2f} Mpps", 1e3 / ours), {}, {}}, peers, theirs);
}

double collected(const ChildOutput& output) {
  std::smatch match;
  if (!std::regex_search(output.messages, match, std::regex("Collected : ([0-9]+)"))) {
    throw UserError("callgrind told no count; is valgrind installed? ('./dev setup' installs it)");
  }
  return std::stod(match[1]) / output.result["packets"].get<double>();
}

void add_instructions(BenchTable& table, const std::string& name, const std::vector<Peer>& peers) {
  const std::string wrapper = std::string(kCallgrind) + "cosnic_stack_measured";
  const double ours = collected(run_in_child("stack", probe(name, kCountedBursts), wrapper));
  std::vector<double> theirs;
  for (const Peer& peer : peers) {
    const std::string command =
        fmt::format("{}lwip_stack_measured '{}_count' {} {}", kCallgrind, peer.program, name, kCountedBursts);
    theirs.push_back(collected(run_for_json(command, name)));
  }
  add_rows(table, {name, "instructions_per_packet", ours, "instructions", {}, {}, {}}, peers, theirs);
}

/// Bytes of a big host, and how many more after millions of packets.
void add_memory(BenchTable& table) {
  const auto result = run_in_child("stack", probe(kMemory, kMemoryPackets)).result;
  BenchRow host{kMemory, "host_bytes", result["host_bytes"].get<double>(), "bytes", {}, {}, {}};
  host.limit = "4 CPUs, 8 queues, 1000 sockets; aim: under 100 MB";
  table.rows.push_back(host);
  BenchRow growth{kMemory, "growth_bytes", result["growth_bytes"].get<double>(), "bytes", {}, {}, {}};
  growth.limit = fmt::format("over {} packets; aim: none", result["packets"].get<std::uint64_t>());
  table.rows.push_back(growth);
}

int print_memory(unsigned packets) {
  const stack::StackMemory result = stack::run_stack_memory(packets);
  fmt::print("{}\n",
             nlohmann::json{
                 {"packets", result.packets}, {"host_bytes", result.host_bytes}, {"growth_bytes", result.growth_bytes}}
                 .dump());
  return 0;
}

int print_probe(const std::string& text) {
  const auto colon = text.find(':');
  const auto& cases = stack::stack_cases();
  const std::string name = text.substr(0, colon);
  const bool known = name == kMemory || std::ranges::find(cases, name) != cases.end();
  if (colon == std::string::npos || !known) throw UserError("no such probe");
  const auto bursts = static_cast<unsigned>(std::max(1, std::atoi(text.c_str() + colon + 1)));
  if (name == kMemory) return print_memory(bursts);
  const stack::StackResult result = stack::run_stack_case(name, bursts);
  fmt::print("{}\n", nlohmann::json{{"packets", result.packets}, {"ns_per_packet", result.ns_per_packet}}.dump());
  return 0;
}

}  // namespace

int bench_stack_command(const BenchStackArguments& arguments) {
  if (!arguments.probe.empty()) return print_probe(arguments.probe);
  OutputFile json(arguments.json);
  std::vector<std::string> wanted;
  for (const std::string& name : stack::stack_cases()) {
    if (name.find(arguments.only) != std::string::npos) wanted.push_back(name);
  }
  const bool memory = std::string(kMemory).find(arguments.only) != std::string::npos;
  if (wanted.empty() && !memory) throw UserError(fmt::format("no case has '{}' in its name", arguments.only));
  const auto lwip = wanted.empty() ? std::filesystem::path() : build_lwip();
  BenchTable table{"stack", {}};
  for (const std::string& name : wanted) {
    fmt::print(stderr, "{}\n", name);
    const auto peers = peers_of(name, lwip);
    add_time(table, name, peers);
    add_instructions(table, name, peers);
  }
  if (memory) {
    fmt::print(stderr, "{}\n", kMemory);
    add_memory(table);
  }
  table.print();
  json.write(table.json());
  return 0;
}

}  // namespace sim::app
