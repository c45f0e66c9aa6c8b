// SPDX-License-Identifier: Apache-2.0
// The NIC as a requester: byte ranges of host memory become legal TLPs, completions become bytes
// (PCIe 3.0, 2.2.7, 2.2.9, 2.3.1.1, 2.8).
#pragma once

#include <array>
#include <coroutine>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "sim/nic_model/config_space.hpp"
#include "sim/nic_model/statistics.hpp"
#include "sim/nic_model/timeline.hpp"
#include "sim/nic_model/tlp_sender.hpp"
#include "sim/pcie/tlp_format.hpp"

namespace sim::nic_model {

/// `status` is RD_OK or the first thing that went wrong (contract RD_*); the bytes count only with RD_OK.
struct ReadResult {
  std::uint32_t status = contract::RD_OK;
  std::vector<std::byte> bytes;
  [[nodiscard]] bool ok() const { return status == contract::RD_OK; }
};

class Dma {
 public:
  Dma(Timeline& timeline, TlpSender& sender, const ConfigSpace& space, Statistics& statistics, Picoseconds timeout)
      : timeline_(timeline), sender_(sender), space_(space), statistics_(statistics), timeout_(timeout) {}

  /// co_await dma.read(address, length): the bytes, or why there are none.
  [[nodiscard]] auto read(std::uint64_t address, std::size_t length) {
    struct Awaiter {
      Dma& dma;
      std::uint64_t address;
      std::size_t length;
      ReadResult result;
      [[nodiscard]] bool await_ready() const { return length == 0; }
      void await_suspend(std::coroutine_handle<> waiter) { dma.start(address, length, result, waiter); }
      ReadResult await_resume() { return std::move(result); }
    };
    return Awaiter{*this, address, length, {}};
  }

  /// Posted; in the order of the calls. Dropped, and counted, while the function may not master the bus.
  void write(std::uint64_t address, std::span<const std::byte> bytes);

  void completion(const pcie::Tlp& tlp, const pcie::Completion& completion);
  /// What waits may have to be given up: bus mastering was taken away.
  void settings_changed();
  /// The bus and device number that configuration writes are addressed to.
  void requester_id(std::uint16_t id) { id_ = id; }
  [[nodiscard]] std::uint16_t requester_id() const { return id_; }

 private:
  struct Job {
    ReadResult* result;
    std::coroutine_handle<> waiter;
    std::size_t unfinished = 0;  // TLPs
  };
  struct Piece {
    std::shared_ptr<Job> job;
    std::uint64_t address = 0;
    std::size_t length = 0;
    std::size_t place = 0;  // in the result
  };
  enum class TagState : std::uint8_t { free, outstanding, quarantine };
  struct Tag {
    TagState state = TagState::free;
    std::uint64_t use = 0;  // tells a timer whether its read is still the one
    Piece piece;
    std::uint64_t next = 0;  // address of the next byte to come
    std::size_t left = 0;
    Picoseconds rests_until = 0;
  };

  void start(std::uint64_t address, std::size_t length, ReadResult& result, std::coroutine_handle<> waiter);
  void issue();
  void issue_one(Piece piece, unsigned tag);
  [[nodiscard]] int free_tag();
  void check_and_place(const pcie::Tlp& tlp, const pcie::Completion& completion, Tag& tag);
  void finish(const Piece& piece, std::uint32_t status);
  void release(Tag& tag);
  void condemn(Tag& tag, std::uint32_t status);
  void watch(unsigned tag);

  Timeline& timeline_;
  TlpSender& sender_;
  const ConfigSpace& space_;
  Statistics& statistics_;
  Picoseconds timeout_;
  std::uint16_t id_ = 0;
  std::array<Tag, 256> tags_;
  unsigned next_tag_ = 0;
  std::deque<Piece> waiting_;
};

/// The largest piece of [address, address + length) that one request may carry: cut at `limit` bytes on
/// 128-byte boundaries, and at 4 KB.
[[nodiscard]] std::size_t first_piece(std::uint64_t address, std::size_t length, std::size_t limit);

}  // namespace sim::nic_model
