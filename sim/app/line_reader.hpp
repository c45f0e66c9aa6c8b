// SPDX-License-Identifier: Apache-2.0
// Lines that somebody types, with editing, history and completion when he does so at a terminal (libedit).
#pragma once

#include <functional>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim::app {

/// One of a process: the terminal is.
class LineReader {
 public:
  /// What the last word of an unfinished line may become. Asked while a line is typed, on another thread.
  using Complete = std::function<std::vector<std::string>(std::string_view line)>;

  explicit LineReader(Complete complete);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  /// Standard input is a terminal: there is a prompt, and lines are edited.
  [[nodiscard]] bool interactive() const { return interactive_; }
  /// Begins to read a line, on a thread of its own; nothing at the end of the input. Ctrl-C gives an empty line.
  [[nodiscard]] std::future<std::optional<std::string>> read(std::string prompt);
  /// Lines so far, the oldest first.
  [[nodiscard]] const std::vector<std::string>& history() const { return history_; }

 private:
  [[nodiscard]] std::optional<std::string> read_now(const std::string& prompt);
  void remember(const std::string& line);

  bool interactive_;
  std::vector<std::string> history_;
};

}  // namespace sim::app
