// SPDX-License-Identifier: Apache-2.0
// What a layer hangs on a packet and shares among packets (Linux: struct nf_conntrack, skb->_nfct).
#pragma once

#include <cstdint>
#include <utility>

namespace host::skb {

/// Counts who refers to it.
class Attachment {
 public:
  Attachment() = default;
  virtual ~Attachment() = default;
  Attachment(const Attachment&) = delete;
  Attachment& operator=(const Attachment&) = delete;

 private:
  friend class AttachmentRef;
  /// Nobody refers to it any more; it may delete itself.
  virtual void released() = 0;

  std::uint32_t references_ = 0;
};

class AttachmentRef {
 public:
  AttachmentRef() = default;
  explicit AttachmentRef(Attachment* attachment) : attachment_(attachment) {
    if (attachment_ != nullptr) ++attachment_->references_;
  }
  AttachmentRef(const AttachmentRef& other) : AttachmentRef(other.attachment_) {}
  AttachmentRef(AttachmentRef&& other) noexcept : attachment_(std::exchange(other.attachment_, nullptr)) {}
  AttachmentRef& operator=(AttachmentRef other) noexcept {
    std::swap(attachment_, other.attachment_);
    return *this;
  }
  ~AttachmentRef() {
    if (attachment_ != nullptr && --attachment_->references_ == 0) attachment_->released();
  }

  explicit operator bool() const { return attachment_ != nullptr; }
  [[nodiscard]] Attachment* get() const { return attachment_; }

 private:
  Attachment* attachment_ = nullptr;
};

}  // namespace host::skb
