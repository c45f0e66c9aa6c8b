// SPDX-License-Identifier: Apache-2.0
// The control plane of the virtio device for all queue pairs: registers, doorbells, resets, interrupts.
//
// Wiring only. The data path knows this module by these ports and nothing of registers: a queue's fields
// come on rx_config_o or tx_config_o before its bit in *_enabled_o rises; its bit in *_stop_o asks for rest,
// *_quiet_i answers for query_pair_o (valid two cycles after it changed), *_clear_o resets the state of
// clear_pair_o, and only then does *_enabled_o fall. Queue 2p receives for pair p, queue 2p + 1 sends.
// Interrupt requests leave as MSI-X vectors (irq_*), one a cycle, always taken; retract_* takes back what
// waits for a queue that was reset. Without MSI-X they are intx_o, a level.
// Place: pcie_core (reg_decode, MSI-X, FLR) <-> this <-> virtq_fetch, virtq_give, engines of both directions.
`default_nettype none

module virtio_control #(
    parameter int unsigned Pairs = 8
) (
    input  wire                       clk_i,
    input  wire                       rst_i,
    // device; constant while out of reset, but for the link's state
    input  wire  [47:0]               mac_i,
    input  wire  [15:0]               mtu_i,
    input  wire                       link_up_i,
    input  wire  [63:0]               features_offered_i,  // what needs an absent bit is dropped from it
    // register slave: the windows of virtio
    input  wire                       req_valid_i,
    output logic                      req_ready_o,
    input  reg_pkg::req_t             req_i,
    output logic                      rsp_valid_o,
    output logic [31:0]               rsp_rdata_o,
    // what was negotiated; constant while a queue runs
    output logic                      driver_ok_o,
    output logic                      resetting_o,         // a device reset is under way
    output logic [63:0]               features_o,          // 0 until FEATURES_OK
    output virtq_pkg::mode_t          mode_o,
    // receive queues
    output virtq_pkg::config_write_t  rx_config_o,
    output logic [Pairs-1:0]          rx_enabled_o,        // queue_enable and DRIVER_OK
    output virtq_pkg::doorbell_t      rx_doorbell_o,
    output logic [Pairs-1:0]          rx_stop_o,
    input  wire                       rx_quiet_i,          // of query_pair_o, all blocks of the direction
    output logic                      rx_clear_o,
    input  wire                       rx_fail_valid_i,
    input  wire  [5:0]                rx_fail_pair_i,
    input  wire  [3:0]                rx_fail_code_i,      // contract_pkg::DESC_ERR_*
    input  wire                       rx_irq_valid_i,
    input  wire  [5:0]                rx_irq_pair_i,
    // transmit queues
    output virtq_pkg::config_write_t  tx_config_o,
    output logic [Pairs-1:0]          tx_enabled_o,
    output virtq_pkg::doorbell_t      tx_doorbell_o,
    output logic [Pairs-1:0]          tx_stop_o,
    input  wire                       tx_quiet_i,
    output logic                      tx_clear_o,
    input  wire                       tx_fail_valid_i,
    input  wire  [5:0]                tx_fail_pair_i,
    input  wire  [3:0]                tx_fail_code_i,
    input  wire                       tx_irq_valid_i,
    input  wire  [5:0]                tx_irq_pair_i,
    // both directions
    output logic [5:0]                query_pair_o,
    output logic [5:0]                clear_pair_o,
    // the PCIe function: FLR, MSI-X
    input  wire                       flr_i,
    input  wire                       msix_enabled_i,
    output logic                      irq_valid_o,
    output logic [7:0]                irq_vector_o,
    output logic                      retract_valid_o,
    input  wire                       retract_ready_i,     // no such message is on its way
    output logic                      retract_all_o,
    output logic                      retract_keep_o,      // wait only: others use the vector, too
    output logic [7:0]                retract_vector_o,
    output logic                      intx_o,              // a cause stands in ISR
    // what happened, one-cycle pulses
    output logic                      doorbell_o,
    output logic                      doorbell_bad_o,
    output logic                      rx_desc_error_o,
    output logic                      tx_desc_error_o,
    output logic [15:0]               last_fail_o,         // {any, queue[6:0], 4'd0, DESC_ERR_*}
    output logic [15:0]               rx_vector0_o,        // of the first pair, for journey events
    output logic [15:0]               tx_vector0_o
);

  localparam int unsigned Queues = 2 * Pairs;
  localparam int unsigned Vectors = Queues + 1;

  // -- registers ---------------------------------------------------------------------------------------
  logic              status_access, queue_access, notify_access, isr_read;
  logic [31:0]       status_rdata, queue_rdata, device_rdata;
  logic  [7:0]       isr;
  logic              queue_ready, queue_done;
  reg_pkg::req_t     access;
  logic              reset_request, clear, features_ok, config_changed, failed;
  logic              any_size, ring_reset;
  logic [15:0]       config_vector, queue_select;
  logic [Queues-1:0] enabled, resetting, stop;
  logic              queue_reset_valid, queue_clear;
  logic  [6:0]       queue_reset, drain_queue;
  logic              vector_valid;
  logic  [6:0]       vector_queue;
  logic  [7:0]       vector;
  logic              vector_none;

  virtio_windows u_windows (
      .clk_i, .rst_i,
      // register slave
      .req_valid_i, .req_ready_o, .req_i, .rsp_valid_o, .rsp_rdata_o,
      // what stands in the windows
      .access_o(access), .status_access_o(status_access), .status_rdata_i(status_rdata),
      .queue_access_o(queue_access), .queue_ready_i(queue_ready), .queue_done_i(queue_done),
      .queue_rdata_i(queue_rdata), .notify_access_o(notify_access), .device_rdata_i(device_rdata),
      .isr_read_o(isr_read), .isr_i(isr));

  virtio_status #(.Queues(Queues), .Vectors(Vectors)) u_status (
      .clk_i, .rst_i, .clear_i(clear), .locked_i(resetting_o), .offered_i(features_offered_i),
      // access
      .access_i(status_access), .req_i(access), .rdata_o(status_rdata),
      // what happened to the device
      .config_changed_i(config_changed), .needs_reset_i(failed),
      // what the driver said
      .reset_request_o(reset_request), .features_ok_o(features_ok), .driver_ok_o, .features_o, .mode_o,
      .ring_reset_o(ring_reset), .config_vector_o(config_vector), .queue_select_o(queue_select));

  virtio_queue_table #(.Pairs(Pairs), .Vectors(Vectors)) u_queue_table (
      .clk_i, .rst_i, .clear_i(clear), .locked_i(resetting_o),
      // access
      .access_i(queue_access), .ready_o(queue_ready), .req_i(access), .select_i(queue_select),
      .done_o(queue_done), .rdata_o(queue_rdata),
      // negotiated
      .features_ok_i(features_ok), .any_size_i(any_size), .ring_reset_i(ring_reset),
      // queues
      .enabled_o(enabled), .rx_config_o, .tx_config_o, .vector_valid_o(vector_valid),
      .vector_queue_o(vector_queue), .vector_o(vector), .vector_none_o(vector_none),
      // resets
      .reset_valid_o(queue_reset_valid), .reset_queue_o(queue_reset), .resetting_i(resetting),
      .queue_clear_i(queue_clear), .clear_queue_i(drain_queue));

  assign any_size = mode_o.is_packed;

  for (genvar p = 0; p < Pairs; p++) begin : g_pair
    assign rx_enabled_o[p] = enabled[2*p] && driver_ok_o;
    assign tx_enabled_o[p] = enabled[2*p+1] && driver_ok_o;
    assign rx_stop_o[p] = stop[2*p];
    assign tx_stop_o[p] = stop[2*p+1];
  end

  virtio_device_config #(.Pairs(Pairs)) u_device_config (
      .clk_i, .rst_i, .mac_i, .mtu_i, .link_up_i, .addr_i(access.addr[11:0]), .rdata_o(device_rdata),
      .changed_o(config_changed));

  virtio_doorbell #(.Queues(Queues)) u_doorbell (
      .clk_i, .rst_i, .whole_i(mode_o.notification_data),
      // access
      .access_i(notify_access), .req_i(access),
      // doorbells
      .rx_o(rx_doorbell_o), .tx_o(tx_doorbell_o), .good_o(doorbell_o), .bad_o(doorbell_bad_o));

  // -- resets --------------------------------------------------------------------------------------------
  logic       release_valid, release_ready, release_all;

  virtio_drain #(.Pairs(Pairs)) u_drain (
      .clk_i, .rst_i,
      // requests
      .driver_ok_i(driver_ok_o), .enabled_i(enabled), .reset_request_i(reset_request), .flr_i,
      .queue_reset_valid_i(queue_reset_valid), .queue_reset_i(queue_reset),
      // data path
      .stop_o(stop), .query_pair_o, .rx_quiet_i, .tx_quiet_i, .rx_clear_o, .tx_clear_o, .clear_pair_o,
      // interrupts
      .release_valid_o(release_valid), .release_ready_i(release_ready), .release_all_o(release_all),
      // registers
      .locked_o(resetting_o), .clear_o(clear), .resetting_o(resetting), .queue_clear_o(queue_clear),
      .queue_o(drain_queue));

  virtio_fail #(.Pairs(Pairs)) u_fail (
      .clk_i, .rst_i, .stop_i(stop),
      // broken queues
      .rx_valid_i(rx_fail_valid_i), .rx_pair_i(rx_fail_pair_i), .rx_code_i(rx_fail_code_i),
      .tx_valid_i(tx_fail_valid_i), .tx_pair_i(tx_fail_pair_i), .tx_code_i(tx_fail_code_i),
      // what it means
      .failed_o(failed), .rx_error_o(rx_desc_error_o), .tx_error_o(tx_desc_error_o),
      .last_o(last_fail_o));

  // -- interrupts ----------------------------------------------------------------------------------------
  logic       lookup_valid, lookup_ready, lookup_done, lookup_none;
  logic [6:0] lookup_queue;
  logic [7:0] lookup_vector;

  virtio_irq_collect #(.Pairs(Pairs), .Vectors(Vectors)) u_irq_collect (
      .clk_i, .rst_i, .clear_i(clear), .msix_enabled_i,
      // causes
      .rx_valid_i(rx_irq_valid_i), .rx_pair_i(rx_irq_pair_i), .tx_valid_i(tx_irq_valid_i),
      .tx_pair_i(tx_irq_pair_i), .config_i((config_changed || failed) && driver_ok_o),
      .config_vector_i(config_vector),
      // vector of a queue
      .lookup_valid_o(lookup_valid), .lookup_ready_i(lookup_ready), .lookup_queue_o(lookup_queue),
      .lookup_done_i(lookup_done), .lookup_none_i(lookup_none), .lookup_vector_i(lookup_vector),
      // what a reset takes back
      .forget_i(release_valid), .forget_all_i(release_all), .forget_queue_i(drain_queue),
      // MSI-X
      .irq_valid_o, .irq_vector_o,
      // ISR and INTx
      .isr_read_i(isr_read), .isr_o(isr), .intx_o);

  virtio_irq_vectors #(.Queues(Queues)) u_irq_vectors (
      .clk_i, .rst_i, .clear_i(clear), .config_vector_i(config_vector),
      // as the driver sets them
      .set_valid_i(vector_valid), .set_queue_i(vector_queue), .set_vector_i(vector),
      .set_none_i(vector_none), .queue_clear_i(queue_clear), .clear_queue_i(drain_queue),
      // lookup
      .lookup_valid_i(lookup_valid), .lookup_ready_o(lookup_ready), .lookup_queue_i(lookup_queue),
      .lookup_done_o(lookup_done), .lookup_none_o(lookup_none), .lookup_vector_o(lookup_vector),
      // what a reset takes back
      .release_valid_i(release_valid), .release_ready_o(release_ready), .release_all_i(release_all),
      .release_queue_i(drain_queue),
      .retract_valid_o, .retract_ready_i, .retract_all_o, .retract_keep_o, .retract_vector_o,
      // for journey events
      .rx_vector0_o, .tx_vector0_o);

  if (Pairs < 1 || Pairs > 32'(contract_pkg::QUEUE_PAIRS_MAX)) begin : g_bad_pairs
    $error("%m: Pairs must be 1 to 64");
  end

endmodule

`default_nettype wire
