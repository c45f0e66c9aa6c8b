// SPDX-License-Identifier: Apache-2.0
// The socket buffer: one packet's metadata over a shared data buffer (Linux: struct sk_buff).
//
//   head        data            tail          end
//    |<-headroom->|<----- bytes --->|<-tailroom->|   then page fragments and a list of packets: data_len bytes more
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

#include "host/base/drop_reason.hpp"
#include "host/base/invariant.hpp"
#include "host/base/result.hpp"
#include "host/kernel/journey.hpp"
#include "host/platform/cpu_platform.hpp"
#include "host/skb/attachment.hpp"
#include "host/skb/buffer.hpp"
#include "host/skb/owner.hpp"

namespace host::kernel {
class Cpu;
}
namespace host::device {
class NetDevice;
}

namespace host::skb {

class SkBuff;
class SkbList;
class SkbPool;

/// Gives an skb back to its pool: a normal end of life (Linux: consume_skb).
struct SkbRelease {
  void operator()(SkBuff* skb) const;
};

/// The owner of a packet. Passing it by value, or on the path of every packet by &&, gives the packet away.
using Skb = std::unique_ptr<SkBuff, SkbRelease>;

/// What is known about the checksum (Linux: CHECKSUM_*).
enum class IpSummed : std::uint8_t { none, unnecessary, complete, partial };
/// To whom the frame was addressed (Linux: PACKET_*).
enum class PacketType : std::uint8_t { host, broadcast, multicast, otherhost, outgoing, loopback };
enum class GsoType : std::uint8_t { none, tcpv4, tcpv6, udp_l4 };

/// A piece of a shared buffer behind the linear part.
struct Fragment {
  BufferRef buffer;
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  [[nodiscard]] std::span<const std::byte> bytes() const;
};

inline constexpr std::size_t kMaxFragments = 17;
inline constexpr std::size_t kControlBlockBytes = 48;
inline constexpr std::uint32_t kNoHeader = UINT32_MAX;
/// What an skb's metadata counts for in socket buffers and /proc/slabinfo.
inline constexpr std::uint32_t kMetadataBytes = 520;

class SkBuff {
 public:
  // --- where the bytes are -------------------------------------------------------------------
  [[nodiscard]] std::uint32_t len() const { return tail_ - data_ + data_len_; }
  [[nodiscard]] std::uint32_t data_len() const { return data_len_; }
  [[nodiscard]] std::uint32_t headlen() const { return tail_ - data_; }
  [[nodiscard]] std::uint32_t headroom() const { return data_; }
  [[nodiscard]] std::uint32_t tailroom() const { return data_len_ != 0 ? 0 : end_ - tail_; }
  [[nodiscard]] bool is_linear() const { return data_len_ == 0; }
  /// The linear bytes from data to tail, for reading.
  [[nodiscard]] std::span<const std::byte> bytes() const;
  /// The same for writing; a broken invariant while shared (call unshare() first).
  [[nodiscard]] std::span<std::byte> writable();
  /// All of the linear part's memory, head to end: what a driver maps for DMA from or to.
  [[nodiscard]] std::span<std::byte> memory();

  // --- moving the ends; a broken invariant when the room is not there --------------------------
  /// New bytes in front, to be written; returns them. Not while shared.
  std::span<std::byte> push(std::uint32_t bytes);
  /// Moves data back over bytes that pull() dropped, to read them again.
  void restore(std::uint32_t bytes);
  /// Drops bytes in front (they become headroom).
  void pull(std::uint32_t bytes);
  /// New bytes behind, to be written; returns them. Only while linear and not shared.
  std::span<std::byte> put(std::uint32_t bytes);
  /// Moves data and tail of an empty skb up.
  void reserve(std::uint32_t bytes);
  /// Cuts to `len` bytes in all (fragments too); no effect when shorter already.
  void trim(std::uint32_t len);

  // --- fragments ---------------------------------------------------------------------------------
  [[nodiscard]] std::span<const Fragment> fragments() const { return {fragments_.data(), fragment_count_}; }
  /// no_buffers when all kMaxFragments are in use.
  [[nodiscard]] base::Result<void> add_fragment(BufferRef buffer, std::uint32_t offset, std::uint32_t length);
  /// The linear part's buffer, for another packet's fragment.
  [[nodiscard]] const BufferRef& buffer() const { return buffer_; }
  /// Copies everything into one linear part. no_memory leaves it as it was.
  [[nodiscard]] base::Result<void> linearize() { return is_linear() ? base::Result<void>{} : relocate(data_, len()); }
  /// Makes at least `bytes` bytes linear (Linux: pskb_may_pull); invalid when the packet is shorter.
  [[nodiscard]] base::Result<void> may_pull(std::uint32_t bytes) {
    if (bytes <= headlen()) return {};
    return bytes <= len() ? relocate(data_, bytes) : base::Errno::invalid;
  }
  /// Copies `out.size()` bytes from `offset` on, across fragments; false when beyond the end.
  [[nodiscard]] bool copy_bits(std::uint32_t offset, std::span<std::byte> out) const {
    if (out.empty() || std::size_t{offset} + out.size() > headlen()) return copy_runs(offset, out);
    std::memcpy(out.data(), buffer_.memory().data() + data_ + offset, out.size());
    return true;
  }

