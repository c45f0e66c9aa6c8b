// SPDX-License-Identifier: Apache-2.0
#include "sim/app/console_captures.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "sim/attach/capture_writer.hpp"
#include "sim/pcie/user_error.hpp"

namespace sim::app {
namespace {

constexpr Picoseconds kPicosecondsEach = 1000;  // nanosecond

class ConsoleCapture final : public host::capture::CaptureFile {
 public:
  ConsoleCapture(const std::string& path, const std::vector<std::string>& devices) : writer_(path, devices) {}
  ~ConsoleCapture() override {
    try {
      writer_.close();
    } catch (const UserError& error) {
      fmt::print(stderr, "{}\n", error.what());
    }
  }
  void write(unsigned device, const host::capture::CapturedFrame& frame, Direction direction) override {
    using Way = attach::CaptureWriter::Direction;
    writer_.write(device, frame.bytes, frame.time * kPicosecondsEach,
                  direction == Direction::inbound ? Way::inbound : Way::outbound, attach::CaptureWriter::Error::none,
                  frame.length);
  }

 private:
  attach::CaptureWriter writer_;
};

}  // namespace

host::capture::OpenCapture console_captures() {
  return [](const std::string& path, const std::vector<std::string>& devices)
             -> std::variant<std::unique_ptr<host::capture::CaptureFile>, std::string> {
    try {
      return std::make_unique<ConsoleCapture>(path, devices);
    } catch (const UserError& error) {
      return std::string(error.what());
    }
  };
}

}  // namespace sim::app
