// SPDX-License-Identifier: Apache-2.0
// Decides which read comes next, for all queues in turn, and takes in what the reads found.
//
// Packed: reads of 4 descriptors, doubling to 32 while they come back full, halving while less than half is
// found, never past the end of the ring; the next one goes out as soon as the last was seen to be full, or
// when the walk has met the first descriptor that is not available (dry_i; where: tail_i). A doorbell that
// says how far the driver is (NOTIFICATION_DATA) is read up to exactly there; a wrong one costs only bytes.
// Split: the index, then the entries that it covers (up to 32 a read), then the heads' descriptors, adjacent
// ones together; the three kinds of reads overlap. Entry, slot and descriptor of one buffer share the low
// bits of its index as place in their memories.
// A visit to a queue takes 7 to 8 cycles, further descriptor reads of a split queue 6 each.
// Place: virtq_fetch_wake, virtq_fetch_ops, virtq_fetch_walk -> this -> virtq_fetch_ops, virtq_fetch_arm.
`include "assert.svh"
`default_nettype none

module virtq_fetch_plan #(
    parameter int unsigned Pairs = 8,
    parameter int unsigned SlotW = 6
) (
    input  wire                         clk_i,
    input  wire                         rst_i,
    input  wire virtq_pkg::mode_t       mode_i,
    input  wire virtq_pkg::config_write_t config_i,
    input  wire virtq_pkg::doorbell_t   doorbell_i,
    input  wire  [Pairs-1:0]            go_i,        // enabled, not stopped, not dead
    input  wire                         clear_valid_i,
    input  wire  [5:0]                  clear_pair_i,
    input  wire  [5:0]                  query_pair_i,
    output logic                        busy_o,
    // finished reads
    input  wire  [5:0]                  done_pair_i,
    input  wire                         slots_i,
    input  wire                         entries_i,
    input  wire                         index_i,
    input  wire  [Pairs-1:0]            short_i,
    // the walk: slots given back, or the end of what is available
    input  wire                         walked_i,
    input  wire                         dry_i,
    input  wire  [5:0]                  walked_pair_i,
    input  wire  [22:0]                 tail_i,      // of the queue read last: slot with lap, position
    output logic                        load_o,      // reads of the words of load_pair_o
    output logic [5:0]                  load_pair_o,
    // where the read under way ends, for the walk
    output logic                        end_valid_o,
    output logic [5:0]                  end_pair_o,
    output logic [6:0]                  end_o,
    output logic                        begin_o,     // ... begins, with this wrap counter
    output logic                        begin_wrap_o,
    // memories of virtq_fetch_store
    output logic                        entry_en_o,
    output logic [SlotW-1:0]            entry_slot_o,
    input  wire  [15:0]                 entry_i,
    input  wire  [15:0]                 index_data_i,
    // wishes
    input  wire  [Pairs-1:0]            want_look_i,
    input  wire  [Pairs-1:0]            want_arm_i,
    output logic                        look_o,
    output logic                        result_o,
    output logic                        some_o,
    output logic                        more_o,
    // arming
    output logic                        arm_valid_o,
    input  wire                         arm_ready_i,
    output logic [63:0]                 arm_addr_o,
    output logic [15:0]                 arm_where_o,
    // reads
    output logic                        req_valid_o,
    input  wire                         req_ready_i,
    output virtq_pkg::fetch_req_t       req_o,
    // a broken rule
    output logic                        fail_o,
    output logic [5:0]                  pair_o       // of look_o, result_o, arm_valid_o, fail_o
);

  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;
  localparam logic [6:0] Slots = 7'(1 << SlotW);

  typedef struct packed {
    logic [15:0] pos;      // packed: next to read; split: available index seen
    logic [15:0] asked;    // split: entries asked for, up to here
    logic [15:0] got;      // split: entries here
    logic [15:0] fetched;  // split: descriptors asked for
    logic [6:0]  head;     // packed: slot of the next read, with lap
    logic [5:0]  count;    // packed: length of the read under way
    logic        exact;    // packed: it ends where the doorbell said
    logic [1:0]  batch;    // packed: 4 << batch at once
  } state_t;
  localparam int unsigned StateW = 4 * 16 + 7 + 6 + 1 + 2;

  typedef enum logic [3:0] {
    StIdle, StLoad, StGot, StDecide, StHead, StHeadGot, StAddr, StRequest, StArm, StStore
  } step_e;
  step_e step_q;

  // -- whose turn ---------------------------------------------------------------------------------------
  logic [Pairs-1:0] seen_q;      // its read (packed) or index (split) is here
  logic [Pairs-1:0] entries_q;   // its entries are here
  logic [Pairs-1:0] dry_q;
  logic [Pairs-1:0] filling_q;   // entries are being read
  logic [Pairs-1:0] open_q;      // split: something seen is not fetched yet
  logic [Pairs-1:0] starved_q;   // nothing can be done for it before something happens
  logic [Pairs-1:0] hint_q;      // its doorbell said where the driver is
  logic [Pairs-1:0] events, request;
  logic             turn_valid;
  logic [5:0]       turn, pair_q;
  logic             touched_q;   // slots of the queue of this visit were given back meanwhile
  logic             rung_q;      // its doorbell rang meanwhile
  logic [Pairs-1:0] look_q;
  logic             is_seen_q, is_entries_q, is_dry_q;
  logic [PairW-1:0] at;

  assign at = pair_q[PairW-1:0];
  assign events = seen_q | entries_q | dry_q;
  assign request = (step_q == StIdle) ? events | (go_i & (want_look_i | want_arm_i | open_q) & ~starved_q) : '0;

  virtq_fetch_turn #(.Pairs(Pairs)) u_turn (
      .clk_i, .rst_i, .request_i(request), .valid_o(turn_valid), .pair_o(turn));

  // -- what is known of the queue -------------------------------------------------------------------------
  state_t      word, s_q;
  logic [63:0] desc, driver, device;
  logic [15:0] size, hint;
  logic        store;

  assign load_o = step_q == StLoad;
  assign load_pair_o = pair_q;
  assign store = step_q == StStore;
  assign pair_o = pair_q;
  assign busy_o = (step_q != StIdle && pair_q == query_pair_i) || events[query_pair_i[PairW-1:0]];

  virtq_fetch_word #(.Pairs(Pairs), .Width(StateW)) u_state (
      .clk_i, .rst_i, .clear_valid_i, .clear_pair_i, .fresh_i({mode_i.is_packed, (StateW - 1)'(0)}),
      .wr_en_i(store), .wr_pair_i(pair_q), .wr_data_i(s_q),
      .rd_en_i(load_o), .rd_pair_i(pair_q), .rd_data_o(word));
  virtq_fetch_config #(.Pairs(Pairs)) u_config (
      .clk_i, .write_i(config_i), .rd_en_i(load_o), .rd_pair_i(pair_q),
      .desc_o(desc), .driver_o(driver), .device_o(device), .size_o(size));
  virtq_fetch_word #(.Pairs(Pairs), .Width(16)) u_hint (
      .clk_i, .rst_i, .clear_valid_i, .clear_pair_i, .fresh_i(16'd0),
      .wr_en_i(doorbell_i.valid), .wr_pair_i(doorbell_i.pair), .wr_data_i(doorbell_i.next),
      .rd_en_i(load_o), .rd_pair_i(pair_q), .rd_data_o(hint));

  // -- first look at it: distances, registered ------------------------------------------------------------
  logic [15:0] index, to_end, ahead, ahead_q, to_end_q, unasked, unasked_q, unfetched_q;
  logic [6:0]  room, room_q;
  logic        ahead_ok_q;

  assign index = mode_i.is_packed ? {1'b0, word.pos[14:0]} : (word.asked & (size - 16'd1));
  assign to_end = size - index;
  assign room = tail_i[22:16] + Slots - (mode_i.is_packed ? word.head : word.asked[6:0]);
  assign unasked = word.pos - word.asked;
  always_comb begin
    // packed: how far the doorbell is ahead; split: how far the index is
    if (!mode_i.is_packed) ahead = index_data_i - word.pos;
    else ahead = {1'b0, hint[14:0]} - index + ((hint[15] != word.pos[15]) ? size : 16'd0);
  end

  // -- the decision ---------------------------------------------------------------------------------------
  logic [6:0]  batch, n;
  logic        use_hint, ring_wraps;
  logic [15:0] next_index;
  logic [5:0]  found;
  logic        want_fetch, want_entries, want_look, want_arm, is_event, idle_visit;

  assign batch = 7'd4 << s_q.batch;
  assign use_hint = mode_i.is_packed && hint_q[at] && ahead_ok_q;
  always_comb begin
    n = mode_i.is_packed ? batch : 7'd32;
    if (use_hint) n = 7'd32;
    if (use_hint && ahead_q < 16'd32) n = ahead_q[6:0];
    if (!mode_i.is_packed && unasked_q < {9'd0, n}) n = unasked_q[6:0];
    if (to_end_q < {9'd0, n}) n = to_end_q[6:0];
  end
  // A read that filled up: on to the next position, round the ring's end.
  assign next_index = {1'b0, s_q.pos[14:0]} + {10'd0, s_q.count};
  assign ring_wraps = next_index == size;
  assign found = 6'(tail_i[5:0] - s_q.pos[5:0]);

  assign want_fetch = !mode_i.is_packed && unfetched_q != '0;
  assign want_entries = !mode_i.is_packed && !filling_q[at] && unasked_q != '0 && room_q >= n;
  assign want_arm = want_arm_i[at];
  assign want_look = want_look_i[at] && (mode_i.is_packed ? room_q >= n && n != '0 : unasked_q < 16'd64);

  assign is_event = is_seen_q || is_entries_q || is_dry_q;
  assign idle_visit = step_q == StDecide && !is_event && !(want_fetch || want_entries || want_arm || want_look);

  // -- events ---------------------------------------------------------------------------------------------
  logic seen_packed, seen_split, jump, full_more, dry;
  assign seen_packed = step_q == StDecide && is_seen_q && mode_i.is_packed && !short_i[at];
  assign seen_split = step_q == StDecide && is_seen_q && !mode_i.is_packed;
  assign dry = step_q == StDecide && is_dry_q;
  assign jump = seen_split && !ahead_ok_q && ahead_q != '0;
  assign full_more = !s_q.exact || (mode_i.event_idx && s_q.count >= 6'd4);
  assign result_o = seen_packed || (seen_split && !jump) || dry;
  assign some_o = seen_packed || (seen_split && ahead_q != '0) || (dry && found != '0);
  assign more_o = seen_packed ? full_more
                              : mode_i.event_idx && (dry ? found >= 6'd4 : ahead_q >= 16'd4);

  logic bad_head;
  assign bad_head = step_q == StHeadGot && entry_i >= size;
  assign fail_o = jump || bad_head;

  // -- reads ----------------------------------------------------------------------------------------------
  logic [15:0] first_q;   // head of a run of adjacent ones
  logic [5:0]  run_q;
  logic        run_ends;
  logic [63:0] base_q, addr_q;
  logic [18:0] offset_q;
  logic        is_look_q, is_run_q;
  logic [1:0]  kind_q;
  logic [6:0]  slot_q;
  logic [5:0]  count_q;

  assign entry_en_o = step_q == StHead;
  assign entry_slot_o = s_q.fetched[SlotW-1:0];
  assign run_ends = run_q != '0 && entry_i != first_q + {10'd0, run_q};
  assign req_valid_o = step_q == StRequest;
  assign arm_valid_o = step_q == StArm;
  assign arm_addr_o = addr_q;
  assign arm_where_o = s_q.pos;
  assign look_o = step_q == StRequest && is_look_q && req_ready_i;
  assign begin_o = step_q == StAddr && is_look_q && mode_i.is_packed;
  assign begin_wrap_o = s_q.pos[15];
  assign end_valid_o = begin_o;
  assign end_pair_o = pair_q;
  assign end_o = slot_q + {1'b0, count_q};

  always_comb begin
    req_o = {pair_q, kind_q, slot_q, count_q, addr_q, 16'd0};
    unique case (kind_q)
      virtq_pkg::FetchSlots: req_o.len = {6'd0, count_q, 4'd0};
      virtq_pkg::FetchEntries: req_o.len = {9'd0, count_q, 1'b0};
      default: req_o.len = 16'd2;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      step_q <= StIdle;
    end else begin
      unique case (step_q)
        StIdle: if (turn_valid) step_q <= StLoad;
        StLoad: step_q <= StGot;
        StGot: step_q <= StDecide;
        StDecide: begin
          step_q <= StStore;
          if (!is_event) begin
            if (want_fetch) step_q <= StHead;
            else if (want_entries || want_arm || want_look) step_q <= StAddr;
          end
        end
        StHead: step_q <= StHeadGot;
        StHeadGot: begin
          if (bad_head && run_q == '0) step_q <= StStore;
          else if (bad_head || run_ends || run_q == 6'd31 || s_q.fetched + 16'd1 == s_q.got) step_q <= StAddr;
          else step_q <= StHead;
        end
        StAddr: step_q <= (!is_look_q && !is_run_q && kind_q == virtq_pkg::FetchIndex) ? StArm : StRequest;
        StArm: if (arm_ready_i) step_q <= StStore;
        StRequest: begin
          if (req_ready_i) step_q <= (is_run_q && s_q.fetched != s_q.got && go_i[at]) ? StHead : StStore;
        end
        default: step_q <= StIdle;
      endcase
    end
    unique case (step_q)
      StIdle: pair_q <= turn;
      StLoad: begin
        is_seen_q    <= seen_q[at];
        is_entries_q <= entries_q[at] && !seen_q[at];
        is_dry_q     <= dry_q[at] && !seen_q[at] && !entries_q[at];
      end
      StGot: begin
        s_q         <= word;
        room_q      <= room;
        to_end_q    <= to_end;
        unasked_q   <= unasked;
        unfetched_q <= word.got - word.fetched;
        ahead_q     <= ahead;
        ahead_ok_q  <= ahead != '0 && ahead <= size && (!mode_i.is_packed || {1'b0, hint[14:0]} < size);
      end
      StDecide: begin
        run_q     <= '0;
        is_run_q  <= want_fetch;
        is_look_q <= 1'b0;
        if (is_entries_q) s_q.got <= s_q.asked;
        if (seen_split && !jump) s_q.pos <= s_q.pos + ahead_q;
        if (seen_packed) begin
          s_q.pos <= ring_wraps ? {!s_q.pos[15], 15'd0} : {s_q.pos[15], next_index[14:0]};
          if (s_q.batch != 2'd3 && !s_q.exact) s_q.batch <= s_q.batch + 2'd1;
        end
        if (dry) begin
          s_q.pos <= tail_i[15:0];
          if ({found, 1'b0} < {1'b0, s_q.count} && s_q.batch != '0) s_q.batch <= s_q.batch - 2'd1;
        end
        if (!is_event && !want_fetch) begin
          count_q <= n[5:0];
          if (want_entries) begin
            kind_q    <= virtq_pkg::FetchEntries;
            slot_q    <= s_q.asked[6:0];
            s_q.asked <= s_q.asked + {9'd0, n};
            base_q    <= driver;
            offset_q  <= {2'd0, s_q.asked & (size - 16'd1), 1'b0} + 19'(virtq_pkg::AvailRingAt);
          end else if (want_arm) begin
            kind_q   <= virtq_pkg::FetchIndex;
            base_q   <= device;
            offset_q <= mode_i.is_packed ? '0 : {size, 3'd0} + 19'(virtq_pkg::UsedRingAt);
          end else if (want_look) begin
            is_look_q <= 1'b1;
            kind_q    <= mode_i.is_packed ? virtq_pkg::FetchSlots : virtq_pkg::FetchIndex;
            slot_q    <= s_q.head;
            base_q    <= mode_i.is_packed ? desc : driver;
            offset_q  <= mode_i.is_packed ? {s_q.pos[14:0], 4'd0} : 19'(virtq_pkg::AvailIndexAt);
            if (mode_i.is_packed) begin
              s_q.head  <= s_q.head + n;
              s_q.count <= n[5:0];
              s_q.exact <= use_hint && {9'd0, n} == ahead_q;
            end
          end
        end
      end
      StHeadGot: begin
        if (run_q == '0) begin
          first_q <= entry_i;
          slot_q  <= s_q.fetched[6:0];
        end
        if (!bad_head && !run_ends) begin
          run_q       <= run_q + 6'd1;
          s_q.fetched <= s_q.fetched + 16'd1;
        end
        kind_q   <= virtq_pkg::FetchSlots;
        base_q   <= desc;
        offset_q <= {(run_q == '0) ? entry_i[14:0] : first_q[14:0], 4'd0};
      end
      StAddr: begin
        addr_q <= base_q + {45'd0, offset_q};
        if (is_run_q) count_q <= run_q;
      end
      StRequest: begin
        run_q <= '0;
        // A kick that this look takes along may have said more than was planned for.
        if (rung_q) s_q.exact <= 1'b0;
      end
      default: ;
    endcase
  end

  // -- bitmaps --------------------------------------------------------------------------------------------
  function automatic [Pairs-1:0] bit_of(input valid, input [5:0] pair);
    for (int unsigned k = 0; k < Pairs; k++) bit_of[k] = valid && 32'(pair) == k;
  endfunction

  logic [Pairs-1:0] visited, done, walked, rang, keep, start_look, hint_gone;
  logic             act;
  assign act = step_q == StDecide && !is_event && !want_fetch;
  assign visited = bit_of(step_q == StDecide, pair_q);
  assign done = bit_of(1'b1, done_pair_i);
  assign walked = bit_of(walked_i, walked_pair_i);
  assign rang = bit_of(doorbell_i.valid, doorbell_i.pair);
  assign keep = ~bit_of(clear_valid_i, clear_pair_i);
  assign start_look = want_look_i & ~look_q;
  assign hint_gone = bit_of(act && !want_entries && !want_arm && want_look && !rung_q &&
                            (!ahead_ok_q || {9'd0, n} == ahead_q), pair_q);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      {seen_q, entries_q, dry_q, filling_q, open_q, starved_q, hint_q, look_q} <= '0;
      {touched_q, rung_q} <= '0;
    end else begin
      look_q    <= want_look_i;
      touched_q <= step_q != StIdle && (touched_q || (walked_i && walked_pair_i == pair_q));
      rung_q    <= step_q != StIdle && (rung_q || (doorbell_i.valid && doorbell_i.pair == pair_q));
      seen_q    <= keep & ((seen_q & ~(is_seen_q ? visited : '0)) |
                           (((slots_i && mode_i.is_packed) || index_i) ? done : '0));
      entries_q <= keep & ((entries_q & ~(is_entries_q ? visited : '0)) | (entries_i ? done : '0));
      dry_q     <= keep & ((dry_q & ~(is_dry_q ? visited : '0)) | (dry_i ? walked : '0));
      filling_q <= keep & ((filling_q & ~(is_entries_q ? visited : '0)) | ((act && want_entries) ? visited : '0));
      open_q    <= keep & ((open_q & ~((idle_visit && unasked_q == '0) ? visited : '0)) |
                           ((is_entries_q || seen_split) ? visited : '0));
      starved_q <= keep & (starved_q | ((idle_visit && !touched_q) ? visited : '0)) &
                   ~(rang | walked | want_arm_i | start_look | (is_event ? visited : '0));
      hint_q    <= keep & ((hint_q & ~hint_gone & ~rang) |
                           ((mode_i.notification_data && mode_i.is_packed) ? rang : '0));
    end
  end

  logic unused_bits;
  assign unused_bits = ^{query_pair_i, config_i.pair, batch, mode_i};

  `ASSERT(WithinRing_A, !begin_o || {10'd0, count_q} <= to_end_q, clk_i, rst_i)
  `ASSERT(SomethingIsRead_A, !req_valid_o || kind_q == virtq_pkg::FetchIndex || count_q != '0, clk_i, rst_i)
  `ASSERT(SlotsEnough_A, step_q != StGot || room <= Slots, clk_i, rst_i)

  stream_checker #(.Width(virtq_pkg::FetchReqW)) u_check_req (
      .clk_i, .rst_i, .valid_i(req_valid_o), .ready_i(req_ready_i), .payload_i(req_o));

endmodule

`default_nettype wire
