// SPDX-License-Identifier: Apache-2.0
// The lines of a script, and the mistakes that are found before anything runs.
#include <catch2/catch.hpp>

#include "sim/app/script.hpp"
#include "sim/pcie/user_error.hpp"

using sim::app::parse_script;
using sim::app::ScriptLine;

TEST_CASE("A script's lines run in order or at their times", "[app][script]") {
  const auto lines = parse_script(
      "# set up\n\n  sysctl -a \r\nat 2ms cat /proc/net/dev # shown\nevery 1.5us ls /proc; ls /sys\nattach\n", "s");
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].when == ScriptLine::When::in_order);
  CHECK(lines[0].command == "sysctl -a");
  CHECK(lines[1].when == ScriptLine::When::at);
  CHECK(lines[1].time == 2'000'000'000);
  CHECK(lines[1].command == "cat /proc/net/dev # shown");
  CHECK(lines[2].when == ScriptLine::When::every);
  CHECK(lines[2].time == 1'500'000);
  CHECK(lines[2].command == "ls /proc; ls /sys");
  CHECK(lines[3].command == "attach");
  CHECK(parse_script("", "s").empty());
  CHECK(parse_script("ls", "s").size() == 1);
}

TEST_CASE("A script's mistake is told with its place", "[app][script]") {
  const auto error = [](std::string_view text) -> std::string {
    try {
      static_cast<void>(parse_script(text, "s.txt"));
    } catch (const sim::UserError& mistake) {
      return mistake.what();
    }
    return "none";
  };
  CHECK(error("ls\nat 2ms") == "s.txt:2: 'at' wants a time and a command, like: at 2ms cat /proc/interrupts");
  CHECK(error("every") == "s.txt:1: 'every' wants a time and a command, like: every 2ms cat /proc/interrupts");
  CHECK(error("at noon ls").starts_with("s.txt:1: 'noon' is not a time"));
  CHECK(error("every 999ns ls") == "s.txt:1: every 999ns is too often; write 1us or more");
  CHECK(error("#\n#\necho |") == "s.txt:3: syntax error near unexpected token `|'");
}
