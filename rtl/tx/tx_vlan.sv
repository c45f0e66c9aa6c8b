// SPDX-License-Identifier: Apache-2.0
// Puts the port's VLAN tag behind the source address (IEEE 802.1Q, 9.6), if it is told to.
//
// Link -> link, one cycle of latency; a beat a cycle, and one more where the four bytes open a new beat.
// The checksum's place moves with the bytes. enable_i and tci_i (priority in [15:13], VLAN in [11:0]) are
// looked at when a frame begins. A tag that the driver wrote stays inside.
// Place: tx_segment -> this -> tx_checksum.
`include "assert.svh"
`default_nettype none

module tx_vlan (
    input  wire               clk_i,
    input  wire               rst_i,
    // the port's tag
    input  wire               enable_i,
    input  wire        [15:0] tci_i,
    // in
    input  wire               in_valid_i,
    output logic              in_ready_o,
    input  stream_pkg::beat_t in_i,
    input  tx_pkg::csum_t     csum_i,
    // out
    output logic              out_valid_o,
    input  wire               out_ready_i,
    output stream_pkg::beat_t out_o,
    output tx_pkg::csum_t     csum_o
);

  localparam int unsigned DataW = stream_pkg::DataW;
  localparam int unsigned Bytes = stream_pkg::Bytes;
  localparam int unsigned EmptyW = stream_pkg::EmptyW;
  localparam int unsigned LenW = tx_pkg::LenW;
  localparam int unsigned TagBeat = 12 / Bytes;  // the tag is the upper part of this beat
  localparam logic [1:0] TagIndex = 2'(TagBeat);

  logic [1:0]        index_q;    // of the next beat, stays behind the tag's
  logic              tagged_q;   // the frame under way gets a tag
  logic              spill_q;    // the last bytes are still here
  logic [31:0]       carry_q;    // bytes moved out of the beat before
  logic [EmptyW-1:0] spill_empty_q;
  logic [15:0]       tci_q;
  logic              out_free, take, with_tag, at_tag, behind_tag;
  logic [15:0]       tci;
  stream_pkg::beat_t out_d;

  assign out_free = !out_valid_o || out_ready_i;
  assign in_ready_o = out_free && !spill_q;
  assign take = in_valid_i && in_ready_o;
  assign with_tag = (index_q == '0) ? enable_i : tagged_q;
  assign at_tag = index_q == TagIndex;
  assign behind_tag = index_q > TagIndex;
  assign tci = (index_q == '0) ? tci_i : tci_q;

  always_comb begin
    out_d = in_i;
    if (spill_q) begin
      out_d = {contract_pkg::FRAME_OK, 1'b1, spill_empty_q, DataW'(carry_q)};
    end else if (with_tag && (at_tag || behind_tag)) begin
      out_d.data = at_tag
          ? {tci[7:0], tci[15:8], contract_pkg::ETHERTYPE_VLAN[7:0], contract_pkg::ETHERTYPE_VLAN[15:8],
             in_i.data[DataW-33:0]}
          : {in_i.data[DataW-33:0], carry_q};
      out_d.last = in_i.last && in_i.empty >= EmptyW'(4);
      out_d.empty = out_d.last ? in_i.empty - EmptyW'(4) : '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      index_q     <= '0;
      spill_q     <= 1'b0;
      out_valid_o <= 1'b0;
    end else if (out_free) begin
      out_valid_o <= take || spill_q;
      spill_q     <= take && in_i.last && !out_d.last;
      if (take) index_q <= in_i.last ? '0 : behind_tag ? index_q : index_q + 1'b1;
    end
    if (take) begin
      tagged_q      <= with_tag;
      tci_q         <= tci;
      carry_q       <= in_i.data[DataW-1-:32];
      spill_empty_q <= in_i.empty + EmptyW'(Bytes - 4);
      csum_o        <= csum_i;
      if (with_tag && csum_i.start >= LenW'(12)) csum_o.start <= csum_i.start + LenW'(4);
      if (with_tag && csum_i.field >= LenW'(12)) csum_o.field <= csum_i.field + LenW'(4);
    end
    if (out_free) out_o <= out_d;
  end

  stream_checker #(.Width(tx_pkg::CsumW + stream_pkg::BeatW), .Assumed(1'b1)) u_check_in (
      .clk_i, .rst_i, .valid_i(in_valid_i), .ready_i(in_ready_o), .payload_i({csum_i, in_i}));
  stream_checker #(.Width(tx_pkg::CsumW + stream_pkg::BeatW)) u_check_out (
      .clk_i, .rst_i, .valid_i(out_valid_o), .ready_i(out_ready_i), .payload_i({csum_o, out_o}));
  // A frame shorter than the tag's place would lose it: sources have an Ethernet header at least.
  `ASSUME(FramesReachTheTag_A, !(in_valid_i && in_i.last) || at_tag || behind_tag, clk_i, rst_i)

endmodule

`default_nettype wire
