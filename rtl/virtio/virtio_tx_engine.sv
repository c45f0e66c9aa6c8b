// SPDX-License-Identifier: Apache-2.0
// Reads the drivers' frames of all transmit queues into the transmit packet buffer.
//
// Wiring only: up to 32 buffers have their reads under way; they leave in the order of their grants, each with a
// used entry. stop_i: a queue's buffers are given up once their reads are done; query_quiet_o (two cycles behind
// query_pair_i): none of that queue is open.
// Place: tx_schedule, virtq_fetch -> this -> dma_read, tx_packet_buffer, virtq_give.
`default_nettype none

module virtio_tx_engine #(
    parameter int unsigned Pairs = 8,
    parameter int unsigned BufferBytes = 131072,
    parameter int unsigned SlotW = 5
) (
    input  wire                        clk_i,
    input  wire                        rst_i,
    input  wire  [16:0]                max_len_i,
    input  wire                        hash_report_i,
    // queues
    input  wire  [Pairs-1:0]           stop_i,
    input  wire  [Pairs-1:0]           head_valid_i,
    input  wire  [5:0]                 query_pair_i,
    output logic                       query_quiet_o,
    output logic                       idle_o,  // nothing to give back is on its way
    // grants
    input  wire                        grant_valid_i,
    output logic                       grant_ready_o,
    input  wire  [5:0]                 grant_pair_i,
    input  wire  [16:0]                grant_len_i,
    // buffers
    output logic                       take_valid_o,
    input  wire                        take_ready_i,
    output logic [5:0]                 take_pair_o,
    input  wire                        piece_valid_i,
    output logic                       piece_ready_o,
    input  virtq_pkg::piece_t          piece_i,
    // used buffers
    output logic                       give_valid_o,
    input  wire                        give_ready_i,
    output virtq_pkg::give_t           give_o,
    // read
    output logic                       rd_req_valid_o,
    input  wire                        rd_req_ready_i,
    output dma_pkg::rd_req_t           rd_req_o,
    input  wire                        rd_done_valid_i,
    input  dma_pkg::rd_done_t          rd_done_i,
    // sources: header and frame
    output logic                       commit_valid_o,
    input  wire                        commit_ready_i,
    output logic [dma_pkg::WordW-1:0]  commit_base_o,
    output logic [16:0]                commit_len_o,
    output logic [dma_pkg::WordW-1:0]  commit_release_o,
    output logic [5:0]                 commit_pair_o,
    input  wire                        free_valid_i,
    input  wire  [dma_pkg::WordW-1:0]  free_words_i,
    // one pulse a buffer
    output logic                       taken_o,
    output logic                       drop_length_o,
    output logic                       drop_dma_o,
    output logic                       drop_reset_o
);

  localparam int unsigned WordW = dma_pkg::WordW;

  logic             issue_busy, issue_idle, slots_open, retire_busy, empty;
  // room in the packet buffer
  logic             fits, reserve;
  logic [WordW-1:0] want, base;
  logic             retire, retire_committed;
  logic [WordW-1:0] retire_words, release_words;
  // slots
  logic             slot_free, open_bad_len, name, read, close_slot;
  logic      [16:0] open_len;
  logic [SlotW-1:0] slot, read_slot;
  // oldest slot
  logic             complete, bad_len, bad_read, leave;
  logic       [5:0] pair;
  logic      [15:0] id, descs;
  logic      [16:0] total_len;
  logic [WordW-1:0] slot_base;

  assign idle_o = empty && issue_idle && !grant_valid_i;

  always_ff @(posedge clk_i) query_quiet_o <= !issue_busy && !slots_open && !retire_busy;

  virtio_tx_space #(.DepthWords(BufferBytes / dma_pkg::Bytes)) u_space (
      .clk_i, .rst_i,
      // reserve
      .want_i(want), .fits_o(fits), .base_o(base), .take_i(reserve),
      // give up
      .retire_i(retire), .committed_i(retire_committed), .retire_words_i(retire_words),
      .release_words_o(release_words),
      // returned
      .free_valid_i, .free_words_i);

  virtio_tx_issue #(.Pairs(Pairs), .SlotW(SlotW)) u_issue (
      .clk_i, .rst_i, .max_len_i, .hash_report_i,
      // queues
      .stop_i, .head_valid_i, .query_pair_i, .query_busy_o(issue_busy), .idle_o(issue_idle),
      // grants
      .grant_valid_i, .grant_ready_o, .grant_pair_i, .grant_len_i,
      // buffers
      .take_valid_o, .take_ready_i, .take_pair_o, .piece_valid_i, .piece_ready_o, .piece_i,
      // room in the packet buffer
      .want_o(want), .fits_i(fits), .base_i(base), .reserve_o(reserve),
      // slots
      .slot_free_i(slot_free), .slot_i(slot), .open_o(taken_o), .open_len_o(open_len),
      .open_bad_len_o(open_bad_len), .name_o(name), .read_o(read), .close_o(close_slot), .read_slot_o(read_slot),
      // read
      .rd_req_valid_o, .rd_req_ready_i, .rd_req_o);

  virtio_tx_slots #(.SlotW(SlotW)) u_slots (
      .clk_i, .rst_i, .empty_o(empty), .query_pair_i, .query_open_o(slots_open),
      // open
      .slot_free_o(slot_free), .slot_o(slot), .open_i(taken_o), .open_bad_len_i(open_bad_len),
      .open_pair_i(take_pair_o), .open_len_i(open_len), .open_base_i(base),
      // name, reads
      .name_i(name), .name_id_i(piece_i.id), .name_descs_i(piece_i.descs), .read_i(read), .close_i(close_slot),
      .read_slot_i(read_slot), .rd_done_valid_i, .rd_done_i,
      // oldest slot
      .complete_o(complete), .bad_len_o(bad_len), .bad_read_o(bad_read), .pair_o(pair), .id_o(id), .descs_o(descs),
      .total_len_o(total_len), .base_o(slot_base), .leave_i(leave));

  virtio_tx_retire #(.Pairs(Pairs)) u_retire (
      .clk_i, .rst_i,
      // queues
      .stop_i, .query_pair_i, .query_busy_o(retire_busy),
      // oldest slot
      .complete_i(complete), .bad_len_i(bad_len), .bad_read_i(bad_read), .pair_i(pair), .id_i(id), .descs_i(descs),
      .total_len_i(total_len), .base_i(slot_base), .leave_o(leave),
      // room in the packet buffer
      .retire_o(retire), .retire_committed_o(retire_committed), .retire_words_o(retire_words),
      .release_words_i(release_words),
      // sources
      .commit_valid_o, .commit_ready_i, .commit_base_o, .commit_len_o, .commit_release_o, .commit_pair_o,
      // used buffers
      .give_valid_o, .give_ready_i, .give_o,
      // one pulse a buffer
      .drop_length_o, .drop_dma_o, .drop_reset_o);

endmodule

`default_nettype wire
