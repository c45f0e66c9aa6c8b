// SPDX-License-Identifier: Apache-2.0
#include "sim/app/line_reader.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <utility>

#ifdef COSNIC_HAS_LIBEDIT
#include <editline/readline.h>
#endif

namespace sim::app {
namespace {

constexpr std::size_t kMostHistory = 1000;

#ifdef COSNIC_HAS_LIBEDIT

// libedit's hooks are plain functions.
LineReader::Complete complete_line;
std::vector<std::string> candidates;
std::size_t next_candidate = 0;

char* copy_of(const std::string& text) {
  return strdup(text.c_str());  // libedit frees it
}

char* generate(const char*, int state) {
  if (state == 0) next_candidate = 0;
  return next_candidate < candidates.size() ? copy_of(candidates[next_candidate++]) : nullptr;
}

char** complete_word(const char* text, int start, int end) {
  rl_attempted_completion_over = 1;  // files of this machine are none of the host's
  candidates = complete_line(std::string_view(rl_line_buffer, static_cast<std::size_t>(end)));
  if (candidates.empty()) return nullptr;
  static_cast<void>(start);
  // A directory goes on.
  const bool goes_on = candidates.size() == 1 && candidates.front().ends_with('/');
  rl_completion_append_character = goes_on ? '\0' : ' ';
  return rl_completion_matches(text, generate);
}

std::optional<std::string> edit_line(const std::string& prompt) {
  // readline() prints its prompt while the terminal is still in line mode: a Ctrl-D typed then would be lost.
  rl_prep_terminal(1);
  char* line = readline(prompt.c_str());
  if (line == nullptr) return std::nullopt;
  std::string text(line);
  std::free(line);
  return text;
}

#else

std::optional<std::string> edit_line(const std::string& prompt) {
  std::cout << prompt << std::flush;
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return line;
}

#endif

}  // namespace

LineReader::LineReader(Complete complete) : interactive_(isatty(STDIN_FILENO) != 0) {
#ifdef COSNIC_HAS_LIBEDIT
  complete_line = std::move(complete);
  static char breaks[] = " \t;&|>";
  rl_readline_name = "cosnic";
  rl_completer_word_break_characters = breaks;
  rl_attempted_completion_function = complete_word;
  if (interactive_) {
    using_history();
    stifle_history(static_cast<int>(kMostHistory));
  }
#else
  static_cast<void>(complete);
#endif
}

LineReader::~LineReader() {
#ifdef COSNIC_HAS_LIBEDIT
  complete_line = nullptr;
#endif
}

std::future<std::optional<std::string>> LineReader::read(std::string prompt) {
  return std::async(std::launch::async, [this, prompt = std::move(prompt)] { return read_now(prompt); });
}

std::optional<std::string> LineReader::read_now(const std::string& prompt) {
  std::optional<std::string> line;
  if (interactive_) {
    line = edit_line(prompt);
  } else {
    std::string text;
    if (std::getline(std::cin, text)) line = std::move(text);
  }
  if (line) remember(*line);
  return line;
}

void LineReader::remember(const std::string& line) {
  const bool blank = line.find_first_not_of(" \t") == std::string::npos;
  if (blank || (!history_.empty() && history_.back() == line)) return;
  if (history_.size() == kMostHistory) history_.erase(history_.begin());
  history_.push_back(line);
#ifdef COSNIC_HAS_LIBEDIT
  if (interactive_) add_history(line.c_str());
#endif
}

}  // namespace sim::app
