// SPDX-License-Identifier: Apache-2.0
// Appends the FCS (IEEE 802.3, 3.2.9).
//
// Link -> link, three cycles of latency, a beat a cycle; frames leave 4 bytes longer, so a beat more may
// follow the last one. The CRC of the last, partly filled beat takes two steps of its own (crc32_align,
// then the XOR rows), which keeps one level of 64-bit logic between registers:
//
//   in_i  crc_q over whole beats | turn_q  last beat moved up | fcs_q  complete | out_o  put together
// Place: mac_tx_pad -> this -> mac_tx_frame.
`include "assert.svh"
`default_nettype none

module mac_tx_fcs_insert (
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

  // ---- ready runs from the output back ----
  logic turn_valid_q, fcs_valid_q;
  logic out_free, fcs_free, turn_free;
  logic spill_q;  // out_o took the last beat, the rest of the FCS follows
  logic spills;

  assign out_free   = !out_valid_o || out_ready_i;
  assign fcs_free   = !fcs_valid_q || (out_free && !(spills && !spill_q));
  assign turn_free  = !turn_valid_q || fcs_free;
  assign in_ready_o = turn_free;

  // ---- whole beats into the CRC, the last one moved to the top ----
  logic [31:0] crc_q, turn_rest, turn_rest_q;
  logic [63:0] turn_word, turn_word_q;
  mac_pkg::beat_t turn_q;
  logic take;

  assign take = in_valid_i && turn_free;

  crc32_align u_align (
      .crc_i(crc_q), .data_i(in_i.data), .empty_i(in_i.empty),
      .word_o(turn_word), .rest_o(turn_rest));

  always_ff @(posedge clk_i) begin
    if (rst_i) crc_q <= crc32_pkg::Init;
    else if (take && in_i.last) crc_q <= crc32_pkg::Init;
    else if (take) crc_q <= crc32_pkg::advance(in_i.data ^ {32'd0, crc_q});

    if (rst_i) turn_valid_q <= 1'b0;
    else if (turn_free) turn_valid_q <= in_valid_i;
    if (take) turn_q <= in_i;
    if (take && in_i.last) begin
      turn_word_q <= turn_word;
      turn_rest_q <= turn_rest;
    end
  end

  // ---- the last beat through the CRC ----
  mac_pkg::beat_t fcs_beat_q;
  logic [31:0] fcs_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) fcs_valid_q <= 1'b0;
    else if (fcs_free) fcs_valid_q <= turn_valid_q;
    if (turn_valid_q && fcs_free) begin
      fcs_beat_q <= turn_q;
      if (turn_q.last) fcs_q <= ~(crc32_pkg::advance(turn_word_q) ^ turn_rest_q);
    end
  end

  // ---- put together: with 4 empty bytes or more the FCS fits, otherwise it spills ----
  mac_pkg::beat_t out_d;
  logic [95:0] whole;

  assign spills = fcs_beat_q.last && fcs_beat_q.empty < 3'd4;

  always_comb begin
    out_d = fcs_beat_q;
    whole = {32'd0, fcs_beat_q.data};
    if (fcs_valid_q && fcs_beat_q.last) begin
      unique case (fcs_beat_q.empty)
        3'd0: whole = {fcs_q, fcs_beat_q.data};
        3'd1: whole = {8'd0, fcs_q, fcs_beat_q.data[55:0]};
        3'd2: whole = {16'd0, fcs_q, fcs_beat_q.data[47:0]};
        3'd3: whole = {24'd0, fcs_q, fcs_beat_q.data[39:0]};
        3'd4: whole = {32'd0, fcs_q, fcs_beat_q.data[31:0]};
        3'd5: whole = {40'd0, fcs_q, fcs_beat_q.data[23:0]};
        3'd6: whole = {48'd0, fcs_q, fcs_beat_q.data[15:0]};
        default: whole = {56'd0, fcs_q, fcs_beat_q.data[7:0]};
      endcase
      out_d.last  = !spills || spill_q;
      out_d.empty = (spills && !spill_q) ? 3'd0 : fcs_beat_q.empty - 3'd4;  // modulo 8
    end
    out_d.data = spill_q ? {32'd0, whole[95:64]} : whole[63:0];
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      out_valid_o <= 1'b0;
      spill_q     <= 1'b0;
    end else if (out_free) begin
      out_valid_o <= fcs_valid_q;
      spill_q     <= fcs_valid_q && spills && !spill_q;
    end
    if (out_free && fcs_valid_q) out_o <= out_d;
  end

  stream_checker #(.Width(mac_pkg::BeatW)) u_check_out (
      .clk_i, .rst_i, .valid_i(out_valid_o), .ready_i(out_ready_i), .payload_i(out_o));

endmodule

`default_nettype wire
