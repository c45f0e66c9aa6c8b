// SPDX-License-Identifier: Apache-2.0
// Tables, sets and chains as nft lists them.
#include "host/console/nft_printer.hpp"

#include <fmt/format.h>

#include <array>

namespace host::console {

using netfilter::Chain;
using netfilter::DataType;
using netfilter::Set;
using netfilter::Table;

namespace {

/// How many elements stand in a line of a set's listing.
std::size_t elements_in_line(DataType type) {
  switch (type) {
    case DataType::ipv4_addr:
    case DataType::ct_state:
    case DataType::ct_status:
      return 2;
    case DataType::inet_proto:
    case DataType::inet_service:
    case DataType::tcp_flag:
    case DataType::mark:
    case DataType::iface_index:
    case DataType::ct_dir:
    case DataType::integer:
      return 5;
    default:
      return 1;
  }
}

/// `filter`, `srcnat + 5`, `-42` (nftables: prio2str). dstnat and srcnat are words at their own hooks only.
std::string priority_words(const netfilter::BaseHook& base) {
  struct Named {
    std::string_view name;
    int priority;
  };
  constexpr std::array<Named, 6> kNames{{{"raw", netfilter::priority::kRaw},
                                         {"mangle", netfilter::priority::kMangle},
                                         {"dstnat", netfilter::priority::kDestinationNat},
                                         {"filter", netfilter::priority::kFilter},
                                         {"security", netfilter::priority::kSecurity},
                                         {"srcnat", netfilter::priority::kSourceNat}}};
  constexpr int kReach = 10;
  for (const auto& [name, value] : kNames) {
    const bool elsewhere = (name == "dstnat" && base.hook != netfilter::Hook::prerouting) ||
                           (name == "srcnat" && base.hook != netfilter::Hook::postrouting);
    const int offset = base.priority - value;
    if (elsewhere || offset < -kReach || offset > kReach) continue;
    if (offset == 0) return std::string(name);
    return fmt::format("{} {} {}", name, offset < 0 ? '-' : '+', offset < 0 ? -offset : offset);
  }
  return fmt::format("{}", base.priority);
}

class Printer {
 public:
  Printer(const NftSelection& selection, const NftPrintOptions& options, const NftInterfaces& interfaces)
      : selection_(selection), options_(options), interfaces_(interfaces) {}

  std::string table(const Table& table) const {
    using What = NftSelection::What;
    if (selection_.what == What::tables) return fmt::format("table {} {}\n", nft_word(table.family), table.name);
    if (selection_.objects && table.objects.empty()) return {};
    const bool whole =
        selection_.what == What::everything && !selection_.chain && !selection_.set && !selection_.objects;
    std::string text =
        fmt::format("table {} {} {{{}\n", nft_word(table.family), table.name, whole ? handle(table.handle) : "");
    if (whole && table.dormant) text += "\tflags dormant\n";
    std::string_view gap;
    const auto add = [&](const std::string& part) {
      text.append(gap).append(part);
      gap = selection_.what == What::everything && !selection_.objects ? "\n" : "";
    };
    if (whole && !table.comment.empty()) text += fmt::format("\tcomment \"{}\"\n", table.comment);
    for (const netfilter::Object& each : table.objects) {
      if (nft_selects(selection_, each)) add(object(each));
    }
    for (const Set& each : table.sets) {
      if (nft_selects(selection_, each)) add(set(each));
    }
    for (const Chain& each : table.chains) {
      const bool named = selection_.chain ? *selection_.chain == each.name : !selection_.set && !selection_.objects;
      const bool parts = selection_.what == What::sets || selection_.what == What::maps;
      if (named && !parts) add(chain(table, each));
    }
    return text + "}\n";
  }

 private:
  [[nodiscard]] std::string handle(std::uint64_t number) const {
    return options_.handles ? fmt::format(" # handle {}", number) : std::string();
  }

  [[nodiscard]] std::string object(const netfilter::Object& object) const {
    std::string text = fmt::format("\t{} {} {{{}\n", nft_word(object.kind()), object.name, handle(object.handle));
    if (!object.comment.empty()) text += fmt::format("\t\tcomment \"{}\"\n", object.comment);
    if (const auto* quota = std::get_if<netfilter::Quota>(&object.state)) {
      text += fmt::format("\t\t{}\n", nft_write_quota(*quota, options_));
    } else if (!options_.stateless) {
      const auto& counter = std::get<netfilter::Counter>(object.state);
      text += fmt::format("\t\tpackets {} bytes {}\n", counter.packets, counter.bytes);
    }
    return text + "\t}\n";
  }

