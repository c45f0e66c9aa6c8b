// SPDX-License-Identifier: Apache-2.0
// The descriptors of all queues of one direction: read ahead, checked, offered as whole buffers.
//
// Wiring only. A queue's oldest checked buffer shows in head_valid_o; head_o is that of head_pair_i one cycle
// later. A take hands out its pieces, in the order of the takes. fail_*_o says the first broken rule of a
// queue, which is dead until cleared. stop_i: nothing new is started for the queue and nothing offered;
// query_quiet_o (two cycles after query_pair_i): nothing of that queue is under way; then clear_* sets it back.
// Place: virtio_notify, dma_read -> this -> virtio_rx_engine, tx_schedule; arming -> dma_write.
`default_nettype none

module virtq_fetch #(
    parameter int unsigned Pairs = 8,               // 1 .. 64
    parameter bit          DeviceWrites = 1'b0,     // receive queues
    parameter logic [2:0]  DescClient = contract_pkg::RD_TX_DESC,
    parameter int unsigned SlotW = 6                // log2 of descriptor and piece slots a queue: 5, 6
) (
    input  wire                           clk_i,
    input  wire                           rst_i,
    // queues
    input  wire virtq_pkg::mode_t         mode_i,
    input  wire virtq_pkg::config_write_t config_i,
    input  wire  [Pairs-1:0]              enabled_i,
    input  wire  [Pairs-1:0]              stop_i,
    input  wire  [5:0]                    query_pair_i,
    output logic                          query_quiet_o,
    input  wire                           clear_valid_i,
    input  wire  [5:0]                    clear_pair_i,
    input  wire virtq_pkg::doorbell_t     doorbell_i,
    // engine
    output logic [Pairs-1:0]              head_valid_o,
    input  wire  [5:0]                    head_pair_i,
    output virtq_pkg::head_t              head_o,
    input  wire                           take_valid_i,
    output logic                          take_ready_o,
    input  wire  [5:0]                    take_pair_i,
    output logic                          piece_valid_o,
    input  wire                           piece_ready_i,
    output virtq_pkg::piece_t             piece_o,
    // the first broken rule of a queue
    output logic                          fail_valid_o,
    output logic [5:0]                    fail_pair_o,
    output logic [3:0]                    fail_code_o,
    // read
    output logic                          rd_req_valid_o,
    input  wire                           rd_req_ready_i,
    output dma_pkg::rd_req_t              rd_req_o,
    input  wire                           rd_place_valid_i,
    input  wire dma_pkg::rd_place_t       rd_place_i,
    input  wire                           rd_done_valid_i,
    input  wire dma_pkg::rd_done_t        rd_done_i,
    // write
    output logic                          wr_req_valid_o,
    input  wire                           wr_req_ready_i,
    output dma_pkg::wr_req_t              wr_req_o,
    output logic                          wr_data_valid_o,
    input  wire                           wr_data_ready_i,
    output stream_pkg::beat_t             wr_data_o,
    input  wire                           wr_done_i
);

  if (Pairs < 1 || Pairs > 64) begin : g_bad_pairs
    $error("virtq_fetch %m: Pairs has to be 1 to 64");
  end
  if (SlotW < 5 || SlotW > 6) begin : g_bad_slots
    $error("virtq_fetch %m: SlotW has to be 5 or 6");
  end

  logic [Pairs-1:0] go, dead, shorts, want_look, want_arm;
  logic [5:0]       query_pair;
  logic             ops_busy, plan_busy, walk_busy, ready_busy, pieces_busy, arm_busy, sweeping;
  // between the leaves
  logic [5:0]       plan_pair, walk_pair, done_pair, load_pair, end_pair, armed_pair, freed_pair;
  logic             look, result, some, more, armed, slots, tables, entries, index, read_failed;
  logic             begins, begin_wrap, end_valid, plan_load, walk_load, walked, dry, freed;
  logic [6:0]       end_at, end_at_walk, freed_at, freed_at_walk;
  logic [22:0]      tail, tail_plan;
  logic             entry_en, slot_en, table_en, here;
  logic [SlotW-1:0] entry_slot, slot, piece_slot;
  logic [4:0]       table_line;
  logic [15:0]      entry, slot_entry, index_data;
  logic [127:0]     slot_data, table_data;
  logic             plan_fail, walk_fail;
  logic [3:0]       walk_code;
  logic             arm_valid, arm_ready;
  logic [63:0]      arm_addr;
  logic [15:0]      arm_where;
  logic             plan_valid, plan_ready, table_valid, table_ready;
  virtq_pkg::fetch_req_t plan_req, table_req;
  logic             piece_en;
  logic [79:0]      piece;
  logic             buffer_valid, buffer_ready, taken_valid, taken_ready;
  virtq_pkg::fetch_buffer_t buffer, taken;

  assign go = enabled_i & ~stop_i & ~dead;

  // -- what to do next --------------------------------------------------------------------------------------
  virtq_fetch_wake #(.Pairs(Pairs)) u_wake (
      .clk_i, .rst_i, .is_packed_i(mode_i.is_packed), .event_idx_i(mode_i.event_idx), .enabled_i,
      .clear_valid_i, .clear_pair_i,
      // kicks
      .ring_i(doorbell_i.valid), .ring_pair_i(doorbell_i.pair),
      // looks
      .look_i(look), .look_pair_i(plan_pair),
      .result_i(result), .result_pair_i(plan_pair), .some_i(some), .more_i(more),
      // arming
      .arm_i(arm_valid && arm_ready), .arm_pair_i(plan_pair), .armed_i(armed), .armed_pair_i(armed_pair),
      .want_look_o(want_look), .want_arm_o(want_arm));

  virtq_fetch_plan #(.Pairs(Pairs), .SlotW(SlotW)) u_plan (
      .clk_i, .rst_i, .mode_i, .config_i, .doorbell_i, .go_i(go), .clear_valid_i, .clear_pair_i,
      .query_pair_i(query_pair), .busy_o(plan_busy),
      // finished reads
      .done_pair_i(done_pair), .slots_i(slots), .entries_i(entries), .index_i(index), .short_i(shorts),
      // the walk
      .walked_i(walked), .dry_i(dry), .walked_pair_i(walk_pair), .tail_i(tail_plan),
      .load_o(plan_load), .load_pair_o(load_pair), .end_valid_o(end_valid), .end_pair_o(end_pair), .end_o(end_at),
      .begin_o(begins), .begin_wrap_o(begin_wrap),
      // memories
      .entry_en_o(entry_en), .entry_slot_o(entry_slot), .entry_i(entry), .index_data_i(index_data),
      // wishes
      .want_look_i(want_look), .want_arm_i(want_arm), .look_o(look), .result_o(result), .some_o(some),
      .more_o(more),
      // arming
      .arm_valid_o(arm_valid), .arm_ready_i(arm_ready), .arm_addr_o(arm_addr), .arm_where_o(arm_where),
      // reads
      .req_valid_o(plan_valid), .req_ready_i(plan_ready), .req_o(plan_req),
      .fail_o(plan_fail), .pair_o(plan_pair));

  virtq_fetch_arm u_arm (
      .clk_i, .rst_i, .mode_i, .query_pair_i(query_pair), .busy_o(arm_busy),
      .arm_valid_i(arm_valid), .arm_ready_o(arm_ready), .arm_pair_i(plan_pair), .arm_addr_i(arm_addr),
      .arm_where_i(arm_where), .armed_o(armed), .armed_pair_o(armed_pair),
      // write
      .wr_req_valid_o, .wr_req_ready_i, .wr_req_o, .wr_data_valid_o, .wr_data_ready_i, .wr_data_o, .wr_done_i);

  // -- reads ------------------------------------------------------------------------------------------------
  virtq_fetch_ops #(.Pairs(Pairs), .SlotW(SlotW), .Client(DescClient)) u_ops (
      .clk_i, .rst_i, .clear_valid_i, .clear_pair_i, .sweeping_o(sweeping),
      .query_pair_i(query_pair), .busy_o(ops_busy),
      // requests
      .plan_valid_i(plan_valid), .plan_ready_o(plan_ready), .plan_i(plan_req),
      .walk_valid_i(table_valid), .walk_ready_o(table_ready), .walk_i(table_req),
      // read
      .rd_req_valid_o, .rd_req_ready_i, .rd_req_o, .rd_done_valid_i, .rd_done_i,
      // finished
      .done_pair_o(done_pair), .slots_o(slots), .table_o(tables), .entries_o(entries), .index_o(index),
      .fail_o(read_failed),
      // laps
      .here_en_i(slot_en), .here_pair_i(walk_pair), .here_slot_i(slot), .here_o(here));

  virtq_fetch_store #(.Pairs(Pairs), .SlotW(SlotW), .Client(DescClient)) u_store (
      .clk_i, .place_valid_i(rd_place_valid_i), .place_i(rd_place_i),
      // availability
      .begin_i(begins), .begin_pair_i(plan_pair), .begin_wrap_i(begin_wrap), .short_o(shorts),
      // the plan's view
      .entry_en_i(entry_en), .entry_pair_i(plan_pair), .entry_slot_i(entry_slot), .entry_o(entry),
      .index_en_i(plan_load), .index_pair_i(load_pair), .index_o(index_data),
      // the walk's view
      .slot_en_i(slot_en), .slot_pair_i(walk_pair), .slot_i(slot), .slot_o(slot_data), .slot_entry_o(slot_entry),
      .table_en_i(table_en), .table_line_i(table_line), .table_o(table_data));

  // -- descriptors become buffers ---------------------------------------------------------------------------
  virtq_fetch_walk #(.Pairs(Pairs), .SlotW(SlotW), .DeviceWrites(DeviceWrites)) u_walk (
      .clk_i, .rst_i, .mode_i, .config_i, .go_i(go), .clear_valid_i, .clear_pair_i,
      .query_pair_i(query_pair), .busy_o(walk_busy),
      // what happened
      .slots_i(slots), .table_i(tables), .done_pair_i(done_pair), .freed_i(freed), .freed_pair_i(freed_pair),
      // words of others
      .load_o(walk_load), .pair_o(walk_pair), .freed_at_i(freed_at_walk), .end_i(end_at_walk),
      // descriptors
      .slot_en_o(slot_en), .slot_o(slot), .here_i(here), .slot_i(slot_data), .entry_i(slot_entry),
      .table_en_o(table_en), .table_line_o(table_line), .table_data_i(table_data),
      // reads
      .req_valid_o(table_valid), .req_ready_i(table_ready), .req_o(table_req),
      // pieces, buffers
      .piece_en_o(piece_en), .piece_slot_o(piece_slot), .piece_o(piece),
      .buffer_valid_o(buffer_valid), .buffer_ready_i(buffer_ready), .buffer_o(buffer),
      // slots given back
      .walked_o(walked), .dry_o(dry), .tail_o(tail),
      .fail_o(walk_fail), .fail_code_o(walk_code));

  virtq_fetch_ready #(.Pairs(Pairs), .SlotW(SlotW)) u_ready (
      .clk_i, .rst_i, .stop_i, .clear_valid_i, .clear_pair_i, .query_pair_i(query_pair), .busy_o(ready_busy),
      .buffer_valid_i(buffer_valid), .buffer_ready_o(buffer_ready), .buffer_i(buffer),
      // engine
      .head_valid_o, .head_pair_i, .head_o, .take_valid_i, .take_ready_o, .take_pair_i,
      .out_valid_o(taken_valid), .out_ready_i(taken_ready), .out_o(taken));

  virtq_fetch_pieces #(.Pairs(Pairs), .SlotW(SlotW)) u_pieces (
      .clk_i, .rst_i, .query_pair_i(query_pair), .busy_o(pieces_busy),
      .wr_en_i(piece_en), .wr_pair_i(walk_pair), .wr_slot_i(piece_slot), .wr_piece_i(piece),
      .in_valid_i(taken_valid), .in_ready_o(taken_ready), .in_i(taken),
      // engine
      .piece_valid_o, .piece_ready_i, .piece_o,
      .freed_o(freed), .freed_pair_o(freed_pair), .freed_at_o(freed_at));

  // -- what a leaf tells another, by queue --------------------------------------------------------------------
  virtq_fetch_word #(.Pairs(Pairs), .Width(23)) u_tail (
      .clk_i, .rst_i, .clear_valid_i, .clear_pair_i, .fresh_i({7'd0, mode_i.is_packed, 15'd0}),
      .wr_en_i(walked), .wr_pair_i(walk_pair), .wr_data_i(tail),
      .rd_en_i(plan_load), .rd_pair_i(load_pair), .rd_data_o(tail_plan));
  virtq_fetch_word #(.Pairs(Pairs), .Width(7)) u_end (
      .clk_i, .rst_i, .clear_valid_i, .clear_pair_i, .fresh_i(7'd0),
      .wr_en_i(end_valid), .wr_pair_i(end_pair), .wr_data_i(end_at),
      .rd_en_i(walk_load), .rd_pair_i(walk_pair), .rd_data_o(end_at_walk));
  virtq_fetch_word #(.Pairs(Pairs), .Width(7)) u_freed (
      .clk_i, .rst_i, .clear_valid_i, .clear_pair_i, .fresh_i(7'd0),
      .wr_en_i(freed), .wr_pair_i(freed_pair), .wr_data_i(freed_at),
      .rd_en_i(walk_load), .rd_pair_i(walk_pair), .rd_data_o(freed_at_walk));

  virtq_fetch_fail #(.Pairs(Pairs)) u_fail (
      .clk_i, .rst_i, .clear_valid_i, .clear_pair_i,
      .read_i(read_failed), .read_pair_i(done_pair),
      .plan_i(plan_fail), .plan_pair_i(plan_pair), .plan_code_i(contract_pkg::DESC_ERR_INDEX),
      .walk_i(walk_fail), .walk_pair_i(walk_pair), .walk_code_i(walk_code),
      .fail_valid_o, .fail_pair_o, .fail_code_o, .dead_o(dead));

  virtq_fetch_quiet u_quiet (
      .clk_i, .query_pair_i, .query_pair_o(query_pair),
      .busy_i({ops_busy, plan_busy, walk_busy, ready_busy, pieces_busy, arm_busy, sweeping}),
      .quiet_o(query_quiet_o));

endmodule

`default_nettype wire
