// SPDX-License-Identifier: Apache-2.0
// Proof of virtq_event: no wake-up is lost, and one decision for each read.
//
// The driver of this environment wants one interrupt, for the entry at a place of anybody's choice, and says
// so in its event structure all the time (EVENT_DESC). Whatever is published, in whatever steps and while
// whatever read is under way: once that entry was published, the interrupt comes before the engine rests.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module virtq_event_proof (
    input wire       clk_i,
    input wire       published_i,
    input wire [1:0] descs_i,
    input wire       rd_req_ready_i,
    input wire       answer_i,
    input wire       done_i
);

  localparam logic [15:0] Size = 16'd4;

  `PROOF_RESET(clk_i, rst)

  // ---- the queue: used entries are published in steps of 1 to 4 ----
  logic [15:0] position_q;  // wrap, index
  logic [15:0] index_next;
  logic [2:0]  descs;
  logic        published;
  assign published = published_i && !rst;
  assign descs = 3'(descs_i) + 3'd1;
  assign index_next = 16'(position_q[14:0]) + 16'(descs);

  logic [15:0] position_next;
  assign position_next = (index_next >= Size) ? {!position_q[15], 15'(index_next - Size)}
                                              : {position_q[15], index_next[14:0]};

  virtq_pkg::config_t queue;
  assign queue = {1'b1, 1'b1, Size, 64'd0, 64'h1000, 64'd0};

  // ---- the driver's wish and its place ----
  (* anyconst *) logic [2:0] wish;  // wrap, index
  logic [15:0] off_wrap;
  assign off_wrap = {wish[2], 13'd0, wish[1:0]};

  // Is the wish among the `descs` entries from position_q on?
  logic hit;
  logic [15:0] at;
  always_comb begin
    hit = 1'b0;
    at = position_q;
    for (int k = 0; k < 4; k++) begin
      if (k < 32'(descs)) begin
        if (at == off_wrap) hit = 1'b1;
        at = (at[14:0] == 15'(Size - 16'd1)) ? {!at[15], 15'd0} : at + 16'd1;
      end
    end
  end

  // ---- the read, in any time ----
  logic req_valid, irq, suppressed, quiet;
  logic pending_q, placed_q;
  dma_pkg::rd_req_t req;
  dma_pkg::rd_place_t place;
  dma_pkg::rd_done_t done;
  logic place_valid, done_valid;

  assign place_valid = pending_q && !placed_q && answer_i;
  assign done_valid = pending_q && placed_q && done_i;
  always_comb begin
    place = '0;
    place.client = contract_pkg::RD_RX_EVENT;
    place.be = '1;
    place.data[31:0] = {14'd0, contract_pkg::EVENT_DESC, off_wrap};
    done = '0;
    done.client = contract_pkg::RD_RX_EVENT;
    done.status = contract_pkg::RD_OK;
  end

  virtq_event u_leaf (
      .clk_i, .rst_i(rst), .config_i(queue), .stop_i(1'b0), .quiet_o(quiet),
      .published_i(published), .published_descs_i(18'(descs)), .published_position_i(position_next),
      .rd_req_valid_o(req_valid), .rd_req_ready_i, .rd_req_o(req),
      .rd_place_valid_i(place_valid), .rd_place_i(place), .rd_done_valid_i(done_valid), .rd_done_i(done),
      .irq_o(irq), .suppressed_o(suppressed));

  // ---- what is owed ----
  logic owed_q;           // the wish was published, its interrupt has not come
  logic decision_q;       // a read is over, its decision has not come
  logic [1:0] resting_q;  // cycles of rest without a publication

  always_ff @(posedge clk_i) begin
    if (rst) begin
      position_q <= 16'h8000;
      pending_q  <= 1'b0;
      owed_q     <= 1'b0;
      decision_q <= 1'b0;
      resting_q  <= '0;
    end else begin
      if (published) position_q <= position_next;
      if (req_valid && rd_req_ready_i) begin
        pending_q <= 1'b1;
        placed_q  <= 1'b0;
      end else if (done_valid) begin
        pending_q <= 1'b0;
      end
      if (place_valid) placed_q <= 1'b1;
      owed_q <= (published && hit) || (owed_q && !irq);
      decision_q <= done_valid;
      if (published || !quiet) resting_q <= '0;
      else if (resting_q != 2'd2) resting_q <= resting_q + 1'b1;
    end
  end

  `ASSERT(NoLostWakeUp_A, !(resting_q == 2'd2 && owed_q), clk_i, rst)
  `ASSERT(OneDecisionForEachRead_A, decision_q == (irq ^ suppressed) && !(irq && suppressed), clk_i, rst)
  `ASSERT(OneReadAtATime_A, !req_valid || !pending_q, clk_i, rst)
  `ASSERT(ReadsTheEventStructure_A,
          !req_valid || (req.addr == 64'h1000 && req.len == 16'(contract_pkg::EVENT_BYTES)), clk_i, rst)

  `COVER(Sent_C, irq && position_q[14:0] == 15'd3, clk_i, rst)
  `COVER(Suppressed_C, suppressed, clk_i, rst)

endmodule

`default_nettype wire
