// SPDX-License-Identifier: Apache-2.0
// An experiment: one knob, turned; what is read at each of its settings.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/experiment/trial.hpp"

namespace sim::experiment {

/// One setting of the knob.
struct Point {
  std::string series;      ///< what else is chosen; a line in the picture
  double x = 0;            ///< the knob's value; with labels, its place
  std::string label = {};  ///< a knob without numbers: what this setting is called
  Trial trial = {};
};

enum class Scale : std::uint8_t { linear, logarithmic, labels };

struct Options {
  bool brief = false;  ///< few points and little time: only the direction
  board::NicKind nic = board::NicKind::rtl;
  std::uint64_t seed = 1;
  std::string cost_file = {};
};

struct Experiment {
  std::string name;
  std::string question;  ///< one line
  std::string knob;
  std::string unit;  ///< of the knob; may be empty
  Scale scale = Scale::linear;
  /// Metrics (outcome.hpp) that share a picture's panel; tables show all of them.
  std::vector<std::vector<std::string>> panels;
  std::function<std::vector<Point>(const Options&)> points;
};

/// In the order of a packet's way through the host.
[[nodiscard]] std::vector<Experiment> all_experiments();

// What all_experiments() is made of.
void add_interrupt_experiments(std::vector<Experiment>& all);
void add_cpu_experiments(std::vector<Experiment>& all);
void add_drop_experiments(std::vector<Experiment>& all);
void add_send_experiments(std::vector<Experiment>& all);

/// The machine that trials begin with: two CPUs, one queue pair, interrupts at once.
[[nodiscard]] board::BoardConfig usual_machine(const Options& options);
/// Frames of 64 B, so many thousand a second, of 64 flows: evenly, or at random.
[[nodiscard]] Stream steady(double kpps);
[[nodiscard]] Stream poisson(double kpps);
/// Interrupts of the vectors whose names begin so go to one CPU.
void bind_interrupts(host::apps::Host& host, std::string_view names, unsigned cpu);
/// Few of them when brief: the first and the last.
[[nodiscard]] std::vector<double> settings(const Options& options, std::vector<double> all);

}  // namespace sim::experiment
