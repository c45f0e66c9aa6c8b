// SPDX-License-Identifier: Apache-2.0
// JSON as iproute2 writes it, compact or with its own idea of indentation (iproute2: lib/json_writer.c).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace host::console {

class JsonWriter {
 public:
  enum class Style : std::uint8_t { compact, pretty };
  explicit JsonWriter(Style style) : style_(style) {}

  void open_object() { open('{'); }
  void close_object() { close('}'); }
  void open_array();
  void close_array();
  /// The name of the member whose value comes next.
  void name(std::string_view name);
  void value(std::string_view text);
  void value(std::uint64_t number);
  void value(bool truth);
  void value_null();

  /// What was written, with an end of line; the writer starts anew.
  [[nodiscard]] std::string take();

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();
  void end_line();
  void bare(std::string_view text);

  Style style_;
  std::string text_;
  unsigned depth_ = 0;
  bool separator_due_ = false;
};

/// With quotes, and what needs it escaped (RFC 8259).
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace host::console
