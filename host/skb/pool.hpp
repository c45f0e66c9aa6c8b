// SPDX-License-Identifier: Apache-2.0
// Where skbs come from: one pool a host, counted, bounded, checked for leaks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/kernel/kernel.hpp"
#include "host/skb/skb.hpp"

namespace host::skb {

/// Bytes left in front of a packet for the headers that lower layers push (Linux: LL_MAX_HEADER and
/// NET_SKB_PAD): virtio header, Ethernet with VLAN, IP with options, a transport header.
inline constexpr std::uint32_t kDefaultHeadroom = 128;

struct SkbPoolOptions {
  std::uint32_t skbs = 8192;          // metadata objects
  std::uint32_t buffer_bytes = 2048;  // normal buffers
  std::uint32_t buffers = 8192;
  std::uint32_t page_bytes = 4096;  // pieces of packets beyond a normal buffer
  std::uint32_t pages = 16384;
  std::uint32_t large_bytes = 67584;  // one whole IP datagram and its headroom
  std::uint32_t large_buffers = 64;
  bool poison = false;  // find writes to freed memory, and what is freed twice; slow
};

class SkbPool {
 public:
  explicit SkbPool(kernel::Kernel& kernel, SkbPoolOptions options = {});
  /// A broken invariant when an skb is still out: names where each was allocated. What poisoned memory tells at the end
  /// goes to stderr.
  ~SkbPool();
  SkbPool(const SkbPool&) = delete;
  SkbPool& operator=(const SkbPool&) = delete;

  /// Bytes of the smallest buffers, headroom included, and of the next larger ones.
  [[nodiscard]] std::uint32_t normal_bytes() const { return normal_.buffer_bytes(); }
  [[nodiscard]] std::uint32_t page_bytes() const { return page_.buffer_bytes(); }

  /// An empty skb with `headroom` reserved and room for `bytes` behind. Null when exhausted (counted) or
  /// larger than any buffer. `site` is the caller's place, for reports.
  [[nodiscard]] Skb allocate(std::uint32_t bytes, std::uint32_t headroom = kDefaultHeadroom, Site site = Site::here());
  /// A bare buffer for a fragment, at least `bytes` large.
  [[nodiscard]] BufferRef allocate_buffer(std::uint32_t bytes, Site site = Site::here());

  [[nodiscard]] std::uint32_t in_use() const { return in_use_; }
  [[nodiscard]] std::uint64_t allocated() const { return allocated_; }
  /// Allocations that failed, for want of metadata or of buffers.
  [[nodiscard]] std::uint64_t exhausted() const { return exhausted_; }
  /// One line for each allocation site with skbs outstanding: "file:line: n". Empty when there is none.
  [[nodiscard]] std::string leaks() const;
  /// One line for each skb that is out: "skb 17, 60 bytes, allocated in file:line".
  [[nodiscard]] std::string live() const;
  [[nodiscard]] const Poison& poison() const { return poison_; }
  [[nodiscard]] kernel::Kernel& kernel() { return kernel_; }

 private:
  friend class SkBuff;
  friend struct SkbRelease;
  [[nodiscard]] Skb metadata(Site site);
  /// One more skb's metadata; false: there are as many as may be.
  [[nodiscard]] bool grow();
  [[nodiscard]] std::string slabinfo() const;
  void add_files();
  void remove_files();
  void recycle(SkBuff& skb);

  kernel::Kernel& kernel_;
  std::uint32_t limit_;
  Poison poison_;
  BufferPool normal_;
  BufferPool page_;
  BufferPool large_;
  std::vector<std::unique_ptr<SkBuff>> skbs_;
  std::vector<SkBuff*> free_;  // last freed on top
  std::uint32_t in_use_ = 0;
  std::uint64_t allocated_ = 0;
  std::uint64_t exhausted_ = 0;
};

}  // namespace host::skb
