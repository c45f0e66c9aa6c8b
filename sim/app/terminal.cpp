// SPDX-License-Identifier: Apache-2.0
#include "sim/app/terminal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "sim/app/duration.hpp"

namespace sim::app {
namespace {

constexpr double kProgressInterval = 0.25;  // seconds

std::atomic<bool> stop_wanted = false;
double last_shown = 0;

void on_signal(int number) {
  stop_wanted = true;
  std::signal(number, SIG_DFL);
}

std::atomic<bool> command_unwanted = false;

void on_console_signal(int) {
  command_unwanted = true;
}

void show(const board::Progress& progress) {
  if (progress.wall_seconds - last_shown < kProgressInterval) return;
  last_shown = progress.wall_seconds;
  fmt::print(stderr, "\r{:>14} simulated, {:>8.0f} kcycles/s ", format_duration(progress.simulated),
             static_cast<double>(progress.core_cycles) / progress.wall_seconds / 1000);
  std::fflush(stderr);
}

}  // namespace

const std::atomic<bool>& interrupted() {
  return stop_wanted;
}

std::atomic<bool>& console_interrupt() {
  std::signal(SIGINT, on_console_signal);
  return command_unwanted;
}

board::RunOptions terminal_options(Picoseconds limit) {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  board::RunOptions options;
  options.limit = limit;
  options.interrupted = &stop_wanted;
  if (isatty(STDERR_FILENO) != 0) options.progress = show;
  return options;
}

void end_progress() {
  if (last_shown > 0) fmt::print(stderr, "\r{:>60}\r", "");
}

}  // namespace sim::app
