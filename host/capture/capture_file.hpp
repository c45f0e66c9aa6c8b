// SPDX-License-Identifier: Apache-2.0
// Where captured frames are kept: whoever runs the host has files, the host has none.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "host/capture/frame_printer.hpp"

namespace host::capture {

/// One file that is being written.
class CaptureFile {
 public:
  enum class Direction : std::uint8_t { inbound, outbound };

  /// Closes it.
  virtual ~CaptureFile() = default;
  /// A frame of the device of that number; as in a pipe, nobody hears of a disk that is full.
  virtual void write(unsigned device, const CapturedFrame& frame, Direction direction) = 0;
};

/// Opens the file for frames of devices of those names; or says why not.
using OpenCapture = std::function<std::variant<std::unique_ptr<CaptureFile>, std::string>(
    const std::string& path, const std::vector<std::string>& devices)>;

}  // namespace host::capture
