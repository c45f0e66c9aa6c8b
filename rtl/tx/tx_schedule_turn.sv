// SPDX-License-Identifier: Apache-2.0
// Whose buffer is read next: deficit round robin with a token bucket a queue.
//
// A queue whose turn comes gets its quantum on top of what it kept, unless that pays already, and is granted
// buffers while it can pay; then the turn passes on. What it kept is lost once it has nothing ready.
// A queue with a rate needs tokens for the whole buffer too (a bucket that is full counts as enough, so that
// nothing waits for ever); every 2**TickW cycles a bucket gets rate / 256 bytes for each of them, up to burst.
// Eight cycles a decision, four of which refill one bucket, or wait for grant_ready_i:
//
//   pick   ask     weigh  decide   refill (grant_valid_o from here on) x 4 ..
//   ready  head_pair_o -> head_len_i
//
// ready_i of a pair is not looked at within four cycles of its grant. Paused: neither turn nor grant.
// Place: virtq_fetch, tx_schedule_settings -> this -> virtio_tx_engine.
`include "assert.svh"
`default_nettype none

module tx_schedule_turn #(
    parameter int unsigned Pairs = 8,
    parameter int unsigned TickW = 10,
    localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1
) (
    input  wire              clk_i,
    input  wire              rst_i,
    // queues
    input  wire  [Pairs-1:0] ready_i,
    input  wire  [Pairs-1:0] paused_i,
    output logic [PairW-1:0] head_pair_o,
    input  wire       [16:0] head_len_i,       // in the cycle after
    // settings of a pair, in the cycle after
    output logic             settings_read_o,
    output logic [PairW-1:0] settings_pair_o,
    input  wire       [16:0] quantum_i,
    input  wire       [15:0] rate_i,           // 1/256 bytes a cycle; 0: no limit
    input  wire       [17:0] burst_i,          // bytes
    // grants
    output logic             grant_valid_o,
    input  wire              grant_ready_i,
    output logic [PairW-1:0] grant_pair_o
);

  localparam int unsigned TokenW = 20;   // signed: a full bucket may be overdrawn
  localparam int unsigned CreditW = 18;
  localparam int unsigned StateW = TokenW + CreditW;
  localparam logic [PairW-1:0] LastPair = PairW'(Pairs - 1);

  typedef enum logic [3:0] {StClear, StPick, StAsk, StWeigh, StDecide, StRead, StAdd, StStore, StRest} state_e;
  state_e state_q;

  // -- whose turn --------------------------------------------------------------------------------------
  logic [Pairs-1:0] keep_q;        // its deficit counts
  logic [Pairs-1:0] dry_q;         // has to wait for the next refill
  logic [Pairs-1:0] blocked_q;     // paused
  logic [PairW-1:0] turn_q, pair_q, next;
  logic             staying_q;     // the turn has not passed on
  logic             fresh_q;       // it begins now
  logic [Pairs-1:0] eligible, behind;
  logic             any;

  assign eligible = ready_i & ~dry_q & ~blocked_q;
  assign any = eligible != '0;

  // The lowest pair above the turn, or else the lowest of all.
  always_comb begin
    for (int unsigned k = 0; k < Pairs; k++) behind[k] = eligible[k] && PairW'(k) > turn_q;
    next = '0;
    for (int unsigned k = 0; k < Pairs; k++) begin
      if (behind == '0 && eligible[Pairs-1-k]) next = PairW'(Pairs - 1 - k);
      if (behind[Pairs-1-k]) next = PairW'(Pairs - 1 - k);
    end
  end

  // -- the ticks of the buckets --------------------------------------------------------------------------
  logic [TickW-1:0] tick_q;
  logic             refilling_q;   // not all buckets have got theirs
  logic             refill_now_q;  // this round of four is for one: it was read
  logic [PairW-1:0] refill_q;      // the next one
  logic             settled_q;     // no grant waited when this round of four began

  // -- state of a pair: deficit and tokens -----------------------------------------------------------------
  logic                     store, clear;
  logic         [PairW-1:0] store_pair, read_pair;
  logic       [CreditW-1:0] kept, credit_q, credit_d;
  logic signed [TokenW-1:0] tokens, tokens_q, tokens_d, full, more;
  logic                     look;

  assign clear = state_q == StClear;
  assign look = state_q == StAsk || (state_q == StRead && refilling_q);
  assign read_pair = (state_q == StAsk) ? pair_q : refill_q;
  assign settings_read_o = look;
  assign settings_pair_o = read_pair;
  assign head_pair_o = pair_q;

  ram_sdp #(.Width(StateW), .Depth(Pairs)) u_state (
      .clk_i, .wr_en_i(store), .wr_addr_i(store_pair), .wr_data_i({credit_d, tokens_d}),
      .rd_en_i(look), .rd_addr_i(read_pair), .rd_data_o({kept, tokens}));

  // -- weigh, decide -----------------------------------------------------------------------------------------
  logic [CreditW-1:0] base_q;
  logic        [16:0] len_q;
  logic               limited_q, full_q, paid_by_kept, paid, flows;

  assign full = $signed({2'b00, burst_i});
  assign more = (TickW >= 8) ? $signed(TokenW'(rate_i) << (TickW - 8)) : $signed(TokenW'(rate_i) >> (8 - TickW));
  assign paid_by_kept = {1'b0, len_q} <= base_q;
  assign paid = paid_by_kept || {1'b0, len_q} <= credit_q;
  assign flows = !limited_q || full_q || tokens_q >= $signed({3'b000, len_q});

  always_comb begin
    store      = 1'b0;
    store_pair = pair_q;
    credit_d   = credit_q;
    tokens_d   = tokens_q;
    if (clear) begin
      store      = 1'b1;
      store_pair = refill_q;
      credit_d   = '0;
      tokens_d   = '0;
    end else if (state_q == StDecide) begin
      store = 1'b1;
      if (!flows) credit_d = base_q;
      else if (paid) begin
        credit_d = (paid_by_kept ? base_q : credit_q) - {1'b0, len_q};
        tokens_d = limited_q ? tokens_q - $signed({3'b000, len_q}) : tokens_q;
      end
    end else if (state_q == StStore) begin
      store      = refill_now_q;
      store_pair = refill_q;
    end
  end

  always_ff @(posedge clk_i) begin
    blocked_q <= paused_i;
    if (state_q == StWeigh) begin
      len_q     <= head_len_i;
      base_q    <= keep_q[pair_q] ? kept : '0;
      credit_q  <= (keep_q[pair_q] ? kept : '0) + (fresh_q ? {1'b0, quantum_i} : '0);
      tokens_q  <= tokens;
      limited_q <= rate_i != '0;
      full_q    <= tokens >= full;
    end
    // a refill, in two cycles
    if (state_q == StAdd) begin
      credit_q <= kept;
      tokens_q <= (full - more <= tokens) ? full : tokens + more;
    end
  end

  // -- the round ---------------------------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q       <= StClear;
      refill_q      <= '0;
      refilling_q   <= 1'b0;
      tick_q        <= '0;
      keep_q        <= '0;
      dry_q         <= '0;
      turn_q        <= LastPair;
      staying_q     <= 1'b0;
      grant_valid_o <= 1'b0;
    end else begin
      tick_q <= tick_q + 1'b1;
      if (grant_ready_i) grant_valid_o <= 1'b0;
      if (&tick_q) refilling_q <= !clear;
      unique case (state_q)
        StClear: begin
          refill_q <= (refill_q == LastPair) ? '0 : refill_q + 1'b1;
          if (refill_q == LastPair) state_q <= StRead;
        end
        StPick: begin
          // Only here: between a take and the queue's next buffer ready_i is low for a moment.
          keep_q  <= keep_q & ready_i;
          state_q <= any ? StAsk : StRead;
          if (any) begin
            staying_q <= 1'b0;
            if (!(staying_q && eligible[turn_q])) turn_q <= next;
          end
        end
        StAsk:   state_q <= StWeigh;
        StWeigh: state_q <= StDecide;
        StDecide: begin
          state_q        <= StRead;
          keep_q[pair_q] <= ready_i[pair_q];
          dry_q[pair_q]  <= !flows;
          if (flows && paid) begin
            grant_valid_o <= 1'b1;
            staying_q     <= 1'b1;
          end
        end
        StRead:  state_q <= StAdd;
        StAdd:   state_q <= StStore;
        StStore: begin
          // What is granted must be taken before the queues are looked at again, four cycles later.
          state_q <= StRest;
          if (refill_now_q) begin
            dry_q[refill_q] <= 1'b0;
            refill_q        <= (refill_q == LastPair) ? '0 : refill_q + 1'b1;
            if (refill_q == LastPair && !(&tick_q)) refilling_q <= 1'b0;
          end
        end
        default: state_q <= settled_q ? StPick : StRead;
      endcase
    end
    if (state_q == StPick) begin
      pair_q  <= (staying_q && eligible[turn_q]) ? turn_q : next;
      fresh_q <= !(staying_q && eligible[turn_q]);
    end
    if (state_q == StDecide) grant_pair_o <= pair_q;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) settled_q <= 1'b0;
    else if (state_q == StRead) settled_q <= !grant_valid_o || grant_ready_i;
    if (state_q == StRead) refill_now_q <= refilling_q;  // a tick may come before it is stored
  end

  stream_checker #(.Width(PairW)) u_check_grant (
      .clk_i, .rst_i, .valid_i(grant_valid_o), .ready_i(grant_ready_i), .payload_i(grant_pair_o));
  `ASSERT(OneGrantAtATime_A, state_q != StDecide || !grant_valid_o, clk_i, rst_i)

endmodule

`default_nettype wire
