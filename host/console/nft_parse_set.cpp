// SPDX-License-Identifier: Apache-2.0
// Reading the declarations of sets and maps (nftables: set_block, map_block).
#include <array>

#include "host/console/nft_reader.hpp"

namespace host::console {
namespace {

constexpr platform::Nanoseconds kMillisecond = 1'000'000;

class SetReader {
 public:
  SetReader(NftReader& in, NftCommand& command) : in_(in), command_(command), set_(command.set) {}

  bool run() {
    set_.name = command_.name.text;
    if (!in_.expect("{")) return false;
    for (in_.skip_newlines(); !in_.accept("}"); in_.skip_newlines()) {
      const bool fine = option();
      const bool ends = in_.peek().ends_statement() || in_.peek().is("}");
      if (!fine || !(ends || in_.unexpected())) return false;
    }
    if (!typed_) return in_.fail("set definition does not specify key", command_.name.place);
    constexpr std::uint32_t kDynamicSize = 65'535;
    if (set_.dynamic && set_.size == 0) set_.size = kDynamicSize;
    set_.timeouts = set_.timeouts || set_.timeout != 0;
    const bool both = set_.is_timed() && (set_.interval || set_.is_map());
    return !both || in_.unsupported(command_.name.place);
  }

 private:
  bool option() {
    if (in_.accept("type")) return type();
    if (in_.accept("flags")) return flags();
    if (in_.accept("timeout")) return nft_read_time(in_, set_.timeout);
    if (in_.accept("gc-interval")) return nft_read_time(in_, set_.gc_interval);
    if (in_.accept("comment")) return in_.text(set_.comment);
    if (in_.accept("elements")) return in_.expect("=") && nft_read_elements(in_, command_.elements);
    if (in_.accept("size")) {
      std::uint64_t size = 0;
      if (!in_.number(size)) return false;
      set_.size = static_cast<std::uint32_t>(std::min<std::uint64_t>(size, UINT32_MAX));
      return true;
    }
    const bool foreign = in_.peek().is("typeof") || in_.peek().is("auto-merge") || in_.peek().is("counter");
    return foreign ? in_.unsupported(in_.peek().place) : in_.unexpected();
  }

  bool data_type(netfilter::DataType& out) {
    const NftToken token = in_.take();
    const auto type = nft_type_of_name(token.text);
    if (!type) return in_.fail("unknown datatype " + token.text, token.place);
    out = *type;
    return true;
  }

  bool type() {
    typed_ = data_type(set_.type);
    if (!typed_) return false;
    if (in_.peek().is(".")) return in_.unsupported(in_.peek().place);
    if (command_.object != NftObject::map) return true;
    if (!in_.peek().is(":")) return in_.unexpected("colon or .");
    in_.take();
    if (in_.accept("verdict")) {
      set_.to_verdicts = true;
      return true;
    }
    return data_type(set_.to_values.emplace());
  }

  bool flags() {
    do {
      if (in_.accept("interval")) {
        set_.interval = true;
      } else if (in_.accept("constant")) {
        set_.constant = true;
      } else if (in_.accept("timeout")) {
        set_.timeouts = true;
      } else if (in_.accept("dynamic")) {
        set_.dynamic = true;
      } else {
        return in_.unexpected();
      }
    } while (in_.accept(","));
    return true;
  }

  NftReader& in_;
  NftCommand& command_;
  netfilter::Set& set_;
  bool typed_ = false;
};

}  // namespace

bool nft_read_set(NftReader& in, NftCommand& command) {
  return SetReader(in, command).run();
}

/// Numbers with their units, the largest first; a bare number is of seconds.
bool nft_read_time(NftReader& in, platform::Nanoseconds& out) {
  struct Unit {
    std::string_view name;
    std::uint64_t milliseconds;
  };
  constexpr std::array<Unit, 6> kUnits{
      {{"d", 86'400'000}, {"h", 3'600'000}, {"ms", 1}, {"m", 60'000}, {"s", 1'000}, {"", 1'000}}};
  constexpr std::uint64_t kLongest = 1'000'000'000'000;  // milliseconds; some thirty years
  const NftToken token = in.peek();
  if (token.kind != NftToken::Kind::number) return in.unexpected("string");
  std::uint64_t total = 0;
  for (std::string_view left = token.text; !left.empty();) {
    std::size_t digits = 0;
    while (digits < left.size() && left[digits] >= '0' && left[digits] <= '9') ++digits;
    const auto amount = nft_number(left.substr(0, digits));
    if (!amount || *amount > kLongest) return in.unexpected("string");
    left.remove_prefix(digits);
    bool known = false;
    for (const auto& [name, milliseconds] : kUnits) {
      if (!known && left.starts_with(name) && (!name.empty() || left.empty())) {
        known = true;
        total += *amount * milliseconds;
        left.remove_prefix(name.size());
      }
    }
    if (!known || total > kLongest) return in.unexpected("string");
  }
  in.take();
  out = static_cast<platform::Nanoseconds>(total) * kMillisecond;
  return true;
}

}  // namespace host::console
