// SPDX-License-Identifier: Apache-2.0
// The host's end of the link: memory behind latency, completions as the rules allow, CPU requests.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <span>
#include <systemc>
#include <tlm>
#include <utility>
#include <vector>

#include "sim/memory/iommu.hpp"
#include "sim/pcie/filter_verdict.hpp"
#include "sim/pcie/link.hpp"
#include "sim/pcie/ports.hpp"
#include "sim/pcie/seeded_random.hpp"
#include "sim/pcie/tlp_checker.hpp"
#include "sim/pcie/tlp_format.hpp"

namespace sim::pcie {

struct RootComplexConfig {
  LinkConfig link;
  Picoseconds memory_latency_min = 200'000;
  Picoseconds memory_latency_max = 600'000;  ///< uniform between the two
  unsigned read_completion_boundary = 64;    ///< 64 or 128
  unsigned max_payload = 256;                ///< of completions, as enumeration set it
  bool split_randomly = false;               ///< completions of any legal size, not only the largest
  bool reorder = true;                       ///< completions of different tags overtake each other
  std::uint64_t msi_base = 0xFEE0'0000;
  std::uint64_t msi_bytes = 0x10'0000;
  Picoseconds host_timeout = 10'000'000'000;  ///< of a CPU's read; then all ones
  std::uint64_t seed = 1;
};

/// Blocking calls are for SC_THREADs; they return on a whole nanosecond, so that what CPUs do never
/// falls on the same instant as what the bus does (bus events have odd picoseconds).
class RootComplex : public sc_core::sc_module, public HostPort {
 public:
  SC_HAS_PROCESS(RootComplex);
  tlm_utils::simple_initiator_socket<RootComplex> memory;

  struct Counters {
    std::uint64_t reads = 0;  ///< memory reads of the NIC
    std::uint64_t writes = 0;
    std::uint64_t read_bytes = 0;
    std::uint64_t write_bytes = 0;
    std::uint64_t messages = 0;     ///< MSI writes
    std::uint64_t intx = 0;         ///< Assert_INTA and Deassert_INTA
    std::uint64_t unsupported = 0;  ///< answered with UR, or dropped if posted
    std::uint64_t completions_out = 0;
    std::uint64_t host_reads = 0;
    std::uint64_t host_writes = 0;
    std::uint64_t host_timeouts = 0;
    std::uint64_t host_errors = 0;       ///< UR, CA or poison for a CPU's request
    std::uint64_t late_completions = 0;  ///< for nobody who still waits
  };

  RootComplex(sc_core::sc_module_name name, const RootComplexConfig& config, memory::Iommu& iommu);
  ~RootComplex() override;

  /// Once, before sc_start: advertises the credits.
  void attach(NicPort& nic);
  void on_message(std::function<void(std::uint64_t address, std::uint32_t data)> handler);
  /// Told of each write of the NIC that has reached memory: from which address on, and its bytes.
  void on_write(std::function<void(std::uint64_t address, std::span<const std::byte> bytes)> observer) {
    write_observer_ = std::move(observer);
  }
  /// The level of the NIC's INTA, whenever it changes.
  void on_intx(std::function<void(bool asserted)> handler);
  void set_max_payload(unsigned bytes) { config_.max_payload = bytes; }

  // From CPUs. `width` 1, 2 or 4, naturally aligned.
  [[nodiscard]] std::uint32_t config_read(std::uint16_t bdf, unsigned offset, unsigned width);
  void config_write(std::uint16_t bdf, unsigned offset, unsigned width, std::uint32_t value);
  [[nodiscard]] std::uint32_t mmio_read(std::uint64_t address, unsigned width);
  /// Posted, returns at once.
  void mmio_write(std::uint64_t address, unsigned width, std::uint32_t value);

  // For bad-input tests.
  /// Called for each TLP toward the NIC, which it may change; runs behind the checker.
  void filter(std::function<FilterVerdict(Tlp&)> filter) { filter_ = std::move(filter); }
  /// Asked when each credit update should reach the NIC; answers the same moment or a later one.
  void hold_credits(std::function<Picoseconds(Picoseconds)> hold) { hold_credits_ = std::move(hold); }
  /// Sends any TLP at all to the NIC, in order with the other posted ones, past the checker.
  void inject(Tlp tlp);

  void from_nic(Tlp tlp, Picoseconds at) override;
  void nic_credits(const Credits& total, Picoseconds at) override;

