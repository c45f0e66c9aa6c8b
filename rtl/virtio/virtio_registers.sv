// SPDX-License-Identifier: Apache-2.0
// The four virtio windows of the BAR as one register slave.
//
// Splits the address into common configuration, ISR, device configuration and notification windows, and
// answers every access, reads and writes alike, in the cycle after it was taken. What lies behind a
// window decides what a write does; unused places read 0.
// Place: pcie_core (reg_decode) -> this -> virtio_lifecycle, queues, virtio_interrupt.
`default_nettype none

module virtio_registers #(
    parameter int unsigned NumQueues = 2
) (
    input  wire                                       clk_i,
    input  wire                                       rst_i,
    // register slave
    input  wire                                       req_valid_i,
    output logic                                      req_ready_o,
    input  reg_pkg::req_t                             req_i,
    output logic                                      rsp_valid_o,
    output logic [31:0]                               rsp_rdata_o,
    // device
    input  wire  [47:0]                               mac_i,
    input  wire                                       link_up_i,
    input  wire                                       needs_reset_i,
    output logic                                      driver_ok_o,
    output tx_pkg::features_t                         tx_features_o,
    output logic                                      reset_request_o,
    input  wire                                       locked_i,
    input  wire                                       clear_i,
    // queues; virtq_pkg::config_t each
    output logic [NumQueues*virtq_pkg::ConfigW-1:0]   queue_config_o,
    output logic [NumQueues-1:0]                      queue_reset_request_o,
    input  wire  [NumQueues-1:0]                      queue_resetting_i,
    input  wire  [NumQueues-1:0]                      queue_clear_i,
    // doorbells
    output logic [NumQueues-1:0]                      ring_o,
    output logic                                      doorbell_o,
    output logic                                      doorbell_bad_o,
    // interrupts
    input  wire                                       msix_enabled_i,
    input  wire  [NumQueues-1:0]                      queue_irq_i,
    output logic [NumQueues*16-1:0]                   queue_vector_o,
    output logic [contract_pkg::MSIX_VECTORS-1:0]     irq_req_o
);

  localparam int unsigned ConfigW = virtq_pkg::ConfigW;
  localparam int unsigned WindowShift = $clog2(contract_pkg::BAR_WINDOW_BYTES);

  // -- windows ---------------------------------------------------------------------------------------
  logic        take, common, isr, device, notify;
  logic [14:0] window;
  logic [31:0] common_rdata, device_rdata;
  logic [32*NumQueues-1:0] queue_rdata;
  logic [31:0] queues_rdata, rdata;
  logic  [7:0] isr_value;

  assign req_ready_o = 1'b1;
  assign take = req_valid_i && req_ready_o;
  assign window = (req_i.addr >> WindowShift) << WindowShift;
  assign common = window == contract_pkg::BAR_COMMON[14:0];
  assign isr = window == contract_pkg::BAR_ISR[14:0];
  assign device = window == contract_pkg::BAR_DEVICE[14:0];
  assign notify = window == contract_pkg::BAR_NOTIFY[14:0];

  logic in_common;  // the structure itself, not the rest of its window
  assign in_common = common && req_i.addr < {7'd0, contract_pkg::COMMON_CFG_BYTES};

  always_comb begin
    queues_rdata = '0;
    for (int unsigned q = 0; q < NumQueues; q++) queues_rdata = queues_rdata | queue_rdata[32*q+:32];
    rdata = '0;
    if (in_common) rdata = common_rdata | queues_rdata;
    else if (isr && req_i.addr[11:0] == '0) rdata = {24'd0, isr_value};
    else if (device) rdata = device_rdata;
  end

  always_ff @(posedge clk_i) begin
    rsp_valid_o <= take && !rst_i;
    if (take) rsp_rdata_o <= req_i.write ? '0 : rdata;
  end

  // -- what stands in them ---------------------------------------------------------------------------
  logic        features_ok, event_idx, ring_reset, config_changed;
  logic [15:0] config_vector, queue_select;

  virtio_common_config #(.NumQueues(NumQueues)) u_common_config (
      .clk_i, .rst_i, .clear_i, .locked_i,
      // access
      .access_i(take && in_common), .req_i, .rdata_o(common_rdata),
      // what happened to the device
      .config_changed_i(config_changed), .needs_reset_i,
      // what the driver said
      .reset_request_o, .features_ok_o(features_ok), .driver_ok_o, .event_idx_o(event_idx), .tx_features_o,
      .ring_reset_o(ring_reset), .config_vector_o(config_vector), .queue_select_o(queue_select));

  for (genvar q = 0; q < NumQueues; q++) begin : g_queue
    virtio_queue_config #(.Index(16'(q))) u_queue_config (
        .clk_i, .rst_i, .clear_i(clear_i || queue_clear_i[q]), .locked_i,
        // access
        .access_i(take && in_common), .selected_i(queue_select == 16'(q)), .req_i,
        .rdata_o(queue_rdata[32*q+:32]),
        // negotiated
        .features_ok_i(features_ok), .driver_ok_i(driver_ok_o), .event_idx_i(event_idx),
        .ring_reset_i(ring_reset),
        // queue
        .config_o(queue_config_o[ConfigW*q+:ConfigW]), .vector_o(queue_vector_o[16*q+:16]),
        .reset_request_o(queue_reset_request_o[q]), .resetting_i(queue_resetting_i[q]));
  end

  virtio_device_config #(.Pairs(NumQueues / 2)) u_device_config (
      .clk_i, .rst_i, .mac_i, .mtu_i(contract_pkg::NIC_MTU), .link_up_i, .addr_i(req_i.addr[11:0]),
      .rdata_o(device_rdata), .changed_o(config_changed));

  virtio_notify #(.NumQueues(NumQueues)) u_notify (
      // access
      .access_i(take && notify), .req_i,
      // doorbells
      .ring_o, .good_o(doorbell_o), .bad_o(doorbell_bad_o));

  virtio_interrupt #(.NumQueues(NumQueues)) u_interrupt (
      .clk_i, .rst_i, .clear_i, .msix_enabled_i,
      // causes
      .queue_irq_i, .queue_vector_i(queue_vector_o),
      .config_irq_i((config_changed || needs_reset_i) && driver_ok_o),
      .config_vector_i(config_vector),
      // ISR
      .isr_read_i(take && isr && !req_i.write && req_i.be[0] && req_i.addr[11:0] == '0),
      .isr_o(isr_value),
      // MSI-X
      .irq_req_o);

endmodule

`default_nettype wire
