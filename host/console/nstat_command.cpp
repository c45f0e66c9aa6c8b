// SPDX-License-Identifier: Apache-2.0
// Counters from the three files, less what they were.
#include "host/console/nstat_command.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <sstream>

#include "host/console/console.hpp"
#include "host/console/json_writer.hpp"

namespace host::console {
namespace {

using kernel::PseudoFiles;
using kernel::Task;

/// In the order of the files.
using Counters = std::vector<std::pair<std::string, std::uint64_t>>;
/// What nstat keeps in a file of its own.
using History = std::map<std::string, std::uint64_t, std::less<>>;

struct Options {
  bool ignore_history = false;
  bool zeros = false;
  bool update = true;
  bool reset = false;
  bool print = true;
  bool json = false;
  std::vector<std::string> patterns;
};

/// Settings that stand among the counters.
bool is_setting(std::string_view name) {
  return name == "IpForwarding" || name == "IpDefaultTTL";
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

/// A line of names and one of numbers for each group.
void add_counters(const PseudoFiles& files, std::string_view path, Counters& counters) {
  const auto text = files.read(path);
  if (!text) return;
  std::istringstream in(*text);
  for (std::string names, numbers; std::getline(in, names) && std::getline(in, numbers);) {
    const auto name = words_of(names);
    const auto number = words_of(numbers);
    const std::string group = name.front().substr(0, name.front().find(':'));
    for (std::size_t i = 1; i < std::min(name.size(), number.size()); ++i) {
      std::uint64_t value = 0;
      std::from_chars(number[i].data(), number[i].data() + number[i].size(), value);
      if (!is_setting(group + name[i])) counters.emplace_back(group + name[i], value);
    }
  }
}

/// A line of a name and a number for each counter. iproute2: load_snmp6.
void add_counters6(const PseudoFiles& files, Counters& counters) {
  const auto text = files.read("/proc/net/snmp6");
  if (!text) return;
  std::istringstream in(*text);
  std::uint64_t value = 0;
  for (std::string name; in >> name >> value;) counters.emplace_back(name, value);
}

/// The first letter that is none; 0: all are known.
char parse(const std::vector<std::string>& words, Options& options) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (!words[i].starts_with('-')) {
      options.patterns.push_back(words[i]);
      continue;
    }
    for (const char letter : std::string_view(words[i]).substr(1)) {
      if (letter == 'a') {
        options.ignore_history = true;
      } else if (letter == 'z') {
        options.zeros = true;
      } else if (letter == 's') {
        options.update = false;
      } else if (letter == 'r') {
        options.reset = true;
      } else if (letter == 'n') {
        options.print = false;
      } else if (letter == 'j') {
        options.json = true;
      } else {
        return letter;
      }
    }
  }
  return 0;
}

bool is_wanted(const Options& options, const std::string& name) {
  return options.patterns.empty() || std::ranges::any_of(options.patterns, [&](const std::string& pattern) {
           return fnmatch(pattern.c_str(), name.c_str(), FNM_CASEFOLD) == 0;
         });
}

std::string as_text(const Counters& counters) {
  std::string text = "#kernel\n";
  for (const auto& [name, value] : counters) text += fmt::format("{:<32}{:<16}{:>6.1f}\n", name, value, 0.0);
  return text;
}

std::string as_json(const Counters& counters) {
  JsonWriter json(JsonWriter::Style::compact);
  json.open_object();
  json.name("kernel");
  json.open_object();
  for (const auto& [name, value] : counters) {
    json.name(name);
    json.value(value);
  }
  json.close_object();
  json.close_object();
  return json.take();
}

int run(const PseudoFiles& files, History& history, const Invocation& call) {
  Options options;
  if (const char unknown = parse(call.words, options); unknown != 0) {
    call.err(fmt::format("nstat: invalid option -- '{}'\n", unknown));
    return 255;  // iproute2: -1
  }
  if (options.reset) history.clear();
  Counters now;
  add_counters(files, "/proc/net/snmp", now);
  add_counters6(files, now);
  add_counters(files, "/proc/net/netstat", now);
  Counters shown;
  for (const auto& [name, value] : now) {
    const auto before = history.find(name);
    const bool since = before != history.end() && !options.ignore_history;
    const std::uint64_t change = since ? value - before->second : value;
    if ((change != 0 || options.zeros) && is_wanted(options, name)) shown.emplace_back(name, change);
  }
  if (options.update) {
    for (const auto& [name, value] : now) history[name] = value;
  }
  if (options.print) call.out(options.json ? as_json(shown) : as_text(shown));
  return 0;
}

}  // namespace

void add_nstat_command(Console& console) {
  const PseudoFiles& files = console.system().kernel.files();
  console.add("nstat", "counters since the last nstat; since the beginning: nstat -a; all of them: nstat -az",
              [&files, history = std::make_shared<History>()](Invocation& call) -> Task<int> {
                co_return run(files, *history, call);
              });
}

}  // namespace host::console
