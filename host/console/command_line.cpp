// SPDX-License-Identifier: Apache-2.0
// Tokens, then commands.
#include "host/console/command_line.hpp"

#include <cstdint>

namespace host::console {
namespace {

struct Token {
  bool is_operator = false;
  std::string text;
};

using Tokens = std::variant<std::vector<Token>, SyntaxError>;

constexpr std::string_view kBlanks = " \t\n";
constexpr std::string_view kOperators = ";&|<>";

SyntaxError unexpected(std::string_view token) {
  return {"syntax error near unexpected token `" + std::string(token) + "'"};
}

SyntaxError unfinished(char quote) {
  return {std::string("unexpected EOF while looking for matching `") + quote + "'"};
}

/// Takes the rest of a quoted part, opening quote gone, onto `word`; false when it does not end.
bool take_quoted(std::string_view& rest, char quote, std::string& word) {
  while (!rest.empty()) {
    char letter = rest.front();
    rest.remove_prefix(1);
    if (letter == quote) return true;
    const bool escapes =
        quote == '"' && letter == '\\' && !rest.empty() && (rest.front() == '"' || rest.front() == '\\');
    if (escapes) {
      letter = rest.front();
      rest.remove_prefix(1);
    }
    word += letter;
  }
  return false;
}

Tokens tokenize(std::string_view rest) {
  std::vector<Token> tokens;
  std::optional<std::string> word;
  const auto end_word = [&] {
    if (word) tokens.push_back({false, std::move(*word)});
    word.reset();
  };
  while (!rest.empty()) {
    const char letter = rest.front();
    if (letter == '#' && !word) break;
    rest.remove_prefix(1);
    if (kBlanks.find(letter) != std::string_view::npos) {
      end_word();
    } else if (kOperators.find(letter) != std::string_view::npos) {
      end_word();
      std::string text(1, letter);
      const std::size_t longest = letter == '<' ? 3 : letter == ';' ? 1 : 2;
      while (text.size() < longest && rest.starts_with(letter)) {
        text += letter;
        rest.remove_prefix(1);
      }
      tokens.push_back({true, std::move(text)});
    } else {
      if (!word) word.emplace();
      if (letter == '\'' || letter == '"') {
        if (!take_quoted(rest, letter, *word)) return unfinished(letter);
      } else if (letter == '\\' && !rest.empty()) {
        *word += rest.front();
        rest.remove_prefix(1);
      } else {
        *word += letter;
      }
    }
  }
  end_word();
  return tokens;
}

/// What a separator says of the command behind it; nothing for what is no separator.
std::optional<RunsAfter> separator(const Token& token) {
  if (!token.is_operator) return std::nullopt;
  if (token.text == ";") return RunsAfter::any;
  if (token.text == "&&") return RunsAfter::success;
  if (token.text == "||") return RunsAfter::failure;
  return std::nullopt;
}

bool is_redirection(std::string_view token) {
  return token == ">" || token == ">>" || token == "<" || token == "<<<";
}

void redirect(SimpleCommand& command, std::string_view token, const std::string& word) {
  if (token.starts_with('>')) {
    command.output = word;
    return;
  }
  command.input.reset();
  command.input_text.reset();
  if (token == "<") {
    command.input = word;
  } else {
    command.input_text = word + '\n';
  }
}

}  // namespace

std::variant<std::vector<SimpleCommand>, SyntaxError> parse_line(std::string_view line) {
  Tokens tokenized = tokenize(line);
  if (auto* error = std::get_if<SyntaxError>(&tokenized)) return std::move(*error);
  const auto& tokens = std::get<std::vector<Token>>(tokenized);
  std::vector<SimpleCommand> commands;
  SimpleCommand command;
  bool expects_command = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (!token.is_operator) {
      command.words.push_back(token.text);
    } else if (is_redirection(token.text)) {
      if (++i == tokens.size()) return unexpected("newline");
      if (tokens[i].is_operator) return unexpected(tokens[i].text);
      redirect(command, token.text, tokens[i].text);
    } else if (const auto next = separator(token)) {
      if (command.words.empty()) return unexpected(token.text);
      commands.push_back(std::move(command));
      command = {.words = {}, .output = {}, .input = {}, .input_text = {}, .runs_after = *next};
      expects_command = *next != RunsAfter::any;
    } else {
      return unexpected(token.text);
    }
  }
  if (!command.words.empty()) {
    commands.push_back(std::move(command));
  } else if (command.output || command.input || command.input_text) {
    return unexpected("newline");
  } else if (expects_command) {
    return SyntaxError{"syntax error: unexpected end of file"};
  }
  return commands;
}

}  // namespace host::console
