// SPDX-License-Identifier: Apache-2.0
// The pieces of checked buffers: kept by queue, handed out by buffer in the order of the takes.
//
// A taken buffer's first piece shows two cycles after it, then one a cycle; another buffer follows without a
// gap of more than two cycles. When the last piece is on offer its slots are free: freed_o.
// busy_o: pieces of query_pair_i are under way.
// Place: virtq_fetch_walk, virtq_fetch_ready -> this -> engine.
`include "assert.svh"
`default_nettype none

module virtq_fetch_pieces #(
    parameter int unsigned Pairs = 8,
    parameter int unsigned SlotW = 6
) (
    input  wire                           clk_i,
    input  wire                           rst_i,
    input  wire  [5:0]                    query_pair_i,
    output logic                          busy_o,
    // pieces of the walk
    input  wire                           wr_en_i,
    input  wire  [5:0]                    wr_pair_i,
    input  wire  [SlotW-1:0]              wr_slot_i,
    input  wire  [79:0]                   wr_piece_i,
    // taken buffers
    input  wire                           in_valid_i,
    output logic                          in_ready_o,
    input  wire virtq_pkg::fetch_buffer_t in_i,
    // pieces
    output logic                          piece_valid_o,
    input  wire                           piece_ready_i,
    output virtq_pkg::piece_t             piece_o,
    // slots given back
    output logic                          freed_o,
    output logic [5:0]                    freed_pair_o,
    output logic [6:0]                    freed_at_o
);

  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;

  logic                     valid_q, step, last;
  virtq_pkg::fetch_buffer_t buffer_q;
  logic [5:0]               done_q;
  logic [6:0]               slot;
  logic [79:0]              piece;
  logic [5:0]               out_pair_q;
  logic                     out_first_q, out_last_q;
  logic [15:0]              out_id_q, out_descs_q;

  assign slot = buffer_q.first + {1'b0, done_q};
  assign last = done_q + 6'd1 == buffer_q.pieces;
  assign step = valid_q && (!piece_valid_o || piece_ready_i);
  assign in_ready_o = !valid_q;
  assign freed_o = step && last;
  assign freed_pair_o = buffer_q.pair;
  assign freed_at_o = slot + 7'd1;
  assign piece_o = {out_pair_q, out_first_q, out_last_q, out_id_q, out_descs_q, piece};
  assign busy_o = (valid_q && buffer_q.pair == query_pair_i) || (piece_valid_o && out_pair_q == query_pair_i);

  ram_sdp #(.Width(80), .Depth(1 << (PairW + SlotW))) u_pieces (
      .clk_i, .wr_en_i, .wr_addr_i({wr_pair_i[PairW-1:0], wr_slot_i}), .wr_data_i(wr_piece_i),
      .rd_en_i(step), .rd_addr_i({buffer_q.pair[PairW-1:0], slot[SlotW-1:0]}), .rd_data_o(piece));

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid_q       <= 1'b0;
      piece_valid_o <= 1'b0;
    end else begin
      if (in_valid_i && in_ready_o) valid_q <= 1'b1;
      else if (step && last) valid_q <= 1'b0;
      if (!piece_valid_o || piece_ready_i) piece_valid_o <= step;
    end
    if (in_ready_o) begin
      buffer_q <= in_i;
      done_q   <= '0;
    end else if (step) begin
      done_q <= done_q + 6'd1;
    end
    if (step) begin
      out_pair_q  <= buffer_q.pair;
      out_first_q <= done_q == '0;
      out_last_q  <= last;
      out_id_q    <= buffer_q.id;
      out_descs_q <= buffer_q.descs;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{wr_pair_i, buffer_q.total_len};

  stream_checker #(.Width(virtq_pkg::PieceW)) u_check_piece (
      .clk_i, .rst_i, .valid_i(piece_valid_o), .ready_i(piece_ready_i), .payload_i(piece_o));

endmodule

`default_nettype wire
