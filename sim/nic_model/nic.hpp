// SPDX-License-Identifier: Apache-2.0
// The reference NIC: its parts joined, and the order in which resets happen. No clock of its own: who runs
// it turns the timeline.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/nic_model/completer.hpp"
#include "sim/nic_model/config_space.hpp"
#include "sim/nic_model/control_registers.hpp"
#include "sim/nic_model/dma.hpp"
#include "sim/nic_model/interrupts.hpp"
#include "sim/nic_model/model_config.hpp"
#include "sim/nic_model/queue_pair.hpp"
#include "sim/nic_model/receive_path.hpp"
#include "sim/nic_model/statistics.hpp"
#include "sim/nic_model/timeline.hpp"
#include "sim/nic_model/tlp_sender.hpp"
#include "sim/nic_model/transmit_path.hpp"
#include "sim/nic_model/virtio_registers.hpp"
#include "sim/pcie/ports.hpp"

namespace sim::nic_model {

class Nic final : private RegisterSpace, private DriverRequests {
 public:
  explicit Nic(const ModelConfig& config);

  /// Before anything else.
  void connect(pcie::HostPort& host, TransmitPath::Output wire);

  // What the world does, at timeline().now().
  void tlp(const pcie::Tlp& tlp);
  void host_credits(const pcie::Credits& total) { sender_.credits(total); }
  void frame_received(std::vector<std::byte> bytes, std::uint32_t verdict);
  /// The frame that was given to the wire, of so many bytes, has left.
  void frame_sent(std::size_t bytes) { transmit_.sent(bytes); }
  void link(bool up);

  [[nodiscard]] Timeline& timeline() { return timeline_; }
  [[nodiscard]] const Timeline& timeline() const { return timeline_; }
  [[nodiscard]] const Statistics& statistics() const { return statistics_; }
  [[nodiscard]] const ModelConfig& config() const { return config_; }

 private:
  // what software reads and writes
  std::uint32_t bar_read(std::uint32_t offset, unsigned byte_enables) override;
  void bar_write(std::uint32_t offset, unsigned byte_enables, std::uint32_t data) override;
  void config_changed() override;
  void function_level_reset() override;

  // what the driver asks for
  void device_reset() override;
  void queues_changed() override;
  void queue_reset(unsigned queue) override;
  void kick(unsigned queue) override;
  void bad_doorbell() override;

  [[nodiscard]] std::unique_ptr<Virtqueue>& slot(unsigned queue);
  void start_queue(unsigned queue);
  void moderate(unsigned queue);
  void queue_failed(unsigned queue);
  void stop_queue(unsigned queue);
  [[nodiscard]] bool quiet(unsigned queue);
  void remove_queue(unsigned queue);
  void finish_queue_reset(unsigned queue);
  void finish_device_reset();

  ModelConfig config_;
  Controls controls_;
  Timeline timeline_;
  Statistics statistics_;
  ConfigSpace space_;
  TlpSender sender_;
  Dma dma_;
  Interrupts interrupts_;
  Completer completer_;
  VirtioRegisters registers_;
  ControlRegisters control_registers_;
  std::vector<QueuePair> pairs_;
  ReceivePath receive_;
  TransmitPath transmit_;
  pcie::HostPort* host_ = nullptr;
  bool resetting_ = false;
};

}  // namespace sim::nic_model
