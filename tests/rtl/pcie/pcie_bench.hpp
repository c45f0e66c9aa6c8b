// SPDX-License-Identifier: Apache-2.0
// pcie_core between a C++ host, C++ register slaves and C++ DMA clients.
#pragma once

#include <bit>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <string>

#include "tests/rtl/clocked.hpp"
#include "tests/rtl/pcie/tlp_beats.hpp"
#include "Vpcie_core_test_rtl.h"

namespace tests {

struct RegisterAccess {
  bool write = false;
  unsigned address = 0;
  unsigned be = 0;
  std::uint32_t data = 0;
};

/// A slave that remembers what it was asked and answers reads with a function of the address.
class RegisterSlave {
 public:
  std::vector<RegisterAccess> accesses;
  unsigned latency = 1;

  static std::uint32_t value(unsigned address) { return address * 0x01010101u ^ 0xa5c3f00fu; }

  template <typename Words>
  void before_edge(bool valid, bool ready, const Words& req) {
    if (valid && ready) {
      RegisterAccess a{get_bits(req, 52, 1) != 0, static_cast<unsigned>(get_bits(req, 36, 16)),
                       static_cast<unsigned>(get_bits(req, 32, 4)), static_cast<std::uint32_t>(get_bits(req, 0, 32))};
      accesses.push_back(a);
      wait_ = latency;
    }
  }
  /// Response of the coming cycle.
  bool response(std::uint32_t& data) {
    if (wait_ == 0 || --wait_ != 0) return false;
    data = value(accesses.back().address);
    return true;
  }

 private:
  unsigned wait_ = 0;
};

inline Tlp request(unsigned type, std::uint64_t address, unsigned dws, unsigned first, unsigned last, unsigned tag,
                   const std::vector<std::uint32_t>& data = {}) {
  Tlp t;
  t.header[0] = (type << 24) | (dws & 0x3ff);
  t.header[1] = (0x0010u << 16) | (tag << 8) | (last << 4) | first;
  const bool wide = ((type >> 5) & 1) != 0;
  t.header[2] = wide ? static_cast<std::uint32_t>(address >> 32) : static_cast<std::uint32_t>(address);
  t.header[3] = wide ? static_cast<std::uint32_t>(address) : 0;
  for (const std::uint32_t dw : data) {
    for (unsigned i = 0; i < 4; ++i) t.payload.push_back(static_cast<std::byte>(dw >> (8 * i)));
  }
  return t;
}

class PcieBench {
 public:
  static constexpr std::uint64_t kBar = 0x12'3457'0000ull;
  static constexpr unsigned kId = 0x0508;  // bus 5, device 1

  explicit PcieBench(unsigned seed = 1) : random(seed) {
    clear_words(dut->posted_i);
    clear_words(dut->nonposted_i);
    clear_words(dut->tlp_in_i);
    dut->credit_limit_i = std::uint64_t{0x1f} << 48;  // all infinite
    dut->irq_valid_i = 0;
    dut->retract_valid_i = 0;
    dut->intx_i = 0;
    dut->posted_valid_i = 0;
    dut->nonposted_valid_i = 0;
    dut->msix_req_ready_i = 0;
    dut->msix_data_ready_i = 0;
    dut->msix_done_i = 0;
    dut->virtio_rsp_valid_i = 0;
    dut->stats_rsp_valid_i = 0;
    dut->ctl_rsp_valid_i = 0;
    dut.reset();
  }

  unsigned draw(unsigned n) { return static_cast<unsigned>(random() % n); }

  void send(const Tlp& t) {
    for (const TlpBeat& b : beats_of(t)) to_nic.push_back(b);
  }

