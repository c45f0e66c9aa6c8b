// SPDX-License-Identifier: Apache-2.0
// Reads the driver's buffers, virtio_net_hdr and frame, into the transmit packet buffer.
//
// Wiring only: up to 16 buffers have their reads under way; they leave in order, each with a used entry.
// stop_i: take nothing more, give up what is open once its reads are done; quiet_o: nothing is open.
// A reset is allowed only when quiet; core_rst_i alone resets the account of the packet buffer's words.
// Place: virtq_core -> this -> dma_read, tx_packet_buffer, virtq_core.
`default_nettype none

module virtio_tx_engine #(
    parameter int unsigned BufferBytes = 131072,
    parameter int unsigned SlotW = 4
) (
    input  wire                        clk_i,
    input  wire                        core_rst_i,
    input  wire                        rst_i,
    input  wire                        stop_i,
    output logic                       quiet_o,
    input  wire                        gso_i,   // segmentation was negotiated
    output logic                       idle_o,  // nothing to give back is on its way
    // buffers
    input  wire                        chain_valid_i,
    output logic                       chain_ready_o,
    input  virtq_pkg::chain_t          chain_i,
    input  wire                        segment_valid_i,
    output logic                       segment_ready_o,
    input  virtq_pkg::segment_t        segment_i,
    // used buffers
    output logic                       used_valid_o,
    input  wire                        used_ready_i,
    output virtq_pkg::used_t           used_o,
    // read
    output logic                       rd_req_valid_o,
    input  wire                        rd_req_ready_i,
    output dma_pkg::rd_req_t           rd_req_o,
    input  wire                        rd_done_valid_i,
    input  dma_pkg::rd_done_t          rd_done_i,
    // frames
    output logic                       commit_valid_o,
    input  wire                        commit_ready_i,
    output logic [dma_pkg::WordW-1:0]  commit_base_o,
    output logic [16:0]                commit_len_o,
    output logic [dma_pkg::WordW-1:0]  commit_release_o,
    input  wire                        free_valid_i,
    input  wire  [dma_pkg::WordW-1:0]  free_words_i,
    // one pulse a buffer
    output logic                       taken_o,
    output logic                       commit_o,
    output logic                       drop_length_o,
    output logic                       drop_dma_o,
    output logic                       drop_reset_o
);

  localparam int unsigned WordW = dma_pkg::WordW;

  logic             issue_quiet, retire_quiet, empty;
  // room in the packet buffer
  logic             fits, take;
  logic [WordW-1:0] want, base;
  logic             retire, retire_committed;
  logic [WordW-1:0] retire_words, release_words;
  // slots
  logic             slot_free, open_bad_len, read, close_slot;
  logic [SlotW-1:0] slot, read_slot;
  // oldest slot
  logic             complete, bad_len, bad_read, leave;
  logic      [15:0] id, descs;
  logic      [16:0] total_len;
  logic [WordW-1:0] slot_base;

  assign quiet_o = issue_quiet && retire_quiet && empty;
  assign idle_o = empty && !chain_valid_i;

  virtio_tx_space #(.DepthWords(BufferBytes / dma_pkg::Bytes)) u_space (
      .clk_i, .rst_i(core_rst_i),
      // reserve
      .want_i(want), .fits_o(fits), .base_o(base), .take_i(take),
      // give up
      .retire_i(retire), .committed_i(retire_committed), .retire_words_i(retire_words),
      .release_words_o(release_words),
      // returned
      .free_valid_i, .free_words_i);

  virtio_tx_issue #(.SlotW(SlotW)) u_issue (
      .clk_i, .rst_i, .stop_i, .quiet_o(issue_quiet), .gso_i,
      // buffers
      .chain_valid_i, .chain_ready_o, .chain_i, .segment_valid_i, .segment_ready_o, .segment_i,
      // room in the packet buffer
      .want_o(want), .fits_i(fits), .base_i(base), .take_o(take),
      // slots
      .slot_free_i(slot_free), .slot_i(slot), .open_o(taken_o), .open_bad_len_o(open_bad_len),
      .read_o(read), .close_o(close_slot), .read_slot_o(read_slot),
      // read
      .rd_req_valid_o, .rd_req_ready_i, .rd_req_o);

  virtio_tx_slots #(.SlotW(SlotW)) u_slots (
      .clk_i, .rst_i, .empty_o(empty),
      // open
      .slot_free_o(slot_free), .slot_o(slot), .open_i(taken_o), .open_bad_len_i(open_bad_len),
      .open_chain_i(chain_i), .open_base_i(base),
      // reads
      .read_i(read), .close_i(close_slot), .read_slot_i(read_slot), .rd_done_valid_i, .rd_done_i,
      // oldest slot
      .complete_o(complete), .bad_len_o(bad_len), .bad_read_o(bad_read),
      .id_o(id), .descs_o(descs), .total_len_o(total_len), .base_o(slot_base), .leave_i(leave));

  virtio_tx_retire u_retire (
      .clk_i, .rst_i, .stop_i, .quiet_o(retire_quiet),
      // oldest slot
      .complete_i(complete), .bad_len_i(bad_len), .bad_read_i(bad_read),
      .id_i(id), .descs_i(descs), .total_len_i(total_len), .base_i(slot_base), .leave_o(leave),
      // room in the packet buffer
      .retire_o(retire), .retire_committed_o(retire_committed), .retire_words_o(retire_words),
      .release_words_i(release_words),
      // frames
      .commit_valid_o, .commit_ready_i, .commit_base_o, .commit_len_o, .commit_release_o,
      // used buffers
      .used_valid_o, .used_ready_i, .used_o,
      // one pulse a buffer
      .commit_o, .drop_length_o, .drop_dma_o, .drop_reset_o);

endmodule

`default_nettype wire
