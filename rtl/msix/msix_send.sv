// SPDX-License-Identifier: Apache-2.0
// Turns interrupt requests into MSI-X messages: pending until sent, one message for each or merged
// with a pending one.
//
// A request sets its vector's pending bit; an unmasked pending vector is sent, one after the other
// in turn, and its bit is cleared as the message is committed to the DMA engine. A request during
// that time makes a message of its own. With MSI-X disabled, the vector or function masked, or the
// bus master off, pending bits wait.
// Place: virtio registers -> this -> dma_engine (WR_MSIX).
`include "assert.svh"
`default_nettype none

module msix_send #(
    parameter int unsigned Vectors = 4,
    localparam int unsigned VectorW = $clog2(Vectors)
) (
    input  wire                       clk_i,
    input  wire                       rst_i,
    input  wire                       flr_i,
    input  wire                       enable_i,
    input  wire                       function_mask_i,
    input  wire                       bus_master_en_i,
    // requests and their end
    input  wire  [Vectors-1:0]        irq_req_i,
    output logic [Vectors-1:0]        irq_sent_o,
    output logic [Vectors-1:0]        irq_pended_o,
    // table
    input  wire  [Vectors-1:0]        mask_i,
    output logic [Vectors-1:0]        pending_o,
    output logic [VectorW-1:0]        vector_o,
    input  wire  [63:0]               addr_i,
    input  wire  [31:0]               data_i,
    // write client
    output logic                      wr_req_valid_o,
    input  wire                       wr_req_ready_i,
    output dma_pkg::wr_req_t          wr_req_o,
    output logic                      wr_data_valid_o,
    input  wire                       wr_data_ready_i,
    output stream_pkg::beat_t         wr_data_o,
    input  wire                       wr_done_i
);

  localparam logic [15:0] MessageBytes = 16'd4;

  typedef enum logic [1:0] {StChoose, StCommit, StSend, StWait} state_e;

  state_e             state_q;
  logic [Vectors-1:0] pending_q, ready, choose, grant;
  logic [Vectors-1:0] behind_q;   // vectors behind the one served last
  logic [Vectors-1:0] current_q;  // being sent
  logic [VectorW-1:0] vector_q;
  logic               req_valid_q, data_valid_q;
  logic               open;       // messages may be sent at all
  logic               commit;

  assign open = enable_i && !function_mask_i && bus_master_en_i;
  assign ready = open ? (pending_q & ~mask_i) : '0;
  assign choose = ((ready & behind_q) != '0) ? (ready & behind_q) : ready;
  assign grant = choose & (~choose + 1'b1);
  // masked again since it was chosen: not now
  assign commit = state_q == StCommit && (current_q & ready) != '0;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q      <= StChoose;
      pending_q    <= '0;
      behind_q     <= '0;
      req_valid_q  <= 1'b0;
      data_valid_q <= 1'b0;
    end else begin
      pending_q <= flr_i ? '0 : ((pending_q & ~(commit ? current_q : '0)) | irq_req_i);
      unique case (state_q)
        StChoose: if (ready != '0) begin
          state_q  <= StCommit;
          behind_q <= ~(grant | (grant - 1'b1));
        end
        StCommit: state_q <= commit ? StSend : StChoose;
        StSend: if (!(req_valid_q && !wr_req_ready_i) && !(data_valid_q && !wr_data_ready_i)) begin
          state_q <= StWait;
        end
        default: if (wr_done_i) state_q <= StChoose;
      endcase
      if (commit) req_valid_q <= 1'b1;
      else if (wr_req_ready_i) req_valid_q <= 1'b0;
      if (commit) data_valid_q <= 1'b1;
      else if (wr_data_ready_i) data_valid_q <= 1'b0;
    end
    if (state_q == StChoose) begin
      current_q <= grant;
      for (int i = 0; i < Vectors; i++) if (grant[i]) vector_q <= VectorW'(i);
    end
    if (commit) begin
      wr_req_o  <= {addr_i, MessageBytes};
      wr_data_o <= {contract_pkg::FRAME_OK, 1'b1, stream_pkg::EmptyW'(stream_pkg::Bytes - 4),
                    stream_pkg::DataW'(data_i)};
    end
  end

  assign vector_o = vector_q;
  assign pending_o = pending_q;
  assign wr_req_valid_o = req_valid_q;
  assign wr_data_valid_o = data_valid_q;
  assign irq_sent_o = (wr_done_i && state_q == StWait) ? current_q : '0;
  assign irq_pended_o = irq_req_i & (open ? mask_i : '1);

  // --- rules ---

  `ASSUME(DoneOnlyWhileSending_A, !wr_done_i || state_q == StWait, clk_i, rst_i)
  stream_checker #(.Width(dma_pkg::WrReqW)) u_check_req (
      .clk_i, .rst_i, .valid_i(wr_req_valid_o), .ready_i(wr_req_ready_i), .payload_i(wr_req_o));
  stream_checker #(.Width(stream_pkg::BeatW)) u_check_data (
      .clk_i, .rst_i, .valid_i(wr_data_valid_o), .ready_i(wr_data_ready_i), .payload_i(wr_data_o));

endmodule

`default_nettype wire
