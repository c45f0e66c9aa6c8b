// SPDX-License-Identifier: Apache-2.0
// The seam between a NIC's MAC and the wire: whole frames with faults, and when they stood on the wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/pcie/ports.hpp"

namespace sim::wire {

/// What a sender did to a frame on purpose.
enum class Fault : std::uint8_t {
  none,
  bad_fcs,        // last FCS byte inverted
  bad_preamble,   // one preamble byte wrong
  bad_sfd,        // start frame delimiter wrong
  error_control,  // an /E/ in the middle
  truncated,      // an /I/ in the middle, no terminate
};

/// A frame on the wire: destination MAC to the last payload byte, without FCS (the wire adds it).
struct Frame {
  std::vector<std::byte> bytes;
  Fault fault = Fault::none;
};

/// Where frames that left the NIC's transmitter arrive, FCS checked and removed by the XGMII decoder.
/// `start` is the time of the start control character, `end` that of the terminate.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  enum class Verdict : std::uint8_t { good, bad_fcs, error_control, bad_preamble };
  virtual void frame_from_nic(std::vector<std::byte> bytes, Verdict verdict, Picoseconds start, Picoseconds end) = 0;
};

/// Where the wire puts frames toward the NIC's receiver. They are sent back to back at wire speed, none
/// before its `earliest`, with the standard gap; `earliest` must not lie before the NIC's present.
class FrameSource {
 public:
  virtual ~FrameSource() = default;
  virtual void frame_to_nic(Frame frame, Picoseconds earliest) = 0;
};

}  // namespace sim::wire
