// SPDX-License-Identifier: Apache-2.0
// Options, then the object.
#include "host/console/ip_command.hpp"

namespace host::console {
namespace {

using kernel::Task;
using Family = IpOptions::Family;

constexpr std::string_view kUsage =
    "Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n"
    "where  OBJECT := { address | help | link | maddress | neighbor | neighbour |\n"
    "                   route | rule }\n"
    "       OPTIONS := { -s[tatistics] | -d[etails] | -j[son] | -p[retty] |\n"
    "                    -f[amily] { inet | inet6 | link } | -4 | -6 | -0 |\n"
    "                    -br[ief] | -o[neline] }\n";

struct Object {
  std::string_view name;
  void (*run)(IpCall&, IpArguments);
};
/// In the order in which a shortened word looks for its own.
constexpr std::array<Object, 7> kObjects{{{"address", ip_address},
                                          {"route", ip_route},
                                          {"rule", ip_rule},
                                          {"neighbor", ip_neighbour},
                                          {"neighbour", ip_neighbour},
                                          {"link", ip_link},
                                          {"maddress", ip_maddress}}};

Family to_family(const std::string& word) {
  if (word == "inet") return Family::inet;
  if (word == "inet6") return Family::inet6;
  if (word == "link") return Family::link;
  throw wrong_argument("invalid protocol family", word);
}

/// Takes the options off the front.
IpOptions parse_options(IpArguments& arguments) {
  IpOptions options;
  bool pretty = false;
  for (; !arguments.done() && arguments.word().starts_with('-'); arguments.skip()) {
    std::string_view word = arguments.word();
    if (word == "--") {
      arguments.skip();
      break;
    }
    if (word.starts_with("--")) word.remove_prefix(1);
    const auto is = [&](std::string_view whole) { return word.size() > 1 && matches(word, whole); };
    if (is("-family")) {
      options.family = to_family(arguments.next());
    } else if (word == "-4") {
      options.family = Family::inet;
    } else if (word == "-6") {
      options.family = Family::inet6;
    } else if (word == "-0") {
      options.family = Family::link;
    } else if (is("-stats") || is("-statistics")) {
      ++options.statistics;
    } else if (is("-details")) {
      options.details = true;
    } else if (is("-oneline")) {
      options.oneline = true;
    } else if (is("-json")) {
      options.form = Printer::Form::json;
    } else if (is("-pretty")) {
      pretty = true;
    } else if (is("-brief")) {
      options.brief = true;
    } else if (is("-help")) {
      throw IpExit{kIpUsage, std::string(kUsage)};
    } else {
      throw IpExit{kIpUsage, fmt::format("Option \"{}\" is unknown, try \"ip -help\".\n", word)};
    }
  }
  if (pretty && options.form == Printer::Form::json) options.form = Printer::Form::pretty_json;
  return options;
}

void run(const System& system, const Invocation& invocation) {
  IpArguments arguments(std::span(invocation.words).subspan(1));
  const IpOptions options = parse_options(arguments);
  if (arguments.done()) throw IpExit{kIpUsage, std::string(kUsage)};
  const std::string& name = arguments.take();
  for (const Object& object : kObjects) {
    if (!matches(name, object.name)) continue;
    IpCall call{system, invocation.self, options, Printer(options.form)};
    object.run(call, arguments);
    invocation.out(call.out.take());
    return;
  }
  if (name == "help") throw IpExit{kIpUsage, std::string(kUsage)};
  throw IpExit{kIpWrong, fmt::format("Object \"{}\" is unknown, try \"ip help\".\n", name)};
}

}  // namespace

void add_ip_command(Console& console) {
  console.add("ip", "interfaces, addresses, routes, neighbours: ip -s link, ip addr add 10.0.0.1/24 dev eth0",
              [&system = console.system()](Invocation& invocation) -> Task<int> {
                try {
                  run(system, invocation);
                } catch (const IpExit& exit) {
                  invocation.err(exit.message);
                  co_return exit.status;
                }
                co_return 0;
              });
}

}  // namespace host::console
