// SPDX-License-Identifier: Apache-2.0
// 32 counters of 64 bits of one direction of the MAC, in its own clock, so that none is ever lost.
//
// Pulses, and octets for counters 0 and 1 -> totals in a RAM. Only the low bits of each counter are registers;
// a sweep visits one counter a cycle and adds the registers' lead over the same bits of the total. It runs
// while something may be left to add or to read: an idle wire costs nothing. A question (read_valid_i) is
// answered with the whole total when the sweep has passed its counter, at most 48 cycles later: never torn.
// Place: mac_frame_counts and the leaves' pulses -> this -> cdc_word to mac_stat_window.
`include "assert.svh"
`default_nettype none

module mac_counters (
    input  wire         clk_i,
    input  wire         rst_i,
    // what to count
    input  wire  [31:0] inc_i,          // 0 and 1 have inputs of their own
    input  wire  [15:0] octets_i,
    input  wire  [15:0] good_octets_i,
    // questions, one at a time
    input  wire         read_valid_i,
    input  wire  [4:0]  read_index_i,   // held until the answer
    output logic        total_valid_o,
    output logic [63:0] total_o
);

  localparam int unsigned LiveW = 6;     // 32 visits and the pipeline apart, one at most a cycle
  localparam int unsigned OctetsW = 22;  // 65535 a cycle

  // ---- the sweep ----
  logic [4:0] index_q;
  logic [5:0] left_q;         // visits until nothing can be left to add
  logic       first_round_q;  // the RAM holds nothing yet
  logic       any, sweep, pending_q;

  assign any   = inc_i != '0 || octets_i != '0;
  assign sweep = left_q != '0;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      index_q       <= '0;
      left_q        <= 6'd32;
      first_round_q <= 1'b1;
    end else begin
      if (any || pending_q) left_q <= 6'd33;  // what is added with this edge is seen by the next visit
      else if (sweep) left_q <= left_q - 1'b1;
      if (sweep) index_q <= index_q + 1'b1;
      if (sweep && index_q == '1) first_round_q <= 1'b0;
    end
  end

  // ---- live low bits; 8 bits apart ----
  logic [255:0]       live_q;
  logic [OctetsW-1:0] octets_q, good_octets_q;

  function automatic logic [255:0] advance(input logic [255:0] live, input logic [31:0] inc);
    advance = live;
    for (int unsigned k = 2; k < 32; k++) begin
      if (inc[k]) advance[8*k+:LiveW] = live[8*k+:LiveW] + 1'b1;
    end
  endfunction

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      live_q        <= '0;
      octets_q      <= '0;
      good_octets_q <= '0;
    end else if (any) begin
      live_q        <= advance(live_q, inc_i);
      octets_q      <= octets_q + OctetsW'(octets_i);
      good_octets_q <= good_octets_q + OctetsW'(good_octets_i);
    end
  end

  // ---- bring one total up to date: look, take the lead, add, write back ----
  logic               look_valid_q, lead_valid_q, sum_valid_q, look_wide_q, look_fresh_q;
  logic [4:0]         look_index_q, lead_index_q, sum_index_q;
  logic [OctetsW-1:0] look_q, lead, lead_q;
  logic [63:0]        stored, total, total_q, sum_q;

  assign total = look_fresh_q ? 64'd0 : stored;
  assign lead  = look_q - total[OctetsW-1:0];

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      look_valid_q <= 1'b0;
      lead_valid_q <= 1'b0;
      sum_valid_q  <= 1'b0;
    end else begin
      look_valid_q <= sweep;
      lead_valid_q <= look_valid_q;
      sum_valid_q  <= lead_valid_q;
    end
    if (sweep) begin
      look_index_q <= index_q;
      look_fresh_q <= first_round_q;
      look_wide_q  <= index_q[4:1] == '0;
      look_q       <= (index_q == 5'd0) ? octets_q
                    : (index_q == 5'd1) ? good_octets_q : OctetsW'(live_q[8*index_q+:LiveW]);
    end
    if (look_valid_q) begin
      lead_index_q <= look_index_q;
      total_q      <= total;
      lead_q       <= look_wide_q ? lead : OctetsW'(lead[LiveW-1:0]);
    end
    if (lead_valid_q) begin
      sum_index_q <= lead_index_q;
      sum_q       <= total_q + 64'(lead_q);
    end
  end

  ram_sdp #(.Width(64), .Depth(32)) u_totals (
      .clk_i, .wr_en_i(sum_valid_q), .wr_addr_i(sum_index_q), .wr_data_i(sum_q),
      .rd_en_i(sweep), .rd_addr_i(index_q), .rd_data_o(stored));

  // ---- answers ----
  logic [2:0] age_q;  // a sum counts once it was looked up after the question
  logic       hits;

  assign hits = pending_q && age_q[2] && sum_valid_q && sum_index_q == read_index_i;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      pending_q     <= 1'b0;
      total_valid_o <= 1'b0;
    end else begin
      if (read_valid_i) pending_q <= 1'b1;
      else if (hits) pending_q <= 1'b0;
      total_valid_o <= hits;
    end
    age_q <= (pending_q && !hits) ? {age_q[1:0], 1'b1} : '0;
    if (hits) total_o <= sum_q;
  end

  `ASSUME(OneQuestionAtATime_A, !(read_valid_i && pending_q), clk_i, rst_i)
  `ASSUME(OctetsHaveTheirInputs_A, inc_i[1:0] == '0, clk_i, rst_i)
  `ASSUME(GoodOctetsAreOctets_A, good_octets_i == '0 || octets_i != '0, clk_i, rst_i)

endmodule

`default_nettype wire