  [[nodiscard]] TlpChecker& checker() { return checker_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] const RootComplexConfig& config() const { return config_; }
  [[nodiscard]] std::uint64_t link_bytes_up() const { return up_.bytes(); }
  [[nodiscard]] std::uint64_t link_bytes_down() const { return down_.bytes(); }
  /// Headers and payloads of all TLPs, both ways.
  [[nodiscard]] std::uint64_t link_tlp_bytes() const { return up_.tlp_bytes() + down_.tlp_bytes(); }

 private:
  // What waits for its time, in the order in which equal times are served.
  enum class EventKind : std::uint8_t { arrival, memory_read, delayed, send };
  struct Event {
    Picoseconds at;
    EventKind kind;
    std::uint64_t order;
    std::uint32_t slot;
    [[nodiscard]] bool operator>(const Event& other) const;
  };
  /// A memory read of the NIC between its arrival and its last completion.
  struct ReadJob {
    Request request;
    std::uint64_t address = 0;  // of the next byte
    std::size_t left = 0;
    bool refused = false;
  };
  /// A CPU's non-posted request; its index is the tag.
  struct HostRequest {
    sc_core::sc_event done;
    bool busy = false;
    bool waited_for = false;
    bool good = false;
    std::uint32_t data = 0;
    Request request;
  };
  struct Outgoing {
    std::uint64_t order = 0;
    Tlp tlp;
    bool checked = true;
  };

  void process();
  void schedule(Picoseconds at, EventKind kind, std::uint32_t slot);
  void notify_at(Picoseconds at);
  void handle(const Event& event);

  // from the NIC (root_complex_memory.cpp)
  void arrive(Tlp tlp);
  void arrive_request(Tlp& tlp, const Request& request);
  void write_memory(Tlp& tlp, const Request& request);
  void write_bytes(Tlp& tlp, const Request& request, const ByteRange& range);
  void start_read(const Request& request);
  void continue_read(std::uint32_t slot);
  [[nodiscard]] bool complete_chunk(ReadJob& job);
  void refuse(const Request& request);
  void take_message(const Tlp& tlp);
  [[nodiscard]] std::size_t chunk(std::uint64_t address, std::size_t left);
  [[nodiscard]] bool transport(tlm::tlm_command command, std::uint64_t address, std::byte* data, std::size_t bytes);

  // to the NIC
  void enqueue(std::deque<Outgoing>& queue, Tlp tlp, bool checked = true);
  void send_ready(Picoseconds now);
  [[nodiscard]] std::deque<Outgoing>* next_to_send();
  [[nodiscard]] bool may_send(const Outgoing& outgoing) const;
  void send(Outgoing outgoing, Picoseconds now);
  void schedule_send(Picoseconds at);

  // for CPUs (root_complex_host.cpp)
  [[nodiscard]] std::uint32_t host_access(Request request, std::uint64_t address, unsigned width, std::uint32_t value);
  [[nodiscard]] HostRequest* take_tag(std::uint8_t& tag);
  void take_completion(const Tlp& tlp, const Completion& completion);

  RootComplexConfig config_;
  memory::Iommu& iommu_;
  NicPort* nic_ = nullptr;
  std::function<void(std::uint64_t, std::uint32_t)> message_;
  std::function<void(bool)> intx_;
  bool intx_asserted_ = false;
  std::function<void(std::uint64_t, std::span<const std::byte>)> write_observer_;
  std::function<FilterVerdict(Tlp&)> filter_;
  std::function<Picoseconds(Picoseconds)> hold_credits_;
  TlpChecker checker_;
  Counters counters_;
  SeededRandom random_;

  LinkDirection up_;
  LinkDirection down_;
  Credits host_limit_;  // granted to the NIC, cumulative
  Credits nic_initial_;
  Credits nic_limit_;  // granted by the NIC, as far as the updates have arrived
  Credits nic_consumed_;
  std::deque<std::pair<Picoseconds, Credits>> nic_updates_;  // on their way
  bool starved_ = false;                                     // something waits for credits

  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  sc_core::sc_event wake_;
  Picoseconds wake_at_ = INT64_MAX;
  std::uint64_t order_ = 0;
  std::deque<Tlp> arriving_;  // in arrival order
  std::vector<ReadJob> jobs_;
  std::vector<std::uint32_t> free_jobs_;
  Picoseconds last_read_ready_ = 0;
  Picoseconds send_scheduled_ = -1;

  std::deque<Outgoing> posted_;
  std::deque<Outgoing> nonposted_;
  std::deque<Outgoing> completions_;
  std::uint64_t out_order_ = 0;
  std::vector<std::pair<Tlp, Picoseconds>> delayed_;  // and how long each is under way

  std::vector<std::unique_ptr<HostRequest>> tags_;
  sc_core::sc_event tag_freed_;
  tlm::tlm_generic_payload payload_;
};

}  // namespace sim::pcie
