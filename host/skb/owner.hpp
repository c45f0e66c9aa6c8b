// SPDX-License-Identifier: Apache-2.0
// Whose packet it is while it is on its way out (Linux: skb->sk, skb->destructor = sock_wfree).
#pragma once

#include <cstdint>
#include <utility>

#include "host/skb/attachment.hpp"

namespace host::skb {

/// A socket, as its packets know it. Stays until the last of them has gone, whatever becomes of the socket.
class PacketOwner : public Attachment {
 public:
  /// A packet that held so many bytes of memory has gone. From wherever packets are freed: takes no time.
  virtual void freed(std::uint32_t bytes) = 0;

  static constexpr std::uint64_t kUnpaced = UINT64_MAX;
  /// Bytes a second that a qdisc that paces lets pass of it (Linux: sk_pacing_rate).
  std::uint64_t pacing_rate = kUnpaced;
};

/// A packet's tie to its owner. It moves; a copy of a packet is nobody's.
class OwnerRef {
 public:
  OwnerRef() = default;
  OwnerRef(PacketOwner& owner, std::uint32_t bytes) : owner_(&owner), bytes_(bytes) {}
  OwnerRef(const OwnerRef&) noexcept {}
  OwnerRef(OwnerRef&& other) noexcept : owner_(std::move(other.owner_)), bytes_(std::exchange(other.bytes_, 0)) {}
  OwnerRef& operator=(OwnerRef other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~OwnerRef() { release(); }

  /// Linux: skb_orphan.
  void release() {
    if (!owner_) return;
    const AttachmentRef owner = std::move(owner_);
    static_cast<PacketOwner*>(owner.get())->freed(std::exchange(bytes_, 0));
  }
  /// Null: nobody's.
  [[nodiscard]] const PacketOwner* get() const { return static_cast<const PacketOwner*>(owner_.get()); }

 private:
  AttachmentRef owner_;
  std::uint32_t bytes_ = 0;
};

}  // namespace host::skb
