// SPDX-License-Identifier: Apache-2.0
// Lines as a shell takes them apart.
#include <catch2/catch.hpp>

#include "host/console/command_line.hpp"

using namespace host::console;

namespace {

std::vector<SimpleCommand> parsed(std::string_view line) {
  const auto result = parse_line(line);
  INFO(line);
  REQUIRE(std::holds_alternative<std::vector<SimpleCommand>>(result));
  return std::get<std::vector<SimpleCommand>>(result);
}

std::vector<std::string> words(std::string_view line) {
  const auto commands = parsed(line);
  REQUIRE(commands.size() == 1);
  return commands.front().words;
}

std::string error(std::string_view line) {
  const auto result = parse_line(line);
  INFO(line);
  REQUIRE(std::holds_alternative<SyntaxError>(result));
  return std::get<SyntaxError>(result).message;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("Words are quoted as in a shell", "[console]") {
  CHECK(words("ip addr  add\t10.0.0.1/24 dev eth0") == Words{"ip", "addr", "add", "10.0.0.1/24", "dev", "eth0"});
  CHECK(words("echo 'a  b' \"c \\\" 'd\" e\\ f") == Words{"echo", "a  b", "c \" 'd", "e f"});
  CHECK(words("echo '' x''y \"\"") == Words{"echo", "", "xy", ""});
  CHECK(words("echo a#b # not this") == Words{"echo", "a#b"});
  CHECK(words("nft 'add rule ip t c { x; y }'") == Words{"nft", "add rule ip t c { x; y }"});
  CHECK(parsed("").empty());
  CHECK(parsed("   # nothing").empty());
}

TEST_CASE("Lists and redirections", "[console]") {
  const auto list = parsed("a 1; b 2 && c>f || d >> \"g h\";");
  REQUIRE(list.size() == 4);
  CHECK(list[0].words == Words{"a", "1"});
  CHECK(list[1].runs_after == RunsAfter::any);
  CHECK(list[2].runs_after == RunsAfter::success);
  CHECK(list[2].words == Words{"c"});
  CHECK(list[2].output == "f");
  CHECK(list[3].runs_after == RunsAfter::failure);
  CHECK(list[3].output == "g h");
  CHECK_FALSE(list[0].output);
}

TEST_CASE("What a command reads is a file or a text", "[console]") {
  const auto list = parsed("a < b; c <<<'d e' f; g < h <<< i; j <<< k < l");
  REQUIRE(list.size() == 4);
  CHECK(list[0].input == "b");
  CHECK_FALSE(list[0].input_text);
  CHECK(list[1].input_text == "d e\n");
  CHECK(list[1].words == Words{"c", "f"});
  CHECK_FALSE(list[1].input);
  CHECK(list[2].input_text == "i\n");
  CHECK_FALSE(list[2].input);
  CHECK(list[3].input == "l");
  CHECK_FALSE(list[3].input_text);
}

TEST_CASE("A line that is none says what bash says", "[console]") {
  CHECK(error("echo >") == "syntax error near unexpected token `newline'");
  CHECK(error("> /proc/x") == "syntax error near unexpected token `newline'");
  CHECK(error("; ls") == "syntax error near unexpected token `;'");
  CHECK(error("ls ;; ls") == "syntax error near unexpected token `;'");
  CHECK(error("cat x | grep y") == "syntax error near unexpected token `|'");
  CHECK(error("sleep 1 &") == "syntax error near unexpected token `&'");
  CHECK(error("cat << x") == "syntax error near unexpected token `<<'");
  CHECK(error("cat <") == "syntax error near unexpected token `newline'");
  CHECK(error("echo > && ls") == "syntax error near unexpected token `&&'");
  CHECK(error("ls &&") == "syntax error: unexpected end of file");
  CHECK(error("echo 'abc") == "unexpected EOF while looking for matching `''");
  CHECK(error("echo \"abc\\\"") == "unexpected EOF while looking for matching `\"'");
}
