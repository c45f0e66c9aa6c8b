// SPDX-License-Identifier: Apache-2.0
// sysctl in the words and formats of procps 4.
#include "host/console/sysctl_command.hpp"

#include <regex.h>

#include <array>

#include "host/console/console.hpp"
#include "host/console/errors.hpp"

namespace host::console {
namespace {

using base::Errno;
using kernel::SysctlTable;
using kernel::Task;

constexpr std::string_view kUsage =
    "\nUsage:\n sysctl [options] [variable[=value] ...]\n\nOptions:\n"
    "  -a, --all            display all variables\n"
    "  -e, --ignore         ignore unknown variables errors\n"
    "  -N, --names          print variable names without values\n"
    "  -n, --values         print only values of the given variable(s)\n"
    "  -b, --binary         print value without new line\n"
    "  -r, --pattern <expression>\n                       select setting that match expression\n"
    "  -q, --quiet          do not echo variable set\n"
    "  -w, --write          enable writing a value to variable\n";

enum class Show : std::uint8_t { both, name, value, value_alone };

struct Options {
  bool all = false;
  bool ignore_unknown = false;
  bool quiet = false;
  bool write = false;
  Show show = Show::both;
  std::string pattern;
  std::vector<std::string> variables;
};

/// net/core/dev_weight and net.core.dev_weight are the same; the first separator decides.
std::string dotted(std::string_view name) {
  const auto first = name.find_first_of("./");
  if (first == std::string_view::npos || name[first] == '.') return std::string(name);
  return kernel::swap_dots_and_slashes(name);
}

class Sysctl {
 public:
  Sysctl(SysctlTable& table, const Invocation& call) : table_(table), call_(call) {}

  int run() {
    const auto bad = parse();
    if (!bad.empty()) {
      call_.err("sysctl: " + bad + '\n');
      call_.err(kUsage);
      return kFailure;
    }
    if (options_.all) {
      for (const std::string& name : table_.names()) show(name);
      return 0;
    }
    if (options_.variables.empty()) {
      call_.err("sysctl: no variables specified\nTry `sysctl --help' for more information.\n");
      return kFailure;
    }
    int status = 0;
    for (const std::string& variable : options_.variables) status |= treat(variable);
    return status;
  }

 private:
  /// The complaint about the first option that is none.
  std::string parse() {
    for (std::size_t i = 1; i < call_.words.size(); ++i) {
      const std::string& word = call_.words[i];
      if (word == "-r" || word == "--pattern") {
        if (++i == call_.words.size()) return "option requires an argument -- 'r'";
        options_.pattern = call_.words[i];
      } else if (word.starts_with("--")) {
        if (!long_option(word)) return "unrecognized option '" + word + "'";
      } else if (word.starts_with('-') && word.size() > 1) {
        for (const char letter : word.substr(1)) {
          if (!option(letter)) return std::string("invalid option -- '") + letter + "'";
        }
      } else {
        options_.variables.push_back(word);
      }
    }
    return {};
  }

  bool option(char letter) {
    switch (letter) {
      case 'a':
      case 'A':
      case 'X':
        options_.all = true;
        return true;
      case 'e':
        options_.ignore_unknown = true;
        return true;
      case 'N':
        options_.show = Show::name;
        return true;
      case 'n':
        options_.show = Show::value;
        return true;
      case 'b':
        options_.show = Show::value_alone;
        return true;
      case 'q':
        options_.quiet = true;
        return true;
      case 'w':
        options_.write = true;
        return true;
      default:
        return false;
    }
  }

  bool long_option(std::string_view word) {
    constexpr std::array<std::pair<std::string_view, char>, 7> kLong{{{"--all", 'a'},
                                                                      {"--ignore", 'e'},
                                                                      {"--names", 'N'},
                                                                      {"--values", 'n'},
                                                                      {"--binary", 'b'},
                                                                      {"--quiet", 'q'},
                                                                      {"--write", 'w'}}};
    for (const auto& [name, letter] : kLong) {
      if (name == word) return option(letter);
    }
    return false;
  }

  int treat(const std::string& variable) {
    const auto equals = variable.find('=');
    if (equals != std::string::npos) return assign(dotted(variable.substr(0, equals)), variable.substr(equals + 1));
    if (options_.write) {
      call_.err("sysctl: command line(0): invalid syntax, continuing...\n");
      return kFailure;
    }
    return show_all_of(dotted(variable));
  }

  int unknown(const std::string& name) {
    if (options_.ignore_unknown) return 0;
    call_.err("sysctl: cannot stat /proc/sys/" + kernel::swap_dots_and_slashes(name) + ": " +
              std::string(error_text(Errno::no_entry)) + '\n');
    return kFailure;
  }

  int assign(const std::string& name, const std::string& value) {
    if (!table_.contains(name)) return unknown(name);
    const auto done = table_.set_text(name, value);
    if (!done) {
      // The kernel has one answer to numbers out of range and to what is none.
      const Errno error = done.error() == Errno::range ? Errno::invalid : done.error();
      call_.err("sysctl: setting key \"" + name + "\": " + std::string(error_text(error)) + '\n');
      return kFailure;
    }
    if (!options_.quiet) print(name, value);
    return 0;
  }

  /// One variable, or all below a directory.
  int show_all_of(const std::string& name) {
    if (table_.contains(name)) {
      show(name);
      return 0;
    }
    bool found = false;
    for (const std::string& each : table_.names()) {
      if (!each.starts_with(name + '.')) continue;
      found = true;
      show(each);
    }
    return found ? 0 : unknown(name);
  }

  void show(const std::string& name) {
    if (!options_.pattern.empty() && !matches(name)) return;
    print(name, *table_.text(name));
  }

  [[nodiscard]] bool matches(const std::string& name) const {
    regex_t expression;
    if (regcomp(&expression, options_.pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) return false;
    const bool found = regexec(&expression, name.c_str(), 0, nullptr, 0) == 0;
    regfree(&expression);
    return found;
  }

  void print(const std::string& name, const std::string& value) {
    switch (options_.show) {
      case Show::both:
        call_.out(name + " = " + value + '\n');
        break;
      case Show::name:
        call_.out(name + '\n');
        break;
      case Show::value:
        call_.out(value + '\n');
        break;
      case Show::value_alone:
        call_.out(value);
        break;
    }
  }

  SysctlTable& table_;
  const Invocation& call_;
  Options options_;
};

}  // namespace

void add_sysctl_command(Console& console) {
  SysctlTable& table = console.system().kernel.sysctl();
  console.add("sysctl", "show and set tunables: sysctl net.core.dev_weight, sysctl -w NAME=VALUE, sysctl -a",
              [&table](Invocation& call) -> Task<int> { co_return Sysctl(table, call).run(); });
}

}  // namespace host::console
