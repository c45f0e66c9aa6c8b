// SPDX-License-Identifier: Apache-2.0
// Asks the driver for the next kick: writes the device event suppression structure (virtio 1.2, 2.8.10).
//
// arm_valid_i with the position of the next descriptor -> one 4-byte write -> done_o when it was handed to
// the link. With VIRTIO_F_EVENT_IDX it asks for a kick at that very descriptor, otherwise for every kick.
// Place: virtq_desc_fetch -> this -> dma_write.
`include "assert.svh"
`default_nettype none

module virtq_arm (
    input  wire                  clk_i,
    input  wire                  rst_i,
    // queue
    input  virtq_pkg::config_t   config_i,
    // where to wake up: held until done_o
    input  wire                  arm_valid_i,
    input  virtq_pkg::position_t arm_i,
    output logic                 done_o,
    // write
    output logic                 wr_req_valid_o,
    input  wire                  wr_req_ready_i,
    output dma_pkg::wr_req_t     wr_req_o,
    output logic                 wr_data_valid_o,
    input  wire                  wr_data_ready_i,
    output stream_pkg::beat_t    wr_data_o,
    input  wire                  wr_done_i
);

  localparam int unsigned EventBytes = 32'(contract_pkg::EVENT_BYTES);

  logic        busy_q;   // a write is on its way
  logic [15:0] flags;

  assign flags = config_i.event_idx ? {14'd0, contract_pkg::EVENT_DESC} : {14'd0, contract_pkg::EVENT_ENABLE};
  assign done_o = busy_q && wr_done_i;

  always_comb begin
    wr_req_o = '0;
    wr_req_o.addr = {config_i.device[63:2], 2'b00};
    wr_req_o.len = 16'(EventBytes);
    wr_data_o = '0;
    wr_data_o.last = 1'b1;
    wr_data_o.empty = stream_pkg::EmptyW'(stream_pkg::Bytes - EventBytes);
    wr_data_o.err = contract_pkg::FRAME_OK;
    wr_data_o.data[31:0] = {flags, arm_i};
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
  end

  logic unused_config;
  assign unused_config = ^{config_i.enabled, config_i.size, config_i.desc, config_i.driver,
                           config_i.device[1:0]};

  stream_checker #(.Width(80)) u_check_req (
      .clk_i, .rst_i, .valid_i(wr_req_valid_o), .ready_i(wr_req_ready_i), .payload_i(wr_req_o));
  stream_checker #(.Width(stream_pkg::BeatW)) u_check_data (
      .clk_i, .rst_i, .valid_i(wr_data_valid_o), .ready_i(wr_data_ready_i), .payload_i(wr_data_o));

endmodule

`default_nettype wire
