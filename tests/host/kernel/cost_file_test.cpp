// SPDX-License-Identifier: Apache-2.0
// The cost table as a file: complete, with units and sources, and picky.
#include <catch2/catch.hpp>

#include "host/kernel/cost_file.hpp"

using namespace host::kernel;

namespace {

/// The default file with its first `from` replaced.
std::string changed(std::string_view from, std::string_view to) {
  std::string text(default_costs());
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string problem_of(const std::string& text) {
  std::string problem;
  CHECK_FALSE(parse_costs(text, "f.toml", problem).has_value());
  return problem;
}

/// The line, from its name to its end.
std::string line_of(std::string_view name) {
  const std::string_view text = default_costs();
  const auto at = text.find(std::string("\n") + std::string(name) + ' ');
  REQUIRE(at != std::string_view::npos);
  return std::string(text.substr(at + 1, text.find('\n', at + 1) - at - 1));
}

}  // namespace

TEST_CASE("Each operation has a cost, a unit and a source", "[kernel][cost]") {
  std::string problem;
  const auto file = parse_costs(default_costs(), "costs.toml", problem);
  REQUIRE(file.has_value());
  CHECK(problem.empty());
  for (std::size_t op = 0; op < kOps; ++op) {
    INFO(kOpNames[op]);
    CHECK(file->rows[op].value > 0);
    CHECK(file->rows[op].unit == (kOpNames[op].ends_with("_per_byte") ? "ns/byte" : "ns"));
    CHECK(file->rows[op].source.size() > 20);
    CHECK(file->table.picoseconds(static_cast<Op>(op)) == CostTable::typical().picoseconds(static_cast<Op>(op)));
  }
}

TEST_CASE("A row of a cost file is the cost of its operation", "[kernel][cost]") {
  std::string problem;
  const auto text = changed(line_of("ip_rcv"), R"(ip_rcv = { value = 12.5, unit = "ns", source = "estimate" })");
  const auto file = parse_costs(text, "f.toml", problem);
  REQUIRE(file.has_value());
  CHECK(file->table.picoseconds(Op::ip_rcv) == 12'500);
  CHECK(file->rows[static_cast<std::size_t>(Op::ip_rcv)].source.find("no published figure") == 0);
}

TEST_CASE("A cost file with a mistake is refused, and the mistake is named with its line", "[kernel][cost]") {
  const auto with_row = [](const char* row) { return problem_of(changed(line_of("udp_rcv"), row)); };
  CHECK(problem_of(changed(line_of("udp_rcv"), "")) == "f.toml: no line for 'udp_rcv'");
  CHECK(with_row(R"(udp_recieve = { value = 1, unit = "ns", source = "estimate" })")
            .ends_with("unknown operation 'udp_recieve'"));
  CHECK(with_row(R"(udp_rcv = { value = 1, unit = "us", source = "estimate" })")
            .ends_with(R"(the unit of 'udp_rcv' is "ns")"));
  CHECK(with_row(R"(udp_rcv = { value = 1, source = "estimate" })").ends_with(R"(the unit of 'udp_rcv' is "ns")"));
  CHECK(with_row(R"(udp_rcv = { value = 1, unit = "ns", source = "hearsay" })")
            .ends_with("'udp_rcv' names no source of the table 'sources'"));
  CHECK(with_row(R"(udp_rcv = { value = 1, unit = "ns" })")
            .ends_with("'udp_rcv' names no source of the table 'sources'"));
  CHECK(with_row(R"(udp_rcv = { value = -1, unit = "ns", source = "estimate" })")
            .ends_with("'udp_rcv' needs a value from 0 to 1e9"));
  CHECK(with_row(R"(udp_rcv = { value = nan, unit = "ns", source = "estimate" })")
            .ends_with("'udp_rcv' needs a value from 0 to 1e9"));
  CHECK(with_row(R"(udp_rcv = { value = 1, unit = "ns", source = "estimate", why = "" })")
            .ends_with("'udp_rcv' has no 'why'; it takes value, unit and source"));
  CHECK(with_row("udp_rcv = 90").ends_with("'udp_rcv' takes { value, unit, source }"));
  CHECK(problem_of("") == "f.toml: it takes the tables 'operations' and 'sources'");
  CHECK(problem_of("[operations]\n[sources]\n[more]\n") == "f.toml:3: unknown table 'more'");
  CHECK(problem_of("x =").starts_with("f.toml:1: "));
  CHECK(problem_of(std::string(default_costs()) + "hearsay = \"somebody\"\n")
            .ends_with("nothing comes from the source 'hearsay'"));
}
