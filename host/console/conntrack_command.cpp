// SPDX-License-Identifier: Apache-2.0
// conntrack in the words and formats of conntrack-tools 1.4.7.
#include "host/console/conntrack_command.hpp"

#include <fmt/format.h>

#include <array>
#include <sstream>

#include "host/console/console.hpp"
#include "host/headers/ip_address.hpp"
#include "host/netfilter/key.hpp"

namespace host::console {
namespace {

using kernel::Task;
using netfilter::Conntrack;
using netfilter::Tuple;

constexpr std::string_view kName = "conntrack v1.4.7 (conntrack-tools): ";
constexpr std::string_view kUsage =
    "Command line interface for the connection tracking system. Version 1.4.7\n"
    "Usage: conntrack [commands] [options]\n\n"
    "Commands:\n"
    "  -L [options]\t\t\tList conntrack\n"
    "  -D [options]\t\t\tDelete conntrack\n"
    "  -F\t\t\t\tFlush table\n"
    "  -C\t\t\t\tShow counter\n"
    "  -S\t\t\t\tShow statistics\n\n"
    "Common parameters and options:\n"
    "  -s, --src, --orig-src ip\t\tSource address from original direction\n"
    "  -d, --dst, --orig-dst ip\t\tDestination address from original direction\n"
    "  -p, --protonum proto\t\tLayer 4 Protocol, eg. 'tcp'\n"
    "  -f, --family proto\t\tLayer 3 Protocol, eg. 'ipv6'\n"
    "  --sport, --orig-port-src port\n"
    "  --dport, --orig-port-dst port\n"
    "  -o, --output extended\n";

std::optional<headers::IpAddress> read_address(std::string_view text) {
  if (const auto ipv4 = headers::Ipv4Address::parse(text)) return *ipv4;
  const auto ipv6 = headers::Ipv6Address::parse(text);
  return ipv6 ? std::optional<headers::IpAddress>(*ipv6) : std::nullopt;
}

std::optional<std::uint8_t> read_protocol(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::uint8_t>, 5> kNames{{{"tcp", netfilter::kTcp},
                                                                             {"udp", netfilter::kUdp},
                                                                             {"icmp", netfilter::kIcmp},
                                                                             {"icmpv6", netfilter::kIcmp6},
                                                                             {"ipv6-icmp", netfilter::kIcmp6}}};
  for (const auto& [name, number] : kNames) {
    if (text == name) return number;
  }
  unsigned number = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9' || number > 255) return std::nullopt;
    number = number * 10 + static_cast<unsigned>(digit - '0');
  }
  return text.empty() || number > 255 ? std::nullopt : std::optional(static_cast<std::uint8_t>(number));
}

/// A line of /proc/net/nf_conntrack.
struct Entry {
  std::string family;  // "ipv4     2 "
  std::string rest;    // as conntrack shows it
  Tuple original;
};

/// The value of the first `name=` behind `at`; empty: there is none.
std::string_view field(std::string_view line, std::string_view name) {
  const auto begin = line.find(name);
  if (begin == std::string_view::npos) return {};
  const auto value = line.substr(begin + name.size());
  return value.substr(0, value.find(' '));
}

std::uint16_t number_of(std::string_view text) {
  unsigned number = 0;
  for (const char digit : text) number = number * 10 + static_cast<unsigned>(digit - '0');
  return static_cast<std::uint16_t>(number);
}

/// IPv6's addresses as people write them.
std::string with_short_addresses(std::string_view line) {
  std::string text;
  for (std::size_t at = 0; at < line.size();) {
    const auto end = std::min(line.find(' ', at), line.size());
    const std::string_view word = line.substr(at, end - at);
    const bool is_address = word.starts_with("src=") || word.starts_with("dst=");
    const auto address = is_address ? headers::Ipv6Address::parse(word.substr(4)) : std::nullopt;
    text += address ? std::string(word.substr(0, 4)) + to_string(*address) : std::string(word);
    if (end < line.size()) text += ' ';
    at = end + 1;
  }
  return text;
}

Entry entry_of(std::string_view line) {
  constexpr std::size_t kFamilyBytes = 11;
  Entry entry;
  entry.family = line.substr(0, line.starts_with("ipv6") ? kFamilyBytes + 1 : kFamilyBytes);
  const std::string_view rest = line.substr(entry.family.size());
  entry.rest = with_short_addresses(rest);
  Tuple& tuple = entry.original;
  tuple.ipv6 = line.starts_with("ipv6");
  const std::string_view behind_name = rest.substr(rest.find_first_of(' '));
  tuple.protocol = static_cast<std::uint8_t>(number_of([&] {
    const auto digits = behind_name.substr(behind_name.find_first_not_of(' '));
    return digits.substr(0, digits.find(' '));
  }()));
  tuple.source = read_address(field(rest, "src=")).value_or(headers::IpAddress{});
  tuple.destination = read_address(field(rest, "dst=")).value_or(headers::IpAddress{});
  if (netfilter::is_icmp(tuple)) {
    tuple.source_port = number_of(field(rest, " id="));
    tuple.destination_port =
        static_cast<std::uint16_t>(number_of(field(rest, " type=")) << 8 | number_of(field(rest, " code=")));
  } else if (!field(rest, "sport=").empty()) {
    tuple.source_port = number_of(field(rest, "sport="));
    tuple.destination_port = number_of(field(rest, "dport="));
  }
  return entry;
}

struct Filter {
  std::optional<headers::IpAddress> source;
  std::optional<headers::IpAddress> destination;
  std::optional<std::uint16_t> source_port;
  std::optional<std::uint16_t> destination_port;
  std::optional<std::uint8_t> protocol;
  std::optional<bool> ipv6;

