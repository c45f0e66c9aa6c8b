// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/virtio/device_bench.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/pci_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/dma_layout.hpp"
#include "tests/rtl/virtio/bits.hpp"

namespace tests::virtio {

namespace {

constexpr unsigned kWrReqW = 80;
constexpr unsigned kBeatW = 72;
constexpr unsigned kBytes = 8;

constexpr unsigned kHeaderPad = 4;      // bytes in front of the header in the packet buffer
constexpr unsigned kMetaPairBit = 116;  // rx_pkg::meta_t
constexpr unsigned kAddrBits = 16;      // reg_pkg::req_t

/// reg_pkg::req_t
std::uint64_t request(bool write, std::uint32_t addr, unsigned be, std::uint32_t data) {
  return std::uint64_t{write} << (36 + kAddrBits) | std::uint64_t{addr} << 36 | std::uint64_t{be} << 32 | data;
}

unsigned index_of(unsigned one_hot) {
  return static_cast<unsigned>(__builtin_ctz(one_hot));
}

}  // namespace

DeviceBench::DeviceBench(DmaTiming timing, unsigned seed_value)
    : dma(memory, timing, seed_value), seed(seed_value), random_(seed_value + 77) {
  dut->mac_i = 0x665544332211;
  dut->mtu_i = contract::NIC_MTU;
  dut->features_offered_i = ~std::uint64_t{0};
  dut->tx_max_len_i = contract::NET_HDR_BYTES + contract::MAX_FRAME_NO_FCS;
  dut->retract_ready_i = 1;
  dut->link_up_i = 1;
  dut->msix_enabled_i = 1;
  dut.reset();
}

void DeviceBench::step() {
  dma.begin();
  dut->wr_done_i = static_cast<std::uint8_t>(dma.write_done() & 0x1f);
  dut->wr_data_ready_i = static_cast<std::uint8_t>(dma.data_ready());
  dut->rd_place_valid_i = dma.place().has_value();
  if (const auto& place = dma.place()) {
    set_bits(dut->rd_place_i, 0, 8, place->be);
    set_bits(dut->rd_place_i, 8, 64, place->data);
    set_bits(dut->rd_place_i, dma_layout::kPlaceWord, dma_layout::kWordW, place->word);
    set_bits(dut->rd_place_i, dma_layout::kPlaceClient, 3, place->client);
    if (place->client == contract::RD_TX_DATA) {
      for (unsigned k = 0; k < kBytes; ++k)
        if ((place->be >> k & 1u) != 0)
          tx_ram_[(place->word * kBytes + k) % tx_ram_.size()] = static_cast<std::uint8_t>(place->data >> (8 * k));
    }
  }
  dut->rd_done_valid_i = dma.read_done().has_value();
  if (const auto& done = dma.read_done())
    dut->rd_done_i = static_cast<std::uint16_t>(done->client << 8 | done->op << 3 | done->status);
  dut->commit_ready_i = below(3) != 0;
  drive_rx();
  dut.settle();
  dut->wr_req_ready_i = static_cast<std::uint8_t>(dma.choose_write(dut->wr_req_valid_o, 0));
  dut->rd_req_ready_i = static_cast<std::uint8_t>(dma.choose_read(dut->rd_req_valid_o, 0));
  dut.settle();
  observe_dma();
  observe_rx();
  observe_tx();
  count();
  if (!doorbells_.empty() && doorbells_.front().due <= dut.cycles() && !bus_busy_) {
    const Doorbell bell = doorbells_.front();
    doorbells_.pop_front();
    dut->req_valid_i = 1;
    const unsigned lanes = notification_data ? 0xf : 0x3;
    dut->req_i = request(true, contract::BAR_NOTIFY + 4 * bell.queue, lanes, bell.next << 16 | bell.queue);
    dut.tick();
    dut->req_valid_i = 0;
    return;
  }
  dut.tick();
}

void DeviceBench::drive_rx() {
  if (!rx_offer_) rx_offer_ = !rx_frames.empty() && rx_taken_.size() < 4 && below(4) != 0;
  dut->rx_len_valid_i = rx_offer_;
  if (rx_offer_) {
    dut->rx_len_i = static_cast<std::uint16_t>(rx_frames.front().frame.size());
    set_bits(dut->rx_meta_i, kMetaPairBit, 6, rx_frames.front().pair);
  }
  if (!rx_taken_.empty() && !rx_beat_held_) rx_beat_held_ = below(5) != 0;
  dut->rx_valid_i = rx_beat_held_;
  if (rx_beat_held_) {
    const Frame& frame = rx_taken_.front();
    const std::size_t left = frame.size() - rx_at_;
    const auto empty = static_cast<unsigned>(left >= kBytes ? 0 : kBytes - left);
    std::uint64_t data = 0;
    for (unsigned k = 0; k < kBytes - empty; ++k) data |= std::uint64_t{frame[rx_at_ + k]} << (8 * k);
    set_bits(dut->rx_i, 0, 64, data);
    set_bits(dut->rx_i, 64, 3, empty);
    set_bits(dut->rx_i, 67, 1, left <= kBytes);
    set_bits(dut->rx_i, 68, 4, 0);
  }
}

void DeviceBench::observe_rx() {
  if (rx_offer_ && dut->rx_len_ready_o) {
    rx_offer_ = false;
    if (dut->rx_len_drop_o) {
      on_dropped(rx_frames.front());
    } else {
      rx_taken_.push_back(rx_frames.front().frame);
    }
    rx_frames.pop_front();
  }
  if (rx_beat_held_ && dut->rx_ready_o) {
    rx_beat_held_ = false;
    rx_at_ += kBytes;
    if (rx_at_ >= rx_taken_.front().size()) {
      rx_at_ = 0;
      rx_taken_.pop_front();
    }
  }
}

void DeviceBench::observe_tx() {
  dut->free_valid_i = 0;
  if (!commits_.empty() && commits_.front().due <= dut.cycles() && !hold_transmit) {
    const Commit commit = commits_.front();
    commits_.pop_front();
    Frame source;
    for (unsigned k = 0; k < commit.len; ++k)
      source.push_back(tx_ram_[(commit.base * kBytes + kHeaderPad + k) % tx_ram_.size()]);
    dut->free_valid_i = 1;
    dut->free_words_i = static_cast<std::uint16_t>(commit.release);
    on_sent(commit.pair, source);
  }
  if (dut->commit_valid_o && dut->commit_ready_i) {
    commits_.push_back({.base = dut->commit_base_o,
                        .len = dut->commit_len_o,
                        .release = dut->commit_release_o,
                        .pair = dut->commit_pair_o,
                        .due = dut.cycles() + 1 + below(200)});
  }
}

void DeviceBench::observe_dma() {
  const unsigned write = dut->wr_req_valid_o & dut->wr_req_ready_i;
  if ((dut->wr_data_valid_o & dut->wr_data_ready_i) != 0) {
    const unsigned client = index_of(dut->wr_data_valid_o & dut->wr_data_ready_i);
    const unsigned at = kBeatW * client;
    dma.take_data({.data = bits(dut->wr_data_o, at, 64),
                   .empty = static_cast<unsigned>(bits(dut->wr_data_o, at + 64, 3)),
                   .last = bits(dut->wr_data_o, at + 67, 1) != 0});
  }
  if (write != 0) {
    const unsigned at = kWrReqW * index_of(write);
    dma.take_write(index_of(write), {.addr = bits(dut->wr_req_o, at + 16, 64),
                                     .len = static_cast<std::uint32_t>(bits(dut->wr_req_o, at, 16))});
  }
  const unsigned read = dut->rd_req_valid_o & dut->rd_req_ready_i;
  if (read != 0) {
    const unsigned at = dma_layout::kReqW * index_of(read);
    dma.take_read(
        index_of(read),
        {.addr = bits(dut->rd_req_o, at + dma_layout::kReqAddr, 64),
         .len = static_cast<std::uint32_t>(bits(dut->rd_req_o, at + dma_layout::kReqLen, 16)),
         .local = static_cast<std::uint32_t>(bits(dut->rd_req_o, at + dma_layout::kReqLocal, dma_layout::kLocalW)),
         .op = static_cast<std::uint32_t>(bits(dut->rd_req_o, at, 5))});
  }
  if (dut->irq_valid_o) dma.take_interrupt(dut->irq_vector_o);
}

// virtq_pkg::stat_t from its lowest bit up: lengths and pairs first, then what happened.
void DeviceBench::count() {
  const auto bit = [&](unsigned at) { return static_cast<long>(bits(dut->stat_o, at, 1)); };
  counts.suppressed += bit(46) + bit(47);
  counts.desc_errors += bit(48) + bit(49);
  counts.tx_used += static_cast<long>(bits(dut->stat_o, 50, 4));
  counts.rx_used += static_cast<long>(bits(dut->stat_o, 54, 4));
  long* const flags[] = {&counts.tx_drop_reset,     &counts.tx_drop_dma,       &counts.tx_drop_length,
                         &counts.tx_commit,         &counts.tx_taken,          nullptr,
                         &counts.rx_written,        &counts.rx_drop_reset,     &counts.rx_drop_not_ready,
                         &counts.rx_drop_no_buffer, &counts.rx_drop_too_small, &counts.rx_delivered,
                         &counts.rx_taken,          &counts.doorbells_bad,     &counts.doorbells};
  unsigned at = 58;
  for (long* flag : flags) {
    if (flag != nullptr) *flag += bit(at);
    ++at;
  }
}

std::uint32_t DeviceBench::access(bool is_write, std::uint32_t addr, unsigned be, std::uint32_t data) {
  bus_busy_ = true;
  dut->req_valid_i = 1;
  dut->req_i = request(is_write, addr & ~3u, be, data);
  step();
  dut->req_valid_i = 0;
  for (int wait = 0; !dut->rsp_valid_o; ++wait) {
    REQUIRE(wait < 100);
    step();
  }
  const std::uint32_t answer = dut->rsp_rdata_o;
  step();
  bus_busy_ = false;
  return answer;
}

std::uint32_t DeviceBench::read(std::uint32_t addr, unsigned bytes) {
  const unsigned lane = addr % 4;
  const std::uint32_t word = access(false, addr, ((1u << bytes) - 1) << lane, 0);
  return bytes == 4 ? word : word >> (8 * lane) & ((1u << (8 * bytes)) - 1);
}

void DeviceBench::write(std::uint32_t addr, std::uint32_t value, unsigned bytes) {
  const unsigned lane = addr % 4;
  access(true, addr, ((1u << bytes) - 1) << lane, value << (8 * lane));
}

void DeviceBench::post_doorbell(unsigned queue, unsigned next) {
  long due = dut.cycles() + 1 + below(60);
  if (!doorbells_.empty()) due = std::max(due, doorbells_.back().due);
  doorbells_.push_back({.due = due, .queue = queue, .next = next});
}

void DeviceBench::negotiate(std::uint64_t features) {
  write(contract::COMMON_DEVICE_STATUS, contract::STATUS_ACKNOWLEDGE, 1);
  write(contract::COMMON_DEVICE_STATUS, contract::STATUS_ACKNOWLEDGE | contract::STATUS_DRIVER, 1);
  for (unsigned half = 0; half < 2; ++half) {
    write(contract::COMMON_DRIVER_FEATURE_SELECT, half, 4);
    write(contract::COMMON_DRIVER_FEATURE, static_cast<std::uint32_t>(features >> (32 * half)), 4);
  }
  const unsigned status = contract::STATUS_ACKNOWLEDGE | contract::STATUS_DRIVER | contract::STATUS_FEATURES_OK;
  write(contract::COMMON_DEVICE_STATUS, status, 1);
}

void DeviceBench::set_queue(unsigned queue, unsigned size, std::uint64_t desc, std::uint64_t driver,
                            std::uint64_t device, unsigned vector) {
  write(contract::COMMON_QUEUE_SELECT, queue, 2);
  write(contract::COMMON_QUEUE_SIZE, size, 2);
  write(contract::COMMON_QUEUE_MSIX_VECTOR, vector, 2);
  const std::pair<std::uint32_t, std::uint64_t> fields[] = {{contract::COMMON_QUEUE_DESC_LO, desc},
                                                            {contract::COMMON_QUEUE_DRIVER_LO, driver},
                                                            {contract::COMMON_QUEUE_DEVICE_LO, device}};
  for (const auto& [at, value] : fields) {
    write(at, static_cast<std::uint32_t>(value), 4);
    write(at + 4, static_cast<std::uint32_t>(value >> 32), 4);
  }
  write(contract::COMMON_QUEUE_ENABLE, 1, 2);
}

void DeviceBench::driver_ok() {
  write(contract::COMMON_DEVICE_STATUS, read(contract::COMMON_DEVICE_STATUS, 1) | contract::STATUS_DRIVER_OK, 1);
}

bool DeviceBench::reset_device() {
  write(contract::COMMON_DEVICE_STATUS, 0, 1);
  for (int k = 0; k < 20000; ++k)
    if (read(contract::COMMON_DEVICE_STATUS, 1) == 0) return true;
  return false;
}

}  // namespace tests::virtio
