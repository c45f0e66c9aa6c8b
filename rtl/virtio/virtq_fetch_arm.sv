// SPDX-License-Identifier: Apache-2.0
// Asks the driver for the next kick: one small write, of any queue.
//
// Packed rings: the device event suppression structure (virtio 1.2, 2.8.10), with the event index a kick at
// the very next descriptor, otherwise every kick. Split rings: avail_event (2.7.10). armed_o when the write
// was handed to the link: a read after that sees what the driver added before it saw the request.
// Place: virtq_fetch_plan -> this -> dma_write.
`include "assert.svh"
`default_nettype none

module virtq_fetch_arm (
    input  wire                   clk_i,
    input  wire                   rst_i,
    input  wire virtq_pkg::mode_t mode_i,
    input  wire  [5:0]            query_pair_i,
    output logic                  busy_o,
    // where to wake up
    input  wire                   arm_valid_i,
    output logic                  arm_ready_o,
    input  wire  [5:0]            arm_pair_i,
    input  wire  [63:0]           arm_addr_i,
    input  wire  [15:0]           arm_where_i,
    output logic                  armed_o,
    output logic [5:0]            armed_pair_o,
    // write
    output logic                  wr_req_valid_o,
    input  wire                   wr_req_ready_i,
    output dma_pkg::wr_req_t      wr_req_o,
    output logic                  wr_data_valid_o,
    input  wire                   wr_data_ready_i,
    output stream_pkg::beat_t     wr_data_o,
    input  wire                   wr_done_i
);

  localparam int unsigned EventBytes = 32'(contract_pkg::EVENT_BYTES);
  localparam int unsigned IndexBytes = 2;

  logic        busy_q;   // a write is on its way
  logic [5:0]  pair_q;
  logic [63:0] addr_q;
  logic [15:0] where_q;
  logic [15:0] flags;

  assign flags = mode_i.event_idx ? {14'd0, contract_pkg::EVENT_DESC} : {14'd0, contract_pkg::EVENT_ENABLE};
  assign arm_ready_o = !busy_q;
  assign armed_o = busy_q && wr_done_i;
  assign armed_pair_o = pair_q;
  assign busy_o = busy_q && pair_q == query_pair_i;

  always_comb begin
    wr_req_o = '0;
    wr_req_o.addr = addr_q;
    wr_req_o.len = mode_i.is_packed ? 16'(EventBytes) : 16'(IndexBytes);
    wr_data_o = '0;
    wr_data_o.last = 1'b1;
    wr_data_o.empty = mode_i.is_packed ? stream_pkg::EmptyW'(stream_pkg::Bytes - EventBytes)
                                       : stream_pkg::EmptyW'(stream_pkg::Bytes - IndexBytes);
    wr_data_o.err = contract_pkg::FRAME_OK;
    wr_data_o.data[31:0] = {mode_i.is_packed ? flags : 16'd0, where_q};
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      busy_q          <= 1'b0;
      wr_req_valid_o  <= 1'b0;
      wr_data_valid_o <= 1'b0;
    end else if (!busy_q) begin
      busy_q          <= arm_valid_i;
      wr_req_valid_o  <= arm_valid_i;
      wr_data_valid_o <= arm_valid_i;
    end else begin
      if (wr_req_ready_i) wr_req_valid_o <= 1'b0;
      if (wr_data_ready_i) wr_data_valid_o <= 1'b0;
      if (wr_done_i) busy_q <= 1'b0;
    end
    if (!busy_q) begin
      pair_q  <= arm_pair_i;
      addr_q  <= arm_addr_i;
      where_q <= arm_where_i;
    end
  end

  logic unused_mode;
  assign unused_mode = ^mode_i;

  stream_checker #(.Width(dma_pkg::WrReqW)) u_check_req (
      .clk_i, .rst_i, .valid_i(wr_req_valid_o), .ready_i(wr_req_ready_i), .payload_i(wr_req_o));
  stream_checker #(.Width(stream_pkg::BeatW)) u_check_data (
      .clk_i, .rst_i, .valid_i(wr_data_valid_o), .ready_i(wr_data_ready_i), .payload_i(wr_data_o));

endmodule

`default_nettype wire
