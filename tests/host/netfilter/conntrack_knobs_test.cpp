// SPDX-License-Identifier: Apache-2.0
// What connection tracking looks at, and what it counts, as its tunables say.
#include "tests/host/netfilter/passage.hpp"

using namespace host;
using namespace host_test;

namespace {

void set(Passage& passage, const char* name, std::int64_t value) {
  REQUIRE(passage.host.kernel().sysctl().set(std::string("net.netfilter.nf_conntrack_") + name, value).ok());
}

constexpr const char* kNoInvalid =
    "table ip t { chain c { type filter hook prerouting priority 0; ct state invalid drop; }; }";

}  // namespace

TEST_CASE("packets and bytes of a connection are counted with nf_conntrack_acct", "[conntrack][sysctl]") {
  Passage passage;
  passage.rules(kNoInvalid);
  set(passage, "acct", 0);
  const Frame packet = udp_packet("10.0.0.2", 5000, "10.0.0.1", 53);
  CHECK(passage.comes(packet).has_value());
  CHECK(passage.connections().find("packets=") == std::string::npos);
  set(passage, "acct", 1);
  CHECK(passage.comes(packet).has_value());
  CHECK(passage.connections().find("packets=1 bytes=") != std::string::npos);  // not the one of before
}

TEST_CASE("a damaged packet is invalid, unless nobody looks for nf_conntrack_checksum", "[conntrack][sysctl]") {
  Frame damaged = udp_packet("10.0.0.2", 5000, "10.0.0.1", 53);
  damaged.back() ^= std::byte{1};
  Passage passage;
  passage.rules(kNoInvalid);
  CHECK_FALSE(passage.comes(damaged).has_value());
  CHECK(passage.host.ip().conntrack.count() == 0);
  set(passage, "checksum", 0);
  CHECK(passage.comes(damaged).has_value());
  CHECK(passage.host.kernel().sysctl().text("net.netfilter.nf_conntrack_count").value() == "1");
}
