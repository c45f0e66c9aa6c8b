// SPDX-License-Identifier: Apache-2.0
// Interrupt moderation: how many frames and how long the question for an interrupt may wait (virtio 1.3, 5.1.6.5.9).
//
// A notice -> the same notice as a request, a few cycles later; `ask` when the driver's wish is to be looked at now:
// max_packets frames became visible since the first that was not asked for, or max_usecs passed since it, whichever
// comes first. With either of them 0: at once. A request by time alone announces nothing.
//
// Time is counted in ticks of a microsecond: after max_usecs ticks, which is never later than max_usecs plus a walk (at
// most 5 cycles for each waiting queue), and less than a microsecond earlier. A parameter that changes is looked at at
// once. Parameters are undefined until written (virtq_coalesce_regs writes all of them after a reset) and outlive a
// clear.
// run_i: only running queues are looked at; query_busy_o (registered): that pair's notice is in hand.
// Place: virtq_give_write -> this -> virtq_give_event.
`include "assert.svh"
`default_nettype none

module virtq_moderate #(
    parameter int unsigned Pairs = 8,
    parameter int unsigned CyclesPerUsec = 250
) (
    input  wire                        clk_i,
    input  wire                        rst_i,
    // queues
    input  wire            [Pairs-1:0] run_i,
    input  wire                        clear_valid_i,
    input  wire                  [5:0] clear_pair_i,
    input  wire                  [5:0] query_pair_i,
    output logic                       query_busy_o,
    // parameters
    input  virtq_give_pkg::coalesce_t  coalesce_i,
    // became visible
    input  wire                        notice_valid_i,
    output logic                       notice_ready_o,
    input  virtq_give_pkg::notice_t    notice_i,
    // the same, moderated
    output logic                       request_valid_o,
    input  wire                        request_ready_i,
    output virtq_give_pkg::request_t   request_o
);

  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;
  localparam int unsigned TickW = (CyclesPerUsec > 1) ? $clog2(CyclesPerUsec) : 1;

  typedef enum logic [2:0] {StIdle, StLoad, StCount, StTime, StOut} state_e;
  state_e state_q;

  virtq_give_pkg::notice_t notice_q;
  logic                    announce_q, ask_q, count_due_q;
  logic        [PairW-1:0] pair_q;
  logic             [31:0] count_q;    // frames since the first that was not asked for
  logic             [31:0] start_q;    // when that one was seen
  logic             [31:0] elapsed_q;
  logic             [31:0] max_packets, max_usecs, max_packets_q, max_usecs_q;

  // -- time --------------------------------------------------------------------------------------------
  logic [TickW-1:0] tick_q;
  logic      [31:0] now_q;
  logic             tick;

  assign tick = tick_q == '0;

  always_ff @(posedge clk_i) begin
    tick_q <= (rst_i || tick) ? TickW'(CyclesPerUsec - 1) : tick_q - 1'b1;
    if (rst_i) now_q <= '0;
    else if (tick) now_q <= now_q + 1'b1;
  end

  // -- who is looked at --------------------------------------------------------------------------------
  logic [Pairs-1:0] waiting_q;  // frames that were not asked for
  logic [Pairs-1:0] look_q;     // the time or a parameter changed
  logic             look_valid, look_take, look_turn_q, take;
  logic [PairW-1:0] look_pair, pair;

  rr_pick #(.N(Pairs)) u_look (
      .clk_i, .rst_i, .want_i(look_q & waiting_q & run_i), .valid_o(look_valid), .number_o(look_pair),
      .take_i(look_take));

  assign look_take = state_q == StIdle && look_valid && (look_turn_q || !notice_valid_i);
  assign notice_ready_o = state_q == StIdle && !(look_valid && look_turn_q);
  assign take = notice_valid_i && notice_ready_o;
  assign pair = look_take ? look_pair : notice_i.pair[PairW-1:0];

  // -- state and parameters ----------------------------------------------------------------------------
  logic [63:0] stored;
  logic        save;

  assign save = state_q == StOut && request_ready_i;

  ram_sdp #(.Width(64), .Depth(Pairs)) u_state (
      .clk_i, .wr_en_i(save), .wr_addr_i(pair_q), .wr_data_i({start_q, count_q}),
      .rd_en_i(state_q == StIdle), .rd_addr_i(pair), .rd_data_o(stored));

  ram_sdp #(.Width(32), .Depth(Pairs)) u_max_packets (
      .clk_i, .wr_en_i(coalesce_i.valid && !coalesce_i.usecs), .wr_addr_i(coalesce_i.pair[PairW-1:0]),
      .wr_data_i(coalesce_i.data), .rd_en_i(state_q == StIdle), .rd_addr_i(pair), .rd_data_o(max_packets));

  ram_sdp #(.Width(32), .Depth(Pairs)) u_max_usecs (
      .clk_i, .wr_en_i(coalesce_i.valid && coalesce_i.usecs), .wr_addr_i(coalesce_i.pair[PairW-1:0]),
      .wr_data_i(coalesce_i.data), .rd_en_i(state_q == StIdle), .rd_addr_i(pair), .rd_data_o(max_usecs));

  // -- a turn ------------------------------------------------------------------------------------------
  logic        time_due;
  logic [32:0] count_sum;

  assign time_due = elapsed_q >= max_usecs_q;
  assign count_sum = (waiting_q[pair_q] ? {1'b0, stored[31:0]} : 33'd0) +
                     (announce_q ? {26'd0, notice_q.frames} : 33'd0);

  assign request_valid_o = state_q == StOut;
  assign request_o = {announce_q, ask_q, notice_q};

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q     <= StIdle;
      look_turn_q <= 1'b0;
    end else begin
      unique case (state_q)
        StIdle: begin
          if (look_take || take) begin
            look_turn_q <= take;
            state_q     <= StLoad;
          end
        end
        StLoad:  state_q <= StCount;
        StCount: state_q <= StTime;
        StTime:  state_q <= (announce_q || count_due_q || time_due) ? StOut : StIdle;
        default: if (save) state_q <= StIdle;
      endcase
    end
    if (state_q == StIdle) begin
      notice_q <= notice_i;
      if (look_take) notice_q.pair <= 6'(look_pair);
      announce_q <= !look_take;
      pair_q     <= pair;
    end
    if (state_q == StLoad) begin
      count_q       <= count_sum[32] ? '1 : count_sum[31:0];
      start_q       <= waiting_q[pair_q] ? stored[63:32] : now_q;
      max_packets_q <= max_packets;
      max_usecs_q   <= max_usecs;
    end
    if (state_q == StCount) begin
      elapsed_q   <= now_q - start_q;
      count_due_q <= count_q >= max_packets_q;
    end
    if (state_q == StTime) ask_q <= count_due_q || time_due;
  end

  always_ff @(posedge clk_i) begin
    if (look_take) look_q[look_pair] <= 1'b0;
    if (tick) look_q <= '1;
    if (coalesce_i.valid) look_q[coalesce_i.pair[PairW-1:0]] <= 1'b1;
    if (save) waiting_q[pair_q] <= !ask_q;
    if (clear_valid_i) waiting_q[clear_pair_i[PairW-1:0]] <= 1'b0;
    if (rst_i) begin
      look_q    <= '0;
      waiting_q <= '0;
    end
    query_busy_o <= state_q != StIdle && 6'(pair_q) == query_pair_i;
  end

  logic unused_bits;
  assign unused_bits = ^{coalesce_i, clear_pair_i};

  `ASSERT(LookedAtWhenWaiting_A, state_q != StLoad || announce_q || waiting_q[pair_q], clk_i, rst_i)
  `ASSERT(CountsFrames_A, !notice_valid_i || notice_i.frames != '0, clk_i, rst_i)

  stream_checker #(.Width(virtq_give_pkg::NoticeW), .Assumed(1'b1)) u_check_notice (
      .clk_i, .rst_i, .valid_i(notice_valid_i), .ready_i(notice_ready_o), .payload_i(notice_i));
  stream_checker #(.Width(virtq_give_pkg::RequestW)) u_check_request (
      .clk_i, .rst_i, .valid_i(request_valid_o), .ready_i(request_ready_i), .payload_i(request_o));

endmodule

`default_nettype wire
