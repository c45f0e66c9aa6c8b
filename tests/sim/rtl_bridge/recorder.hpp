// SPDX-License-Identifier: Apache-2.0
// A world that writes down everything the NIC does, as text with times.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/pcie/tlp_format.hpp"
#include "sim/rtl_bridge/nic_engine.hpp"

namespace tests {

class Recorder : public sim::pcie::HostPort, public sim::wire::FrameSink, public sim::rtl_bridge::JourneyObserver {
 public:
  void from_nic(sim::pcie::Tlp tlp, sim::Picoseconds at) override {
    log(at, "tlp " + describe(tlp));
    tlps.emplace_back(std::move(tlp), at);
  }
  void nic_credits(const sim::pcie::Credits& total, sim::Picoseconds at) override {
    log(at, "credits " + std::to_string(total.posted_headers) + " " + std::to_string(total.posted_data));
    credits = total;
  }
  void frame_from_nic(std::vector<std::byte> bytes, Verdict verdict, sim::Picoseconds start,
                      sim::Picoseconds end) override {
    log(end, "frame " + std::to_string(bytes.size()) + " " + std::to_string(static_cast<int>(verdict)) + " " +
                 std::to_string(start));
    frames.push_back(std::move(bytes));
    verdicts.push_back(verdict);
  }
  void events(sim::rtl_bridge::Domain domain, std::uint32_t bits, sim::Picoseconds at) override {
    log(at, "event " + std::to_string(static_cast<int>(domain)) + " " + std::to_string(bits));
    ++event_count;
  }

  std::vector<std::pair<sim::pcie::Tlp, sim::Picoseconds>> tlps;
  std::vector<std::vector<std::byte>> frames;
  std::vector<Verdict> verdicts;
  sim::pcie::Credits credits;
  unsigned event_count = 0;
  std::string trace;

 private:
  void log(sim::Picoseconds at, const std::string& what) { trace += std::to_string(at) + " " + what + "\n"; }
};

inline sim::pcie::Tlp write_tlp(std::uint64_t address, unsigned dw, unsigned seed) {
  sim::pcie::Request request;
  request.kind = sim::pcie::RequestKind::memory_write;
  request.address = address;
  request.length = dw;
  request.last_be = dw > 1 ? 0xF : 0;
  std::vector<std::byte> payload(4 * dw);
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::byte>(seed + 3 * i);
  return make_request(request, payload);
}

inline sim::wire::Frame frame_of(std::size_t bytes, unsigned seed) {
  sim::wire::Frame frame;
  for (std::size_t i = 0; i < bytes; ++i) frame.bytes.push_back(static_cast<std::byte>(seed + 5 * i));
  return frame;
}

}  // namespace tests
