// SPDX-License-Identifier: Apache-2.0
// Turns interrupt requests into MSI-X messages: pending until sent, one message for each or merged
// with a pending one. Up to 129 vectors.
//
// A request sets its vector's pending bit and puts the vector into a FIFO, once (queued). At the FIFO's head
// an unmasked pending vector has its entry looked up and is sent; its pending bit is cleared as the message
// is committed to the DMA engine, and a request during that time makes a message of its own. A head that may
// not be sent (MSI-X disabled, vector or function masked, bus master off) leaves the FIFO and stays pending.
// When the way opens again or a vector is unmasked, a sweep over all vectors, one a cycle, puts the pending
// ones back. A lone request is committed 7 cycles after it came.
// retract: for the reset of a queue or of the device. Ready when no message of the vector (of any vector) is
// on its way; the pending bit (all of them) is gone with it, unless keep.
// Place: virtio_irq_collect -> this (msix_table beside it) -> dma_engine (WR_MSIX).
`include "assert.svh"
`default_nettype none

module msix_send #(
    parameter int unsigned Vectors = 17,
    localparam int unsigned VectorW = $clog2(Vectors)
) (
    input  wire                 clk_i,
    input  wire                 rst_i,
    input  wire                 flr_i,
    input  wire                 enable_i,
    input  wire                 function_mask_i,
    input  wire                 bus_master_en_i,
    // requests, always taken, and what became of them
    input  wire                 irq_valid_i,
    input  wire  [7:0]          irq_vector_i,
    output logic                irq_pended_o,   // it found its vector masked
    output logic                sent_valid_o,   // message handed to the link
    output logic [7:0]          sent_vector_o,
    // what a reset takes back
    input  wire                 retract_valid_i,
    output logic                retract_ready_o,
    input  wire                 retract_all_i,
    input  wire                 retract_keep_i,
    input  wire  [7:0]          retract_vector_i,
    // table
    input  wire  [Vectors-1:0]  mask_i,
    input  wire                 unmasked_i,
    output logic [Vectors-1:0]  pending_o,
    output logic                lookup_valid_o,
    input  wire                 lookup_ready_i,
    output logic [VectorW-1:0]  lookup_vector_o,
    input  wire                 lookup_done_i,
    input  wire  [63:0]         addr_i,
    input  wire  [31:0]         data_i,
    // write client
    output logic                wr_req_valid_o,
    input  wire                 wr_req_ready_i,
    output dma_pkg::wr_req_t    wr_req_o,
    output logic                wr_data_valid_o,
    input  wire                 wr_data_ready_i,
    output stream_pkg::beat_t   wr_data_o,
    input  wire                 wr_done_i
);

  localparam logic [15:0] MessageBytes = 16'd4;
  localparam int unsigned LevelW = $clog2(Vectors + 1);
  localparam logic [VectorW-1:0] LastVector = VectorW'(Vectors - 1);

  typedef enum logic [2:0] {StChoose, StLook, StCommit, StSend, StWait} state_e;

  state_e             state_q;
  logic [Vectors-1:0] pending_q, queued_q;
  logic [VectorW-1:0] vector_q, irq_vector, head;
  logic               req_valid_q, data_valid_q;
  logic               open, open_q;  // messages may be sent at all
  logic               known_irq, commit, head_valid, pop, push, room, sendable;
  logic               sweep_q, sweep_push;
  logic [VectorW-1:0] sweep_vector_q;
  logic [VectorW-1:0] push_vector;
  logic [LevelW-1:0]  level;

  assign open = enable_i && !function_mask_i && bus_master_en_i;
  assign known_irq = irq_valid_i && irq_vector_i < 8'(Vectors);
  assign irq_vector = irq_vector_i[VectorW-1:0];

  // -- who waits: requests, or the sweep's finds -----------------------------------------------------
  assign sweep_push = sweep_q && !known_irq && pending_q[sweep_vector_q] && !queued_q[sweep_vector_q];
  assign push = (known_irq && !queued_q[irq_vector]) || sweep_push;
  assign push_vector = known_irq ? irq_vector : sweep_vector_q;

  sync_fifo #(.Width(VectorW), .Depth(Vectors)) u_waiting (
      .clk_i, .rst_i, .in_valid_i(push), .in_ready_o(room), .in_i(push_vector),
      .out_valid_o(head_valid), .out_ready_i(pop), .out_o(head), .level_o(level));

  // a request for the head in this very cycle is seen in the next
  assign sendable = open && pending_q[head] && !mask_i[head];
  assign pop = state_q == StChoose && head_valid && !(known_irq && irq_vector == head) &&
               !retract_valid_i && (!sendable || lookup_ready_i);
  assign lookup_valid_o = state_q == StChoose && head_valid && sendable && !retract_valid_i &&
                          !(known_irq && irq_vector == head);
  assign lookup_vector_o = head;
  // masked or taken back since it was chosen: not now
  assign commit = state_q == StCommit && open && pending_q[vector_q] && !mask_i[vector_q];

  assign retract_ready_o = state_q == StChoose ||
                           (!retract_all_i && 8'(vector_q) != retract_vector_i);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q      <= StChoose;
      pending_q    <= '0;
      queued_q     <= '0;
      req_valid_q  <= 1'b0;
      data_valid_q <= 1'b0;
      sweep_q      <= 1'b0;
      open_q       <= 1'b0;
    end else begin
      open_q <= open;
      if (unmasked_i || (open && !open_q)) begin
        sweep_q        <= 1'b1;
        sweep_vector_q <= '0;
      end else if (sweep_q && !known_irq) begin
        sweep_q        <= sweep_vector_q != LastVector;
        sweep_vector_q <= sweep_vector_q + 1'b1;
      end
      if (pop) queued_q[head] <= 1'b0;
      if (push) queued_q[push_vector] <= 1'b1;
      if (commit) pending_q[vector_q] <= 1'b0;
      if (retract_valid_i && retract_ready_o && !retract_keep_i && !retract_all_i) begin
        pending_q[retract_vector_i[VectorW-1:0]] <= 1'b0;
      end
      if (known_irq) pending_q[irq_vector] <= 1'b1;
      if (flr_i || (retract_valid_i && retract_ready_o && retract_all_i)) pending_q <= '0;
      unique case (state_q)
        StChoose: if (lookup_valid_o && lookup_ready_i) state_q <= StLook;
        StLook: if (lookup_done_i) state_q <= StCommit;
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
    if (state_q == StChoose) vector_q <= head;
    if (commit) begin
      wr_req_o  <= {addr_i, MessageBytes};
      wr_data_o <= {contract_pkg::FRAME_OK, 1'b1, stream_pkg::EmptyW'(stream_pkg::Bytes - 4),
                    stream_pkg::DataW'(data_i)};
    end
  end

  assign pending_o = pending_q;
  assign wr_req_valid_o = req_valid_q;
  assign wr_data_valid_o = data_valid_q;
  assign sent_valid_o = wr_done_i && state_q == StWait;
  assign sent_vector_o = 8'(vector_q);
  assign irq_pended_o = known_irq && (!open || mask_i[irq_vector]);

  // --- rules ---

  logic unused_level;
  assign unused_level = ^{level, irq_vector_i, retract_vector_i};

  `ASSERT(FifoHasRoom_A, room || !push, clk_i, rst_i)
  `ASSUME(DoneOnlyWhileSending_A, !wr_done_i || state_q == StWait, clk_i, rst_i)
  stream_checker #(.Width(dma_pkg::WrReqW)) u_check_req (
      .clk_i, .rst_i, .valid_i(wr_req_valid_o), .ready_i(wr_req_ready_i), .payload_i(wr_req_o));
  stream_checker #(.Width(stream_pkg::BeatW)) u_check_data (
      .clk_i, .rst_i, .valid_i(wr_data_valid_o), .ready_i(wr_data_ready_i), .payload_i(wr_data_o));

endmodule

`default_nettype wire
