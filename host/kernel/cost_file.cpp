// SPDX-License-Identifier: Apache-2.0
#include "host/kernel/cost_file.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "host/base/invariant.hpp"

namespace host::kernel {
namespace {

constexpr double kLargest = 1e9;  // a second for one operation is a mistake

/// What is wrong with the file, in one line.
struct Mistake : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Reader {
 public:
  explicit Reader(std::string_view name) : name_(name) {}

  CostFile read(const toml::table& file) {
    for (const auto& [key, node] : file) {
      if (key.str() != "operations" && key.str() != "sources") fail(node, "unknown table '" + text(key) + "'");
    }
    const toml::table* operations = file["operations"].as_table();
    const toml::table* sources = file["sources"].as_table();
    if (operations == nullptr || sources == nullptr) {
      throw Mistake(name_ + ": it takes the tables 'operations' and 'sources'");
    }
    CostFile costs;
    for (const auto& [key, node] : *operations) read_row(costs, text(key), node, *sources);
    for (const std::string_view name : kOpNames) {
      if (!operations->contains(name)) throw Mistake(name_ + ": no line for '" + std::string(name) + "'");
    }
    for (const auto& [key, node] : *sources) {
      if (used_.count(text(key)) == 0) fail(node, "nothing comes from the source '" + text(key) + "'");
    }
    return costs;
  }

 private:
  static std::string text(const toml::key& key) { return std::string(key.str()); }
  [[noreturn]] void fail(const toml::node& node, const std::string& what) const {
    throw Mistake(name_ + ":" + std::to_string(node.source().begin.line) + ": " + what);
  }
  void read_row(CostFile& costs, const std::string& name, const toml::node& node, const toml::table& sources) {
    const auto found = std::find(kOpNames.begin(), kOpNames.end(), name);
    if (found == kOpNames.end()) fail(node, "unknown operation '" + name + "'");
    const toml::table* line = node.as_table();
    if (line == nullptr) fail(node, "'" + name + "' takes { value, unit, source }");
    for (const auto& [key, value] : *line) {
      if (key.str() != "value" && key.str() != "unit" && key.str() != "source") {
        fail(value, "'" + name + "' has no '" + text(key) + "'; it takes value, unit and source");
      }
    }
    const auto value = (*line)["value"].value<double>();
    const std::string unit = (*line)["unit"].value_or(std::string());
    const std::string source = (*line)["source"].value_or(std::string());
    const std::string wanted = name.ends_with("_per_byte") ? "ns/byte" : "ns";
    if (!value || !(*value >= 0 && *value <= kLargest)) fail(node, "'" + name + "' needs a value from 0 to 1e9");
    if (unit != wanted) fail(node, "the unit of '" + name + "' is \"" + wanted + "\"");
    const std::string sentence = sources[source].value_or(std::string());
    if (sentence.empty()) fail(node, "'" + name + "' names no source of the table 'sources'");
    used_.insert(source);
    const auto op = static_cast<std::size_t>(found - kOpNames.begin());
    costs.table.set(static_cast<Op>(op), *value);
    costs.rows[op] = {*value, unit, sentence};
  }

  std::string name_;
  std::set<std::string> used_;
};

}  // namespace

std::optional<CostFile> parse_costs(std::string_view text, std::string_view name, std::string& problem) {
  try {
    return Reader(name).read(toml::parse(text, name));
  } catch (const toml::parse_error& error) {
    problem =
        std::string(name) + ":" + std::to_string(error.source().begin.line) + ": " + std::string(error.description());
  } catch (const Mistake& mistake) {
    problem = mistake.what();
  }
  return std::nullopt;
}

CostTable CostTable::typical() {
  static const CostTable table = [] {
    std::string problem;
    const auto file = parse_costs(default_costs(), "costs.toml", problem);
    INVARIANT(file.has_value(), problem.c_str());
    return file->table;
  }();
  return table;
}

}  // namespace host::kernel
