// SPDX-License-Identifier: Apache-2.0
#include "sim/pcie/link.hpp"

#include <catch2/catch.hpp>

#include "sim/pcie/tlp_format.hpp"
#include "sim/pcie/user_error.hpp"

using namespace sim::pcie;
using sim::Picoseconds;

TEST_CASE("A link carries exactly its rate, less framing and DLLPs", "[link]") {
  struct Case {
    unsigned generation, width;
    double bytes_per_second;
  };
  // PCIe Base: 2.5, 5 GT/s with 8b/10b; 8, 16, 32 GT/s with 128b/130b
  const auto c = GENERATE(Case{1, 1, 250e6}, Case{2, 4, 2e9}, Case{3, 1, 984.615384e6}, Case{3, 4, 3.938461538e9},
                          Case{4, 8, 15.753846e9}, Case{5, 16, 63.01538e9});
  CHECK(link_bytes_per_second(c.generation, c.width) == Approx(c.bytes_per_second).epsilon(1e-6));

  LinkConfig config;
  config.generation = c.generation;
  config.width = c.width;
  config.dllp_percent = GENERATE(0U, 5U);
  config.latency = 1000;
  LinkDirection link(config);
  constexpr std::size_t kTlp = 12 + 128;
  constexpr int kCount = 10'000;
  Picoseconds last = 0;
  for (int i = 0; i < kCount; ++i) last = link.transmit(kTlp, 0);
  const double seconds = static_cast<double>(last - config.latency) * 1e-12;
  const double expected = kCount * (kTlp + kFramingBytes) / (c.bytes_per_second * (100.0 - config.dllp_percent) / 100);
  CHECK(seconds == Approx(expected).epsilon(1e-4));
  CHECK(link.bytes() == kCount * (kTlp + kFramingBytes));
}

TEST_CASE("An idle link starts when the TLP is ready", "[link]") {
  LinkConfig config;
  config.generation = 1;
  config.width = 1;
  config.dllp_percent = 0;
  config.latency = 500;
  LinkDirection link(config);
  // 4 ns a byte
  CHECK(link.transmit(12, 1'000'000) == 1'000'000 + 20 * 4000 + 500);
  CHECK(link.free_at() == 1'080'000);
  CHECK(link.transmit(12, 1'000'000) == 1'160'500);
}

TEST_CASE("A link that does not exist is named", "[link]") {
  LinkConfig config;
  config.generation = 6;
  CHECK_THROWS_WITH(LinkDirection(config), Catch::Contains("Gen6 x4 does not exist"));
  config.generation = 3;
  config.width = 3;
  CHECK_THROWS_AS(LinkDirection(config), sim::UserError);
  config.width = 4;
  config.host.posted_headers = 128;
  CHECK_THROWS_WITH(LinkDirection(config), Catch::Contains("headers 1 to 127"));
}

TEST_CASE("A TLP costs one header and its payload in units of 16 bytes, in its class", "[link]") {
  Request write;
  write.kind = RequestKind::memory_write;
  write.length = 5;
  const Credits posted = credits_of(make_request(write, std::vector<std::byte>(20)));
  CHECK(posted.posted_headers == 1);
  CHECK(posted.posted_data == 2);
  CHECK(posted.nonposted_headers == 0);
  const Credits nonposted = credits_of(make_request({}));
  CHECK(nonposted.nonposted_headers == 1);
  CHECK(nonposted.nonposted_data == 0);

  Credits limit;
  limit.posted_headers = 1;
  limit.posted_data = 1;
  limit.nonposted_headers = 1;
  CHECK_FALSE(credits_allow({}, posted, limit));
  limit.posted_data = 2;
  CHECK(credits_allow({}, posted, limit));
  CHECK_FALSE(credits_allow(posted, posted, limit));
  CHECK(credits_allow(posted, nonposted, limit));
}
