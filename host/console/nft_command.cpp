// SPDX-License-Identifier: Apache-2.0
// nft in the words and formats of nftables 1.0.6.
#include "host/console/nft_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "host/console/console.hpp"
#include "host/console/errors.hpp"
#include "host/console/nft_apply.hpp"
#include "host/console/nft_include.hpp"
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
    "  -f, --file <filename>           Read input from <filename>\n"
    "  -I, --includepath <directory>   Add <directory> to the paths searched for include files. Default is: /etc\n"
    "  -h, --help                      Show this help\n";

struct Options {
  NftPrintOptions print;
  bool json = false;
  bool check = false;
  bool help = false;
  std::string commands;
  std::optional<std::string> file;
  std::vector<std::string> include_path;
};

constexpr std::array<std::pair<std::string_view, char>, 8> kLongOptions{{{"--check", 'c'},
                                                                         {"--handle", 'a'},
                                                                         {"--stateless", 's'},
                                                                         {"--numeric", 'n'},
                                                                         {"--json", 'j'},
                                                                         {"--file", 'f'},
                                                                         {"--includepath", 'I'},
                                                                         {"--help", 'h'}}};

/// Options as getopt_long takes them: letters together, `-fFILE`, `-f FILE`, `--file=FILE`.
class OptionReader {
 public:
  explicit OptionReader(const std::vector<std::string>& words) : words_(words) {}

  /// The first option that is none.
  std::optional<std::string> run(Options& out) {
    for (; at_ < words_.size() && words_[at_].starts_with('-'); ++at_) {
      const std::string& word = words_[at_];
      auto bad = word.starts_with("--") ? by_name(word, out) : by_letters(word, out);
      if (bad) return bad;
    }
    for (; at_ < words_.size(); ++at_) out.commands += (out.commands.empty() ? "" : " ") + words_[at_];
    return std::nullopt;
  }

 private:
  std::optional<std::string> by_name(const std::string& word, Options& out) {
    const auto equals = std::min(word.find('='), word.size());
    for (const auto& [name, letter] : kLongOptions) {
      if (name != std::string_view(word).substr(0, equals)) continue;
      if (!takes_word(letter)) return equals == word.size() ? set(letter, out) : unknown(word);
      return equals == word.size() ? next_word(letter, out) : set(letter, word.substr(equals + 1), out);
    }
    return unknown(word);
  }

  std::optional<std::string> by_letters(const std::string& word, Options& out) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      if (takes_word(word[i])) {
        return i + 1 < word.size() ? set(word[i], word.substr(i + 1), out) : next_word(word[i], out);
      }
      if (auto bad = set(word[i], out)) return bad;
    }
    return std::nullopt;
  }

  static std::optional<std::string> set(char letter, Options& out) {
    out.check = out.check || letter == 'c';
    out.json = out.json || letter == 'j';
    out.help = out.help || letter == 'h';
    out.print.handles = out.print.handles || letter == 'a';
    out.print.stateless = out.print.stateless || letter == 's';
    const bool known = std::string_view("casnjh").find(letter) != std::string_view::npos;
    return known ? std::nullopt : std::optional(std::string("invalid option -- '") + letter + "'");
  }

  static bool takes_word(char letter) { return letter == 'f' || letter == 'I'; }
  std::optional<std::string> next_word(char letter, Options& out) {
    if (at_ + 1 == words_.size()) return std::string("option requires an argument -- '") + letter + "'";
    return set(letter, words_[++at_], out);
  }
  static std::optional<std::string> set(char letter, std::string word, Options& out) {
    if (letter == 'f') {
      out.file = std::move(word);
    } else {
      out.include_path.push_back(std::move(word));
    }
    return std::nullopt;
  }
  static std::string unknown(const std::string& word) { return "unrecognized option '" + word + "'"; }

  const std::vector<std::string>& words_;
  std::size_t at_ = 1;
};

class Nft {
 public:
  Nft(Console& console, const Invocation& call)
      : console_(console), system_(console.system()), call_(call), nftables_(system_.ip.nftables) {
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
    if (const auto bad = OptionReader(call_.words).run(options_)) {
      call_.err("nft: " + *bad + "\n" + std::string(kUsage));
      return kFailure;
    }
    if (options_.help) {
      call_.out(kUsage);
      return 0;
    }
    if (!options_.commands.empty()) {
      source_ = {"", options_.commands + '\n'};
    } else if (!options_.file) {
      call_.err("nft: no command specified\n");
      return kFailure;
    } else if (!read_file(*options_.file)) {
      return kFailure;
    }
    auto& directories = options_.include_path;
    directories.insert(directories.begin(), "/etc");
    const auto parsed = nft_parse(nft_gather(source_, {std::move(directories), console_.read_file}), interfaces_);
    if (const auto* error = std::get_if<NftError>(&parsed)) return refuse(*error);
    return transact(std::get<NftCommands>(parsed));
  }

