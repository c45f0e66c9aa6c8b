// SPDX-License-Identifier: Apache-2.0
// Up to 32 reads in flight, of all queues; says of each slot whether its descriptor is here.
//
// fetch_req_t of two sources (in turn) -> read requests, one every two cycles at best. A finished read marks
// its slots in order, one a cycle: slot_here_o of the slot asked for at here_*_i, one cycle later, is the lap
// in which it was filled last. Then one pulse to whom it concerns: slots_o, table_o, entries_o, index_o; a
// failed read pulses fail_o instead. busy_o: a read of query_pair_i is in flight or being marked.
// After reset and clear all slots of the queue(s) read as filled in the lap before the first: 64 cycles each,
// sweeping_o meanwhile (nothing of that queue may be asked for then).
// Place: virtq_fetch_plan, virtq_fetch_walk -> this <-> dma_read.
`include "assert.svh"
`default_nettype none

module virtq_fetch_ops #(
    parameter int unsigned Pairs = 8,
    parameter int unsigned SlotW = 6,
    parameter logic [2:0]  Client = contract_pkg::RD_RX_DESC
) (
    input  wire                        clk_i,
    input  wire                        rst_i,
    input  wire                        clear_valid_i,
    input  wire  [5:0]                 clear_pair_i,
    output logic                       sweeping_o,
    input  wire  [5:0]                 query_pair_i,
    output logic                       busy_o,
    // requests
    input  wire                        plan_valid_i,
    output logic                       plan_ready_o,
    input  wire virtq_pkg::fetch_req_t plan_i,
    input  wire                        walk_valid_i,
    output logic                       walk_ready_o,
    input  wire virtq_pkg::fetch_req_t walk_i,
    // read
    output logic                       rd_req_valid_o,
    input  wire                        rd_req_ready_i,
    output dma_pkg::rd_req_t           rd_req_o,
    input  wire                        rd_done_valid_i,
    input  wire dma_pkg::rd_done_t     rd_done_i,
    // finished: pulses for done_pair_o
    output logic [5:0]                 done_pair_o,
    output logic                       slots_o,
    output logic                       table_o,
    output logic                       entries_o,
    output logic                       index_o,
    output logic                       fail_o,
    // laps of slots
    input  wire                        here_en_i,
    input  wire  [5:0]                 here_pair_i,
    input  wire  [SlotW-1:0]           here_slot_i,
    output logic                       here_o
);

  localparam int unsigned Ops = 1 << dma_pkg::OpW;
  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;
  localparam int unsigned InfoW = 6 + 2 + 7 + 6;

  // -- issue --------------------------------------------------------------------------------------------
  logic [Ops-1:0]          open_q;
  logic [6*Ops-1:0]        pair_q;
  logic                    free_valid_q;
  logic [dma_pkg::OpW-1:0] free_q, free;
  logic                    turn_q;  // the walk asked last
  logic                    take, pick_walk;
  virtq_pkg::fetch_req_t   req;
  logic [dma_pkg::LocalW-1:0] local_addr;

  assign pick_walk = walk_valid_i && (!plan_valid_i || !turn_q);
  assign take = free_valid_q && !rd_req_valid_o && (walk_valid_i || plan_valid_i) && !sweeping_o;
  assign walk_ready_o = take && pick_walk;
  assign plan_ready_o = take && !pick_walk;

  always_comb begin
    req = pick_walk ? walk_i : plan_i;
    unique case (req.kind)
      virtq_pkg::FetchSlots: begin  // a bit of carry above the slot: a read may pass the last one
        local_addr = {1'b0, req.pair, 11'd0};
        local_addr[SlotW+3:4] = req.first[SlotW-1:0];
      end
      virtq_pkg::FetchTable: local_addr = {3'b100, req.pair, 9'd0};
      virtq_pkg::FetchEntries: begin
        local_addr = {4'b1010, req.pair, 8'd0};
        local_addr[SlotW:1] = req.first[SlotW-1:0];
      end
      default: local_addr = {8'b11000000, req.pair, 4'd0};
    endcase
    free = '0;
    for (int unsigned k = 0; k < Ops; k++) begin
      if (!open_q[k]) free = dma_pkg::OpW'(k);
    end
  end

  // -- retire -------------------------------------------------------------------------------------------
  typedef enum logic [1:0] {StIdle, StLook, StMark, StSay} state_e;
  state_e                  state_q;
  logic                    done_valid, done_take, done_ready;
  logic [dma_pkg::OpW:0]   done_level;
  logic [dma_pkg::OpW-1:0] done_op;
  logic                    done_bad;
  logic [InfoW-1:0]        info;
  logic [1:0]              kind_q;
  logic [6:0]              slot_q;
  logic [5:0]              left_q;
  logic                    bad_q;
  logic [5:0]              mark_pair_q;

  assign done_take = state_q == StSay;

  sync_fifo #(.Width(dma_pkg::OpW + 1), .Depth(Ops)) u_done (
      .clk_i, .rst_i,
      // in: never full, an operation is there once
      .in_valid_i(rd_done_valid_i && rd_done_i.client == Client), .in_ready_o(done_ready),
      .in_i({rd_done_i.op, rd_done_i.status != contract_pkg::RD_OK}),
      // out
      .out_valid_o(done_valid), .out_ready_i(done_take), .out_o({done_op, done_bad}),
      .level_o(done_level));

  ram_sdp #(.Width(InfoW), .Depth(Ops)) u_info (
      .clk_i, .wr_en_i(take), .wr_addr_i(free_q), .wr_data_i({req.pair, req.kind, req.first, req.count}),
      .rd_en_i(state_q == StIdle && done_valid), .rd_addr_i(done_op), .rd_data_o(info));

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      open_q         <= '0;
      free_valid_q   <= 1'b0;
      turn_q         <= 1'b0;
      rd_req_valid_o <= 1'b0;
      state_q        <= StIdle;
    end else begin
      free_valid_q <= !take && open_q != '1;
      if (rd_req_ready_i) rd_req_valid_o <= 1'b0;
      if (take) begin
        rd_req_valid_o <= 1'b1;
        turn_q         <= pick_walk;
        open_q[free_q] <= 1'b1;
      end
      unique case (state_q)
        StIdle: if (done_valid) state_q <= StLook;
        StLook: state_q <= (info[14:13] == virtq_pkg::FetchSlots && !done_bad) ? StMark : StSay;
        StMark: if (left_q == 6'd1 && !sweeping_o) state_q <= StSay;
        StSay: begin
          open_q[done_op] <= 1'b0;
          state_q         <= StIdle;
        end
        default: state_q <= StIdle;
      endcase
    end
    if (!take) free_q <= free;
    if (take) begin
      rd_req_o <= {req.addr, req.len, local_addr, free_q};
      for (int unsigned k = 0; k < Ops; k++) begin
        if (32'(free_q) == k) pair_q[6*k+:6] <= req.pair;
      end
    end
    if (state_q == StLook) begin
      {mark_pair_q, kind_q, slot_q, left_q} <= info;
      bad_q <= done_bad;
    end else if (state_q == StMark && !sweeping_o) begin
      slot_q <= slot_q + 7'd1;
      left_q <= left_q - 6'd1;
    end
  end

  assign done_pair_o = mark_pair_q;
  assign fail_o = state_q == StSay && bad_q;
  assign slots_o = state_q == StSay && !bad_q && kind_q == virtq_pkg::FetchSlots;
  assign table_o = state_q == StSay && !bad_q && kind_q == virtq_pkg::FetchTable;
  assign entries_o = state_q == StSay && !bad_q && kind_q == virtq_pkg::FetchEntries;
  assign index_o = state_q == StSay && !bad_q && kind_q == virtq_pkg::FetchIndex;

  always_comb begin
    busy_o = 1'b0;
    for (int unsigned k = 0; k < Ops; k++) begin
      if (open_q[k] && pair_q[6*k+:6] == query_pair_i) busy_o = 1'b1;
    end
  end

  // -- laps ---------------------------------------------------------------------------------------------
  logic             sweep_all_q;
  logic [5:0]       sweep_pair_q;
  logic [SlotW-1:0] sweep_slot_q;
  logic             sweep_q;

  assign sweeping_o = sweep_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      sweep_q      <= 1'b1;
      sweep_all_q  <= 1'b1;
      sweep_pair_q <= '0;
      sweep_slot_q <= '0;
    end else if (sweep_q) begin
      sweep_slot_q <= sweep_slot_q + 1'b1;
      if (sweep_slot_q == '1) begin
        sweep_q <= sweep_all_q && 32'(sweep_pair_q) != Pairs - 1;
        if (sweep_all_q) sweep_pair_q <= sweep_pair_q + 6'd1;
      end
    end else begin
      sweep_q      <= clear_valid_i;
      sweep_all_q  <= 1'b0;
      sweep_pair_q <= clear_pair_i;
    end
  end

  ram_sdp #(.Width(1), .Depth(1 << (PairW + SlotW))) u_laps (
      .clk_i, .wr_en_i(sweep_q || state_q == StMark),
      .wr_addr_i(sweep_q ? {sweep_pair_q[PairW-1:0], sweep_slot_q} : {mark_pair_q[PairW-1:0], slot_q[SlotW-1:0]}),
      .wr_data_i(sweep_q || slot_q[SlotW]),
      .rd_en_i(here_en_i), .rd_addr_i({here_pair_i[PairW-1:0], here_slot_i}), .rd_data_o(here_o));

  logic unused_bits;
  assign unused_bits = ^{here_pair_i, sweep_pair_q, rd_done_i, done_level, done_ready};

  `ASSERT(ClearWhenNotSweeping_A, !clear_valid_i || !sweep_q, clk_i, rst_i)
  `ASSERT(RoomForDone_A, !rd_done_valid_i || done_ready, clk_i, rst_i)
  `ASSERT(DoneIsOpen_A, !done_valid || open_q[done_op], clk_i, rst_i)

  stream_checker #(.Width(dma_pkg::RdReqW)) u_check_req (
      .clk_i, .rst_i, .valid_i(rd_req_valid_o), .ready_i(rd_req_ready_i), .payload_i(rd_req_o));

endmodule

`default_nettype wire
