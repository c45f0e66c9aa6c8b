// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/dma.hpp"

#include <algorithm>
#include <utility>

namespace sim::nic_model {
namespace {

using contract::StatIndex;

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kAlign = 128;
constexpr unsigned kTags = 64;
constexpr unsigned kPlainTags = 32;
constexpr Picoseconds kRest = 40'000;   // what comes right behind a completion finds its tag free
constexpr Picoseconds kQuarantine = 8;  // time-outs: a completion that comes later still finds no reader

pcie::Request request_for(std::uint64_t address, std::size_t length, std::uint16_t id) {
  const pcie::ByteEnables enables = pcie::byte_enables(address, length);
  pcie::Request request;
  request.address = address & ~std::uint64_t{3};
  request.length = enables.length;
  request.first_be = enables.first;
  request.last_be = enables.last;
  request.requester = id;
  return request;
}

}  // namespace

std::size_t first_piece(std::uint64_t address, std::size_t length, std::size_t limit) {
  const std::uint64_t end = (address & ~(kAlign - 1)) + limit;
  const std::uint64_t page = (address & ~(kPage - 1)) + kPage;
  return std::min<std::size_t>(length, std::min(end, page) - address);
}

void Dma::write(std::uint64_t address, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const std::size_t size = first_piece(address, bytes.size(), space_.max_payload());
    if (!space_.bus_master()) {
      statistics_.count(StatIndex::STAT_WRITES_DISCARDED);
    } else {
      pcie::Request request = request_for(address, size, id_);
      request.kind = pcie::RequestKind::memory_write;
      std::vector<std::byte> payload(std::size_t{4} * request.length);
      std::copy_n(bytes.begin(), size, payload.begin() + static_cast<std::ptrdiff_t>(address & 3));
      statistics_.count(StatIndex::STAT_WRITE_TLPS);
      sender_.send(pcie::make_request(request, payload));
    }
    address += size;
    bytes = bytes.subspan(size);
  }
}

/// Neither what has no tag yet nor what waits for credits may go any more.
void Dma::settings_changed() {
  if (!space_.bus_master()) {
    for (const pcie::Request& request : sender_.abandon()) {
      if (request.kind == pcie::RequestKind::memory_write) {
        statistics_.count(StatIndex::STAT_WRITES_DISCARDED);
        continue;
      }
      Tag& tag = tags_[request.tag];
      if (tag.state != TagState::outstanding) continue;
      release(tag);
      const Piece piece = std::move(tag.piece);
      finish(piece, contract::RD_ABORTED);
    }
  }
  issue();
}

// ---------------------------------------------------------------------------------------- reads

void Dma::start(std::uint64_t address, std::size_t length, ReadResult& result, std::coroutine_handle<> waiter) {
  result.bytes.resize(length);
  auto job = std::make_shared<Job>(Job{&result, waiter, 0});
  std::size_t place = 0;
  while (place < length) {
    const std::size_t size = first_piece(address + place, length - place, space_.max_read_request());
    waiting_.push_back({job, address + place, size, place});
    ++job->unfinished;
    place += size;
  }
  timeline_.after(0, [this] { issue(); });
}

int Dma::free_tag() {
  const unsigned count = space_.extended_tags() ? kTags : kPlainTags;
  for (unsigned i = 0; i < count; ++i) {
    const unsigned tag = (next_tag_ + i) % count;
    if (tags_[tag].state == TagState::free && tags_[tag].rests_until <= timeline_.now()) return static_cast<int>(tag);
  }
  return -1;
}

void Dma::issue() {
  while (!waiting_.empty()) {
    if (!space_.bus_master()) {
      const Piece piece = std::move(waiting_.front());
      waiting_.pop_front();
      finish(piece, contract::RD_ABORTED);
      continue;
    }
    const int tag = free_tag();
    if (tag < 0) return;
    Piece piece = std::move(waiting_.front());
    waiting_.pop_front();
    issue_one(std::move(piece), static_cast<unsigned>(tag));
  }
}

void Dma::issue_one(Piece piece, unsigned number) {
  next_tag_ = number + 1;
  Tag& tag = tags_[number];
  tag.state = TagState::outstanding;
  ++tag.use;
  tag.next = piece.address;
  tag.left = piece.length;
  tag.piece = std::move(piece);
  pcie::Request request = request_for(tag.piece.address, tag.piece.length, id_);
  request.kind = pcie::RequestKind::memory_read;
  request.tag = static_cast<std::uint8_t>(number);
  statistics_.count(StatIndex::STAT_READ_TLPS);
  sender_.send(pcie::make_request(request));
  watch(number);
}