 private:
  int refuse(const NftError& error) {
    call_.err(nft_complaint(error, source_));
    return kFailure;
  }

  /// The text of `-f`, `-` being what the shell gives; false: it says why there is none.
  bool read_file(const std::string& name) {
    if (name == "-") {
      if (call_.input) source_ = {"/dev/stdin", *call_.input};
      if (!call_.input) call_.err("nft: -: there is no input here but that of `< FILE` and `<<< 'TEXT'`\n");
      return call_.input.has_value();
    }
    if (console_.read_file == nullptr) {
      call_.err(fmt::format("nft: {}: there are no files here to read rules from\n", name));
      return false;
    }
    auto text = console_.read_file(name);
    if (text) {
      source_ = {name, *std::move(text)};
      return true;
    }
    call_.err(
        fmt::format("internal:0:0-0: Error: Could not open file \"{}\": {}\n\n\n", name, error_text(text.error())));
    return false;
  }

  /// All commands or none. Lists are printed at the end, of the rules that are then in force, as nft does; resets, of
  /// what was there before them.
  int transact(const NftCommands& commands) {
    netfilter::Ruleset changed = nftables_.ruleset();
    bool changes = false;
    std::vector<std::string> were(commands.size());
    for (std::size_t i = 0; i < commands.size(); ++i) {
      const NftCommand& command = commands[i];
      if (command.verb == NftVerb::reset) {
        const auto selection = nft_select(changed, command);
        if (const auto* known = std::get_if<NftSelection>(&selection)) were[i] = listed(changed, *known);
      }
      if (const auto error = nft_apply(changed, command, interfaces_)) return refuse(*error);
      changes = changes || command.verb != NftVerb::list;
    }
    if (changes) {
      const auto done = options_.check ? Nftables::check(std::move(changed)) : nftables_.commit(std::move(changed));
      if (!done.ok()) return refuse(nft_kernel_error(done.error(), commands[culprit(commands)].place));
    }
    for (std::size_t i = 0; i < commands.size(); ++i) {
      call_.out(were[i]);
      if (commands[i].verb != NftVerb::list) continue;
      const auto selection = nft_select(nftables_.ruleset(), commands[i]);
      if (const auto* error = std::get_if<NftError>(&selection)) return refuse(*error);
      call_.out(listed(nftables_.ruleset(), std::get<NftSelection>(selection)));
    }
    return 0;
  }

  /// All commands together cannot be in force: the one without which those before it can.
  [[nodiscard]] std::size_t culprit(const NftCommands& commands) const {
    std::size_t good = 0;
    for (std::size_t bad = commands.size(); bad - good > 1;) {
      const std::size_t middle = good + (bad - good) / 2;
      netfilter::Ruleset changed = nftables_.ruleset();
      for (std::size_t i = 0; i < middle; ++i) static_cast<void>(nft_apply(changed, commands[i], interfaces_));
      (Nftables::check(std::move(changed)).ok() ? good : bad) = middle;
    }
    return good;
  }

  [[nodiscard]] std::string listed(const netfilter::Ruleset& ruleset, const NftSelection& selection) const {
    return options_.json ? nft_print_json(ruleset, selection, interfaces_)
                         : nft_print(ruleset, selection, options_.print, interfaces_);
  }

  Console& console_;
  System& system_;
  const Invocation& call_;
  Nftables& nftables_;
  NftInterfaces interfaces_;
  Options options_;
  NftSource source_;
};

}  // namespace

void add_nft_commands(Console& console) {
  System& system = console.system();
  console.add("nft", "packet filter rules: nft list ruleset, nft add rule ip t c udp dport 53 accept, nft -f FILE",
              [&console](Invocation& call) -> Task<int> { co_return Nft(console, call).run(); });
  console.add("dmesg", "the kernel log: what `log` statements wrote", [&system](Invocation& call) -> Task<int> {
    call.out(system.ip.nftables.log().text());
    co_return 0;
  });
}

}  // namespace host::console
