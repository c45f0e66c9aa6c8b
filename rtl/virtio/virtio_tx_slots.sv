// SPDX-License-Identifier: Apache-2.0
// The sources whose reads are under way: a ring of slots, closed in any order, left in order.
//
// A slot is complete when it is closed (no further read will come) and each of its reads is done. What
// went wrong meanwhile is kept beside it: a length that is no frame's, a failed read.
// query_open_o: a slot of query_pair_i is open.
// Place: virtio_tx_issue, dma_read -> this -> virtio_tx_retire.
`include "assert.svh"
`default_nettype none

module virtio_tx_slots #(
    parameter int unsigned SlotW = 5
) (
    input  wire                        clk_i,
    input  wire                        rst_i,
    output logic                       empty_o,
    input  wire  [5:0]                 query_pair_i,
    output logic                       query_open_o,
    // open
    output logic                       slot_free_o,
    output logic [SlotW-1:0]           slot_o,
    input  wire                        open_i,
    input  wire                        open_bad_len_i,
    input  wire  [5:0]                 open_pair_i,
    input  wire  [16:0]                open_len_i,
    input  wire  [dma_pkg::WordW-1:0]  open_base_i,
    // name, reads
    input  wire                        name_i,
    input  wire  [15:0]                name_id_i,
    input  wire  [15:0]                name_descs_i,
    input  wire                        read_i,
    input  wire                        close_i,
    input  wire  [SlotW-1:0]           read_slot_i,
    input  wire                        rd_done_valid_i,
    input  dma_pkg::rd_done_t          rd_done_i,
    // oldest slot
    output logic                       complete_o,
    output logic                       bad_len_o,
    output logic                       bad_read_o,
    output logic [5:0]                 pair_o,
    output logic [15:0]                id_o,
    output logic [15:0]                descs_o,
    output logic [16:0]                total_len_o,
    output logic [dma_pkg::WordW-1:0]  base_o,
    input  wire                        leave_i
);

  localparam int unsigned Slots = 1 << SlotW;
  localparam int unsigned WordW = dma_pkg::WordW;
  localparam int unsigned OpenW = 6;   // reads of a slot under way: as many as pieces
  localparam int unsigned InfoW = 6 + 17 + WordW;

  logic   [SlotW:0] head_q, tail_q;  // next to leave, next to open
  logic [SlotW-1:0] head, tail, done_slot;
  logic [Slots-1:0] live_q, closed_q, bad_len_q, bad_read_q;
  logic [OpenW*Slots-1:0] open_reads_q;
  logic [InfoW-1:0] info_q[Slots];   // pair, length, base
  logic      [31:0] name_q[Slots];   // id, descs
  logic [6*Slots-1:0] pairs_q;       // the pairs again, all to be compared at once

  logic done;

  assign head = head_q[SlotW-1:0];
  assign tail = tail_q[SlotW-1:0];
  assign empty_o = head_q == tail_q;
  assign slot_free_o = (tail_q - head_q) != (SlotW + 1)'(Slots);
  assign slot_o = tail;

  assign done = rd_done_valid_i && rd_done_i.client == contract_pkg::RD_TX_DATA;
  assign done_slot = rd_done_i.op[SlotW-1:0];

  assign complete_o = !empty_o && closed_q[head] && open_reads_q[OpenW*head+:OpenW] == '0;
  assign bad_len_o = bad_len_q[head];
  assign bad_read_o = bad_read_q[head];
  assign {pair_o, total_len_o, base_o} = info_q[head];
  assign {id_o, descs_o} = name_q[head];

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      head_q <= '0;
      tail_q <= '0;
      live_q <= '0;
    end else begin
      if (leave_i) begin
        head_q       <= head_q + 1'b1;
        live_q[head] <= 1'b0;
      end
      if (open_i) begin
        tail_q       <= tail_q + 1'b1;
        live_q[tail] <= 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (done && rd_done_i.status != contract_pkg::RD_OK) bad_read_q[done_slot] <= 1'b1;
    if (close_i) closed_q[read_slot_i] <= 1'b1;
    if (open_i) begin
      closed_q[tail]        <= 1'b0;
      bad_len_q[tail]       <= open_bad_len_i;
      bad_read_q[tail]      <= 1'b0;
      info_q[tail]          <= {open_pair_i, open_len_i, open_base_i};
      pairs_q[6*tail+:6]    <= open_pair_i;
    end
    if (name_i) name_q[read_slot_i] <= {name_id_i, name_descs_i};
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned k = 0; k < Slots; k++) begin
      if (open_i && tail == SlotW'(k)) open_reads_q[OpenW*k+:OpenW] <= '0;
      else if ((read_i && read_slot_i == SlotW'(k)) != (done && done_slot == SlotW'(k))) begin
        open_reads_q[OpenW*k+:OpenW] <= (read_i && read_slot_i == SlotW'(k)) ? open_reads_q[OpenW*k+:OpenW] + 1'b1
                                                                             : open_reads_q[OpenW*k+:OpenW] - 1'b1;
      end
    end
  end

  always_comb begin
    query_open_o = 1'b0;
    for (int unsigned k = 0; k < Slots; k++) begin
      if (live_q[k] && pairs_q[6*k+:6] == query_pair_i) query_open_o = 1'b1;
    end
  end

  logic unused_op;
  assign unused_op = ^rd_done_i.op;

  `ASSERT(OpenOnlyFree_A, !open_i || slot_free_o, clk_i, rst_i)
  `ASSERT(LeaveOnlyComplete_A, !leave_i || complete_o, clk_i, rst_i)

endmodule

`default_nettype wire
