// SPDX-License-Identifier: Apache-2.0
// Places checked completion data in the client's local memory: turned to its lanes, with byte
// enables.
//
// One word a cycle; a completion whose last bytes spill into one more word takes one more cycle.
// Nothing stalls the output. The retire report appears together with the completion's last
// placement.
//
//   base % 8 = 6, 64 bit, first byte in lane 2:    . . a b c d e f | g h ...
//   words from base / 8:                           . . . . . . . .   a b c d e f g h  ...
//
// Place: dma_cpl_check -> this -> clients' memories; dma_read_retire.
`default_nettype none

module dma_cpl_place #(
    parameter int unsigned Slots = 64,
    localparam int unsigned SlotW = $clog2(Slots)
) (
    input  wire                    clk_i,
    input  wire                    rst_i,
    // checked beats
    input  wire                    in_valid_i,
    output logic                   in_ready_o,
    input  wire dma_pkg::checked_t in_i,
    input  wire  [SlotW-1:0]       in_slot_i,
    // placements
    output logic                   place_valid_o,
    output dma_pkg::rd_place_t     place_o,
    // reports
    output logic                   retire_valid_o,
    output logic                   retire_ends_o,
    output logic [SlotW-1:0]       retire_slot_o,
    output logic [2:0]             retire_status_o
);

  localparam int unsigned Bytes = dma_pkg::Bytes;
  localparam int unsigned LaneW = dma_pkg::LaneW;
  localparam int unsigned WordIndexW = 11 - LaneW;

  logic [WordIndexW-1:0]     word_q;  // of this completion
  logic                      tail_q;  // flushing what the last beat left over
  logic [8*Bytes-1:0]        prev_q;
  logic [dma_pkg::WordW-1:0] address_q;

  logic [LaneW-1:0]          rot;
  logic [LaneW:0]            begin_lane;
  logic [10:0]               end_byte;   // behind the last byte, from word 0
  logic [10:0]               last_byte;
  logic [WordIndexW-1:0]     index, last_index;
  logic                      needs_tail, done;
  logic [Bytes-1:0]          begin_mask, end_mask, be;
  logic [8*Bytes-1:0]        turned;
  logic [dma_pkg::WordW-1:0] address;

  assign rot = in_i.base[LaneW-1:0];
  assign begin_lane = {1'b0, rot} + {{(LaneW-1){1'b0}}, in_i.lane};
  assign end_byte = {1'b0, in_i.span} + {{(11-LaneW){1'b0}}, rot};
  assign last_byte = end_byte - 11'd1;
  assign last_index = last_byte[10:LaneW];
  assign index = (in_i.first && !tail_q) ? '0 : word_q;
  assign address = (in_i.first && !tail_q) ? in_i.base[dma_pkg::LocalW-1:LaneW] : address_q;

  assign needs_tail = in_i.place && in_i.last && !tail_q && index + 1'b1 == last_index;
  assign in_ready_o = !needs_tail;
  assign done = in_valid_i && in_ready_o && in_i.last;

  // begin_lane may lie in the second word
  always_comb begin
    begin_mask = '1;
    if (index == '0) begin
      begin_mask = begin_lane[LaneW] ? '0 : {Bytes{1'b1}} << begin_lane[LaneW-1:0];
    end else if (index == WordIndexW'(1) && begin_lane[LaneW]) begin
      begin_mask = {Bytes{1'b1}} << begin_lane[LaneW-1:0];
    end
    end_mask = '1;
    if (index > last_index) end_mask = '0;
    else if (index == last_index && end_byte[LaneW-1:0] != '0) begin
      end_mask = ~({Bytes{1'b1}} << end_byte[LaneW-1:0]);
    end
  end
  assign be = begin_mask & end_mask;

  dma_byte_turn u_turn (
      .enable_i(in_valid_i), .now_i(tail_q ? '0 : in_i.data), .before_i(prev_q), .rot_i(rot),
      .turned_o(turned));

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      tail_q         <= 1'b0;
      place_valid_o  <= 1'b0;
      retire_valid_o <= 1'b0;
    end else begin
      tail_q         <= in_valid_i && needs_tail;
      place_valid_o  <= in_valid_i && in_i.place && be != '0;
      retire_valid_o <= done && in_i.retire;
    end
    if (in_valid_i && in_i.place) begin
      word_q         <= index + 1'b1;
      address_q      <= address + 1'b1;
      prev_q         <= in_i.data;
      place_o.client <= in_i.client;
      place_o.word   <= address;
      place_o.data   <= turned;
      place_o.be     <= be;
    end
    if (done) begin
      retire_ends_o   <= in_i.retire_ends;
      retire_slot_o   <= in_slot_i;
      retire_status_o <= in_i.status;
    end
  end

  logic unused_inputs;
  assign unused_inputs = ^{in_i.tag, last_byte[LaneW-1:0]};

endmodule

`default_nettype wire