  // --- frag list: whole packets whose bytes are behind the fragments (Linux: skb_shinfo(skb)->frag_list) -------
  /// Clones share it, so nobody changes what is in it. A packet that has a list itself may not be in one.
  void set_frag_list(SkbList list);
  [[nodiscard]] bool has_frag_list() const { return frag_list_ != nullptr; }
  /// The list, when nobody shares it and nothing of it was cut off; the packet ends where it began. Else empty.
  [[nodiscard]] SkbList take_frag_list();

  // --- sharing -----------------------------------------------------------------------------------
  /// A second skb over the same bytes; null when the pool is exhausted.
  [[nodiscard]] Skb clone(Site site = Site::here()) const;
  /// An own, linear copy of all bytes with at least `headroom`; null when exhausted.
  [[nodiscard]] Skb copy(std::uint32_t headroom, Site site = Site::here()) const;
  /// Someone else refers to the linear part too.
  [[nodiscard]] bool shared() const { return buffer_.shared(); }
  /// The linear part is this skb's alone afterwards, with at least `headroom`; the tailroom may have
  /// changed. no_memory when exhausted.
  [[nodiscard]] base::Result<void> unshare(std::uint32_t headroom = 0);
  /// So much more room in front and behind, in a buffer of its own; fragments stay (Linux: pskb_expand_head).
  /// no_memory leaves it as it was.
  [[nodiscard]] base::Result<void> expand_head(std::uint32_t more_headroom, std::uint32_t more_tailroom);

  // --- headers: offsets from head, so that they survive push and pull -------------------------------
  void reset_mac_header() { mac_header_ = data_; }
  void reset_network_header() { network_header_ = data_; }
  void reset_transport_header() { transport_header_ = data_; }
  void set_transport_header(std::uint32_t from_data) { transport_header_ = data_ + from_data; }
  [[nodiscard]] bool has_mac_header() const { return mac_header_ != kNoHeader; }
  [[nodiscard]] bool has_network_header() const { return network_header_ != kNoHeader; }
  [[nodiscard]] bool has_transport_header() const { return transport_header_ != kNoHeader; }
  /// From the header to tail, for reading; a broken invariant when not set.
  [[nodiscard]] std::span<const std::byte> mac_header() const { return from(mac_header_); }
  [[nodiscard]] std::span<const std::byte> network_header() const { return from(network_header_); }
  [[nodiscard]] std::span<const std::byte> transport_header() const { return from(transport_header_); }
  /// Bytes from data to the mac header, when data has been pulled past it (restore() this many to have it back).
  [[nodiscard]] std::uint32_t mac_offset() const { return data_ - mac_header_; }
  /// Bytes from data to the network header, likewise.
  [[nodiscard]] std::uint32_t network_offset() const { return data_ - network_header_; }

  // --- metadata that layers fill in --------------------------------------------------------------
  device::NetDevice* dev = nullptr;
  std::uint16_t protocol = 0;  // EtherType, as a number
  PacketType packet_type = PacketType::host;
  IpSummed ip_summed = IpSummed::none;
  std::uint32_t csum_start = 0;  // with partial: from head (see csum_start_from_data)
  std::uint32_t csum = 0;        // with complete: the sum over all bytes
  std::uint32_t hash = 0;
  std::uint32_t mark = 0;
  std::uint32_t priority = 0;
  unsigned napi_id = 0;           // of the NAPI that it came by; 0: none
  std::uint16_t csum_offset = 0;  // with partial: from csum_start
  std::uint16_t gso_size = 0;     // payload bytes of each segment; 0: one frame
  std::uint16_t gso_segs = 0;
  std::uint16_t queue_mapping = 0;  // the transmit queue
  std::uint16_t rx_queue = 0;       // the receive queue that it came by, plus 1; 0: none
  bool hash_valid = false;
  bool gso_ecn = false;  // the first segment carries CWR (Linux: SKB_GSO_TCP_ECN)
  GsoType gso_type = GsoType::none;
  std::uint8_t nfctinfo = 0;  // what it is to the connection `nfct`; netfilter's to read
  platform::Nanoseconds timestamp = 0;
  OwnerRef owner;      // the socket that sent it, until it goes
  AttachmentRef nfct;  // the connection that it belongs to (Linux: skb->_nfct)
  /// Free for whichever layer owns the packet (Linux: skb->cb).
  alignas(8) std::array<std::byte, kControlBlockBytes> control{};

  /// Asks the device for the checksum from `from_data` on, stored at `offset` behind that.
  void request_checksum(std::uint32_t from_data, std::uint16_t offset);
  [[nodiscard]] std::uint32_t csum_start_from_data() const { return csum_start - data_; }

  [[nodiscard]] bool is_gso() const { return gso_size != 0; }

