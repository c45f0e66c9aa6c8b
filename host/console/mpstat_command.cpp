// SPDX-License-Identifier: Apache-2.0
// Shares of time by CPU, since the beginning or over intervals; to the nanosecond, not to the tick.
#include "host/console/mpstat_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "host/console/console.hpp"

namespace host::console {
namespace {

using kernel::CpuState;
using kernel::Kernel;
using kernel::Task;
using platform::Nanoseconds;

constexpr std::string_view kUsage =
    "Usage: mpstat [ options ] [ <interval> [ <count> ] ]\nOptions are:\n[ -P { <cpu> [,...] | ALL } ] [ -u ]\n";
constexpr double kSecond = 1e9;

using Times = std::array<Nanoseconds, kernel::kCpuStates>;

struct Options {
  bool all = false;            // -P ALL
  std::vector<unsigned> cpus;  // -P 0,2
  Nanoseconds interval = 0;
  std::uint64_t count = 1;
};

std::optional<double> to_number(std::string_view word) {
  double value = 0;
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || stop != word.data() + word.size() || !(value >= 0) || value > 1e9) return std::nullopt;
  return value;
}

bool take_cpus(std::string_view list, unsigned cpus, Options& options) {
  if (list == "ALL") {
    options.all = true;
    return true;
  }
  while (!list.empty()) {
    const std::string_view part = list.substr(0, list.find(','));
    list.remove_prefix(std::min(part.size() + 1, list.size()));
    const auto cpu = to_number(part);
    if (!cpu || *cpu >= cpus || std::floor(*cpu) != *cpu) return false;
    options.cpus.push_back(static_cast<unsigned>(*cpu));
  }
  return true;
}

/// False: misused.
bool parse(const std::vector<std::string>& words, unsigned cpus, Options& options) {
  unsigned numbers = 0;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "-u") continue;
    if (words[i] == "-P") {
      if (++i == words.size() || !take_cpus(words[i], cpus, options)) return false;
      continue;
    }
    const auto number = to_number(words[i]);
    if (!number || ++numbers > 2) return false;
    if (numbers == 1) {
      options.interval = std::llround(*number * kSecond);
    } else {
      options.count = static_cast<std::uint64_t>(*number);
    }
  }
  return true;
}

Times times_of(const kernel::Cpu& cpu) {
  Times times{};
  for (std::size_t state = 0; state < times.size(); ++state) times[state] = cpu.time_in(static_cast<CpuState>(state));
  return times;
}

std::vector<Times> times_of_all(Kernel& kernel) {
  std::vector<Times> all;
  for (unsigned id = 0; id < kernel.cpu_count(); ++id) all.push_back(times_of(kernel.cpu(id)));
  return all;
}

std::string row(std::string_view time, std::string_view cpu, const Times& spent) {
  Nanoseconds total = 0;
  for (const Nanoseconds each : spent) total += each;
  const auto share = [&](CpuState state) {
    return total == 0
               ? 0.0
               : 100.0 * static_cast<double>(spent[static_cast<std::size_t>(state)]) / static_cast<double>(total);
  };
  return fmt::format(
      "{:<11} {:>4} {:>7.2f} {:>7.2f} {:>7.2f} {:>7.2f} {:>7.2f} {:>7.2f} {:>7.2f} {:>7.2f} {:>7.2f} {:>7.2f}\n", time,
      cpu, share(CpuState::user), 0.0, share(CpuState::system), 0.0, share(CpuState::irq), share(CpuState::softirq),
      0.0, 0.0, 0.0, share(CpuState::idle));
}

/// Of the world's clock.
std::string clock_text(Nanoseconds now) {
  const Nanoseconds seconds = now / static_cast<Nanoseconds>(kSecond);
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
}

void print(const Invocation& call, const Options& options, Nanoseconds now, const std::vector<Times>& before,
           const std::vector<Times>& after) {
  const std::string time = clock_text(now);
  call.out(fmt::format(
      "\n{:<11}  CPU    %usr   %nice    %sys %iowait    %irq   %soft  %steal  %guest  %gnice   %idle\n", time));
  Times sum{};
  std::vector<Times> spent(after.size());
  for (std::size_t cpu = 0; cpu < after.size(); ++cpu) {
    for (std::size_t state = 0; state < sum.size(); ++state) {
      spent[cpu][state] = after[cpu][state] - (before.empty() ? 0 : before[cpu][state]);
      sum[state] += spent[cpu][state];
    }
  }
  if (options.all || options.cpus.empty()) call.out(row(time, "all", sum));
  for (unsigned cpu = 0; cpu < after.size(); ++cpu) {
    const bool named = std::find(options.cpus.begin(), options.cpus.end(), cpu) != options.cpus.end();
    if (options.all || named) call.out(row(time, std::to_string(cpu), spent[cpu]));
  }
}

Task<int> run(Kernel& kernel, Invocation& call) {
  Options options;
  if (!parse(call.words, kernel.cpu_count(), options)) {
    call.err(kUsage);
    co_return kFailure;
  }
  call.out(fmt::format("Linux (cosnic) \t01/01/70 \t_x86_64_\t({} CPU)\n", kernel.cpu_count()));
  if (options.interval == 0) {
    print(call, options, kernel.now(), {}, times_of_all(kernel));
    co_return 0;
  }
  std::vector<Times> before = times_of_all(kernel);
  for (std::uint64_t i = 0; i < options.count; ++i) {
    co_await call.self.sleep_for(options.interval);
    const std::vector<Times> after = times_of_all(kernel);
    print(call, options, kernel.now(), before, after);
    before = after;
  }
  co_return 0;
}

}  // namespace

void add_mpstat_command(Console& console) {
  console.add(
      "mpstat", "shares of CPU time: mpstat -P ALL; over a millisecond: mpstat -P ALL 0.001 1",
      [&kernel = console.system().kernel](Invocation& call) -> Task<int> { co_return co_await run(kernel, call); });
}

}  // namespace host::console