  [[nodiscard]] bool wants(const Tuple& tuple) const {
    return (!source || *source == tuple.source) && (!destination || *destination == tuple.destination) &&
           (!source_port || *source_port == tuple.source_port) &&
           (!destination_port || *destination_port == tuple.destination_port) &&
           (!protocol || *protocol == tuple.protocol) && (!ipv6 || *ipv6 == tuple.ipv6);
  }
};

class ConntrackTool {
 public:
  ConntrackTool(System& system, Invocation& call) : system_(system), table_(system.ip.conntrack), call_(call) {}

  int run() {
    if (call_.words.size() == 1) {
      call_.out(kUsage);
      return 0;
    }
    for (std::size_t i = 1; i < call_.words.size(); ++i) {
      const auto problem = option(i);
      if (problem) {
        call_.err(
            fmt::format("{}{}\nTry `conntrack -h' or 'conntrack --help' for more information.\n", kName, *problem));
        return kFailure;
      }
    }
    switch (command_) {
      case 'L':
        list();
        return 0;
      case 'D':
        return remove("deleted") != 0 ? 0 : kFailure;
      case 'F':
        filter_ = {};
        static_cast<void>(remove({}));
        call_.err(fmt::format("{}connection tracking table has been emptied.\n", kName));
        return 0;
      case 'C':
        call_.out(fmt::format("{}\n", table_.count()));
        return 0;
      case 'S':
        statistics();
        return 0;
      default:
        call_.out(kUsage);
        return 0;
    }
  }

 private:
  /// What is wrong with the option at `i`, which moves on to its last word.
  std::optional<std::string> option(std::size_t& i) {
    const std::string& word = call_.words[i];
    constexpr std::array<std::pair<std::string_view, char>, 6> kCommands{
        {{"-L", 'L'}, {"-D", 'D'}, {"-F", 'F'}, {"-C", 'C'}, {"-S", 'S'}, {"-h", 'h'}}};
    constexpr std::array<std::pair<std::string_view, char>, 6> kLong{
        {{"--dump", 'L'}, {"--delete", 'D'}, {"--flush", 'F'}, {"--count", 'C'}, {"--stats", 'S'}, {"--help", 'h'}}};
    for (const auto& commands : {kCommands, kLong}) {
      for (const auto& [name, letter] : commands) {
        if (name == word) {
          command_ = letter;
          return std::nullopt;
        }
      }
    }
    if (word == "conntrack") return std::nullopt;  // the table's name
    const bool known = word == "-s" || word == "--src" || word == "--orig-src" || word == "-d" || word == "--dst" ||
                       word == "--orig-dst" || word == "-p" || word == "--proto" || word == "--protonum" ||
                       word == "-f" || word == "--family" || word == "--sport" || word == "--orig-port-src" ||
                       word == "--dport" || word == "--orig-port-dst" || word == "-o" || word == "--output";
    if (!known) return fmt::format("unknown option `{}'", word);
    if (i + 1 == call_.words.size()) return fmt::format("option `{}' requires an argument", word);
    return value(word, call_.words[++i]);
  }

