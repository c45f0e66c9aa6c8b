// SPDX-License-Identifier: Apache-2.0
// A line as the shell takes it apart: quotes, lists of commands, redirection (POSIX.1-2017, Shell Command Language 2).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace host::console {

/// When a command of a list runs: after any, after success (`&&`), after failure (`||`).
enum class RunsAfter : std::uint8_t { any, success, failure };

/// One command of a line.
struct SimpleCommand {
  std::vector<std::string> words;
  /// The file behind `>` or `>>`, which are the same for files that are made when they are read.
  std::optional<std::string> output;
  /// The file behind `<`.
  std::optional<std::string> input;
  /// The word behind `<<<`, with an end of line.
  std::optional<std::string> input_text;
  RunsAfter runs_after = RunsAfter::any;
};

/// Why a line is none, in bash's words.
struct SyntaxError {
  std::string message;
};

/// Blanks separate words; '...', "..." and \ quote; `#` begins a comment; `;`, `&&` and `||` separate commands. Nothing
/// is expanded. Of several files or texts to read the last one counts. Pipes, here-documents, background commands and
/// other redirections are errors.
[[nodiscard]] std::variant<std::vector<SimpleCommand>, SyntaxError> parse_line(std::string_view line);

}  // namespace host::console
