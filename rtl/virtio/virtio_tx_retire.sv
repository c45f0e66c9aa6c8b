// SPDX-License-Identifier: Apache-2.0
// Ends each transmit buffer in its turn: as a source in the packet buffer or under one drop reason, and as used.
//
// Oldest complete slot -> commit or drop, and a buffer to give back. A slot of a stopped queue is dropped
// without a used entry. Each slot gives exactly one pulse.
// Place: virtio_tx_slots -> this -> tx_packet_buffer, virtq_give; -> virtio_tx_space.
`include "assert.svh"
`default_nettype none

module virtio_tx_retire #(
    parameter int unsigned Pairs = 8
) (
    input  wire                        clk_i,
    input  wire                        rst_i,
    // queues
    input  wire  [Pairs-1:0]           stop_i,
    input  wire  [5:0]                 query_pair_i,
    output logic                       query_busy_o,
    // oldest slot
    input  wire                        complete_i,
    input  wire                        bad_len_i,
    input  wire                        bad_read_i,
    input  wire  [5:0]                 pair_i,
    input  wire  [15:0]                id_i,
    input  wire  [15:0]                descs_i,
    input  wire  [16:0]                total_len_i,
    input  wire  [dma_pkg::WordW-1:0]  base_i,
    output logic                       leave_o,
    // room in the packet buffer
    output logic                       retire_o,
    output logic                       retire_committed_o,
    output logic [dma_pkg::WordW-1:0]  retire_words_o,
    input  wire  [dma_pkg::WordW-1:0]  release_words_i,
    // sources: header and frame
    output logic                       commit_valid_o,
    input  wire                        commit_ready_i,
    output logic [dma_pkg::WordW-1:0]  commit_base_o,
    output logic [16:0]                commit_len_o,
    output logic [dma_pkg::WordW-1:0]  commit_release_o,
    output logic [5:0]                 commit_pair_o,
    // used buffers
    output logic                       give_valid_o,
    input  wire                        give_ready_i,
    output virtq_pkg::give_t           give_o,
    // one pulse a buffer
    output logic                       drop_length_o,
    output logic                       drop_dma_o,
    output logic                       drop_reset_o
);

  localparam int unsigned Bytes = dma_pkg::Bytes;
  localparam int unsigned ByteW = $clog2(Bytes);
  localparam int unsigned LocalW = dma_pkg::LocalW;
  localparam int unsigned WordW = dma_pkg::WordW;
  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;
  localparam logic [LocalW-1:0] Pad = LocalW'(4);

  logic              good, commit, stopped;
  logic [LocalW-1:0] words;

  assign stopped = stop_i[pair_i[PairW-1:0]];
  assign leave_o = complete_i && (!commit_valid_o || commit_ready_i) && (!give_valid_o || give_ready_i);
  assign good = !bad_len_i && !bad_read_i;
  assign words = bad_len_i ? '0 : (LocalW'(total_len_i) + Pad + LocalW'(Bytes - 1)) >> ByteW;

  assign commit = leave_o && good && !stopped;
  assign drop_reset_o = leave_o && stopped;
  assign drop_length_o = leave_o && !stopped && bad_len_i;
  assign drop_dma_o = leave_o && !stopped && !bad_len_i && bad_read_i;

  assign retire_o = leave_o;
  assign retire_committed_o = good && !stopped;
  assign retire_words_o = words[WordW-1:0];
  assign query_busy_o = give_valid_o && give_o.pair == query_pair_i;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      commit_valid_o <= 1'b0;
      give_valid_o   <= 1'b0;
    end else begin
      if (commit_ready_i) commit_valid_o <= 1'b0;
      if (give_ready_i) give_valid_o <= 1'b0;
      if (commit) commit_valid_o <= 1'b1;
      if (leave_o && !stopped) give_valid_o <= 1'b1;
    end
    if (leave_o) begin
      give_o           <= {pair_i, 1'b0, 1'b0, id_i, descs_i, 32'd0};
      commit_base_o    <= base_i;
      commit_len_o     <= total_len_i;
      commit_release_o <= release_words_i;
      commit_pair_o    <= pair_i;
    end
  end

  logic unused_bits;
  assign unused_bits = ^words[LocalW-1:WordW];

  stream_checker #(.Width(2 * WordW + 17 + 6)) u_check_commit (
      .clk_i, .rst_i, .valid_i(commit_valid_o), .ready_i(commit_ready_i),
      .payload_i({commit_base_o, commit_len_o, commit_release_o, commit_pair_o}));
  stream_checker #(.Width(virtq_pkg::GiveW)) u_check_give (
      .clk_i, .rst_i, .valid_i(give_valid_o), .ready_i(give_ready_i), .payload_i(give_o));

endmodule

`default_nettype wire
