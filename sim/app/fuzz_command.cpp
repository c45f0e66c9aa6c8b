// SPDX-License-Identifier: Apache-2.0
// cosnic fuzz: many plans, each in a child; of a failure the shortest plan that still fails.
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <list>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "sim/app/commands.hpp"
#include "sim/app/fuzz_case.hpp"
#include "sim/fuzz/bench.hpp"
#include "sim/pcie/user_error.hpp"

namespace sim::app {
namespace {

constexpr double kPatience = 120;        // seconds for a case
constexpr double kShrinkFor = 90;        // seconds for making a failure smaller
constexpr double kProgressEvery = 10;    // seconds
constexpr std::size_t kShownInFull = 3;  // failures
constexpr int kLookEvery = 50;           // milliseconds

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

constexpr const char* kNoOperation = "none";

/// "3,7,9": the operations that stay.
std::vector<std::size_t> parse_keep(const std::string& text) {
  std::vector<std::size_t> numbers;
  if (text == kNoOperation) return numbers;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, ',');) {
    if (word.empty() || word.find_first_not_of("0123456789") != std::string::npos) {
      throw UserError(fmt::format("--keep wants numbers of operations like 3,7,9, or none, not '{}'", text));
    }
    numbers.push_back(std::stoul(word));
  }
  return numbers;
}

fuzz::Plan plan_for(const FuzzArguments& arguments, std::uint64_t seed) {
  fuzz::Plan plan = fuzz::make_plan(seed, {});
  if (arguments.keep.empty()) return plan;
  std::vector<fuzz::Operation> kept;
  for (const std::size_t number : parse_keep(arguments.keep)) {
    if (number >= plan.operations.size()) {
      throw UserError(fmt::format("--keep: seed {} has operations 0 to {}", seed, plan.operations.size() - 1));
    }
    kept.push_back(plan.operations[number]);
  }
  plan.operations = std::move(kept);
  return plan;
}

/// Which operations of the whole plan are in the smaller one: seeds tell them apart.
std::string numbers_of(const fuzz::Plan& whole, const fuzz::Plan& smaller) {
  std::string text;
  for (std::size_t i = 0, k = 0; i < whole.operations.size() && k < smaller.operations.size(); ++i) {
    if (whole.operations[i].seed != smaller.operations[k].seed) continue;
    text += fmt::format("{}{}", text.empty() ? "" : ",", i);
    ++k;
  }
  return text.empty() ? kNoOperation : text;
}

class Campaign {
 public:
  explicit Campaign(const FuzzArguments& arguments)
      : arguments_(arguments), begin_(seconds_now()), told_(begin_), next_(arguments.seed) {}

  int run() {
    while (more() || !children_.empty()) {
      while (more() && children_.size() < arguments_.jobs) {
        children_.emplace_back(next_, plan_for(arguments_, next_));
        ++next_;
      }
      wait();
      collect();
      if (seconds_now() - told_ > kProgressEvery) progress();
    }
    progress();
    for (std::size_t i = 0; i < std::min(kShownInFull, failures_.size()); ++i) explain(failures_[i]);
    return failures_.empty() ? 0 : 1;
  }

 private:
  struct Failure {
    std::uint64_t seed = 0;
    std::string complaint;
  };

  [[nodiscard]] bool more() const {
    const bool time_left = arguments_.minutes == 0 || seconds_now() - begin_ < 60 * arguments_.minutes;
    return next_ - arguments_.seed < arguments_.count && time_left;
  }

  void wait() {
    std::vector<pollfd> descriptors;
    for (const FuzzChild& child : children_) descriptors.push_back({child.descriptor(), POLLIN, 0});
    ::poll(descriptors.data(), descriptors.size(), kLookEvery);
  }

  void collect() {
    for (auto child = children_.begin(); child != children_.end();) {
      if (!child->poll(kPatience)) {
        ++child;
        continue;
      }
      const FuzzResult result = child->result();
      ++done_;
      cycles_ += result.cycles;
      writes_ += result.writes;
      if (!result.complaint.empty()) {
        failures_.push_back({child->seed(), result.complaint});
        fmt::print("seed {} fails: {}\n", child->seed(), result.complaint.substr(0, result.complaint.find('\n')));
        std::fflush(stdout);
      }
      child = children_.erase(child);
    }
  }

  void progress() {
    told_ = seconds_now();
    fmt::print("{} of {} seeds, {} failed; {:.0f} Mcycles, {} writes within what was granted, {:.0f} s\n", done_,
               arguments_.count, failures_.size(), static_cast<double>(cycles_) / 1e6, writes_, told_ - begin_);
    std::fflush(stdout);
  }

  void explain(const Failure& failure) {
    const fuzz::Plan whole = plan_for(arguments_, failure.seed);
    const double until = seconds_now() + kShrinkFor;
    fuzz::Plan smaller = fuzz::shrink(whole, [&](const fuzz::Plan& plan) {
      return seconds_now() < until && !run_in_child(failure.seed, plan).complaint.empty();
    });
    FuzzResult result = run_in_child(failure.seed, smaller);
    if (result.complaint.empty()) {
      smaller = whole;
      result.complaint = failure.complaint;
    }
    const std::string keep = arguments_.keep.empty() ? numbers_of(whole, smaller) : arguments_.keep;
    fmt::print("\nseed {}, shrunk from {} to {} operations:\n{}{}", failure.seed, whole.operations.size(),
               smaller.operations.size(), fuzz::describe(smaller), result.complaint);
    fmt::print("again, with waves: cosnic fuzz --seed {} --keep {} --trace-on-fail\n", failure.seed, keep);
    if (arguments_.trace_on_fail) trace(failure.seed, smaller);
    std::fflush(stdout);
  }

  void trace(std::uint64_t seed, const fuzz::Plan& plan) {
    const std::string file = fmt::format("cosnic-fuzz-{}.fst", seed);
    static_cast<void>(run_in_child(seed, plan, file));
    fmt::print("waves: {}\n", file);
  }

  const FuzzArguments& arguments_;
  double begin_;
  double told_;
  std::uint64_t next_;
  std::list<FuzzChild> children_;
  std::uint64_t done_ = 0;
  std::uint64_t cycles_ = 0;
  std::uint64_t writes_ = 0;
  std::vector<Failure> failures_;
};

}  // namespace

int fuzz_command(const FuzzArguments& arguments) {
  FuzzArguments set = arguments;
  if (set.jobs == 0) set.jobs = std::max(1U, std::thread::hardware_concurrency());
  return Campaign(set).run();
}

}  // namespace sim::app
