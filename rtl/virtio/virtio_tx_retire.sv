// SPDX-License-Identifier: Apache-2.0
// Ends each transmit slot, in order: its frame is committed or dropped, its buffer goes back.
//
// A slot leaves when complete: header and frame to the packet buffer, or one drop pulse with its reason; a used
// entry either way. stop_i (the queue is being reset): every slot leaves as drop_reset_o, without frame
// and without used entry, until none is left.
// Place: virtio_tx_slots -> this -> tx_packet_buffer, virtq_used_write; -> virtio_tx_space.
`include "assert.svh"
`default_nettype none

module virtio_tx_retire (
    input  wire                        clk_i,
    input  wire                        rst_i,
    input  wire                        stop_i,
    output logic                       quiet_o,
    // oldest slot
    input  wire                        complete_i,
    input  wire                        bad_len_i,
    input  wire                        bad_read_i,
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
    // frames
    output logic                       commit_valid_o,
    input  wire                        commit_ready_i,
    output logic [dma_pkg::WordW-1:0]  commit_base_o,  // word of the header
    output logic [16:0]                commit_len_o,   // bytes, header included
    output logic [dma_pkg::WordW-1:0]  commit_release_o,
    // used buffers
    output logic                       used_valid_o,
    input  wire                        used_ready_i,
    output virtq_pkg::used_t           used_o,
    // one pulse a buffer
    output logic                       commit_o,
    output logic                       drop_length_o,
    output logic                       drop_dma_o,
    output logic                       drop_reset_o
);

  localparam int unsigned Bytes = dma_pkg::Bytes;
  localparam int unsigned ByteW = $clog2(Bytes);
  localparam int unsigned LocalW = dma_pkg::LocalW;
  localparam int unsigned WordW = dma_pkg::WordW;
  localparam logic [LocalW-1:0] Pad = LocalW'(4);

  logic              good;
  logic [LocalW-1:0] words;

  assign leave_o = complete_i && (!commit_valid_o || commit_ready_i) && (!used_valid_o || used_ready_i);
  assign good = !bad_len_i && !bad_read_i;
  assign words = bad_len_i ? '0 : (LocalW'(total_len_i) + Pad + LocalW'(Bytes - 1)) >> ByteW;

  assign commit_o = leave_o && good && !stop_i;
  assign drop_reset_o = leave_o && stop_i;
  assign drop_length_o = leave_o && !stop_i && bad_len_i;
  assign drop_dma_o = leave_o && !stop_i && !bad_len_i && bad_read_i;

  assign retire_o = leave_o;
  assign retire_committed_o = good && !stop_i;
  assign retire_words_o = words[WordW-1:0];
  assign quiet_o = !commit_valid_o;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      commit_valid_o <= 1'b0;
      used_valid_o   <= 1'b0;
    end else begin
      if (commit_ready_i) commit_valid_o <= 1'b0;
      if (used_ready_i || stop_i) used_valid_o <= 1'b0;
      if (commit_o) commit_valid_o <= 1'b1;
      if (leave_o && !stop_i) used_valid_o <= 1'b1;
    end
    if (leave_o) begin
      used_o <= {1'b0, id_i, descs_i, 32'd0};
      if (good) begin
        commit_base_o    <= base_i;
        commit_len_o     <= total_len_i;
        commit_release_o <= release_words_i;
      end
    end
  end

  logic unused_bits;
  assign unused_bits = ^words[LocalW-1:WordW];

  stream_checker #(.Width(17 + 2 * WordW)) u_check_commit (
      .clk_i, .rst_i, .valid_i(commit_valid_o), .ready_i(commit_ready_i),
      .payload_i({commit_base_o, commit_len_o, commit_release_o}));
  stream_checker #(.Width(65)) u_check_used (
      .clk_i, .rst_i(rst_i || stop_i), .valid_i(used_valid_o), .ready_i(used_ready_i), .payload_i(used_o));

endmodule

`default_nettype wire
