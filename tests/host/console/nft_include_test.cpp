// SPDX-License-Identifier: Apache-2.0
// include "FILE" in a text of nft's. The forms of the errors are those that users of nftables show.
#include <fmt/format.h>

#include "tests/host/console/file_desk.hpp"

using namespace host;
using namespace host_test;

TEST_CASE("nft reads the files that a file includes, where it does", "[console][nft][file]") {
  FileDesk desk;
  desk.files["/etc/names.nft"] = "define web = { 80, 443 }\n";
  desk.files["./chains/c.nft"] = "chain c {\n\ttcp dport $web accept\n\tinclude \"/abs/rule.nft\"\n}";
  desk.files["/abs/rule.nft"] = "udp dport 53 accept; include \"../up.nft\"; ip ttl 3 drop";
  desk.files["../up.nft"] = "ip ttl 2 drop";
  desk.files["x.nft"] = "include \"names.nft\"\ntable ip t {\n\tinclude \"./chains/c.nft\"\n}\nadd table ip u\n";
  const std::string expected =
      "table ip t {\n\tchain c {\n\t\ttcp dport { 80, 443 } accept\n\t\tudp dport 53 accept\n\t\tip ttl 2 drop\n"
      "\t\tip ttl 3 drop\n\t}\n}\ntable ip u {\n}\n";
  CHECK(desk.out("nft -f x.nft").empty());
  CHECK(desk.rules() == expected);
  // What is typed may include too, and a file may twice be.
  desk.files["/etc/more.nft"] = "add table ip v\n";
  desk.files["./again.nft"] = desk.files["x.nft"];
  desk.out("nft 'flush ruleset; include \"./again.nft\"'");
  CHECK(desk.rules() == expected);
  desk.out("nft 'include \"more.nft\"; include \"more.nft\"'");
  CHECK(desk.rules() == expected + "table ip v {\n}\n");
}

TEST_CASE("-I names directories for files to include, behind /etc", "[console][nft][file]") {
  FileDesk desk;
  desk.files["one/a.nft"] = "add table ip one\n";
  desk.files["two/a.nft"] = "add table ip two\n";
  desk.files["two/b.nft"] = "add table ip b\n";
  desk.files["x.nft"] = "include \"a.nft\"\ninclude \"b.nft\"\n";
  desk.out("nft -I one --includepath two -f x.nft");
  CHECK(desk.rules() == "table ip one {\n}\ntable ip b {\n}\n");
  desk.files["/etc/a.nft"] = "add table ip etc\n";
  desk.out("nft 'flush ruleset'; nft -Itwo --includepath=one -f x.nft");
  CHECK(desk.rules() == "table ip etc {\n}\ntable ip b {\n}\n");
  CHECK(desk.err("nft -I", 1).starts_with("nft: option requires an argument -- 'I'\nUsage: nft"));
}

TEST_CASE("What is wrong with an include, or in one, is told with who included it", "[console][nft][file]") {
  FileDesk desk;
  CHECK(desk.refused("table ip t {\n  include \"none.nft\"\n}\n") ==
        "x.nft:2:3-21: Error: File not found: none.nft\n  include \"none.nft\"\n  ^^^^^^^^^^^^^^^^^^^\n");
  CHECK(desk.refused("include \"./none.nft\";\n").starts_with("x.nft:1:1-21: Error: File not found: ./none.nft\n"));
  CHECK(desk.refused("include \"/etc\" 5\n") ==
        "x.nft:1:16-16: Error: syntax error, unexpected number, expecting newline or semicolon\n"
        "include \"/etc\" 5\n               ^\n");
  CHECK(desk.refused("include names\n") ==
        "x.nft:1:9-13: Error: syntax error, unexpected string, expecting quoted string\ninclude names\n"
        "        ^^^^^\n");
  CHECK(desk.refused("include \"./*.nft\"\n")
            .starts_with("x.nft:1:1-18: Error: Could not process rule: Operation not supported\n"));
  desk.files["./locked.nft"] = "";
  desk.locked = "./locked.nft";
  CHECK(desk.refused("include \"./locked.nft\"\n") ==
        "x.nft:1:1-23: Error: Could not open file \"./locked.nft\": Permission denied\n\n"
        "include \"./locked.nft\"\n^^^^^^^^^^^^^^^^^^^^^^^\n");

  desk.files["./a.nft"] = "# nothing\ninclude \"./b.nft\"\n";
  desk.files["./b.nft"] = "add table ip t\nadd rule ip t c ip ttl 256 accept\n";
  const std::string wrong =
      "./b.nft:2:24-26: Error: Value 256 exceeds valid range 0-255\n"
      "add rule ip t c ip ttl 256 accept\n                       ^^^\n";
  CHECK(desk.refused("add table ip t; include \"./a.nft\"\n") ==
        "In file included from ./a.nft:2:1-18:\n                 from x.nft:1:17-34:\n" + wrong);
  CHECK(desk.err("nft 'include \"./a.nft\"'", 1) ==
        "In file included from ./a.nft:2:1-18:\n                 from <cmdline>:1:1-18:\n" + wrong);
  // Of two mistakes the first that is read, wherever it is written.
  CHECK(desk.refused("include \"./b.nft\"\ninclude \"./none.nft\"\n") ==
        "In file included from x.nft:1:1-18:\n" + wrong);
  CHECK(desk.rules().empty());
}

TEST_CASE("Files are included 16 deep and no deeper", "[console][nft][file]") {
  FileDesk desk;
  desk.files["./self.nft"] = "include \"./self.nft\"\n";
  std::string expected;
  for (int i = 0; i < 14; ++i)
    expected += fmt::format("{}./self.nft:1:1-21:\n", i == 0 ? "In file included from " : "                 from ");
  expected += "                 from x.nft:1:1-21:\n";
  expected += "./self.nft:1:1-21: Error: Include nested too deeply, max 16 levels\ninclude \"./self.nft\"\n";
  CHECK(desk.refused("include \"./self.nft\"\n") == expected + std::string(21, '^') + '\n');

  desk.files["./last.nft"] = "add table ip deep\n";
  for (int i = 2; i < 16; ++i) {
    desk.files[fmt::format("./{}.nft", i)] =
        i == 15 ? "include \"./last.nft\"\n" : fmt::format("include \"./{}.nft\"\n", i + 1);
  }
  desk.files["x.nft"] = "include \"./2.nft\"\n";
  desk.out("nft -f x.nft");
  CHECK(desk.rules() == "table ip deep {\n}\n");
  desk.files["x.nft"] = "include \"./1.nft\"\n";
  desk.files["./1.nft"] = "include \"./2.nft\"\n";
  CHECK(desk.err("nft -f x.nft", 1).find("Error: Include nested too deeply, max 16 levels") != std::string::npos);
  // Many files that include many are refused before they fill the memory.
  for (int i = 2; i < 10; ++i) {
    std::string& text = desk.files[fmt::format("./{}.nft", i)];
    text.clear();
    for (int k = 0; k < 10; ++k) text += i == 9 ? "\n" : fmt::format("include \"./{}.nft\"\n", i + 1);
  }
  CHECK(desk.err("nft 'include \"./2.nft\"'", 1).find("Cannot allocate memory") != std::string::npos);
}
