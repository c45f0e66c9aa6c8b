// SPDX-License-Identifier: Apache-2.0
// Collects buffers that are given back into lines of used entries, for all queues of a direction (virtio 1.2,
// 2.7.8, 2.8.6 to 2.8.8).
//
// give -> entry words (entry_*_o) and, once a line is complete, jobs for the writer in the order in which they have to
// become visible. 5 cycles a give, 2 to 4 more when it completes a line.
//
// A packed line is up to 4 entries side by side in one aligned 64-byte block; a split one is up to 8 entries, followed
// by a job for used.idx. A line is written
//  * when it is full, when the ring ends, when the next entry would not stand beside it (packed: a buffer of several
//    descriptors leaves a gap);
//  * when nothing has come and nothing was on its way (idle_i) for IdleCycles;
//  * when it has waited for AgeCycles/2 .. AgeCycles, not counting those in which the writer is busy: lines grow with
//    the load, else a late writer would get shorter ones, and more of them, and never catch up;
//  * at once when the queue was told to stop: what is in memory is given back before a reset completes.
//
// A frame of several buffers (`more`) shows all at once: packed, its first entry is withheld and written by a job of
// its own behind all others; split, used.idx only ever counts complete frames.
//
//   packed ring, a frame of 4 buffers:  | a | F | 2 | 3 |  4 |   |     jobs: a;  2 3;  4;  F (announces)
//
// IN_ORDER, transmit direction: what collects in the time of a line becomes one entry with the last buffer's id; the
// position skips them all.
//
// Buffers of a queue that is not enabled are dropped. query_busy_o (registered): that pair has an open line, or its
// buffer or job is in hand.
// Place: engines -> this -> virtq_give_write.
`include "assert.svh"
`default_nettype none

