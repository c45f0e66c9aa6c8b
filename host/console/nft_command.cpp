// SPDX-License-Identifier: Apache-2.0
// nft in the words and formats of nftables 1.0.6.
#include "host/console/nft_command.hpp"

#include <fmt/format.h>

#include "host/console/console.hpp"
#include "host/console/nft_apply.hpp"
#include "host/netfilter/packet_log.hpp"

namespace host::console {
namespace {

using kernel::Task;
using netfilter::Nftables;

constexpr std::string_view kUsage =
    "Usage: nft [ options ] [ cmds... ]\n\n"
    "  -c, --check                     Check commands validity without actually applying the changes.\n"
    "  -a, --handle                    Output rule handle.\n"
    "  -s, --stateless                 Omit stateful information of ruleset.\n"
    "  -n, --numeric                   Print fully numerical output.\n"
    "  -j, --json                      Format output in JSON\n"
    "  -h, --help                      Show this help\n";

struct Options {
  NftPrintOptions print;
  bool json = false;
  bool check = false;
  bool help = false;
  std::string commands;
};

/// The first option that is none.
std::optional<std::string> read_options(const std::vector<std::string>& words, Options& out) {
  std::size_t i = 1;
  for (; i < words.size() && words[i].starts_with('-'); ++i) {
    const std::string_view word = words[i];
    constexpr std::array<std::pair<std::string_view, char>, 6> kLong{{{"--check", 'c'},
                                                                      {"--handle", 'a'},
                                                                      {"--stateless", 's'},
                                                                      {"--numeric", 'n'},
                                                                      {"--json", 'j'},
                                                                      {"--help", 'h'}}};
    std::string letters(word.substr(1));
    if (word.starts_with("--")) {
      letters.clear();
      for (const auto& [name, letter] : kLong) {
        if (name == word) letters = letter;
      }
      if (letters.empty()) return "unrecognized option '" + std::string(word) + "'";
    }
    for (const char letter : letters) {
      out.check = out.check || letter == 'c';
      out.json = out.json || letter == 'j';
      out.help = out.help || letter == 'h';
      out.print.handles = out.print.handles || letter == 'a';
      out.print.stateless = out.print.stateless || letter == 's';
      if (std::string_view("casnjh").find(letter) == std::string_view::npos) {
        return std::string("invalid option -- '") + letter + "'";
      }
    }
  }
  for (; i < words.size(); ++i) out.commands += (out.commands.empty() ? "" : " ") + words[i];
  out.commands += '\n';
  return std::nullopt;
}

/// The message, the line that is wrong and a caret below the place.
std::string complaint(const NftError& error, std::string_view text) {
  const std::size_t begin = std::min(error.place.begin, text.size());
  const std::size_t before = begin == 0 ? std::string_view::npos : text.rfind('\n', begin - 1);
  const std::size_t line_begin = before == std::string_view::npos ? 0 : before + 1;
  const std::size_t line_end = std::min(text.find('\n', begin), text.size());
  const std::string_view line = text.substr(line_begin, line_end - line_begin);
  const std::size_t length =
      std::max<std::size_t>(std::min(error.place.end, line_end + 1) - std::min(begin, line_end + 1), 1);
  std::string under;
  for (std::size_t i = line_begin; i < begin; ++i) under += text[i] == '\t' ? '\t' : ' ';
  return fmt::format("Error: {}\n{}\n{}{}\n", error.message, line, under, std::string(length, '^'));
}

class Nft {
 public:
  Nft(System& system, const Invocation& call) : system_(system), call_(call), nftables_(system.ip.nftables) {
    interfaces_.index_of = [this](std::string_view name) -> std::optional<unsigned> {
      const auto* device = system_.net.device_by_name(name);
      return device != nullptr ? std::optional(device->ifindex()) : std::nullopt;
    };
    interfaces_.name_of = [this](unsigned index) -> std::optional<std::string> {
      const auto* device = system_.net.device_by_index(index);
      return device != nullptr ? std::optional(device->name()) : std::nullopt;
    };
    interfaces_.now = system_.net.kernel().now();
  }

  int run() {
    if (const auto bad = read_options(call_.words, options_)) {
      call_.err("nft: " + *bad + "\n" + std::string(kUsage));
      return kFailure;
    }
    if (options_.help) {
      call_.out(kUsage);
      return 0;
    }
    if (options_.commands == "\n") {
      call_.err("nft: no command specified\n");
      return kFailure;
    }
    const auto parsed = nft_parse(options_.commands, interfaces_);
    if (const auto* error = std::get_if<NftError>(&parsed)) return refuse(*error);
    return transact(std::get<NftCommands>(parsed));
  }

 private:
  int refuse(const NftError& error) {
    call_.err(complaint(error, options_.commands));
    return kFailure;
  }

  /// All commands or none. Lists are printed at the end, of the rules that are then in force, as nft does.
  int transact(const NftCommands& commands) {
    netfilter::Ruleset changed = nftables_.ruleset();
    bool changes = false;
    for (const NftCommand& command : commands) {
      if (const auto error = nft_apply(changed, command, interfaces_)) return refuse(*error);
      changes = changes || command.verb != NftVerb::list;
    }
    if (changes) {
      const auto done = options_.check ? Nftables::check(std::move(changed)) : nftables_.commit(std::move(changed));
      if (!done.ok()) return refuse(nft_kernel_error(done.error(), commands.back().place));
    }
    for (const NftCommand& command : commands) {
      if (command.verb != NftVerb::list) continue;
      const auto selection = nft_select(nftables_.ruleset(), command);
      if (const auto* error = std::get_if<NftError>(&selection)) return refuse(*error);
      list(std::get<NftSelection>(selection));
    }
    return 0;
  }

  void list(const NftSelection& selection) {
    call_.out(options_.json ? nft_print_json(nftables_.ruleset(), selection, interfaces_)
                            : nft_print(nftables_.ruleset(), selection, options_.print, interfaces_));
  }

  System& system_;
  const Invocation& call_;
  Nftables& nftables_;
  NftInterfaces interfaces_;
  Options options_;
};

}  // namespace

void add_nft_commands(Console& console) {
  System& system = console.system();
  console.add("nft", "packet filter rules: nft list ruleset, nft add rule ip t c udp dport 53 accept",
              [&system](Invocation& call) -> Task<int> { co_return Nft(system, call).run(); });
  console.add("dmesg", "the kernel log: what `log` statements wrote", [&system](Invocation& call) -> Task<int> {
    call.out(system.ip.nftables.log().text());
    co_return 0;
  });
}

}  // namespace host::console
