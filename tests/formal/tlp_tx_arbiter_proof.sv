// SPDX-License-Identifier: Apache-2.0
// Proof of tlp_tx_arbiter: whole TLPs, each class in order, none without credits, nobody passed over; no request
// begins without the bus master, none waits for it, and what needs none is never dropped.
//
// Every class numbers its own beats and ends its TLPs where it likes; the verdicts on credits, the bus master
// and what is a message are free. A beat that is dropped is numbered as if it had never come.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module tlp_tx_arbiter_proof (
    input wire       clk_i,
    input wire [2:0] valid_i,
    input wire [2:0] last_i,
    input wire [2:0] go_i,
    input wire       bus_master_en_i,
    input wire       message_i,
    input wire       out_ready_i
);

  `PROOF_RESET(clk_i, rst)

  logic [2:0] ready, consume, taken, dropped, starts, sends;
  logic [2:0] inside_q;       // this class is in the middle of a TLP
  logic [2:0] lost_q;         // ... that is dropped
  logic [3*3-1:0] number_q;   // each class's next beat
  logic out_valid;
  tlp_pkg::beat_t beat0, beat1, beat2, out;

  always_comb begin
    beat0 = '0;
    beat1 = '0;
    beat2 = '0;
    beat1.hdr[124] = message_i;
    beat0.first = !inside_q[0];
    beat1.first = !inside_q[1];
    beat2.first = !inside_q[2];
    beat0.last = last_i[0];
    beat1.last = last_i[1];
    beat2.last = last_i[2];
    beat0.data[4:0] = {2'd0, number_q[2:0]};
    beat1.data[4:0] = {2'd1, number_q[5:3]};
    beat2.data[4:0] = {2'd2, number_q[8:6]};
  end

  tlp_tx_arbiter u_leaf (
      .clk_i, .rst_i(rst), .bus_master_en_i,
      .cpl_valid_i(valid_i[0]), .cpl_ready_o(ready[0]), .cpl_i(beat0), .cpl_go_i(go_i[0]),
      .cpl_consume_o(consume[0]),
      .posted_valid_i(valid_i[1]), .posted_ready_o(ready[1]), .posted_i(beat1), .posted_go_i(go_i[1]),
      .posted_consume_o(consume[1]), .posted_dropped_o(dropped[1]),
      .nonposted_valid_i(valid_i[2]), .nonposted_ready_o(ready[2]), .nonposted_i(beat2),
      .nonposted_go_i(go_i[2]), .nonposted_consume_o(consume[2]), .nonposted_dropped_o(dropped[2]),
      .out_valid_o(out_valid), .out_ready_i, .out_o(out));

  assign dropped[0] = 1'b0;
  assign taken = valid_i & ready;
  assign sends = taken & ~dropped;
  assign starts = sends & ~inside_q;

  (* anyconst *) logic [1:0] chosen;
  `ASSUME(ChosenExists_A, chosen != 2'd3, clk_i, 1'b0)

  logic [2:0] expected_q;  // the chosen class's next beat at the output
  logic       open_q;      // the output is inside a TLP
  logic [1:0] open_class_q;
  logic [1:0] passed_q;    // TLPs of others begun while the chosen class could have

  always_ff @(posedge clk_i) begin
    if (rst) begin
      inside_q   <= '0;
      lost_q     <= '0;
      number_q   <= '0;
      expected_q <= '0;
      open_q     <= 1'b0;
      passed_q   <= '0;
    end else begin
      for (int k = 0; k < 3; k++) begin
        if (taken[k]) inside_q[k] <= !last_i[k];
        if (taken[k]) lost_q[k] <= dropped[k] && !last_i[k];
        if (sends[k]) number_q[3*k+:3] <= number_q[3*k+:3] + 1'b1;
      end
      if (out_valid && out_ready_i) begin
        open_q <= !out.last;
        open_class_q <= out.data[4:3];
        if (out.data[4:3] == chosen) expected_q <= expected_q + 1'b1;
      end
      if (!valid_i[chosen] || !go_i[chosen] || inside_q[chosen] || taken[chosen]) passed_q <= '0;
      else if (consume != '0) passed_q <= passed_q + 1'b1;
    end
  end

  logic [2:0] needy;  // has a head that needs the bus master
  assign needy = valid_i & ~inside_q & {1'b1, !message_i, 1'b0};

  `ASSERT(OneClassAtATime_A, (sends & (sends - 1'b1)) == '0, clk_i, rst)
  `ASSERT(OneTlpAtATime_A, (inside_q & ~lost_q & ((inside_q & ~lost_q) - 1'b1)) == '0, clk_i, rst)
  `ASSERT(StartsOnlyWithCredits_A, (starts & ~go_i) == '0, clk_i, rst)
  `ASSERT(ConsumesOncePerTlp_A, consume == starts, clk_i, rst)
  `ASSERT(WholeTlpsAtTheOutput_A,
          !out_valid || (out.first == !open_q && (!open_q || out.data[4:3] == open_class_q)), clk_i, rst)
  `ASSERT(EachClassInOrder_A, !out_valid || out.data[4:3] != chosen || out.data[2:0] == expected_q, clk_i, rst)
  `ASSERT(NobodyPassedOver_A, passed_q <= 2'd2, clk_i, rst)

  `ASSERT(DropsOnlyWhatIsThere_A, (dropped & ~taken) == '0, clk_i, rst)
  `ASSERT(NoRequestWithoutTheMaster_A, bus_master_en_i || (starts & needy) == '0, clk_i, rst)
  `ASSERT(NoRequestWaitsForTheMaster_A, bus_master_en_i || (needy & ~dropped) == '0, clk_i, rst)
  `ASSERT(DropsNothingElse_A, (dropped & ~inside_q & ~(bus_master_en_i ? '0 : needy)) == '0, clk_i, rst)
  `ASSERT(DropsWholeTlps_A, (taken & inside_q & (dropped ^ lost_q)) == '0, clk_i, rst)

  `COVER(DropEndsWithTheMaster_C, dropped[1] && inside_q[1] && last_i[1] && bus_master_en_i, clk_i, rst)
  `COVER(ThirdInTurn_C, passed_q == 2'd2 && consume[chosen], clk_i, rst)

endmodule

`default_nettype wire
