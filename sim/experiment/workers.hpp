// SPDX-License-Identifier: Apache-2.0
// The processes of a trial's host: the administrator who sets it up, readers and senders.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/experiment/marks.hpp"
#include "sim/experiment/trial.hpp"

namespace sim::experiment {

/// Outlives the run. Processes act on its host only.
class Workers {
 public:
  /// `now`: of the simulation; `counts`: whether what happens now is measured.
  Workers(const Trial& trial, std::function<Picoseconds()> now, std::function<bool()> counts)
      : trial_(trial), now_(std::move(now)), counts_(std::move(counts)) {}

  /// Gives the interface its address and starts the setup, then the readers. A problem in one line, or nothing.
  [[nodiscard]] std::string start(host::apps::Host& host, host::device::NetDevice& device);
  [[nodiscard]] bool ready() const { return ready_; }
  /// What went wrong so far, in one line.
  [[nodiscard]] const std::string& problem() const { return problem_; }
  /// Senders begin and end.
  void begin();
  void stop() { running_ = false; }

  [[nodiscard]] std::uint64_t datagrams_read() const { return read_; }
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
  [[nodiscard]] Stopwatch& receive_watch() { return receive_watch_; }
  [[nodiscard]] Stopwatch& send_watch() { return send_watch_; }
  [[nodiscard]] const Stopwatch& receive_watch() const { return receive_watch_; }
  [[nodiscard]] const Stopwatch& send_watch() const { return send_watch_; }

 private:
  using Process = host::kernel::Process;

  void fail(const std::string& what);
  [[nodiscard]] host::kernel::Task<void> set_up(Process& self);
  [[nodiscard]] host::kernel::Task<void> read(Process& self, const Reader& reader);
  [[nodiscard]] host::base::Result<int> open(Process& self, const Reader& reader);
  [[nodiscard]] host::kernel::Task<void> send(Process& self, const Sender& sender);

  const Trial& trial_;
  std::function<Picoseconds()> now_;
  std::function<bool()> counts_;
  host::apps::Host* host_ = nullptr;
  std::string problem_;
  bool ready_ = false;
  bool running_ = true;
  std::uint64_t read_ = 0;
  std::uint64_t bytes_read_ = 0;
  std::uint32_t sent_ = 0;
  Stopwatch receive_watch_, send_watch_;
};

}  // namespace sim::experiment
