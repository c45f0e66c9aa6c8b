// SPDX-License-Identifier: Apache-2.0
// The four virtio windows of the BAR as one register slave.
//
// Splits the address into common configuration (the device's half and the queue's half), ISR, device
// configuration and notification windows. What stands in registers is answered in the next cycle, the
// queue's half when its table has done it. Unused places read 0; what lies behind decides what a write does.
// Place: pcie_core (reg_decode) -> this -> virtio_status, virtio_queue_table, virtio_doorbell.
`include "assert.svh"
`default_nettype none

module virtio_windows (
    input  wire            clk_i,
    input  wire            rst_i,
    // register slave
    input  wire            req_valid_i,
    output logic           req_ready_o,
    input  reg_pkg::req_t  req_i,
    output logic           rsp_valid_o,
    output logic [31:0]    rsp_rdata_o,
    // the access; one of the strobes below says to whom it goes
    output reg_pkg::req_t  access_o,
    // common configuration, the device's half: data in the same cycle
    output logic           status_access_o,
    input  wire  [31:0]    status_rdata_i,
    // common configuration, the queue's half: data with done
    output logic           queue_access_o,
    input  wire            queue_ready_i,
    input  wire            queue_done_i,
    input  wire  [31:0]    queue_rdata_i,
    // doorbells
    output logic           notify_access_o,
    // device configuration
    input  wire  [31:0]    device_rdata_i,
    // ISR
    output logic           isr_read_o,
    input  wire  [7:0]     isr_i
);

  localparam int unsigned WindowShift = $clog2(contract_pkg::BAR_WINDOW_BYTES);

  logic        take, common, isr, device, notify, in_common, in_queue, busy_q;
  logic [15:0] window;
  logic [31:0] rdata;

  assign access_o = req_i;
  assign req_ready_o = !busy_q && queue_ready_i;
  assign take = req_valid_i && req_ready_o;
  assign window = (16'(req_i.addr) >> WindowShift) << WindowShift;
  assign common = window == contract_pkg::BAR_COMMON;
  assign isr = window == contract_pkg::BAR_ISR && req_i.addr[11:0] == '0;
  assign device = window == contract_pkg::BAR_DEVICE;
  assign notify = window == contract_pkg::BAR_NOTIFY;
  assign in_common = common && req_i.addr[11:0] < {4'd0, contract_pkg::COMMON_CFG_BYTES};
  assign in_queue = in_common && req_i.addr[11:0] >= {4'd0, contract_pkg::COMMON_QUEUE_SIZE};

  assign status_access_o = take && in_common && !in_queue;
  assign queue_access_o = take && in_queue;
  assign notify_access_o = take && notify;
  assign isr_read_o = take && isr && !req_i.write && req_i.be[0];

  always_comb begin
    rdata = '0;
    if (in_common) rdata = status_rdata_i;
    else if (isr) rdata = {24'd0, isr_i};
    else if (device) rdata = device_rdata_i;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      busy_q      <= 1'b0;
      rsp_valid_o <= 1'b0;
    end else begin
      if (queue_access_o) busy_q <= 1'b1;
      else if (queue_done_i) busy_q <= 1'b0;
      rsp_valid_o <= (take && !in_queue) || queue_done_i;
    end
    if (take) rsp_rdata_o <= req_i.write ? '0 : rdata;
    if (queue_done_i) rsp_rdata_o <= queue_rdata_i;
  end

  `ASSERT(DoneOnlyWhenAsked_A, !queue_done_i || busy_q, clk_i, rst_i)

endmodule

`default_nettype wire