  void cycle() {
    offer(to_nic, dut->tlp_in_valid_i, dut->tlp_in_i, 0);
    offer(posted, dut->posted_valid_i, dut->posted_i, 0);
    offer(nonposted, dut->nonposted_valid_i, dut->nonposted_i, 0);
    dut->tlp_out_ready_i = draw(100) >= out_stall ? 1 : 0;
    dut->cpl_ready_i = draw(100) >= cpl_stall ? 1 : 0;
    dut->virtio_req_ready_i = draw(100) >= slave_stall ? 1 : 0;
    dut->stats_req_ready_i = 1;
    std::uint32_t data = 0;
    dut->virtio_rsp_valid_i = virtio.response(data) ? 1 : 0;
    dut->virtio_rsp_rdata_i = data;
    dut->stats_rsp_valid_i = stats.response(data) ? 1 : 0;
    dut->stats_rsp_rdata_i = data;
    dut->ctl_req_ready_i = draw(100) >= slave_stall ? 1 : 0;
    dut->ctl_rsp_valid_i = control.response(data) ? 1 : 0;
    dut->ctl_rsp_rdata_i = data;
    drive_msix_client();
    dut.settle();
    virtio.before_edge(dut->virtio_req_valid_o, dut->virtio_req_ready_i, words(dut->virtio_req_o));
    stats.before_edge(dut->stats_req_valid_o, dut->stats_req_ready_i, words(dut->stats_req_o));
    control.before_edge(dut->ctl_req_valid_o, dut->ctl_req_ready_i, words(dut->ctl_req_o));
    if (dut->tlp_in_valid_i != 0 && dut->tlp_in_ready_o != 0) to_nic.pop_front();
    REQUIRE((dut->posted_dropped_o == 0 || (dut->posted_valid_i != 0 && dut->posted_ready_o != 0)));
    REQUIRE((dut->nonposted_dropped_o == 0 || (dut->nonposted_valid_i != 0 && dut->nonposted_ready_o != 0)));
    dropped_posted += dut->posted_dropped_o;
    dropped_nonposted += dut->nonposted_dropped_o;
    if (dut->posted_valid_i != 0 && dut->posted_ready_o != 0) posted.pop_front();
    if (dut->nonposted_valid_i != 0 && dut->nonposted_ready_o != 0) nonposted.pop_front();
    if (dut->tlp_out_valid_o != 0 && dut->tlp_out_ready_i != 0) {
      ++out_beats;
      if (auto t = out_.add(read_beat(dut->tlp_out_o))) from_nic.push_back(std::move(*t));
      REQUIRE_FALSE(out_.broken);
    }
    if (dut->cpl_valid_o != 0 && dut->cpl_ready_i != 0) {
      if (auto t = cpl_.add(read_beat(dut->cpl_o))) completions_in.push_back(std::move(*t));
    }
    watch_msix_client();
    count();
    dut.tick();
  }

  void cycles(int n) {
    while (n-- > 0) cycle();
  }

  /// Sends a request and returns its completion, or nothing after `limit` cycles.
  std::optional<Tlp> ask(const Tlp& t, int limit = 300) {
    from_nic.clear();
    send(t);
    for (int i = 0; i < limit && from_nic.empty(); ++i) cycle();
    if (from_nic.empty()) return std::nullopt;
    return from_nic.front();
  }

