// SPDX-License-Identifier: Apache-2.0
// The three commands that the pseudo files need.
#include "host/console/file_commands.hpp"

#include "host/console/console.hpp"
#include "host/console/errors.hpp"

namespace host::console {
namespace {

using base::Errno;
using kernel::PseudoFiles;
using kernel::Task;

int cat(const PseudoFiles& files, const Invocation& call) {
  int status = 0;
  for (std::size_t i = 1; i < call.words.size(); ++i) {
    const auto text = files.read(call.words[i]);
    if (text) {
      call.out(*text);
    } else {
      call.err("cat: " + call.words[i] + ": " + std::string(error_text(text.error())) + '\n');
      status = kFailure;
    }
  }
  return status;
}

void echo(const Invocation& call) {
  std::size_t first = 1;
  bool ends_line = true;
  if (call.words.size() > 1 && call.words[1] == "-n") {
    ends_line = false;
    first = 2;
  }
  std::string line;
  for (std::size_t i = first; i < call.words.size(); ++i) {
    if (i != first) line += ' ';
    line += call.words[i];
  }
  if (ends_line) line += '\n';
  call.out(line);
}

int ls(const PseudoFiles& files, const Invocation& call) {
  int status = 0;
  const bool titled = call.words.size() > 2;
  for (std::size_t i = 1; i < call.words.size(); ++i) {
    const auto names = files.list(call.words[i]);
    if (names) {
      if (titled) call.out((i == 1 ? "" : "\n") + call.words[i] + ":\n");
      for (std::string name : *names) {
        if (name.ends_with('/')) name.pop_back();
        call.out(name + '\n');
      }
    } else if (names.error() == Errno::not_directory) {
      call.out(call.words[i] + '\n');
    } else {
      call.err("ls: cannot access '" + call.words[i] + "': " + std::string(error_text(names.error())) + '\n');
      status = kMisused;
    }
  }
  return status;
}

}  // namespace

void add_file_commands(Console& console) {
  const PseudoFiles& files = console.system().kernel.files();
  console.add("cat", "print files of /proc and /sys",
              [&files](Invocation& call) -> Task<int> { co_return cat(files, call); });
  console.add("echo", "print words, or write them to a file: echo 3 > FILE", [](Invocation& call) -> Task<int> {
    echo(call);
    co_return 0;
  });
  console.add("ls", "list directories of /proc and /sys",
              [&files](Invocation& call) -> Task<int> { co_return ls(files, call); });
}

}  // namespace host::console