module virtq_give_lines #(
    parameter int unsigned Pairs = 8,
    parameter bit          Transmit = 1'b0,
    parameter int unsigned IdleCycles = 8,   // longer than the gap between two frames of a burst
    parameter int unsigned AgeCycles = 250
) (
    input  wire                         clk_i,
    input  wire                         rst_i,
    // queues
    input  virtq_pkg::config_write_t    config_i,
    input  virtq_pkg::mode_t            mode_i,
    input  wire             [Pairs-1:0] enabled_i,
    input  wire             [Pairs-1:0] stop_i,
    input  wire                         clear_valid_i,
    input  wire                   [5:0] clear_pair_i,
    input  wire                   [5:0] query_pair_i,
    output logic                        query_busy_o,
    // buffers to give back
    input  wire                         idle_i,  // none is on its way
    input  wire                         give_valid_i,
    output logic                        give_ready_o,
    input  virtq_pkg::give_t            give_i,
    // entry words
    output logic                        entry_valid_o,
    output logic                  [9:0] entry_slot_o,  // pair, slot
    output logic                 [63:0] entry_o,
    // jobs
    output logic                        job_valid_o,
    input  wire                         job_ready_i,
    output virtq_give_pkg::job_t        job_o
);

  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;
  localparam int unsigned IdleW = $clog2(IdleCycles + 1);
  localparam int unsigned AgeW = $clog2(AgeCycles / 2 + 1);
  localparam logic [3:0] RunMax = 4'd8;     // split entries of a line
  localparam logic [6:0] BatchMax = 7'd64;  // frames of an IN_ORDER batch

  typedef enum logic [2:0] {StIdle, StLoad, StSum, StPut, StOffer, StTail, StSave} state_e;
  state_e state_q;

  virtq_pkg::give_t      give_q;
  logic      [PairW-1:0] pair_q;
  logic                  flush_q;   // this turn only writes the open line
  logic                  resume_q;  // the buffer in hand waits for the line before it to be written
  logic                  tail_q;    // packed: the frame is complete, its first entry follows
  virtq_give_pkg::line_t line_q;
  logic           [15:0] size_q;
  logic           [16:0] sum_q;

  // -- what to do next ---------------------------------------------------------------------------------
  logic [Pairs-1:0] open_q, young_q, old_q, fresh_q;
  logic             due_valid, due_take, due_turn_q;
  logic [PairW-1:0] due_pair, give_pair;
  logic [IdleW-1:0] idle_q;
  logic  [AgeW-1:0] age_q;
  logic             give_take, age_tick;

  rr_pick #(.N(Pairs)) u_due (
      .clk_i, .rst_i, .want_i(open_q & (old_q | stop_i | {Pairs{idle_q == '0}})),
      .valid_o(due_valid), .number_o(due_pair), .take_i(due_take));

  assign give_pair = give_i.pair[PairW-1:0];
  assign due_take = state_q == StIdle && due_valid && (due_turn_q || !give_valid_i);
  assign give_ready_o = state_q == StIdle && !(due_valid && due_turn_q);
  assign give_take = give_valid_i && give_ready_o;
  assign age_tick = age_q == '0;

  // -- state of the queues -----------------------------------------------------------------------------
  logic [virtq_give_pkg::LineW-1:0] stored;
  virtq_give_pkg::line_t            loaded;
  logic                      [63:0] size_word;
  logic                             save, put;

  ram_sdp #(.Width(virtq_give_pkg::LineW), .Depth(Pairs)) u_state (
      .clk_i, .wr_en_i(save), .wr_addr_i(pair_q), .wr_data_i(line_q),
      .rd_en_i(state_q == StIdle), .rd_addr_i(due_take ? due_pair : give_pair), .rd_data_o(stored));

  ram_sdp #(.Width(16), .Depth(Pairs)) u_size (
      .clk_i, .wr_en_i(config_i.valid && config_i.field == virtq_pkg::FieldSize),
      .wr_addr_i(config_i.pair[PairW-1:0]), .wr_data_i(config_i.data[15:0]),
      .rd_en_i(state_q == StIdle), .rd_addr_i(due_take ? due_pair : give_pair), .rd_data_o(size_word[15:0]));

  assign size_word[63:16] = config_i.data[63:16];
  assign save = state_q == StSave;
  assign put = state_q == StPut;

  always_comb begin
    loaded = stored;
    if (fresh_q[pair_q]) begin
      loaded = '0;
      loaded.position = {mode_i.is_packed, 15'd0};
    end
  end

  // -- a buffer joins ----------------------------------------------------------------------------------
  logic                  batching, begins, ends, ring_end, closes;
  logic           [15:0] next_position;
  logic           [17:0] descs_sum;
  virtq_give_pkg::line_t joined;

  assign batching = Transmit && mode_i.in_order;
  assign begins = mode_i.is_packed && !batching && give_q.more && !line_q.group;
  assign ends = mode_i.is_packed && !batching && !give_q.more && line_q.group;
  assign ring_end = mode_i.is_packed ? sum_q >= {1'b0, size_q}
                                     : (line_q.position & (size_q - 1'b1)) == size_q - 1'b1;
  assign descs_sum = {1'b0, line_q.descs} + (mode_i.is_packed ? {2'b0, give_q.descs} : 18'd1);

  always_comb begin
    if (!mode_i.is_packed) next_position = line_q.position + 1'b1;
    else if (ring_end) next_position = {!line_q.position[15], 15'(sum_q - {1'b0, size_q})};
    else next_position = {line_q.position[15], sum_q[14:0]};
  end

  always_comb begin
    closes = 1'b0;
    if (batching) closes = line_q.frames == BatchMax - 1'b1;
    else if (!mode_i.is_packed) closes = ring_end || line_q.count == RunMax - 1'b1;
    else if (!begins) closes = ring_end || ends || give_q.descs != 16'd1 || (&line_q.position[1:0]);
  end

  always_comb begin
    joined = line_q;
    joined.position = next_position;
    joined.descs = descs_sum[17] ? '1 : descs_sum[16:0];
    joined.group = give_q.more && !batching;
    if (begins) joined.head = line_q.position[14:0];
    else joined.count = batching ? 4'd1 : line_q.count + 1'b1;
    if (line_q.count == '0) joined.start = line_q.position;
    if (!joined.group) begin
      joined.frames = line_q.frames + 1'b1;
      joined.shown = next_position;
    end
  end

  // -- its entry ---------------------------------------------------------------------------------------
  logic        wrap;
  logic  [3:0] slot;
  logic [15:0] flags;

  assign wrap = (batching && line_q.count != '0) ? line_q.start[15] : line_q.position[15];
  assign flags = (wrap ? (contract_pkg::DESC_F_AVAIL | contract_pkg::DESC_F_USED) : 16'd0) |
                 (give_q.written ? contract_pkg::DESC_F_WRITE : 16'd0);
  assign slot = begins ? {line_q.head_half, 3'd4}
                       : {line_q.half, batching ? 3'd0 : line_q.count[2:0]};
  assign entry_valid_o = put;
  assign entry_slot_o = {6'(pair_q), slot};
  assign entry_o = mode_i.is_packed ? {flags, give_q.id, give_q.len} : {give_q.len, 16'd0, give_q.id};

  // -- jobs --------------------------------------------------------------------------------------------
  logic whole;  // the line holds complete frames only
  logic offered, tail;

  assign tail = state_q == StTail;
  assign whole = mode_i.is_packed && !line_q.group && !tail_q;
  assign job_valid_o = state_q == StOffer || tail;
  assign offered = job_valid_o && job_ready_i;

  always_comb begin
    job_o = '0;
    job_o.kind = mode_i.is_packed ? virtq_give_pkg::JobLine : virtq_give_pkg::JobRun;
    job_o.slot = {line_q.half, 3'd0};
    job_o.count = line_q.count;
    job_o.place = mode_i.is_packed ? {1'b0, line_q.start[14:0]} : line_q.start & (size_q - 1'b1);
    job_o.announce = whole || tail;
    if (tail) begin
      job_o.count = 4'd1;
      if (mode_i.is_packed) begin
        job_o.slot = {line_q.head_half, 3'd4};
        job_o.place = {1'b0, line_q.head};
      end else begin
        job_o.kind = virtq_give_pkg::JobIndex;
        job_o.place = line_q.shown;
      end
    end
    job_o.notice.pair = 6'(pair_q);
    job_o.notice.frames = line_q.frames;
    job_o.notice.descs = line_q.descs;
    job_o.notice.position = mode_i.is_packed ? line_q.position : line_q.shown;
  end

  // -- a turn ------------------------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q    <= StIdle;
      due_turn_q <= 1'b0;
    end else begin
      unique case (state_q)
        StIdle: begin
          if (due_take) begin
            due_turn_q <= 1'b0;
            state_q    <= StLoad;
          end else if (give_take) begin
            due_turn_q <= 1'b1;
            if (enabled_i[give_pair]) state_q <= StLoad;
          end
        end
        StLoad: state_q <= flush_q ? StOffer : StSum;
        StSum:  state_q <= (begins && line_q.count != '0) ? StOffer : StPut;
        StPut:  state_q <= closes ? StOffer : StSave;
        StOffer: begin
          if (offered) begin
            if (tail_q || (!mode_i.is_packed && line_q.frames != '0)) state_q <= StTail;
            else state_q <= resume_q ? StPut : StSave;
          end
        end
        StTail:  if (offered) state_q <= StSave;
        default: state_q <= StIdle;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StIdle) begin
      give_q   <= give_i;
      pair_q   <= due_take ? due_pair : give_pair;
      flush_q  <= due_take;
      resume_q <= 1'b0;
      tail_q   <= 1'b0;
    end
    if (state_q == StLoad) begin
      line_q <= loaded;
      size_q <= size_word[15:0];
    end
    if (state_q == StSum) begin
      sum_q    <= {2'b0, line_q.position[14:0]} + {1'b0, give_q.descs};
      resume_q <= 1'b1;
    end
    if (put) begin
      line_q   <= joined;
      tail_q   <= ends;
      resume_q <= 1'b0;
    end
    if (offered && !tail) begin
      line_q.count <= '0;
      line_q.half  <= !line_q.half;
    end
    if (offered && tail && mode_i.is_packed) line_q.head_half <= !line_q.head_half;
    if (offered && job_o.announce) begin
      line_q.frames <= '0;
      line_q.descs  <= '0;
    end
  end

  // -- when a line is due ------------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (rst_i || age_tick) age_q <= AgeW'(AgeCycles / 2 - 1);
    else if (job_ready_i) age_q <= age_q - 1'b1;
    if (rst_i || give_valid_i || !idle_i) idle_q <= IdleW'(IdleCycles);
    else if (idle_q != '0) idle_q <= idle_q - 1'b1;
    if (age_tick) begin
      old_q   <= open_q & young_q;
      young_q <= open_q;
    end
    if (put && line_q.count == '0) begin
      old_q[pair_q]   <= 1'b0;
      young_q[pair_q] <= 1'b0;
    end
    if (save) begin
      open_q[pair_q]  <= line_q.count != '0;
      fresh_q[pair_q] <= 1'b0;
    end
    if (clear_valid_i) begin
      open_q[clear_pair_i[PairW-1:0]]  <= 1'b0;
      fresh_q[clear_pair_i[PairW-1:0]] <= 1'b1;
    end
    if (rst_i) begin
      open_q  <= '0;
      fresh_q <= '1;
    end
    query_busy_o <= open_q[query_pair_i[PairW-1:0]] || (state_q != StIdle && 6'(pair_q) == query_pair_i);
  end

  logic unused_bits;
  assign unused_bits = ^{config_i, clear_pair_i, query_pair_i, give_q.pair, size_word[63:16], mode_i};

  `ASSERT(LineNotOverfull_A, line_q.count <= (mode_i.is_packed ? 4'd4 : RunMax) || state_q == StIdle ||
          state_q == StLoad, clk_i, rst_i)
  `ASSERT(OfferedLineNotEmpty_A, state_q != StOffer || line_q.count != '0, clk_i, rst_i)
  `ASSERT(LineWithinRing_A, state_q != StOffer || {1'b0, job_o.place} + {13'd0, job_o.count} <= {1'b0, size_q},
          clk_i, rst_i)
  `ASSERT(ClearedAtRest_A, !clear_valid_i || state_q == StIdle || 6'(pair_q) != clear_pair_i, clk_i, rst_i)

  stream_checker #(.Width(virtq_pkg::GiveW), .Assumed(1'b1)) u_check_give (
      .clk_i, .rst_i, .valid_i(give_valid_i), .ready_i(give_ready_o), .payload_i(give_i));
  stream_checker #(.Width(virtq_give_pkg::JobW)) u_check_job (
      .clk_i, .rst_i, .valid_i(job_valid_o), .ready_i(job_ready_i), .payload_i(job_o));

endmodule

`default_nettype wire
