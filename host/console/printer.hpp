// SPDX-License-Identifier: Apache-2.0
// One description of an answer, printed as text or as JSON (iproute2: lib/json_print.c).
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <utility>

#include "host/console/json_writer.hpp"

namespace host::console {

class Printer {
 public:
  enum class Form : std::uint8_t { text, json, pretty_json };
  explicit Printer(Form form)
      : form_(form), json_(form == Form::pretty_json ? JsonWriter::Style::pretty : JsonWriter::Style::compact) {}

  [[nodiscard]] bool is_json() const { return form_ != Form::text; }

  /// A fact: in text by `format`, with its one place for the value; in JSON under `key`.
  void print(std::string_view key, std::string_view format, std::string_view value) {
    both(key, format, value, [&] { json_.value(value); });
  }
  void print(std::string_view key, std::string_view format, const char* value) {
    print(key, format, std::string_view(value));
  }
  void print(std::string_view key, std::string_view format, std::unsigned_integral auto value) {
    both(key, format, value, [&] { json_.value(std::uint64_t{value}); });
  }
  /// A fact that is true: its words in text.
  void flag(std::string_view key, std::string_view words) {
    both(key, "{}", words, [&] { json_.value(true); });
  }
  /// What only one of the two has.
  void text(std::string_view words) {
    if (!is_json()) text_ += words;
  }
  void json_only(std::string_view key, std::string_view value) {
    if (!is_json()) return;
    json_.name(key);
    json_.value(value);
  }
  void json_only(std::string_view key, std::unsigned_integral auto value) {
    if (!is_json()) return;
    json_.name(key);
    json_.value(std::uint64_t{value});
  }
  /// An element of an array: in JSON without a key.
  void element(std::string_view format, std::string_view value) {
    if (is_json()) {
      json_.value(value);
    } else {
      text_ += fmt::format(fmt::runtime(format), value);
    }
  }

  void open_object(std::string_view key = {}) {
    if (!is_json()) return;
    if (!key.empty()) json_.name(key);
    json_.open_object();
  }
  void close_object() {
    if (is_json()) json_.close_object();
  }
  void open_array(std::string_view key = {}) {
    if (!is_json()) return;
    if (!key.empty()) json_.name(key);
    json_.open_array();
  }
  void close_array() {
    if (is_json()) json_.close_array();
  }

  [[nodiscard]] std::string take() { return is_json() ? json_.take() : std::exchange(text_, {}); }

 private:
  template <typename Value, typename AsJson>
  void both(std::string_view key, std::string_view format, const Value& value, AsJson as_json) {
    if (is_json()) {
      json_.name(key);
      as_json();
    } else {
      text_ += fmt::format(fmt::runtime(format), value);
    }
  }

  Form form_;
  JsonWriter json_;
  std::string text_;
};

}  // namespace host::console
