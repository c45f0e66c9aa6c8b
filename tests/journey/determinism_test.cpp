// SPDX-License-Identifier: Apache-2.0
// The same seed gives the same bytes, counters and cycles, whatever the batch length; another seed does not.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <systemc>

#include "tests/journey/cases.hpp"

namespace {

/// In a child, as SystemC elaborates once in a process: everything counted, and a hash of all frames sent.
std::string outcome(std::uint64_t seed, unsigned batch) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    std::uint64_t hash = 0;
    const sim::board::Report report = tests::journey::comparison_run(seed, batch, hash);
    nlohmann::json json = nlohmann::json::parse(report.json());
    json.erase("speed");
    json["hash"] = hash;
    const std::string text = json.dump(1);
    std::size_t sent = 0;
    while (sent < text.size()) {
      const ssize_t wrote = write(ends[1], text.data() + sent, text.size() - sent);
      if (wrote <= 0) _exit(1);
      sent += static_cast<std::size_t>(wrote);
    }
    _exit(report.violations.empty() ? 0 : 1);
  }
  close(ends[1]);
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = read(ends[0], buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return status == 0 ? text : "failed: " + text;
}

std::string first_difference(const std::string& a, const std::string& b) {
  std::size_t i = 0;
  while (i < a.size() && i < b.size() && a[i] == b[i]) ++i;
  const std::size_t from = i < 60 ? 0 : i - 60;
  return fmt::format("...{}... against ...{}...", a.substr(from, 120), b.substr(from, 120));
}

}  // namespace

int sc_main(int argc, char** argv) {
  const unsigned batch = argc >= 2 ? static_cast<unsigned>(std::stoul(argv[1])) : 64;
  if (argc >= 3) tests::journey::use_nic(sim::board::parse_nic_kind(argv[2]));
  const std::string reference = outcome(1, 64);
  if (reference.starts_with("failed")) {
    fmt::print(stderr, "{}\n", reference);
    return 1;
  }
  const std::string again = outcome(1, batch);
  if (again != reference) {
    fmt::print(stderr, "batch {} differs from batch 64: {}\n", batch, first_difference(reference, again));
    return 1;
  }
  if (outcome(2, 64) == reference) {
    fmt::print(stderr, "the seed changes nothing\n");
    return 1;
  }
  return 0;
}
