// SPDX-License-Identifier: Apache-2.0
// Watches every TLP at the NIC's edge, both ways, and says which rule of PCIe one of them broke.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "sim/pcie/ports.hpp"
#include "sim/pcie/tlp_format.hpp"

namespace sim::pcie {

enum class Direction : std::uint8_t { to_nic, from_nic };

/// Learns bus mastering, payload and read sizes and extended tags from the configuration writes that
/// pass, and believes a setting from the write on and the former one until its completion.
class TlpChecker {
 public:
  struct Violation {
    Picoseconds at = 0;
    Direction direction = Direction::to_nic;
    std::string rule;  ///< for example "tag 7 is already outstanding"
    std::string tlp;   ///< describe()
    [[nodiscard]] std::string text() const;
  };

  void tlp(Direction direction, const Tlp& tlp, Picoseconds at);
  /// The total that `direction`'s TLPs may have consumed, cumulative, from `at` on.
  void credit_limit(Direction direction, const Credits& limit, Picoseconds at);
  /// A request that a test sent on purpose: nothing is checked, but its completion is expected.
  void forgive(const Tlp& tlp);

  void on_violation(std::function<void(const Violation&)> handler) { handler_ = std::move(handler); }
  /// The first hundred; `count` goes on.
  [[nodiscard]] const std::vector<Violation>& violations() const { return violations_; }
  [[nodiscard]] std::uint64_t violation_count() const { return count_; }
  [[nodiscard]] std::uint64_t checked() const { return checked_; }
  /// Reads of the NIC whose completions are not all there.
  [[nodiscard]] unsigned outstanding_reads() const;

 private:
  struct Setting {
    std::uint32_t now = 0;
    std::uint32_t before = 0;  // still tolerated until the write's completion has been seen
    [[nodiscard]] std::uint32_t most() const { return now > before ? now : before; }
  };
  struct Outstanding {
    bool busy = false;
    bool forgiven = false;
    Request request;
    unsigned left = 0;     // bytes
    bool settles = false;  // a configuration write that changes a setting
  };
  struct Flow {
    Credits consumed;
    std::deque<std::pair<Picoseconds, Credits>> limits;
    Credits limit;
    bool limited = false;
  };

  void check_format(const Tlp& tlp);
  void check_request(Direction direction, const Tlp& tlp, const Request& request);
  void check_message(const Tlp& tlp);
  void check_byte_enables(const Request& request);
  void check_memory(const Request& request);
  void check_from_nic(const Request& request);
  void remember(Direction direction, const Request& request);
  void check_completion(Direction direction, const Tlp& tlp, const Completion& completion);
  void check_completion_data(const Completion& completion, Outstanding& read);
  void check_credits(Direction direction, const Tlp& tlp);
  void learn(const Tlp& tlp, const Request& request, Outstanding& entry);
  void settle();
  void reset_function();
  void violate(const std::string& rule);

  std::array<std::array<Outstanding, 256>, 2> outstanding_{};  // by the requester's direction
  std::array<Flow, 2> flows_;
  Setting bus_master_;
  Setting max_payload_{128, 128};
  Setting max_read_{512, 512};
  Setting extended_tags_;
  bool reset_pending_ = false;
  std::function<void(const Violation&)> handler_;
  std::vector<Violation> violations_;
  std::uint64_t count_ = 0;
  std::uint64_t checked_ = 0;
  // the TLP at hand
  Picoseconds at_ = 0;
  Direction direction_ = Direction::to_nic;
  const Tlp* tlp_ = nullptr;
  bool intx_asserted_ = false;
};

}  // namespace sim::pcie
