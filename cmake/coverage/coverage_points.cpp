// SPDX-License-Identifier: Apache-2.0
// Coverage of all verilated models of a process, written when it ends: a file of its own in COSNIC_COVERAGE_DIR, a
// line a point: file, line, column, kind, comment, lines of its block, count; tabs between. Instances are added up.
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <unordered_set>
#include <vector>

#include "verilated_cov.h"

namespace {

struct Points {
  std::unordered_set<const std::uint32_t*> known;
  std::vector<std::pair<std::string, const std::uint32_t*>> all;
};

// Never destroyed: models may be made by what is destroyed after main.
Points& points() {
  static auto* const kPoints = new Points;
  return *kPoints;
}

void write_points() {
  const char* directory = std::getenv("COSNIC_COVERAGE_DIR");
  if (directory == nullptr) return;
  std::map<std::string, std::uint64_t> sums;
  for (const auto& [key, count] : points().all) sums[key] += *count;
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();  // process numbers come again
  std::ofstream out(std::string(directory) + "/" + std::to_string(now) + "-" + std::to_string(getpid()) + ".points");
  for (const auto& [key, sum] : sums) out << key << '\t' << sum << '\n';
}

}  // namespace

extern "C" void __gcov_dump();

/// Instead of the C library's: the forked cases of `cosnic fuzz` and of tests end with it, and count, too.
extern "C" void _exit(int status) {
  write_points();
  __gcov_dump();
  for (;;) syscall(SYS_exit_group, status);
}

void cosnic_coverage_point(const std::uint32_t* count, const char* file, int line, int column, const char* page,
                           const char* comment, const char* lines) {
  Points& all = points();
  if (all.known.empty()) std::atexit(write_points);
  if (!all.known.insert(count).second) return;
  const std::string kind = std::string(page).substr(0, std::string(page).find('/'));
  all.all.emplace_back(std::string(file) + '\t' + std::to_string(line) + '\t' + std::to_string(column) + '\t' + kind +
                           '\t' + comment + '\t' + lines,
                       count);
}
