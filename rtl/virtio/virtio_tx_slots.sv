// SPDX-License-Identifier: Apache-2.0
// The frames whose reads are under way: a ring of slots, closed in any order, left in order.
//
// A slot is complete when it is closed (no further read will come) and each of its reads is done. What
// went wrong meanwhile is kept beside it: a length that is no frame's, a failed read.
// Place: virtio_tx_issue, dma_read -> this -> virtio_tx_retire.
`include "assert.svh"
`default_nettype none

module virtio_tx_slots #(
    parameter int unsigned SlotW = 4
) (
    input  wire                        clk_i,
    input  wire                        rst_i,
    output logic                       empty_o,
    // open
    output logic                       slot_free_o,
    output logic [SlotW-1:0]           slot_o,
    input  wire                        open_i,
    input  wire                        open_bad_len_i,
    input  virtq_pkg::chain_t          open_chain_i,
    input  wire  [dma_pkg::WordW-1:0]  open_base_i,
    // reads
    input  wire                        read_i,
    input  wire                        close_i,
    input  wire  [SlotW-1:0]           read_slot_i,
    input  wire                        rd_done_valid_i,
    input  dma_pkg::rd_done_t          rd_done_i,
    // oldest slot
    output logic                       complete_o,
    output logic                       bad_len_o,
    output logic                       bad_read_o,
    output logic [15:0]                id_o,
    output logic [15:0]                descs_o,
    output logic [16:0]                total_len_o,
    output logic [dma_pkg::WordW-1:0]  base_o,
    input  wire                        leave_i
);

  localparam int unsigned Slots = 1 << SlotW;
  localparam int unsigned WordW = dma_pkg::WordW;
  localparam int unsigned OpenW = 6;  // reads of a slot under way: as many as segments

  logic   [SlotW:0] head_q, tail_q;  // next to leave, next to open
  logic [SlotW-1:0] head, tail, done_slot;
  logic [Slots-1:0] closed_q, bad_len_q, bad_read_q;
  logic [OpenW-1:0] open_reads_q[Slots];
  logic [WordW-1:0] base_q[Slots];
  logic      [48:0] info_q[Slots];   // id, descs, total length

  logic done;

  assign head = head_q[SlotW-1:0];
  assign tail = tail_q[SlotW-1:0];
  assign empty_o = head_q == tail_q;
  assign slot_free_o = (tail_q - head_q) != (SlotW + 1)'(Slots);
  assign slot_o = tail;

  assign done = rd_done_valid_i && rd_done_i.client == contract_pkg::RD_TX_DATA;
  assign done_slot = rd_done_i.op[SlotW-1:0];

  assign complete_o = !empty_o && closed_q[head] && open_reads_q[head] == '0;
  assign bad_len_o = bad_len_q[head];
  assign bad_read_o = bad_read_q[head];
  assign {id_o, descs_o, total_len_o} = info_q[head];
  assign base_o = base_q[head];

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      head_q <= '0;
      tail_q <= '0;
    end else begin
      if (leave_i) head_q <= head_q + 1'b1;
      if (open_i) tail_q <= tail_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (done && rd_done_i.status != contract_pkg::RD_OK) bad_read_q[done_slot] <= 1'b1;
    if (close_i) closed_q[read_slot_i] <= 1'b1;
    if (open_i) begin
      closed_q[tail]   <= open_bad_len_i;
      bad_len_q[tail]  <= open_bad_len_i;
      bad_read_q[tail] <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (open_i) begin
      base_q[tail] <= open_base_i;
      info_q[tail] <= {open_chain_i.id, open_chain_i.descs, open_chain_i.total_len};
    end
    if (!(read_i && done && read_slot_i == done_slot)) begin
      if (read_i) open_reads_q[read_slot_i] <= open_reads_q[read_slot_i] + 1'b1;
      if (done) open_reads_q[done_slot] <= open_reads_q[done_slot] - 1'b1;
    end
    if (open_i) open_reads_q[tail] <= '0;
  end

  logic unused_bits;
  assign unused_bits = ^rd_done_i.op;

  `ASSERT(OpenOnlyWhenFree_A, !open_i || slot_free_o, clk_i, rst_i)
  `ASSERT(LeaveOnlyWhenComplete_A, !leave_i || complete_o, clk_i, rst_i)
  `ASSERT(DoneForARead_A, !done || open_reads_q[done_slot] != '0, clk_i, rst_i)

endmodule

`default_nettype wire
