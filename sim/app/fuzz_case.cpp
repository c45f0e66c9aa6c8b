// SPDX-License-Identifier: Apache-2.0
#include "sim/app/fuzz_case.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <utility>

#include "sim/fuzz/bench.hpp"
#include "sim/nic_model/model_engine.hpp"
#include "sim/pcie/user_error.hpp"

namespace sim::app {
namespace {

constexpr double kPatience = 120;  // seconds of a case; it takes a second
constexpr int kLookEvery = 100;    // milliseconds
constexpr Picoseconds kCoreCycle = 4000;

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::unique_ptr<rtl_bridge::NicEngine> make_model(const rtl_bridge::EngineOptions& options) {
  return nic_model::make_model_engine(options);
}

void write_all(int descriptor, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t got = write(descriptor, text.data() + at, text.size() - at);
    if (got <= 0) return;
    at += static_cast<std::size_t>(got);
  }
}

/// First line: numbers. The rest: the complaint.
[[noreturn]] void child(int descriptor, const fuzz::Plan& plan, const std::string& trace_file) {
  FuzzResult result;
  try {
    result = run_fuzz_case(plan, trace_file);
  } catch (const std::exception& error) {
    result.complaint = fmt::format("the simulation fails: {}\n", error.what());
  }
  write_all(descriptor, fmt::format("{} {}\n{}", result.cycles, result.writes, result.complaint));
  close(descriptor);
  _exit(0);
}

}  // namespace

FuzzResult run_fuzz_case(const fuzz::Plan& plan, const std::string& trace_file) {
  const fuzz::Outcome rtl = fuzz::run_plan(plan, rtl_bridge::make_nic_engine, trace_file);
  const fuzz::Outcome model = fuzz::run_plan(plan, make_model);
  return {judge(rtl, "rtl", model, "model"), static_cast<std::uint64_t>(rtl.simulated / kCoreCycle), rtl.writes};
}

FuzzChild::FuzzChild(std::uint64_t seed, fuzz::Plan plan, const std::string& trace_file)
    : seed_(seed), plan_(std::move(plan)), begin_(seconds_now()) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw UserError("fuzz: no pipe to a child; is the machine out of file descriptors?");
  process_ = fork();
  if (process_ < 0) throw UserError("fuzz: cannot start a child; is the machine out of processes?");
  if (process_ == 0) {
    close(ends[0]);
    child(ends[1], plan_, trace_file);
  }
  close(ends[1]);
  pipe_ = ends[0];
  fcntl(pipe_, F_SETFL, O_NONBLOCK);
}

FuzzChild::~FuzzChild() {
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  if (pipe_ >= 0) close(pipe_);
}

bool FuzzChild::poll(double seconds_at_most) {
  std::array<char, 4096> buffer;
  ssize_t got = 0;
  while ((got = read(pipe_, buffer.data(), buffer.size())) > 0)
    text_.append(buffer.data(), static_cast<std::size_t>(got));
  const bool more = got < 0 && (errno == EAGAIN || errno == EINTR);
  if (more && seconds_now() - begin_ < seconds_at_most) return false;
  if (more) {
    kill(process_, SIGKILL);
    fate_ = fmt::format("no end after {} seconds\n", seconds_at_most);
  }
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = -1;
  if (!more && WIFSIGNALED(status))
    fate_ = fmt::format("it died of signal {} ({})\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
  return true;
}

FuzzResult FuzzChild::result() const {
  FuzzResult result;
  if (!fate_.empty()) {
    result.complaint = fate_;
    return result;
  }
  const std::size_t line = text_.find('\n');
  if (line == std::string::npos) return {"it ended without a result\n", 0, 0};
  char* end = nullptr;
  result.cycles = std::strtoull(text_.c_str(), &end, 10);
  result.writes = std::strtoull(end, nullptr, 10);
  result.complaint = text_.substr(line + 1);
  return result;
}

FuzzResult run_in_child(std::uint64_t seed, const fuzz::Plan& plan, const std::string& trace_file) {
  FuzzChild child(seed, plan, trace_file);
  while (!child.poll(kPatience)) {
    pollfd descriptor{child.descriptor(), POLLIN, 0};
    ::poll(&descriptor, 1, kLookEvery);
  }
  return child.result();
}

}  // namespace sim::app
