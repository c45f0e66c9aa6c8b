// SPDX-License-Identifier: Apache-2.0
// The first broken rule of each queue: said once, and the queue is dead until it is cleared.
//
// Three sources, each with at least three cycles between its pulses -> one pulse a cycle, the first of each
// queue only. dead_o follows a pulse by one to three cycles.
// Place: virtq_fetch_ops, virtq_fetch_plan, virtq_fetch_walk -> this -> virtio_lifecycle.
`include "assert.svh"
`default_nettype none

module virtq_fetch_fail #(
    parameter int unsigned Pairs = 8
) (
    input  wire              clk_i,
    input  wire              rst_i,
    input  wire              clear_valid_i,
    input  wire  [5:0]       clear_pair_i,
    // sources
    input  wire              read_i,
    input  wire  [5:0]       read_pair_i,
    input  wire              plan_i,
    input  wire  [5:0]       plan_pair_i,
    input  wire  [3:0]       plan_code_i,
    input  wire              walk_i,
    input  wire  [5:0]       walk_pair_i,
    input  wire  [3:0]       walk_code_i,
    // verdicts
    output logic             fail_valid_o,
    output logic [5:0]       fail_pair_o,
    output logic [3:0]       fail_code_o,
    output logic [Pairs-1:0] dead_o
);

  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;

  logic       read_q, plan_q, walk_q;
  logic [5:0] read_pair_q, plan_pair_q, walk_pair_q, pair;
  logic [3:0] plan_code_q, walk_code_q, code;
  logic       any;

  assign any = read_q || plan_q || walk_q;

  always_comb begin
    pair = walk_pair_q;
    code = walk_code_q;
    if (plan_q) begin
      pair = plan_pair_q;
      code = plan_code_q;
    end
    if (read_q) begin
      pair = read_pair_q;
      code = contract_pkg::DESC_ERR_READ;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      {read_q, plan_q, walk_q} <= '0;
      fail_valid_o <= 1'b0;
      dead_o       <= '0;
    end else begin
      read_q <= read_i;
      plan_q <= plan_i || (plan_q && read_q);
      walk_q <= walk_i || (walk_q && (read_q || plan_q));
      fail_valid_o <= any && !dead_o[pair[PairW-1:0]];
      if (any) dead_o[pair[PairW-1:0]] <= 1'b1;
      if (clear_valid_i) dead_o[clear_pair_i[PairW-1:0]] <= 1'b0;
    end
    if (read_i) read_pair_q <= read_pair_i;
    if (plan_i) {plan_pair_q, plan_code_q} <= {plan_pair_i, plan_code_i};
    if (walk_i) {walk_pair_q, walk_code_q} <= {walk_pair_i, walk_code_i};
    fail_pair_o <= pair;
    fail_code_o <= code;
  end

  logic unused_pair;
  assign unused_pair = ^clear_pair_i;

  `ASSERT(PlanNotOverrun_A, !plan_i || !plan_q || !read_q, clk_i, rst_i)
  `ASSERT(WalkNotOverrun_A, !walk_i || !walk_q || !(read_q || plan_q), clk_i, rst_i)

endmodule

`default_nettype wire