  std::optional<std::string> value(const std::string& option, const std::string& text) {
    const bool to = option == "-d" || option == "--dst" || option == "--orig-dst";
    if (to || option == "-s" || option == "--src" || option == "--orig-src") {
      const auto address = read_address(text);
      (to ? filter_.destination : filter_.source) = address;
      return address ? std::nullopt : std::optional(fmt::format("Invalid IP address `{}'", text));
    }
    if (option.starts_with("-p") || option.starts_with("--proto")) {
      filter_.protocol = read_protocol(text);
      return filter_.protocol ? std::nullopt : std::optional(fmt::format("`{}' unsupported protocol", text));
    }
    if (option == "-f" || option == "--family") {
      if (text != "ipv4" && text != "ipv6") return fmt::format("`{}' unsupported protocol", text);
      filter_.ipv6 = text == "ipv6";
      return std::nullopt;
    }
    if (option == "-o" || option == "--output") {
      extended_ = text == "extended";
      return extended_ ? std::nullopt : std::optional(fmt::format("unsupported output `{}'", text));
    }
    const bool digits = !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string::npos;
    if (!digits) return fmt::format("invalid port `{}'", text);
    (option == "--dport" || option == "--orig-port-dst" ? filter_.destination_port : filter_.source_port) =
        number_of(text);
    return std::nullopt;
  }

  [[nodiscard]] std::vector<Entry> wanted() const {
    std::vector<Entry> entries;
    std::istringstream lines(table_.list());
    for (std::string line; std::getline(lines, line);) {
      Entry entry = entry_of(line);
      if (filter_.wants(entry.original)) entries.push_back(std::move(entry));
    }
    return entries;
  }

  void show(const Entry& entry) { call_.out((extended_ ? entry.family : std::string()) + entry.rest + '\n'); }
  void sum_up(std::size_t entries, std::string_view done) {
    call_.err(fmt::format("{}{} flow entries have been {}.\n", kName, entries, done));
  }

  void list() {
    const auto entries = wanted();
    for (const Entry& entry : entries) show(entry);
    sum_up(entries.size(), "shown");
  }

  std::size_t remove(std::string_view done) {
    std::size_t removed = 0;
    for (const Entry& entry : wanted()) {
      const auto found = table_.find(entry.original, system_.net.kernel().now());
      if (!found) continue;
      table_.remove(*found->connection);
      ++removed;
      if (!done.empty()) show(entry);
    }
    if (!done.empty()) sum_up(removed, done);
    return removed;
  }

  /// /proc/net/stat/nf_conntrack in words: entries clashres found new invalid ignore delete chainlength insert
  /// insert_failed drop early_drop icmp_error expect_new expect_create expect_delete search_restart.
  void statistics() {
    std::istringstream lines(table_.statistics());
    std::string line;
    std::getline(lines, line);
    for (unsigned cpu = 0; std::getline(lines, line); ++cpu) {
      std::istringstream columns(line);
      std::array<std::uint64_t, 17> at{};
      for (std::uint64_t& column : at) columns >> std::hex >> column;
      call_.out(
          fmt::format("cpu={:<4}\tfound={} invalid={} insert={} insert_failed={} drop={} early_drop={} error={} "
                      "search_restart={} clash_resolve={} chaintoolong={} \n",
                      cpu, at[2], at[4], at[8], at[9], at[10], at[11], at[12], at[16], at[1], at[7]));
    }
  }

  System& system_;
  Conntrack& table_;
  Invocation& call_;
  Filter filter_;
  char command_ = 'h';
  bool extended_ = false;
};

}  // namespace

void add_conntrack_command(Console& console) {
  System& system = console.system();
  console.add("conntrack", "connections: conntrack -L, conntrack -D -p udp --dport 53, conntrack -S",
              [&system](Invocation& call) -> Task<int> { co_return ConntrackTool(system, call).run(); });
}

}  // namespace host::console
