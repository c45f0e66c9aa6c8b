// SPDX-License-Identifier: Apache-2.0
// Proof of virtq_give_event, seen from one queue: no wake-up is lost, one read at a time, one decision for each.
//
// The driver of this environment wants one interrupt, for the entry at a place of anybody's choice, and says so in
// its event structure all the time (EVENT_DESC). Whatever becomes visible, in whatever steps, asked for with it or
// later, and while whatever read is under way: once that entry was visible and asked for, the interrupt comes before
// the leaf rests.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module virtq_give_event_proof (
    input wire       clk_i,
    input wire       request_i,
    input wire       announce_i,
    input wire       ask_i,
    input wire [1:0] descs_i,
    input wire       rd_req_ready_i,
    input wire       answer_i,
    input wire       done_i
);

  localparam logic [15:0] Size = 16'd4;
  localparam logic [63:0] Driver = 64'h1000;
  localparam logic [3:0]  Rest = 4'd8;  // longer than it takes from a request to its read

  `PROOF_RESET(clk_i, rst)

  // ---- configuration: the address while in reset, the size right after it ----
  logic configured_q = 1'b0;
  virtq_pkg::config_write_t write;
  virtq_pkg::mode_t mode;

  always_ff @(posedge clk_i) configured_q <= !rst;
  assign write = {!configured_q, 6'd0, rst ? virtq_pkg::FieldDriver : virtq_pkg::FieldSize,
                  rst ? Driver : 64'(Size)};
  assign mode = {1'b1, 1'b1, 4'd0};

  // ---- the queue: entries become visible in steps of 1 to 4 ----
  logic [15:0] position_q;  // wrap, index
  logic [15:0] index_next, position_next;
  logic  [2:0] descs;
  logic        valid, ready, taken;
  virtq_give_pkg::request_t request;

  assign valid = request_i && configured_q;
  assign taken = valid && ready;
  assign descs = 3'(descs_i) + 3'd1;
  assign index_next = 16'(position_q[14:0]) + 16'(descs);
  assign position_next = (index_next >= Size) ? {!position_q[15], 15'(index_next - Size)}
                                              : {position_q[15], index_next[14:0]};
  assign request = {announce_i, ask_i, 6'd0, 7'd1, 17'(descs), position_next};

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
        if (at == off_wrap) hit = announce_i;
        at = (at[14:0] == 15'(Size - 16'd1)) ? {!at[15], 15'd0} : at + 16'd1;
      end
    end
  end

  // ---- the read, in any time ----
  logic req_valid, irq, suppressed, busy;
  logic pending_q, placed_q;
  logic [dma_pkg::OpW-1:0] op_q;
  logic [dma_pkg::LocalW-1:0] local_q;
  logic [5:0] irq_pair;
  dma_pkg::rd_req_t req;
  dma_pkg::rd_place_t place;
  dma_pkg::rd_done_t done;
  logic place_valid, done_valid;

  assign place_valid = pending_q && !placed_q && answer_i;
  assign done_valid = pending_q && placed_q && done_i;
  always_comb begin
    place = '0;
    place.client = contract_pkg::RD_RX_EVENT;
    place.word = local_q[dma_pkg::LocalW-1:dma_pkg::LocalW-dma_pkg::WordW];
    place.be = '1;
    place.data[31:0] = {14'd0, contract_pkg::EVENT_DESC, off_wrap};
    done = '0;
    done.client = contract_pkg::RD_RX_EVENT;
    done.op = op_q;
    done.status = contract_pkg::RD_OK;
  end

  virtq_give_event #(.Pairs(1), .Slots(2)) u_leaf (
      .clk_i, .rst_i(rst), .config_i(write), .mode_i(mode), .run_i(1'b1),
      .clear_valid_i(1'b0), .clear_pair_i(6'd0), .query_pair_i(6'd0), .query_busy_o(busy),
      .request_valid_i(valid), .request_ready_o(ready), .request_i(request),
      .rd_req_valid_o(req_valid), .rd_req_ready_i, .rd_req_o(req),
      .rd_place_valid_i(place_valid), .rd_place_i(place), .rd_done_valid_i(done_valid), .rd_done_i(done),
      .irq_valid_o(irq), .irq_pair_o(irq_pair), .suppressed_o(suppressed));

  // ---- what is owed ----
  logic       visible_q;   // the wish is visible, and was not asked for since
  logic       owed_q;      // it was asked for, its interrupt has not come
  logic       decision_q;  // reads that are over, their decision has not come
  logic [3:0] resting_q;   // cycles of rest

  always_ff @(posedge clk_i) begin
    if (rst) begin
      position_q <= 16'h8000;
      pending_q  <= 1'b0;
      visible_q  <= 1'b0;
      owed_q     <= 1'b0;
      decision_q <= 1'b0;
      resting_q  <= '0;
    end else begin
      if (taken && announce_i) position_q <= position_next;
      if (taken && (hit || visible_q)) visible_q <= !ask_i;
      owed_q <= (taken && ask_i && (hit || visible_q)) || (owed_q && !irq);
      if (req_valid && rd_req_ready_i) begin
        pending_q <= 1'b1;
        op_q      <= req.op;
        local_q   <= req.local_addr;
        placed_q  <= 1'b0;
      end else if (done_valid) begin
        pending_q <= 1'b0;
      end
      if (place_valid) placed_q <= 1'b1;
      if (done_valid) decision_q <= 1'b1;
      else if (irq || suppressed) decision_q <= 1'b0;
      if (valid || busy) resting_q <= '0;
      else if (resting_q != Rest) resting_q <= resting_q + 1'b1;
    end
  end

  `ASSERT(NoLostWakeUp_A, !(resting_q == Rest && owed_q), clk_i, rst)
  `ASSERT(EachReadDecided_A, !(resting_q == Rest && decision_q), clk_i, rst)
  `ASSERT(DecisionNeedsARead_A, !(irq && suppressed) && (!(irq || suppressed) || decision_q), clk_i, rst)
  `ASSERT(OneReadAtATime_A, !req_valid || !(pending_q || decision_q), clk_i, rst)
  `ASSERT(InterruptsItsQueue_A, !irq || irq_pair == 6'd0, clk_i, rst)
  `ASSERT(ReadsTheEventStructure_A,
          !req_valid || (req.addr == Driver && req.len == 16'(contract_pkg::EVENT_BYTES)), clk_i, rst)

  `COVER(Sent_C, irq && position_q[14:0] == 15'd3, clk_i, rst)
  `COVER(Suppressed_C, suppressed, clk_i, rst)

endmodule

`default_nettype wire
