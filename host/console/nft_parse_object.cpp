// SPDX-License-Identifier: Apache-2.0
// Reading counters and quotas (nftables: counter_config, quota_config).
#include "host/console/nft_reader.hpp"

namespace host::console {

using netfilter::Counter;
using netfilter::Quota;

namespace {

/// `10 mbytes`. A unit that is none is complained of at the whole statement, `begin` on.
bool read_bytes(NftReader& in, std::uint64_t& out, std::size_t begin) {
  std::uint64_t amount = 0;
  if (!in.number(amount)) return false;
  const NftToken& unit = in.peek();
  if (unit.kind != NftToken::Kind::word) return in.unexpected("bytes or string");
  unsigned shift = 0;
  if (unit.is("kbytes")) {
    shift = 10;
  } else if (unit.is("mbytes")) {
    shift = 20;
  } else if (!unit.is("bytes")) {
    return in.fail("Wrong rate format", {begin, unit.place.end});
  }
  in.take();
  out = amount << shift;
  return (out >> shift) == amount || in.fail("Wrong rate format", {begin, in.peek().place.begin});
}

}  // namespace

bool nft_read_counter(NftReader& in, Counter& counter) {
  return in.expect("packets") && in.number(counter.packets) && (in.accept("bytes") || in.unexpected("bytes")) &&
         in.number(counter.bytes);
}

bool nft_read_quota(NftReader& in, Quota& quota, std::size_t begin) {
  quota.over = in.accept("over");
  if (!quota.over) in.accept("until");
  if (!read_bytes(in, quota.bytes, begin)) return false;
  return !in.accept("used") || read_bytes(in, quota.used, begin);
}

bool nft_read_object(NftReader& in, NftCommand& command) {
  const bool is_quota = nft_object_kind(command.object) == netfilter::ObjectKind::quota;
  if (is_quota) command.state = Quota{};
  const auto config = [&] {
    return is_quota ? nft_read_quota(in, std::get<Quota>(command.state), in.peek().place.begin)
                    : nft_read_counter(in, std::get<Counter>(command.state));
  };
  if (!in.accept("{")) return (!is_quota && in.peek().ends_statement()) || config();
  for (in.skip_newlines(); !in.accept("}"); in.skip_newlines()) {
    if (!(in.accept("comment") ? in.text(command.comment) : config())) return false;
  }
  return true;
}

}  // namespace host::console
