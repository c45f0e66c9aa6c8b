// SPDX-License-Identifier: Apache-2.0
// Which MSI-X vector each queue has, and what to take back when a queue is reset.
//
// Vectors as the driver sets them -> RAM; a lookup is answered in the next cycle, none for a queue without.
// A release (a queue was reset, or all were) becomes one retract: message and pending bit of the queue's
// vector are to go. If another queue or the configuration uses the vector as well, its message may be
// theirs: then it is only waited for (keep). To find out, the RAM is walked, one queue a cycle, with
// lookups waiting. release_ready_o ends a release: no message of the queue is pending or on its way.
// Place: virtio_queue_table, virtio_drain -> this <-> virtio_irq_collect; -> msix_send.
`include "assert.svh"
`default_nettype none

module virtio_irq_vectors #(
    parameter int unsigned Queues = 16
) (
    input  wire          clk_i,
    input  wire          rst_i,
    input  wire          clear_i,        // device reset is complete
    input  wire  [15:0]  config_vector_i,
    // as the driver sets them
    input  wire          set_valid_i,
    input  wire  [6:0]   set_queue_i,
    input  wire  [7:0]   set_vector_i,
    input  wire          set_none_i,
    input  wire          queue_clear_i,
    input  wire  [6:0]   clear_queue_i,
    // lookup
    input  wire          lookup_valid_i,
    output logic         lookup_ready_o,
    input  wire  [6:0]   lookup_queue_i,
    output logic         lookup_done_o,
    output logic         lookup_none_o,
    output logic [7:0]   lookup_vector_o,
    // what a reset takes back
    input  wire          release_valid_i,
    output logic         release_ready_o,
    input  wire          release_all_i,
    input  wire  [6:0]   release_queue_i,
    output logic         retract_valid_o,
    input  wire          retract_ready_i,
    output logic         retract_all_o,
    output logic         retract_keep_o,
    output logic [7:0]   retract_vector_o,
    // of the first pair
    output logic [15:0]  rx_vector0_o,
    output logic [15:0]  tx_vector0_o
);

  localparam int unsigned QueueW = $clog2(Queues);
  localparam logic [QueueW:0] Last = (QueueW + 1)'(Queues);  // one more: the last queue's answer

  typedef enum logic [2:0] {StIdle, StSettle, StOwn, StWalk, StRetract, StDone} state_e;

  state_e            state_q;
  logic [Queues-1:0] set_q;          // queues with a vector
  logic [QueueW:0]   walk_q;
  logic [QueueW-1:0] shown_q;        // whose vector the RAM shows
  logic        [7:0] shown, own_q;
  logic              shown_set, shared_q;

  logic              rd_en;
  logic [QueueW-1:0] rd_queue;

  always_comb begin
    unique case (state_q)
      StSettle: rd_queue = release_queue_i[QueueW-1:0];
      StWalk:   rd_queue = walk_q[QueueW-1:0];
      default:  rd_queue = lookup_queue_i[QueueW-1:0];
    endcase
  end
  assign lookup_ready_o = state_q == StIdle && !release_valid_i;
  assign rd_en = (lookup_valid_i && lookup_ready_o) || state_q == StSettle || state_q == StWalk;

  ram_sdp #(.Width(8), .Depth(Queues)) u_vectors (
      .clk_i, .wr_en_i(set_valid_i), .wr_addr_i(set_queue_i[QueueW-1:0]), .wr_data_i(set_vector_i),
      .rd_en_i(rd_en), .rd_addr_i(rd_queue), .rd_data_o(shown));

  assign shown_set = set_q[shown_q];
  assign lookup_none_o = !shown_set;
  assign lookup_vector_o = shown;

  always_ff @(posedge clk_i) begin
    if (rst_i || clear_i) set_q <= '0;
    else begin
      if (set_valid_i) set_q[set_queue_i[QueueW-1:0]] <= !set_none_i;
      if (queue_clear_i) set_q[clear_queue_i[QueueW-1:0]] <= 1'b0;
    end
    if (rd_en) shown_q <= rd_queue;
    lookup_done_o <= lookup_valid_i && lookup_ready_o && !rst_i;
    if (rst_i) begin
      state_q <= StIdle;
    end else begin
      unique case (state_q)
        // a lookup under way ends here, and its request is with MSI-X before anything is taken back
        StIdle: if (release_valid_i) state_q <= StSettle;
        StSettle: state_q <= release_all_i ? StRetract : StOwn;
        StOwn: state_q <= shown_set ? StWalk : StDone;
        StWalk: if (walk_q == Last) state_q <= StRetract;
        StRetract: if (retract_ready_i) state_q <= StDone;
        default: state_q <= StIdle;
      endcase
    end
    if (state_q == StOwn) begin
      own_q    <= shown;
      shared_q <= config_vector_i == {8'd0, shown};
    end
    walk_q <= (state_q == StWalk) ? walk_q + 1'b1 : '0;
    if (state_q == StWalk && walk_q != '0 && shown_set && shown == own_q &&
        shown_q != release_queue_i[QueueW-1:0]) shared_q <= 1'b1;
  end

  assign retract_valid_o = state_q == StRetract;
  assign retract_all_o = release_all_i;
  assign retract_keep_o = shared_q && !release_all_i;
  assign retract_vector_o = own_q;
  assign release_ready_o = state_q == StDone;

  // -- of the first pair -----------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (rst_i || clear_i) begin
      rx_vector0_o <= contract_pkg::MSI_NO_VECTOR;
      tx_vector0_o <= contract_pkg::MSI_NO_VECTOR;
    end else if (set_valid_i && set_queue_i[6:1] == '0) begin
      if (!set_queue_i[0]) rx_vector0_o <= set_none_i ? contract_pkg::MSI_NO_VECTOR : {8'd0, set_vector_i};
      else tx_vector0_o <= set_none_i ? contract_pkg::MSI_NO_VECTOR : {8'd0, set_vector_i};
    end else if (queue_clear_i && clear_queue_i[6:1] == '0) begin
      if (!clear_queue_i[0]) rx_vector0_o <= contract_pkg::MSI_NO_VECTOR;
      else tx_vector0_o <= contract_pkg::MSI_NO_VECTOR;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{set_queue_i, clear_queue_i, lookup_queue_i, release_queue_i};

  `ASSERT(ReleaseHeldUntilDone_A, state_q == StIdle || release_valid_i, clk_i, rst_i)

endmodule

`default_nettype wire
