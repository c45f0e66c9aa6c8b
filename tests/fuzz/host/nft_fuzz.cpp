// SPDX-License-Identifier: Apache-2.0
// nft texts: read or refused with a place in the text; what was accepted is printed, and reads the same again.
#include <cstdlib>

#include "host/console/nft_apply.hpp"
#include "host/console/nft_printer.hpp"
#include "host/console/nft_source.hpp"
#include "host/console/nft_syntax.hpp"
#include "host/netfilter/nftables.hpp"

using namespace host;

namespace {

const console::NftInterfaces kInterfaces{
    [](std::string_view name) { return name == "eth0" ? std::optional(2U) : std::nullopt; },
    [](unsigned index) { return index == 2 ? std::optional<std::string>("eth0") : std::nullopt; }};

/// As `nft -f` tells of it.
void check_complaint(const console::NftError& error, const std::string& text) {
  if (error.message.empty() || error.place.begin > text.size()) std::abort();
  const std::string complaint = console::nft_complaint(error, {"x.nft", text});
  if (!complaint.starts_with("x.nft:") || !complaint.ends_with("^\n")) std::abort();
  if (complaint.size() > 4 * text.size() + error.message.size() + 200) std::abort();
}

/// False: a command failed, or the whole is refused.
bool run_text(netfilter::Ruleset& ruleset, const std::string& text) {
  const auto parsed = console::nft_parse(text, kInterfaces);
  if (const auto* error = std::get_if<console::NftError>(&parsed)) {
    check_complaint(*error, text);
    return false;
  }
  for (const auto& command : std::get<console::NftCommands>(parsed)) {
    if (const auto error = console::nft_apply(ruleset, command, kInterfaces)) {
      check_complaint(*error, text);
      return false;
    }
  }
  return netfilter::Nftables::check(ruleset).ok();
}

std::string print(const netfilter::Ruleset& ruleset) {
  return console::nft_print(ruleset, {}, {}, kInterfaces);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  netfilter::Ruleset ruleset;
  if (!run_text(ruleset, std::string(data, data + size))) return 0;
  const std::string printed = print(ruleset);
  netfilter::Ruleset again;
  if (!run_text(again, printed) || print(again) != printed) std::abort();
  return 0;
}
