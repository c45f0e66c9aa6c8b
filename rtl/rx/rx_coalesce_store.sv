// SPDX-License-Identifier: Apache-2.0
// Keeps frames in a ring until they have left, in whatever order they leave.
//
// Beats, never stalled -> words of a RAM and, with the last, the frame's slot (place and length). Slots are given out
// in the order of arrival and come back in any order (done_i); room is free again up to the oldest slot that is
// still out. Of a frame that will not be read (a verdict, a filter's refusal) only the first word is kept, for its
// verdict has to travel on. A frame that need not be kept (in_keep_i) leaves no trace. A frame that finds no room is
// lost whole: lost_o. high_o: the ring is so full that what comes while all of it leaves would still fit.
// Place: rx_coalesce: beats -> this -> rx_coalesce_flows, rx_coalesce_emit.
`include "assert.svh"
`default_nettype none

module rx_coalesce_store #(
    parameter int unsigned Words = 8192,
    localparam int unsigned AddrW = $clog2(Words)
) (
    input  wire                           clk_i,
    input  wire                           rst_i,
    // in
    input  wire                           in_valid_i,
    input  stream_pkg::beat_t             in_i,
    input  wire                           in_drop_i,   // with the last: a filter refused it
    input  wire                           in_keep_i,   // with the last: it is stored
    // a frame is stored; taken at once
    output logic                          stored_o,
    input  wire                           room_i,      // its record will be taken
    output logic                   [7:0]  slot_o,
    output logic                  [15:0]  len_o,
    output logic                          lost_o,
    output logic                          high_o,
    output logic                          empty_o,
    // words
    input  wire                           rd_en_i,
    input  wire               [AddrW-1:0] rd_addr_i,
    output logic [stream_pkg::DataW-1:0]  rd_data_o,
    // where a slot's frame begins, one cycle later
    input  wire                           start_en_i,
    input  wire                    [7:0]  start_slot_i,
    output logic              [AddrW-1:0] start_o,
    // slots that come back
    input  wire                           done_i,
    input  wire                    [7:0]  done_slot_i
);

  localparam int unsigned EmptyW = stream_pkg::EmptyW;
  localparam int unsigned CountW = 16 - EmptyW;
  localparam int unsigned High = Words / 2 + Words / 16;  // twice the wire's rate leaves, 5/8 more comes meanwhile

  logic      [AddrW:0] wr_q, free_q, begin_q;  // next word, first word in use, this frame's first word
  logic   [CountW-1:0] words_q;
  logic        [255:0] out_q;                  // slots that are out
  logic          [7:0] next_slot_q, old_slot_q;
  logic                lost_q, lost, full, slots_full, bad, ends;
  logic      [AddrW:0] used;
  logic      [AddrW:0] end_of_old;
  logic                old_back;

  assign used = wr_q - free_q;
  assign full = used == (AddrW + 1)'(Words);
  assign slots_full = next_slot_q + 8'd1 == old_slot_q;
  assign lost = lost_q || full || slots_full || (in_i.last && !room_i);
  assign ends = in_valid_i && in_i.last;
  assign bad = in_i.err != contract_pkg::FRAME_OK || in_drop_i;
  assign stored_o = ends && in_keep_i && !lost;
  assign slot_o = next_slot_q;
  assign len_o = bad ? 16'(stream_pkg::Bytes) : {words_q + 1'b1, {EmptyW{1'b0}}} - 16'(in_i.empty);
  assign high_o = used >= (AddrW + 1)'(High) || next_slot_q - old_slot_q > 8'd128;
  assign empty_o = old_slot_q == next_slot_q && words_q == '0;

  // Room of the oldest slot: it ends where the next slot's frame begins.
  assign old_back = old_slot_q != next_slot_q && !out_q[old_slot_q];

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      wr_q        <= '0;
      free_q      <= '0;
      begin_q     <= '0;
      words_q     <= '0;
      out_q       <= '0;
      next_slot_q <= '0;
      old_slot_q  <= '0;
      lost_q      <= 1'b0;
      lost_o      <= 1'b0;
    end else begin
      if (in_valid_i) begin
        lost_q  <= lost && !in_i.last;
        words_q <= in_i.last ? '0 : words_q + 1'b1;
        if (ends && (lost || !in_keep_i)) wr_q <= begin_q;
        else if (ends && bad) wr_q <= begin_q + 1'b1;
        else if (!lost) wr_q <= wr_q + 1'b1;
        if (stored_o) begin
          begin_q     <= bad ? begin_q + 1'b1 : wr_q + 1'b1;
          next_slot_q <= next_slot_q + 1'b1;
        end
      end
      if (stored_o) out_q[next_slot_q] <= 1'b1;
      if (done_i) out_q[done_slot_i] <= 1'b0;
      if (old_back) begin
        old_slot_q <= old_slot_q + 1'b1;
        free_q     <= end_of_old;
      end
      lost_o <= ends && in_keep_i && lost;
    end
  end

  // Ends by slot, for freeing; starts by slot, for reading.
  (* no_rw_check *) logic [AddrW:0] ends_q[256];
  always_ff @(posedge clk_i) if (stored_o) ends_q[next_slot_q] <= bad ? begin_q + 1'b1 : wr_q + 1'b1;
  assign end_of_old = ends_q[old_slot_q];

  ram_sdp #(.Width(AddrW), .Depth(256)) u_starts (
      .clk_i, .wr_en_i(stored_o), .wr_addr_i(next_slot_q), .wr_data_i(begin_q[AddrW-1:0]),
      .rd_en_i(start_en_i), .rd_addr_i(start_slot_i), .rd_data_o(start_o));

  ram_sdp #(.Width(stream_pkg::DataW), .Depth(Words)) u_ram (
      .clk_i, .wr_en_i(in_valid_i && !lost), .wr_addr_i(wr_q[AddrW-1:0]), .wr_data_i(in_i.data),
      .rd_en_i, .rd_addr_i, .rd_data_o);

  `ASSERT(OnlyWhatIsOutComesBack_A, !done_i || out_q[done_slot_i], clk_i, rst_i)

endmodule

`default_nettype wire