  static std::uint32_t data_of(const Tlp& t) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < 4; ++i) value |= std::to_integer<std::uint32_t>(t.payload.at(i)) << (8 * i);
    return value;
  }

  std::uint32_t config_read(unsigned offset, unsigned be = 0xf) {
    const auto t = ask(request(contract::TLP_CFGRD0, config_address(offset), 1, be, 0, ++tag_ & 0xff));
    REQUIRE(t);
    REQUIRE(cpl_status(*t) == contract::CPL_SC);
    REQUIRE(cpl_tag(*t) == (tag_ & 0xff));
    return data_of(*t);
  }
  void config_write(unsigned offset, std::uint32_t value, unsigned be = 0xf) {
    const auto t = ask(request(contract::TLP_CFGWR0, config_address(offset), 1, be, 0, ++tag_ & 0xff, {value}));
    REQUIRE(t);
    REQUIRE(cpl_status(*t) == contract::CPL_SC);
    REQUIRE(t->payload.empty());
  }
  static std::uint64_t config_address(unsigned offset) { return (kId << 16) | (offset & 0xffc); }

  std::uint32_t read(unsigned offset) {
    const auto t = ask(request(contract::TLP_MRD64, kBar + offset, 1, 0xf, 0, ++tag_ & 0xff));
    REQUIRE(t);
    REQUIRE(cpl_status(*t) == contract::CPL_SC);
    return data_of(*t);
  }
  void write(unsigned offset, std::uint32_t value, unsigned be = 0xf) {
    send(request(contract::TLP_MWR64, kBar + offset, 1, be, 0, 0, {value}));
    cycles(20);
  }

  void enable() {
    config_write(contract::CFG_BAR0, static_cast<std::uint32_t>(kBar));
    config_write(contract::CFG_BAR1, static_cast<std::uint32_t>(kBar >> 32));
    config_write(contract::CFG_COMMAND, contract::COMMAND_MEMORY | contract::COMMAND_MASTER);
  }

  template <typename T>
  static std::array<std::uint32_t, 2> words(const T& value) {
    return {static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(value >> 32)};
  }

  Clocked<Vpcie_core_test_rtl> dut;
  std::mt19937 random;
  unsigned out_stall = 0, cpl_stall = 0, slave_stall = 0;
  std::deque<TlpBeat> to_nic, posted, nonposted;
  std::deque<Tlp> from_nic, completions_in;
  RegisterSlave virtio, stats, control;
  std::map<std::string, unsigned> counts;
  unsigned out_beats = 0;
  unsigned dropped_posted = 0, dropped_nonposted = 0;  // beats
  struct Message {
    std::uint64_t address;
    std::uint32_t data;
  };
  std::vector<Message> messages;
  unsigned msix_stall = 0;
  std::array<unsigned, contract::MSIX_VECTORS> sent{}, pended{};

 private:
  template <typename Valid, typename Words>
  void offer(const std::deque<TlpBeat>& beats, Valid& valid, Words& payload, int) {
    valid = beats.empty() ? 0 : 1;
    if (!beats.empty()) write_beat(payload, beats.front());
  }

  void drive_msix_client() {
    dut->msix_req_ready_i = !msix_open_ && draw(100) >= msix_stall ? 1 : 0;
    dut->msix_data_ready_i = draw(100) >= msix_stall ? 1 : 0;
    const bool done = msix_open_ && msix_data_ && draw(100) >= msix_stall;
    dut->msix_done_i = done ? 1 : 0;
    if (done) msix_open_ = msix_data_ = false;
  }
  void watch_msix_client() {
    if (dut->msix_req_valid_o != 0 && dut->msix_req_ready_i != 0) {
      REQUIRE(get_bits(dut->msix_req_o, 0, 16) == 4);
      messages.push_back({get_bits(dut->msix_req_o, 16, 64), 0});
      msix_open_ = true;
    }
    if (dut->msix_data_valid_o != 0 && dut->msix_data_ready_i != 0) {
      REQUIRE(get_bits(dut->msix_data_o, 64, 4) == 0xc);  // last, 4 bytes empty
      pending_data_ = static_cast<std::uint32_t>(get_bits(dut->msix_data_o, 0, 32));
      msix_data_ = true;
    }
    if (msix_open_ && msix_data_) messages.back().data = pending_data_;
    if (dut->irq_sent_valid_o != 0) ++sent.at(dut->irq_sent_vector_o);
    if (dut->irq_pended_o != 0) ++pended.at(dut->irq_vector_i);
  }

  void count() {
    static constexpr const char* kStats[] = {"ignored", "poisoned", "aborted", "unsupported", "request"};
    for (unsigned i = 0; i < 5; ++i) {
      if (((dut->stat_o >> i) & 1) != 0) ++counts[kStats[i]];
    }
    const unsigned c = dut->credit_return_o;  // {posted, nonposted, pd_units[8:0], npd_unit}
    counts["npd"] += c & 1u;
    counts["pd"] += (c >> 1) & 0x1ffu;
    counts["nph"] += (c >> 10) & 1u;
    counts["ph"] += (c >> 11) & 1u;
    if (dut->flr_o != 0) ++counts["flr"];
  }

  TlpCollector out_, cpl_;
  unsigned tag_ = 0;
  bool msix_open_ = false, msix_data_ = false;
  std::uint32_t pending_data_ = 0;
};

}  // namespace tests
