// SPDX-License-Identifier: Apache-2.0
// cosnic experiment: every point of a sweep in a process of its own, several at once.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <filesystem>
#include <mutex>
#include <thread>

#include "sim/app/bench_child.hpp"
#include "sim/app/commands.hpp"
#include "sim/app/output_file.hpp"
#include "sim/experiment/experiment_table.hpp"
#include "sim/experiment/trial_scenario.hpp"
#include "sim/pcie/user_error.hpp"

namespace sim::app {
namespace {

using namespace experiment;

Options options_of(const ExperimentArguments& arguments) {
  return {.brief = arguments.brief,
          .nic = arguments.model ? board::NicKind::model : board::NicKind::rtl,
          .seed = arguments.seed,
          .cost_file = arguments.costs};
}

std::vector<Experiment> chosen(const std::string& name) {
  std::vector<Experiment> all = all_experiments();
  if (name == "all") return all;
  const auto found = std::find_if(all.begin(), all.end(), [&](const Experiment& e) { return e.name == name; });
  if (found == all.end()) {
    throw UserError(fmt::format("no experiment '{}'; 'cosnic experiment --list' has them all", name));
  }
  return {*found};
}

int list() {
  for (const Experiment& experiment : all_experiments()) {
    fmt::print("{:<14} {}\n", experiment.name, experiment.question);
  }
  return 0;
}

/// The child's half: one point, its outcome on stdout.
int run_probe(const ExperimentArguments& arguments) {
  std::size_t number = 0;
  const auto* end = arguments.probe.data() + arguments.probe.size();
  const auto parsed = std::from_chars(arguments.probe.data(), end, number);
  const auto points = chosen(arguments.name).front().points(options_of(arguments));
  if (parsed.ptr != end || number >= points.size()) throw UserError("there is no such point");
  fmt::print("{}\n", nlohmann::json(run_trial(points[number].trial)).dump());
  return 0;
}

struct Task {
  const Experiment* experiment;
  std::size_t point;
  Outcome* outcome;
};

std::string child_command(const ExperimentArguments& arguments, const Task& task) {
  std::string text =
      fmt::format("'{}' experiment {} --seed {} --probe {}", std::filesystem::read_symlink("/proc/self/exe").string(),
                  task.experiment->name, arguments.seed, task.point);
  if (arguments.brief) text += " --short";
  if (arguments.model) text += " --model";
  if (!arguments.costs.empty()) text += fmt::format(" --costs '{}'", arguments.costs);
  return text;
}

void run_all(const ExperimentArguments& arguments, const std::vector<Task>& tasks) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::string problem;
  std::size_t finished = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < tasks.size(); i = next++) {
      const std::string name = fmt::format("{}, point {}", tasks[i].experiment->name, tasks[i].point + 1);
      std::string failure;
      try {
        *tasks[i].outcome = run_for_json(child_command(arguments, tasks[i]), name).result.get<Outcome>();
      } catch (const std::exception& error) {
        failure = error.what();
      }
      const std::scoped_lock lock(mutex);
      fmt::print(stderr, "[{}/{}] {}\n", ++finished, tasks.size(), name);
      if (!failure.empty() && problem.empty()) problem = failure;
    }
  };
  const unsigned jobs = arguments.jobs != 0 ? arguments.jobs : std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::jthread> workers;
  for (unsigned i = 0; i < jobs; ++i) workers.emplace_back(work);
  workers.clear();
  if (!problem.empty()) throw UserError(problem);
}

}  // namespace

int experiment_command(const ExperimentArguments& arguments) {
  if (arguments.list) return list();
  if (arguments.name.empty()) throw UserError("name an experiment, or all; 'cosnic experiment --list' has them");
  if (arguments.rtl && arguments.model) throw UserError("an experiment runs on --rtl or on --model");
  if (!arguments.probe.empty()) return run_probe(arguments);
  OutputFile json(arguments.json);
  const std::vector<Experiment> experiments = chosen(arguments.name);
  std::vector<std::vector<Point>> points;
  std::vector<std::vector<Outcome>> outcomes;
  for (const Experiment& experiment : experiments) {
    points.push_back(experiment.points(options_of(arguments)));
    outcomes.emplace_back(points.back().size());
  }
  std::vector<Task> tasks;
  for (std::size_t e = 0; e < experiments.size(); ++e) {
    for (std::size_t p = 0; p < points[e].size(); ++p) tasks.push_back({&experiments[e], p, &outcomes[e][p]});
  }
  run_all(arguments, tasks);
  nlohmann::ordered_json out = {{"nic", arguments.model ? "model" : "rtl"}, {"seed", arguments.seed}};
  for (std::size_t e = 0; e < experiments.size(); ++e) {
    print_table(experiments[e], points[e], outcomes[e]);
    out["experiments"].push_back(to_json(experiments[e], points[e], outcomes[e]));
  }
  json.write(out.dump(1) + "\n");
  return 0;
}

}  // namespace sim::app
