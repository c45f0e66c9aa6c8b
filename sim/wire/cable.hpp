// SPDX-License-Identifier: Apache-2.0
// The cable between the NIC and whatever stands at its other end: propagation delay and counters.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "sim/wire/agenda.hpp"
#include "sim/wire/ports.hpp"
#include "sim/wire/xgmii.hpp"

namespace sim::wire {

/// The other end of the cable.
class Peer {
 public:
  virtual ~Peer() = default;
  /// A frame's last byte arrives; padded as on the wire, without FCS.
  virtual void arrived(std::vector<std::byte> bytes, FrameSink::Verdict verdict) = 0;
};

class Cable final : public FrameSink {
 public:
  enum class Way : std::uint8_t { to_nic, from_nic };
  struct Counters {
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;   ///< without FCS
    std::uint64_t faulty = 0;  ///< among the frames: sent with a fault, or seen with a bad verdict
  };
  /// What stood at the NIC's pins: `start` of /S/, `end` of /T/.
  using Observer = std::function<void(Way, std::span<const std::byte>, Verdict, Picoseconds start, Picoseconds end)>;

  Cable(Agenda& agenda, Picoseconds propagation, Picoseconds byte_time = kByteTime)
      : agenda_(agenda), propagation_(propagation), byte_time_(byte_time) {}

  void attach_nic(FrameSource& nic) { nic_ = &nic; }
  void attach_peer(Peer& peer) { peer_ = &peer; }
  void observe(Observer observer) { observers_.push_back(std::move(observer)); }

  /// The peer sends, at once or behind what it sent before. Returns when its line is free again.
  Picoseconds send(Frame frame);
  [[nodiscard]] Picoseconds line_free() const { return line_free_; }
  /// To be called by the NIC's encoder when the frame stands at the NIC's pins.
  void reached_nic(const Frame& frame, Picoseconds start, Picoseconds end);

  void frame_from_nic(std::vector<std::byte> bytes, Verdict verdict, Picoseconds start, Picoseconds end) override;

  [[nodiscard]] const Counters& to_nic() const { return to_nic_; }
  [[nodiscard]] const Counters& from_nic() const { return from_nic_; }
  [[nodiscard]] Picoseconds propagation() const { return propagation_; }
  [[nodiscard]] Agenda& agenda() { return agenda_; }

 private:
  Agenda& agenda_;
  Picoseconds propagation_;
  Picoseconds byte_time_;
  FrameSource* nic_ = nullptr;
  Peer* peer_ = nullptr;
  std::vector<Observer> observers_;
  Picoseconds line_free_ = 0;
  Counters to_nic_;
  Counters from_nic_;
};

}  // namespace sim::wire
