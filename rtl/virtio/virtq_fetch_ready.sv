// SPDX-License-Identifier: Apache-2.0
// The checked buffers of all queues: shows each queue's oldest, hands it out when it is taken.
//
// A buffer joins its queue in two cycles, a taken one leaves it in three; head_valid_o falls one cycle after
// the take and rises again with the next buffer, or with the first one of an empty queue. Takes go first.
// head_o is the head of head_pair_i one cycle later; ready_bytes counts it and all behind it.
// A stopped queue shows no head. busy_o: something of query_pair_i moves.
// Place: virtq_fetch_walk -> this -> engine; taken buffers -> virtq_fetch_pieces.
`include "assert.svh"
`default_nettype none

module virtq_fetch_ready #(
    parameter int unsigned Pairs = 8,
    parameter int unsigned SlotW = 6
) (
    input  wire                           clk_i,
    input  wire                           rst_i,
    input  wire  [Pairs-1:0]              stop_i,
    input  wire                           clear_valid_i,
    input  wire  [5:0]                    clear_pair_i,
    input  wire  [5:0]                    query_pair_i,
    output logic                          busy_o,
    // checked buffers
    input  wire                           buffer_valid_i,
    output logic                          buffer_ready_o,
    input  wire virtq_pkg::fetch_buffer_t buffer_i,
    // heads
    output logic [Pairs-1:0]              head_valid_o,
    input  wire  [5:0]                    head_pair_i,
    output virtq_pkg::head_t              head_o,
    // takes
    input  wire                           take_valid_i,
    output logic                          take_ready_o,
    input  wire  [5:0]                    take_pair_i,
    // taken buffers
    output logic                          out_valid_o,
    input  wire                           out_ready_i,
    output virtq_pkg::fetch_buffer_t      out_o
);

  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;
  localparam int unsigned BytesW = 24;  // 64 buffers of 17 bits
  localparam int unsigned HeadW = 16 + 16 + 17 + 21;
  localparam int unsigned ItemW = 6 + 16 + 16 + 17;

  typedef struct packed {
    logic [6:0]        first;   // of the oldest buffer
    logic [6:0]        behind;  // behind the newest
    logic [BytesW-1:0] ready;   // bytes of all
    logic [5:0]        pieces;  // of the oldest buffer
    logic [15:0]       id;
    logic [15:0]       descs;
    logic [16:0]       total;
  } state_t;
  localparam int unsigned StateW = 7 + 7 + BytesW + 6 + 16 + 16 + 17;

  typedef enum logic [1:0] {StIdle, StAdd, StTake, StNext} step_e;
  step_e                    step_q;
  logic                     add, take, store, empty;
  logic [5:0]               pair, pair_q;
  virtq_pkg::fetch_buffer_t add_q;
  state_t                   word, s_q, s;
  logic [Pairs-1:0]         valid_q;
  logic [ItemW-1:0]         item;
  logic [6:0]               next_first;
  logic [20:0]              shown;

  assign take_ready_o = step_q == StIdle && !out_valid_o;
  assign buffer_ready_o = step_q == StIdle && !(take_valid_i && take_ready_o);
  assign take = take_valid_i && take_ready_o;
  assign add = buffer_valid_i && buffer_ready_o;
  assign pair = take ? take_pair_i : buffer_i.pair;
  assign head_valid_o = valid_q & ~stop_i;
  assign busy_o = (step_q != StIdle && pair_q == query_pair_i) || (out_valid_o && out_o.pair == query_pair_i);

  virtq_fetch_word #(.Pairs(Pairs), .Width(StateW)) u_state (
      .clk_i, .rst_i, .clear_valid_i, .clear_pair_i, .fresh_i('0),
      .wr_en_i(store), .wr_pair_i(pair_q), .wr_data_i(s),
      .rd_en_i(take || add), .rd_pair_i(pair), .rd_data_o(word));
  // The others, by the slot of their first piece.
  ram_sdp #(.Width(ItemW), .Depth(1 << (PairW + SlotW))) u_items (
      .clk_i, .wr_en_i(step_q == StAdd), .wr_addr_i({pair_q[PairW-1:0], add_q.first[SlotW-1:0]}),
      .wr_data_i({add_q.pieces, add_q.id, add_q.descs, add_q.total_len}),
      .rd_en_i(step_q == StTake), .rd_addr_i({pair_q[PairW-1:0], next_first[SlotW-1:0]}), .rd_data_o(item));

  assign next_first = word.first + {1'b0, word.pieces};
  assign empty = word.first == word.behind && word.pieces == '0;
  assign store = step_q == StAdd || step_q == StNext;

  // What the queue becomes.
  always_comb begin
    s = word;
    if (step_q == StAdd) begin
      s.behind = add_q.first + {1'b0, add_q.pieces};
      s.ready = word.ready + {{(BytesW - 17) {1'b0}}, add_q.total_len};
      if (empty) begin
        s.first = add_q.first;
        s.pieces = add_q.pieces;
        s.id = add_q.id;
        s.descs = add_q.descs;
        s.total = add_q.total_len;
      end
    end
    if (step_q == StNext) begin
      s = s_q;
      if (s_q.pieces != '0) begin
        s.pieces = item[54:49];
        s.id = item[48:33];
        s.descs = item[32:17];
        s.total = item[16:0];
      end
    end
  end
  assign shown = (s.ready[BytesW-1:21] != '0) ? '1 : s.ready[20:0];

  virtq_fetch_word #(.Pairs(Pairs), .Width(HeadW)) u_heads (
      .clk_i, .rst_i, .clear_valid_i, .clear_pair_i, .fresh_i('0),
      .wr_en_i(store), .wr_pair_i(pair_q), .wr_data_i({s.id, s.descs, s.total, shown}),
      .rd_en_i(1'b1), .rd_pair_i(head_pair_i), .rd_data_o(head_o));

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      step_q      <= StIdle;
      valid_q     <= '0;
      out_valid_o <= 1'b0;
    end else begin
      if (out_ready_i) out_valid_o <= 1'b0;
      unique case (step_q)
        StIdle: begin
          if (take) step_q <= StTake;
          else if (add) step_q <= StAdd;
          if (take) valid_q[take_pair_i[PairW-1:0]] <= 1'b0;
        end
        StAdd: begin
          step_q <= StIdle;
          valid_q[pair_q[PairW-1:0]] <= 1'b1;
        end
        StTake: begin
          step_q      <= StNext;
          out_valid_o <= 1'b1;
        end
        default: begin
          step_q <= StIdle;
          valid_q[pair_q[PairW-1:0]] <= s_q.pieces != '0;
        end
      endcase
      if (clear_valid_i) valid_q[clear_pair_i[PairW-1:0]] <= 1'b0;
    end
    if (step_q == StIdle) begin
      pair_q <= pair;
      add_q  <= buffer_i;
    end
    if (step_q == StTake) begin
      out_o     <= {pair_q, word.first, word.pieces, word.id, word.descs, word.total};
      s_q       <= word;
      s_q.first <= next_first;
      s_q.ready <= word.ready - {{(BytesW - 17) {1'b0}}, word.total};
      if (next_first == word.behind) s_q.pieces <= '0;
    end
  end

  logic unused_pair;
  assign unused_pair = ^{take_pair_i, clear_pair_i, add_q};

  `ASSUME(TakenWhatIsThere_A, !take || valid_q[take_pair_i[PairW-1:0]], clk_i, rst_i)
  `ASSERT(AddedInOrder_A, step_q != StAdd || add_q.first == word.behind, clk_i, rst_i)

  stream_checker #(.Width(virtq_pkg::FetchBufferW)) u_check_out (
      .clk_i, .rst_i, .valid_i(out_valid_o), .ready_i(out_ready_i), .payload_i(out_o));

endmodule

`default_nettype wire