  [[nodiscard]] kernel::SkbId id() const { return id_; }
  /// Bytes of memory that it holds: what socket buffers are charged for.
  [[nodiscard]] std::uint32_t truesize() const {
    std::size_t bytes = kMetadataBytes + buffer_.memory().size();
    for (const auto& fragment : fragments()) bytes += fragment.buffer.memory().size();
    return static_cast<std::uint32_t>(bytes + (frag_list_ == nullptr ? 0 : frag_list_truesize()));
  }
  [[nodiscard]] SkbPool& pool() const { return *pool_; }

 private:
  friend class SkbPool;
  friend class SkbList;
  friend struct SkbRelease;
  template <typename Visitor>
  friend void each_run(const SkBuff& skb, std::uint32_t offset, std::uint32_t count, Visitor visit);

  [[nodiscard]] std::span<const std::byte> from(std::uint32_t header) const;
  [[nodiscard]] bool copy_runs(std::uint32_t offset, std::span<std::byte> out) const;
  void move_headers(std::uint32_t up);
  /// The lowest offset that carries something: a header that was pulled, or data.
  [[nodiscard]] std::uint32_t first_used() const;
  /// Into a fresh buffer, with the packet's first `linear_bytes` bytes linear there.
  [[nodiscard]] base::Result<void> relocate(std::uint32_t headroom, std::uint32_t linear_bytes,
                                            std::uint32_t tailroom = 0);
  void poison();
  void check_poison(Poison& poison);
  [[nodiscard]] std::size_t frag_list_truesize() const;
  [[nodiscard]] std::uint32_t fragment_bytes() const;
  void drop_front_of_fragments(std::uint32_t bytes);
  void trim_fragments(std::uint32_t length);
  void reset();
  void release_rest();  // what few packets have

  SkbPool* pool_ = nullptr;
  kernel::SkbId id_ = 0;
  BufferRef buffer_;
  std::uint32_t data_ = 0;  // offsets from the buffer's first byte (head)
  std::uint32_t tail_ = 0;
  std::uint32_t end_ = 0;
  std::uint32_t data_len_ = 0;
  std::uint32_t fragment_count_ = 0;
  std::uint32_t list_skip_ = 0;  // bytes of the frag list that are no longer the packet's
  std::uint32_t mac_header_ = kNoHeader;
  std::uint32_t network_header_ = kNoHeader;
  std::uint32_t transport_header_ = kNoHeader;
  SkBuff* next_ = nullptr;  // in an SkbList
  Site site_;               // who allocated it
  bool live_ = false;
  std::shared_ptr<SkbList> frag_list_;
  std::array<Fragment, kMaxFragments> fragments_;  // last: of most packets nobody looks at them
};
static_assert(sizeof(SkBuff) <= kMetadataBytes);

// --- what every packet passes through many times ---------------------------------------------------

inline std::span<const std::byte> SkBuff::bytes() const {
  return {buffer_.memory().data() + data_, headlen()};
}

inline std::span<std::byte> SkBuff::writable() {
  INVARIANT(!shared(), "shared packet bytes are written");
  return {buffer_.memory().data() + data_, headlen()};
}

inline std::span<const std::byte> SkBuff::from(std::uint32_t header) const {
  INVARIANT(header != kNoHeader && header <= tail_, "a header offset that is not set");
  return {buffer_.memory().data() + header, tail_ - header};
}

inline void SkBuff::restore(std::uint32_t bytes) {
  INVARIANT(bytes <= data_, "no headroom (skb_under_panic)");
  data_ -= bytes;
}

inline std::span<std::byte> SkBuff::push(std::uint32_t bytes) {
  INVARIANT(!shared(), "a header is pushed into shared bytes");
  restore(bytes);
  return {buffer_.memory().data() + data_, bytes};
}

inline void SkBuff::pull(std::uint32_t bytes) {
  INVARIANT(bytes <= headlen(), "pulled beyond the linear bytes");
  data_ += bytes;
}

inline std::span<std::byte> SkBuff::memory() {
  return buffer_.memory();
}

inline std::span<std::byte> SkBuff::put(std::uint32_t bytes) {
  INVARIANT(is_linear() && bytes <= end_ - tail_, "no tailroom (skb_over_panic)");
  INVARIANT(!shared(), "bytes are put into a shared buffer");
  tail_ += bytes;
  return {buffer_.memory().data() + tail_ - bytes, bytes};
}

inline void SkBuff::reserve(std::uint32_t bytes) {
  INVARIANT(len() == 0 && bytes <= end_ - tail_, "room is reserved in an empty skb only");
  data_ += bytes;
  tail_ += bytes;
}

inline void SkBuff::trim(std::uint32_t length) {
  if (length >= len()) return;
  if (is_linear()) {
    tail_ = data_ + length;
  } else {
    trim_fragments(length);
  }
}

/// Ends a packet early: counts the reason on the host and tells the journey (Linux: kfree_skb_reason).
void drop(kernel::Cpu& cpu, Skb skb, base::DropReason reason);

}  // namespace host::skb
