// SPDX-License-Identifier: Apache-2.0
// Fills frames up to 60 bytes with zeros (IEEE 802.3, 3.2.8).
//
// Link -> link, one cycle of latency, a beat a cycle. Unused bytes of a last beat leave as zeros.
// Place: mac_tx_mux -> this -> mac_tx_fcs_insert.
`include "assert.svh"
`default_nettype none

module mac_tx_pad (
    input  wire               clk_i,
    input  wire               rst_i,
    // in
    input  wire               in_valid_i,
    output logic              in_ready_o,
    input  mac_pkg::beat_t    in_i,
    // out
    output logic              out_valid_o,
    input  wire               out_ready_i,
    output mac_pkg::beat_t out_o
);

  // The beat that holds byte 60, and how many of its bytes lie beyond it.
  localparam int unsigned MinBytes = 32'(contract_pkg::MIN_FRAME_NO_FCS);
  localparam logic [2:0] LastIndex = 3'((MinBytes - 1) / 8);
  localparam logic [2:0] LastEmpty = 3'((8 - MinBytes % 8) % 8);

  if (MinBytes > 64) begin : g_bad_minimum
    $error("mac_tx_pad %m: the beat counter ends at 64 bytes");
  end

  logic [2:0] index_q;  // of the next beat in its frame; stays at LastIndex
  logic       past_q;   // 60 bytes are behind
  logic       fill_q;   // the frame is over, zeros follow
  logic       out_free, advance, at_min;
  mac_pkg::beat_t out_d;

  assign out_free   = !out_valid_o || out_ready_i;
  assign in_ready_o = out_free && !fill_q;
  assign advance    = out_free && (fill_q || in_valid_i);
  assign at_min     = index_q == LastIndex;

  always_comb begin
    out_d     = in_i;
    out_d.err = contract_pkg::FRAME_OK;
    if (fill_q) begin
      out_d.data  = '0;
      out_d.last  = at_min;
      out_d.empty = at_min ? LastEmpty : 3'd0;
    end else if (advance && in_i.last) begin
      for (int unsigned i = 1; i < 8; i++) begin
        if (4'(i) + {1'b0, in_i.empty} >= 4'd8) out_d.data[8*i+:8] = '0;
      end
      out_d.last = at_min;
      if (!at_min) out_d.empty = 3'd0;
      else if (past_q) out_d.empty = in_i.empty;
      else if (in_i.empty > LastEmpty) out_d.empty = LastEmpty;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      index_q      <= '0;
      past_q      <= 1'b0;
      fill_q       <= 1'b0;
      out_valid_o  <= 1'b0;
    end else begin
      if (advance) begin
        index_q      <= out_d.last ? 3'd0 : (at_min ? LastIndex : index_q + 3'd1);
        past_q  <= at_min && !out_d.last;
        fill_q       <= !out_d.last && (fill_q || in_i.last);
      end
      if (out_free) out_valid_o <= advance;
    end
    if (advance) out_o <= out_d;
  end

  logic unused_err;
  assign unused_err = ^in_i.err;

  `ASSUME(FrameIsGood_A, !(in_valid_i && in_i.last) || in_i.err == contract_pkg::FRAME_OK, clk_i, rst_i)

  stream_checker #(.Width(mac_pkg::BeatW)) u_check_out (
      .clk_i, .rst_i, .valid_i(out_valid_o), .ready_i(out_ready_i), .payload_i(out_o));

endmodule

`default_nettype wire
