// SPDX-License-Identifier: Apache-2.0
// Host memory behind a link, seen through the ports of the DMA engine: ordered, late, seeded.
//
// Writes, reads and interrupts enter one queue in the order in which the device hands them over and take
// effect in that order at times of their own, as on PCIe: a read never overtakes a write before it. Answers
// to reads come back in any order, their pieces mixed.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <random>
#include <vector>

namespace tests::virtio {

struct WriteRequest {
  std::uint64_t addr = 0;
  std::uint32_t len = 0;
};

struct ReadRequest {
  std::uint64_t addr = 0;
  std::uint32_t len = 0;
  std::uint32_t local = 0;
  std::uint32_t op = 0;
};

struct Beat {
  std::uint64_t data = 0;
  unsigned empty = 0;
  bool last = false;
};

struct Place {
  unsigned client = 0;
  unsigned word = 0;
  std::uint64_t data = 0;
  unsigned be = 0;
};

struct Done {
  unsigned client = 0;
  unsigned op = 0;
  unsigned status = 0;
};

class HostMemory {
 public:
  static constexpr std::uint64_t kBase = 0x1'2340'0000;
  static constexpr std::size_t kBytes = 32u << 20;

  [[nodiscard]] bool holds(std::uint64_t addr, std::size_t len) const {
    return addr >= kBase && addr - kBase <= kBytes && len <= kBytes - (addr - kBase);
  }
  [[nodiscard]] std::uint8_t& at(std::uint64_t addr) { return bytes_.at(addr - kBase); }
  [[nodiscard]] std::uint64_t read(std::uint64_t addr, unsigned bytes);
  void write(std::uint64_t addr, std::uint64_t value, unsigned bytes);

 private:
  std::vector<std::uint8_t> bytes_ = std::vector<std::uint8_t>(kBytes);
};

struct DmaTiming {
  unsigned link_max = 20;     // cycles on the way to the host, at most
  unsigned memory_max = 100;  // cycles from there to the answer, at most
  unsigned stall = 25;        // per cent of cycles in which a ready is withheld
  unsigned done_min = 2;      // cycles from a write's last beat to its done, at least
};

class DmaModel {
 public:
  DmaModel(HostMemory& memory, DmaTiming timing, unsigned seed);

  // One cycle, in this order.
  void begin();
  [[nodiscard]] unsigned write_done() const { return write_done_; }
  [[nodiscard]] const std::optional<Place>& place() const { return place_; }
  [[nodiscard]] const std::optional<Done>& read_done() const { return read_done_; }
  [[nodiscard]] unsigned write_busy() const { return busy(write_open_); }
  [[nodiscard]] unsigned read_busy() const { return busy(read_open_); }
  [[nodiscard]] unsigned data_ready() const { return data_ready_; }
  /// Which of the requests on offer is taken: one bit, or none.
  [[nodiscard]] unsigned choose_write(unsigned valid, unsigned gate);
  [[nodiscard]] unsigned choose_read(unsigned valid, unsigned gate);
  void take_write(unsigned client, const WriteRequest& request);
  void take_data(const Beat& beat);
  void take_read(unsigned client, const ReadRequest& request);
  void take_interrupt(unsigned vector);

  std::function<void(unsigned)> on_interrupt = [](unsigned) {};
  /// From now on a write that takes effect is an error.
  bool writes_forbidden = false;
  /// The first rule that the device broke, or nothing.
  [[nodiscard]] const std::string& violation() const { return violation_; }
  [[nodiscard]] bool idle() const { return link_.empty() && answers_.empty() && !writing_ && dones_.empty(); }
  [[nodiscard]] long reads() const { return reads_; }
  [[nodiscard]] long writes() const { return writes_; }

 private:
  struct Write {
    unsigned client;
    WriteRequest request;
    std::vector<std::uint8_t> bytes;
  };
  struct OnLink {  // in order
    long due;
    std::optional<Write> write;
    std::optional<std::pair<unsigned, ReadRequest>> read;
    std::optional<unsigned> interrupt;
  };
  struct Answer {
    unsigned client;
    ReadRequest request;
    long sample_at;
    long due;
    bool sampled;
    unsigned status;
    std::vector<std::uint8_t> bytes;
    std::uint32_t next;
  };

  void arrive(OnLink& item);
  void answer();
  void put_on_link(OnLink item);
  unsigned below(unsigned limit) { return limit == 0 ? 0 : static_cast<unsigned>(random_() % limit); }
  [[nodiscard]] unsigned busy(const std::vector<unsigned>& open) const;
  void violate(const std::string& what) {
    if (violation_.empty()) violation_ = what;
  }

  HostMemory& memory_;
  DmaTiming timing_;
  std::mt19937 random_;
  long now_ = 0;
  std::optional<Write> writing_;
  std::deque<std::pair<long, Write>> dones_;
  std::deque<OnLink> link_;
  std::vector<Answer> answers_;
  std::vector<unsigned> write_open_ = std::vector<unsigned>(8);
  std::vector<unsigned> read_open_ = std::vector<unsigned>(8);
  unsigned write_done_ = 0;
  unsigned data_ready_ = 0;
  std::optional<Place> place_;
  std::optional<Done> read_done_;
  std::string violation_;
  long reads_ = 0;
  long writes_ = 0;
};

}  // namespace tests::virtio
