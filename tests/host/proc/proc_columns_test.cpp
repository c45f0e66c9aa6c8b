// SPDX-License-Identifier: Apache-2.0
// This host's files beside the ones of the machine that runs the test: the same parser reads the same columns.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/host/apps/test_world.hpp"

using namespace host;
using namespace host_test;

namespace {

using Words = std::vector<std::string>;

Words words_of(const std::string& line) {
  std::istringstream in(line);
  return {std::istream_iterator<std::string>(in), {}};
}

std::vector<Words> rows_of(const std::string& text) {
  std::vector<Words> rows;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) rows.push_back(words_of(line));
  return rows;
}

/// Empty when this machine has no such file.
std::string machines(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string ours(World& world, const std::string& path) {
  const auto text = world[1].host.kernel().files().read(path);
  INFO(path);
  REQUIRE(text.ok());
  return *text;
}

/// First words, numbers at their ends taken off: "cpu0" is "cpu".
Words keys_of(const std::vector<Words>& rows) {
  Words keys;
  for (const Words& row : rows) {
    if (row.empty()) continue;
    std::string key = row.front().substr(0, row.front().find_last_not_of("0123456789") + 1);
    if (keys.empty() || keys.back() != key) keys.push_back(key);
  }
  return keys;
}

/// Kernels add names as they grow: one list is the other with some left out.
bool same_but_for_additions(const Words& a, const Words& b) {
  const auto within = [](const Words& part, const Words& whole) {
    auto place = whole.begin();
    return std::ranges::all_of(part, [&](const std::string& name) {
      place = std::find(place, whole.end(), name);
      return place != whole.end() && place++ != whole.end();
    });
  };
  return within(a, b) || within(b, a);
}

}  // namespace

TEST_CASE("Headers are this machine's", "[proc][columns]") {
  World world({.stations = 1});
  for (const char* path : {"/proc/net/arp", "/proc/net/route", "/proc/net/udp", "/proc/net/dev"}) {
    const std::string theirs = machines(path);
    if (theirs.empty()) continue;
    INFO(path);
    const std::string mine = ours(world, path);
    CHECK(mine.substr(0, mine.find('\n')) == theirs.substr(0, theirs.find('\n')));
  }
  const auto second_line = [](const std::string& text) { return rows_of(text).at(1); };
  if (const std::string theirs = machines("/proc/net/dev"); !theirs.empty()) {
    CHECK(second_line(ours(world, "/proc/net/dev")) == second_line(theirs));
    CHECK(rows_of(ours(world, "/proc/net/dev")).at(2).size() == rows_of(theirs).at(2).size());
  }
}

TEST_CASE("Rows have this machine's names and as many columns", "[proc][columns]") {
  World world({.stations = 1, .cpus = 2});
  for (const char* path : {"/proc/stat", "/proc/softirqs", "/proc/net/sockstat"}) {
    const std::string theirs = machines(path);
    if (theirs.empty()) continue;
    INFO(path);
    CHECK(keys_of(rows_of(ours(world, path))) == keys_of(rows_of(theirs)));
  }
  const auto row = [](const std::vector<Words>& rows, const std::string& key) {
    const auto found = std::ranges::find_if(rows, [&](const Words& each) { return !each.empty() && each[0] == key; });
    return found == rows.end() ? Words{} : *found;
  };
  if (const auto theirs = rows_of(machines("/proc/stat")); !theirs.empty()) {
    const auto mine = rows_of(ours(world, "/proc/stat"));
    for (const char* key : {"cpu", "cpu0", "ctxt", "softirq"}) {
      INFO(key);
      CHECK(row(mine, key).size() == row(theirs, key).size());
    }
  }
  if (const auto theirs = rows_of(machines("/proc/net/sockstat")); !theirs.empty()) {
    const auto mine = rows_of(ours(world, "/proc/net/sockstat"));
    for (const Words& line : theirs) {
      const Words same = row(mine, line.at(0));
      REQUIRE(same.size() == line.size());
      for (std::size_t i = 1; i < line.size(); i += 2) CHECK(same[i] == line[i]);
    }
  }
  CHECK(rows_of(ours(world, "/proc/softirqs")).at(1).size() == 3);
  CHECK(rows_of(ours(world, "/proc/net/softnet_stat")).at(1).size() == 15);
  CHECK(rows_of(ours(world, "/proc/uptime")).at(0).size() == 2);
}

TEST_CASE("Counters have this machine's names", "[proc][columns]") {
  World world({.stations = 1});
  for (const char* path : {"/proc/net/snmp", "/proc/net/netstat"}) {
    const auto theirs = rows_of(machines(path));
    const auto mine = rows_of(ours(world, path));
    for (std::size_t i = 0; i + 1 < mine.size(); i += 2) {
      CHECK(mine[i].size() == mine[i + 1].size());
      const auto same = std::ranges::find_if(theirs, [&](const Words& row) { return row.at(0) == mine[i].at(0); });
      INFO(path << ' ' << mine[i].at(0));
      CHECK((theirs.empty() || same != theirs.end()));
      if (same != theirs.end()) CHECK(same_but_for_additions(mine[i], *same));
    }
  }
}

TEST_CASE("An interface's files are some of this machine's, its statistics all of them", "[proc][columns]") {
  World world({.stations = 1});
  const std::string folder = "/sys/class/net/lo";
  if (!std::filesystem::exists(folder + "/statistics")) return;
  const auto names = *world[1].host.kernel().files().list(folder);
  for (const std::string& name : names) {
    INFO(name);
    CHECK(std::filesystem::exists(folder + '/' + name));
  }
  const auto statistics = *world[1].host.kernel().files().list(folder + "/statistics");
  std::size_t theirs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/statistics")) {
    ++theirs;
    CHECK(std::ranges::count(statistics, entry.path().filename().string()) == 1);
  }
  CHECK(statistics.size() == theirs);
  CHECK(ours(world, folder + "/type") == machines(folder + "/type"));
  CHECK(ours(world, folder + "/flags") == machines(folder + "/flags"));
  CHECK(ours(world, folder + "/operstate") == machines(folder + "/operstate"));
  CHECK(ours(world, folder + "/address") == machines(folder + "/address"));
  CHECK(ours(world, folder + "/broadcast") == machines(folder + "/broadcast"));
}
