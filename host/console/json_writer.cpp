// SPDX-License-Identifier: Apache-2.0
// Brackets, commas and quotes.
#include "host/console/json_writer.hpp"

#include <fmt/format.h>

#include <utility>

namespace host::console {

std::string json_string(std::string_view text) {
  constexpr unsigned char kFirstPrintable = 0x20;
  std::string quoted = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') {
      quoted += '\\';
      quoted += letter;
    } else if (letter == '\n') {
      quoted += "\\n";
    } else if (letter == '\t') {
      quoted += "\\t";
    } else if (static_cast<unsigned char>(letter) < kFirstPrintable) {
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(letter));
    } else {
      quoted += letter;
    }
  }
  return quoted + '"';
}

void JsonWriter::separate() {
  if (separator_due_) text_ += ',';
  separator_due_ = true;
}

void JsonWriter::end_line() {
  constexpr unsigned kIndent = 4;
  if (style_ == Style::compact) return;
  text_ += '\n';
  text_.append(static_cast<std::size_t>(kIndent) * depth_, ' ');
}

void JsonWriter::open(char bracket) {
  separate();
  text_ += bracket;
  ++depth_;
  separator_due_ = false;
}

void JsonWriter::close(char bracket) {
  --depth_;
  if (separator_due_) end_line();
  text_ += bracket;
  separator_due_ = true;
}

void JsonWriter::open_array() {
  open('[');
  if (style_ == Style::pretty) text_ += ' ';
}

void JsonWriter::close_array() {
  if (style_ == Style::pretty && separator_due_) text_ += ' ';
  separator_due_ = false;
  close(']');
}

void JsonWriter::name(std::string_view name) {
  separate();
  end_line();
  separator_due_ = false;
  text_ += json_string(name);
  text_ += style_ == Style::pretty ? ": " : ":";
}

void JsonWriter::bare(std::string_view text) {
  separate();
  text_ += text;
}

void JsonWriter::value(std::string_view text) {
  bare(json_string(text));
}

void JsonWriter::value(std::uint64_t number) {
  bare(std::to_string(number));
}

void JsonWriter::value(bool truth) {
  bare(truth ? "true" : "false");
}

void JsonWriter::value_null() {
  bare("null");
}

std::string JsonWriter::take() {
  separator_due_ = false;
  return std::exchange(text_, {}) + '\n';
}

}  // namespace host::console
