// SPDX-License-Identifier: Apache-2.0
// INTx for hosts without MSI-X: a level as a pair of messages, Assert_INTA and Deassert_INTA (PCIe 2.2.8.1).
//
// The messages stand between the TLPs of the posted link, so an interrupt follows the used entries that
// caused it, which have passed here before. A message leaves whenever the level differs from what the host
// was told; a level that falls before its message left is never told. Messages do not depend on the bus
// master bit. The link passes through without delay; a message takes one beat of it.
// Place: dma_engine (posted), virtio_irq_collect -> this -> tlp_tx_arbiter.
`include "assert.svh"
`default_nettype none

module intx_send (
    input  wire             clk_i,
    input  wire             rst_i,
    input  wire             level_i,
    input  wire  [15:0]     requester_id_i,
    // posted requests
    input  wire             in_valid_i,
    output logic            in_ready_o,
    input  tlp_pkg::beat_t  in_i,
    // ... with messages between them
    output logic            out_valid_o,
    input  wire             out_ready_i,
    output tlp_pkg::beat_t  out_o
);

  logic           told_q;       // what the host knows
  logic           sending_q;    // the message's beat is on the link
  logic           value_q;      // ... and this is what it says
  logic           inside_q;     // of a TLP of the input, or its first beat was offered
  tlp_pkg::beat_t message;

  always_comb begin
    message = '0;
    message.first = 1'b1;
    message.last = 1'b1;
    message.hdr[127:96] = {contract_pkg::TLP_MSG_LOCAL, 24'd0};
    message.hdr[95:64] = {requester_id_i, 8'd0,
                          value_q ? contract_pkg::MSG_ASSERT_INTA : contract_pkg::MSG_DEASSERT_INTA};
  end

  assign out_valid_o = sending_q || in_valid_i;
  assign out_o = sending_q ? message : in_i;
  assign in_ready_o = out_ready_i && !sending_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      told_q    <= 1'b0;
      sending_q <= 1'b0;
      inside_q  <= 1'b0;
      value_q   <= 1'b0;
    end else if (sending_q) begin
      if (out_ready_i) begin
        sending_q <= 1'b0;
        told_q    <= value_q;
      end
    end else begin
      if (in_valid_i) inside_q <= !(out_ready_i && in_i.last);
      // between two TLPs: nothing is offered after this cycle
      if (level_i != told_q && (in_valid_i ? (out_ready_i && in_i.last) : !inside_q)) begin
        sending_q <= 1'b1;
        value_q   <= level_i;
      end
    end
  end

  stream_checker #(.Width(128 + 2 + tlp_pkg::DataW)) u_check_out (
      .clk_i, .rst_i, .valid_i(out_valid_o), .ready_i(out_ready_i), .payload_i(out_o));

endmodule

`default_nettype wire