void Dma::watch(unsigned number) {
  timeline_.after(timeout_, [this, number, use = tags_[number].use] {
    Tag& tag = tags_[number];
    if (tag.use != use || tag.state == TagState::free) return;
    if (tag.state == TagState::outstanding) {
      if (sender_.waits(static_cast<std::uint8_t>(number))) return watch(number);  // its time has not begun
      statistics_.count(StatIndex::STAT_CPL_TIMEOUT);
      condemn(tag, contract::RD_TIMEOUT);
    }
  });
}

/// The read is over, but its tag is not used again while a late completion could still carry it.
void Dma::condemn(Tag& tag, std::uint32_t status) {
  tag.state = TagState::quarantine;
  timeline_.after(kQuarantine * timeout_, [this, &tag, use = tag.use] {
    if (tag.use != use || tag.state != TagState::quarantine) return;
    tag.state = TagState::free;
    issue();
  });
  const Piece piece = std::move(tag.piece);
  finish(piece, status);
}

void Dma::completion(const pcie::Tlp& tlp, const pcie::Completion& completion) {
  if (completion.requester != id_) return statistics_.count(StatIndex::STAT_CPL_BAD_REQUESTER);
  Tag& tag = tags_[completion.tag];
  if (tag.state == TagState::free) return statistics_.count(StatIndex::STAT_CPL_UNEXPECTED);
  if (tag.state == TagState::quarantine) {
    statistics_.count(StatIndex::STAT_CPL_LATE);
    const bool last = completion.status != contract::CPL_SC || completion.byte_count <= 4 * completion.length;
    if (last) release(tag);
    return;
  }
  check_and_place(tlp, completion, tag);
}

void Dma::release(Tag& tag) {
  tag.state = TagState::free;
  tag.rests_until = timeline_.now() + kRest;
  timeline_.after(kRest, [this] { issue(); });
}

void Dma::check_and_place(const pcie::Tlp& tlp, const pcie::Completion& completion, Tag& tag) {
  const auto fail = [&](StatIndex counter, std::uint32_t status) {
    statistics_.count(counter);
    condemn(tag, status);
  };
  if (completion.status != contract::CPL_SC) {
    statistics_.count(StatIndex::STAT_CPL_ERROR_STATUS);
    release(tag);
    const Piece piece = std::move(tag.piece);
    return finish(piece, contract::RD_CPL_STATUS);
  }
  const std::size_t lead = tag.next & 3;
  const std::size_t room = std::size_t{4} * completion.length - lead;
  const std::size_t carried = std::min(tag.left, room);
  const bool too_long = completion.length != 0 && 4 * completion.length >= lead + tag.left + 4;
  if (completion.length == 0 || tlp.payload.size() != std::size_t{4} * completion.length ||
      completion.byte_count != tag.left || too_long) {
    return fail(StatIndex::STAT_CPL_BAD_LENGTH, contract::RD_BAD_LENGTH);
  }
  if (completion.lower_address != (tag.next & 0x7F)) {
    return fail(StatIndex::STAT_CPL_BAD_ADDRESS, contract::RD_BAD_LENGTH);
  }
  if (completion.poisoned) return fail(StatIndex::STAT_CPL_POISONED, contract::RD_POISONED);
  const std::size_t place = tag.piece.place + tag.piece.length - tag.left;
  std::copy_n(tlp.payload.begin() + static_cast<std::ptrdiff_t>(lead), carried,
              tag.piece.job->result->bytes.begin() + static_cast<std::ptrdiff_t>(place));
  tag.next += carried;
  tag.left -= carried;
  if (tag.left != 0) return;
  release(tag);
  const Piece piece = std::move(tag.piece);
  finish(piece, contract::RD_OK);
}

/// A read ends when all of its TLPs have ended, so that nothing of it is on its way afterwards.
void Dma::finish(const Piece& piece, std::uint32_t status) {
  Job& job = *piece.job;
  if (job.result->status == contract::RD_OK) job.result->status = status;
  if (--job.unfinished != 0) return;
  timeline_.after(0, [waiter = job.waiter] { waiter.resume(); });
}

}  // namespace sim::nic_model
