// SPDX-License-Identifier: Apache-2.0
// Puts the checksum into frames that ask for one (virtio 1.2, 5.1.6.2; RFC 1071).
//
// Link -> link, a beat a cycle through the change of frames. The one's complement sum of the bytes from
// csum_i.start to the end, complemented, goes into the two bytes at csum_i.field, which hold the pseudo-header's
// sum and so count; start, field and end may be odd. A UDP sum of 0 is sent as 0xffff (RFC 768).
// Such a frame is held until its end has been summed (5 cycles). Any other leaves when HeadStart beats of it are
// there, or all of it: it may meet that many idle cycles on its way in and still leave without a gap.
//
//   in -> FIFO of beats ----------------------------> field put in -> out
//      '-> masked -> added up -> folded -> tickets -------^      one ticket a frame: it may leave
//
// Place: tx_vlan -> this -> mac_tx_path.
`include "assert.svh"
`default_nettype none

module tx_checksum #(
    parameter int unsigned DepthBytes = 16384,  // more than the longest frame
    parameter int unsigned HeadStart = 8
) (
    input  wire               clk_i,
    input  wire               rst_i,
    // in; csum_i holds over a frame
    input  wire               in_valid_i,
    output logic              in_ready_o,
    input  stream_pkg::beat_t in_i,
    input  tx_pkg::csum_t     csum_i,
    // out
    output logic              out_valid_o,
    input  wire               out_ready_i,
    output stream_pkg::beat_t out_o
);

  localparam int unsigned DataW = stream_pkg::DataW;
  localparam int unsigned Bytes = stream_pkg::Bytes;
  localparam int unsigned LaneW = stream_pkg::EmptyW;
  localparam int unsigned Halves = Bytes / 2;
  localparam int unsigned LenW = tx_pkg::LenW;
  localparam int unsigned IndexW = LenW - LaneW;
  localparam int unsigned Beats = DepthBytes / Bytes;
  localparam int unsigned Tickets = 64;
  localparam int unsigned OnTheWay = 6;        // tickets between the input and the FIFO's level
  localparam int unsigned TicketW = 1 + LenW + 16;
  localparam int unsigned TicketLevelW = $clog2(Tickets + 1);
  localparam int unsigned PartW = 16 + $clog2(Halves);
  localparam int unsigned SumW = 16 + $clog2(2 ** (IndexW + $clog2(Halves)));

  if (DepthBytes < (1 << LenW)) begin : g_too_small
    $error("tx_checksum %m: DepthBytes must hold the longest frame");
  end

  // -- in --------------------------------------------------------------------------------------------
  logic [IndexW-1:0]       index_q;    // of the beat at the input
  logic                    ticketed_q; // the frame under way has its ticket
  logic                    store_ready, take, early, ticket_now;
  logic [TicketLevelW-1:0] ticket_level;
  logic                    tickets_left_q;

  assign in_ready_o = store_ready && tickets_left_q;
  assign take = in_valid_i && in_ready_o;
  assign early = !csum_i.enable && (in_i.last || index_q == IndexW'(HeadStart - 1));
  assign ticket_now = take && !ticketed_q && (early || in_i.last);

  always_ff @(posedge clk_i) begin
    tickets_left_q <= ticket_level <= TicketLevelW'(Tickets - OnTheWay);
    if (rst_i) begin
      index_q    <= '0;
      ticketed_q <= 1'b0;
    end else if (take) begin
      index_q    <= in_i.last ? '0 : index_q + 1'b1;
      ticketed_q <= !in_i.last && (ticketed_q || ticket_now);
    end
  end

  // -- sum: 1 masked, 2 a beat's part, 3 the frame's, 4 and 5 folded ------------------------------------
  logic [Bytes-1:0] counted;
  logic [DataW-1:0] masked1_q;
  logic [PartW-1:0] part, part2_q;
  logic  [SumW-1:0] sum3_q;
  logic      [16:0] fold4_q;
  logic             valid1_q, valid2_q, first1_q, first2_q;
  logic             ticket1_q, ticket2_q, ticket3_q, ticket4_q, ticket5_q;
  tx_pkg::csum_t    csum1_q, csum2_q, csum3_q, csum4_q, csum5_q;
  logic      [15:0] value5_q, folded, turned;

  always_comb begin
    for (int unsigned k = 0; k < Bytes; k++) begin
      counted[k] = (index_q > csum_i.start[LenW-1:LaneW] ||
                    (index_q == csum_i.start[LenW-1:LaneW] && LaneW'(k) >= csum_i.start[LaneW-1:0])) &&
                   (!in_i.last || {1'b0, LaneW'(k)} + {1'b0, in_i.empty} < (LaneW + 1)'(Bytes));
    end
    part = '0;
    for (int unsigned k = 0; k < Halves; k++) begin
      part = part + PartW'({masked1_q[16*k+:8], masked1_q[16*k+8+:8]});
    end
  end

  // Summed from an odd byte on, each byte stood in the other half of its word.
  assign folded = fold4_q[15:0] + 16'(fold4_q[16]);
  assign turned = csum4_q.start[0] ? {folded[7:0], folded[15:8]} : folded;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      ticket1_q <= 1'b0;
      ticket2_q <= 1'b0;
      ticket3_q <= 1'b0;
      ticket4_q <= 1'b0;
      ticket5_q <= 1'b0;
    end else begin
      ticket1_q <= ticket_now;
      ticket2_q <= ticket1_q;
      ticket3_q <= ticket2_q;
      ticket4_q <= ticket3_q;
      ticket5_q <= ticket4_q;
    end
    valid1_q <= take;
    valid2_q <= valid1_q;
    first1_q <= index_q == '0;
    first2_q <= first1_q;
    for (int unsigned k = 0; k < Bytes; k++) masked1_q[8*k+:8] <= counted[k] ? in_i.data[8*k+:8] : 8'd0;
    part2_q  <= part;
    if (valid2_q) sum3_q <= (first2_q ? '0 : sum3_q) + SumW'(part2_q);
    fold4_q  <= 17'(sum3_q[15:0]) + 17'(sum3_q[SumW-1:16]);
    value5_q <= (csum4_q.udp && turned == '1) ? '1 : ~turned;
    csum1_q  <= csum_i;
    csum2_q  <= csum1_q;
    csum3_q  <= csum2_q;
    csum4_q  <= csum3_q;
    csum5_q  <= csum4_q;
  end

  // -- what waits --------------------------------------------------------------------------------------
  logic              beat_valid, beat_ready, ticket_valid, ticket_ready, ticket_fits;
  stream_pkg::beat_t beat;
  logic              put;
  logic   [LenW-1:0] field;
  logic       [15:0] value;
  logic [$clog2(Beats+1)-1:0] unused_level;

  sync_fifo #(.Width(stream_pkg::BeatW), .Depth(Beats)) u_beats (
      .clk_i, .rst_i,
      // in
      .in_valid_i(take), .in_ready_o(store_ready), .in_i,
      // out
      .out_valid_o(beat_valid), .out_ready_i(beat_ready), .out_o(beat), .level_o(unused_level));

  sync_fifo #(.Width(TicketW), .Depth(Tickets)) u_tickets (
      .clk_i, .rst_i,
      // in
      .in_valid_i(ticket5_q), .in_ready_o(ticket_fits), .in_i({csum5_q.enable, csum5_q.field, value5_q}),
      // out
      .out_valid_o(ticket_valid), .out_ready_i(ticket_ready), .out_o({put, field, value}),
      .level_o(ticket_level));

  // -- out: the field put in -----------------------------------------------------------------------------
  logic [IndexW-1:0] out_index_q;
  logic              out_free, move, low_next_q;
  logic        [7:0] low_q;     // second byte of a field that crosses into the next beat
  stream_pkg::beat_t out_d;

  assign out_free = !out_valid_o || out_ready_i;
  assign move = beat_valid && ticket_valid && out_free;
  assign beat_ready = ticket_valid && out_free;
  assign ticket_ready = move && beat.last;

  always_comb begin
    out_d = beat;
    if (put && out_index_q == field[LenW-1:LaneW]) begin
      for (int unsigned k = 0; k < Bytes; k++) begin
        if (LaneW'(k) == field[LaneW-1:0]) out_d.data[8*k+:8] = value[15:8];
        if (k != 0 && LaneW'(k) == field[LaneW-1:0] + 1'b1) out_d.data[8*k+:8] = value[7:0];
      end
    end
    if (low_next_q) out_d.data[7:0] = low_q;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      out_valid_o <= 1'b0;
      out_index_q <= '0;
      low_next_q  <= 1'b0;
    end else begin
      if (out_free) out_valid_o <= move;
      if (move) begin
        out_index_q <= beat.last ? '0 : out_index_q + 1'b1;
        low_next_q  <= put && out_index_q == field[LenW-1:LaneW] && (&field[LaneW-1:0]) && !beat.last;
      end
    end
    if (move) begin
      out_o <= out_d;
      low_q <= value[7:0];
    end
  end

  logic unused_bits;
  assign unused_bits = ^{csum5_q.udp, csum5_q.start};

  stream_checker #(.Width(tx_pkg::CsumW + stream_pkg::BeatW), .Assumed(1'b1)) u_check_in (
      .clk_i, .rst_i, .valid_i(in_valid_i), .ready_i(in_ready_o), .payload_i({csum_i, in_i}));
  stream_checker #(.Width(stream_pkg::BeatW)) u_check_out (
      .clk_i, .rst_i, .valid_i(out_valid_o), .ready_i(out_ready_i), .payload_i(out_o));
  `ASSERT(TicketsFit_A, !ticket5_q || ticket_fits, clk_i, rst_i)
  `ASSUME(FrameWithinDepth_A, !(in_valid_i && !in_i.last) || !(&index_q), clk_i, rst_i)

endmodule

`default_nettype wire
