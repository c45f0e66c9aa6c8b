// SPDX-License-Identifier: Apache-2.0
// Packets are freed where no time may pass: who waits for room is told in softirq context, on the CPU that he sent on.
#include "host/ip/send_buffer.hpp"

#include <memory>

#include "host/kernel/kernel.hpp"

namespace host::ip {

/// What packets refer to. It outlives the socket as long as one of them is under way.
class SendBuffer::Account final : public skb::PacketOwner {
 public:
  explicit Account(SendBuffer& its_buffer) : buffer(&its_buffer) {}
  /// It owns itself: its references decide.
  static skb::AttachmentRef make(SendBuffer& buffer) {
    auto account = std::make_unique<Account>(buffer);
    Account& made = *account;
    made.self_ = std::move(account);
    return skb::AttachmentRef(&made);
  }
  void freed(std::uint32_t bytes) override {
    charged -= bytes;
    if (buffer != nullptr) {
      buffer->freed();
    }
  }

  SendBuffer* buffer;  // null when the socket has gone
  std::int64_t charged = 0;

 private:
  void released() override { const auto gone = std::move(self_); }

  std::unique_ptr<Account> self_;
};

SendBuffer::SendBuffer(std::int64_t limit)
    : account_(Account::make(*this)), limit_(limit), tell_([this](kernel::Cpu& cpu) {
        if (space_) {
          space_(cpu);
        }
      }) {}

SendBuffer::~SendBuffer() {
  static_cast<Account*>(account_.get())->buffer = nullptr;
}

void SendBuffer::own(kernel::Cpu& cpu, skb::SkBuff& skb) {
  auto& account = *static_cast<Account*>(account_.get());
  const std::uint32_t bytes = skb.truesize();
  home_ = &cpu;
  account.charged += bytes;
  skb.owner = skb::OwnerRef(account, bytes);
}

void SendBuffer::freed() {
  if (!wanted_ || !is_writeable() || home_ == nullptr) {
    return;
  }
  wanted_ = false;
  tell_.start(*home_, home_->now());
  home_->kernel().machine().irqs.send_ipi(home_->id());  // it may be idle
}

std::int64_t SendBuffer::charged() const {
  return static_cast<const Account*>(account_.get())->charged;
}

void SendBuffer::set_pacing_rate(std::uint64_t rate) {
  static_cast<Account*>(account_.get())->pacing_rate = rate;
}

const skb::PacketOwner* SendBuffer::owner() const {
  return static_cast<const skb::PacketOwner*>(account_.get());
}

}  // namespace host::ip