  [[nodiscard]] std::string set(const Set& set) const {
    std::string text = fmt::format("\t{} {} {{{}\n\t\ttype {}", set.is_map() ? "map" : "set", set.name,
                                   handle(set.handle), nft_type_name(set.type));
    if (set.is_map()) text += fmt::format(" : {}", set.to_values ? nft_type_name(*set.to_values) : "verdict");
    text += '\n';
    if (set.size != 0) text += fmt::format("\t\tsize {}\n", set.size);
    text += flags(set);
    if (set.timeout != 0) text += fmt::format("\t\ttimeout {}\n", nft_write_time(set.timeout));
    if (set.gc_interval != 0) text += fmt::format("\t\tgc-interval {}\n", nft_write_time(set.gc_interval));
    if (!set.comment.empty()) text += fmt::format("\t\tcomment \"{}\"\n", set.comment);
    const std::vector<std::string> elements = set.is_timed() ? timed(set) : plain(set);
    const std::size_t in_line = elements_in_line(set.type);
    for (std::size_t i = 0; i < elements.size(); ++i) {
      text += i == 0 ? "\t\telements = { " : i % in_line == 0 ? ",\n\t\t\t     " : ", ";
      text += elements[i];
    }
    return text + (elements.empty() ? "\t}\n" : " }\n\t}\n");
  }

  /// A timeout for all goes without saying that there are timeouts, when that is all that there is to say.
  static std::string flags(const Set& set) {
    const bool said = set.constant || set.interval || set.dynamic || (set.timeouts && set.timeout == 0);
    std::string text;
    for (const auto& [is, word] : {std::pair{set.constant, "constant"}, std::pair{set.dynamic, "dynamic"},
                                   std::pair{set.interval, "interval"}, std::pair{set.timeouts, "timeout"}}) {
      if (is && said) text += fmt::format("{}{}", text.empty() ? "\t\tflags " : ",", word);
    }
    return text.empty() ? text : text + '\n';
  }

  [[nodiscard]] std::vector<std::string> plain(const Set& set) const {
    std::vector<std::string> elements;
    for (std::size_t i = 0; i < set.elements.size(); ++i) {
      elements.push_back(nft_write_interval(set.type, set.elements[i], interfaces_));
      if (set.is_map()) {
        elements.back() += " : " + nft_write_datum(set.data[i], set.to_values.value_or(DataType::mark), interfaces_);
      }
    }
    return elements;
  }

  /// Those that live.
  [[nodiscard]] std::vector<std::string> timed(const Set& set) const {
    std::vector<std::string> elements;
    for (const auto& [value, element] : set.timed) {
      if (element.expires <= interfaces_.now) continue;
      std::string text = nft_write_value(set.type, value, interfaces_);
      if (element.limit) text += ' ' + nft_write_limit(*element.limit);
      if (element.counter) {
        text += options_.stateless
                    ? " counter"
                    : fmt::format(" counter packets {} bytes {}", element.counter->packets, element.counter->bytes);
      }
      if (element.timeout != 0) text += " timeout " + nft_write_time(element.timeout);
      const bool ends = element.expires != INT64_MAX && !options_.stateless;
      if (ends) text += " expires " + nft_write_time(element.expires - interfaces_.now);
      elements.push_back(std::move(text));
    }
    return elements;
  }

  [[nodiscard]] std::string chain(const Table& table, const Chain& chain) const {
    std::string text = fmt::format("\tchain {} {{{}\n", chain.name, handle(chain.handle));
    if (!chain.comment.empty()) text += fmt::format("\t\tcomment \"{}\"\n", chain.comment);
    if (chain.base) {
      text += fmt::format("\t\ttype {} hook {} priority {}; policy {};\n", nft_word(chain.base->type),
                          hook_name(chain.base->hook), priority_words(*chain.base),
                          chain.policy == netfilter::Verdict::accept ? "accept" : "drop");
    }
    if (selection_.what == NftSelection::What::chains) return text + "\t}\n";
    for (const netfilter::Rule& rule : chain.rules) {
      text += "\t\t" + nft_print_rule(rule, table.family, options_, interfaces_) + handle(rule.handle) + '\n';
    }
    return text + "\t}\n";
  }

  const NftSelection& selection_;
  const NftPrintOptions& options_;
  const NftInterfaces& interfaces_;
};

}  // namespace

std::string nft_print(const netfilter::Ruleset& ruleset, const NftSelection& selection, const NftPrintOptions& options,
                      const NftInterfaces& interfaces) {
  const Printer printer(selection, options, interfaces);
  std::string text;
  for (const Table& table : ruleset.tables) {
    if (nft_selects(selection, table)) text += printer.table(table);
  }
  return text;
}

}  // namespace host::console
