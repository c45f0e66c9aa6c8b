// SPDX-License-Identifier: Apache-2.0
// A 64-bit counter for each of up to 64 queues, in a RAM.
//
// One increment or one read a cycle, in any order of queues, back to back: read, add, write back, with what
// is still on its way taken instead of what the RAM shows. A read is an increment by nothing: its value, two
// cycles later, holds everything that came before it and is never torn. Counters start at 0 after reset.
//   cycle 0 in_valid_i   1 RAM shows the total, sum   2 out_valid_o, out_o; written back at its end
// Place: inside queue_stats.
`default_nettype none

module queue_counter #(
    parameter int unsigned Queues = 8,
    localparam int unsigned QueueW = (Queues > 1) ? $clog2(Queues) : 1
) (
    input  wire                clk_i,
    input  wire                rst_i,
    // increment; a read asks for its result
    input  wire                in_valid_i,
    input  wire  [QueueW-1:0]  in_queue_i,
    input  wire  [16:0]        in_add_i,
    input  wire                in_read_i,
    // result of a read
    output logic               out_valid_o,
    output logic [63:0]        out_o
);

  logic [Queues-1:0] counted_q;                // queues whose total is in the RAM
  logic              look_valid_q, sum_valid_q, back_valid_q, look_read_q, look_counted_q;
  logic [QueueW-1:0] look_queue_q, sum_queue_q, back_queue_q;
  logic [16:0]       look_add_q;
  logic [63:0]       stored, total, sum_q, back_q;

  ram_sdp #(.Width(64), .Depth(Queues)) u_totals (
      .clk_i, .wr_en_i(sum_valid_q), .wr_addr_i(sum_queue_q), .wr_data_i(sum_q),
      .rd_en_i(in_valid_i), .rd_addr_i(in_queue_i), .rd_data_o(stored));

  always_comb begin
    if (sum_valid_q && sum_queue_q == look_queue_q) total = sum_q;
    else if (back_valid_q && back_queue_q == look_queue_q) total = back_q;
    else total = look_counted_q ? stored : '0;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      counted_q    <= '0;
      look_valid_q <= 1'b0;
      sum_valid_q  <= 1'b0;
      back_valid_q <= 1'b0;
      out_valid_o  <= 1'b0;
    end else begin
      look_valid_q <= in_valid_i;
      sum_valid_q  <= look_valid_q;
      back_valid_q <= sum_valid_q;
      out_valid_o  <= look_valid_q && look_read_q;
      if (look_valid_q) counted_q[look_queue_q] <= 1'b1;
    end
    if (in_valid_i) begin
      look_queue_q   <= in_queue_i;
      look_add_q     <= in_add_i;
      look_read_q    <= in_read_i;
      look_counted_q <= counted_q[in_queue_i];
    end
    if (look_valid_q) begin
      sum_queue_q <= look_queue_q;
      sum_q       <= total + {47'd0, look_add_q};
    end
    if (sum_valid_q) begin
      back_queue_q <= sum_queue_q;
      back_q       <= sum_q;
    end
  end

  assign out_o = sum_q;

endmodule

`default_nettype wire
