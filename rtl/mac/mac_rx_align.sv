// SPDX-License-Identifier: Apache-2.0
// Turns every frame so that its start character stands in lane 0.
//
// XGMII words -> XGMII words, two cycles later, one a cycle, no back-pressure. IEEE 802.3 46.2.1 allows
// /S/ in lanes 0 and 4 of a 64-bit word; behind an /S/ in lane 4 all words are moved down by four lanes
// until the next /S/ in lane 0:
//
//   in   | ....S567 | 01234567 | 0123T... |        out  | ....____ | S5670123 | 45670123 | T...
//
// At the move back to lane 0 the four lanes in hand are given up. They are idle when the gap has 5 bytes
// or more; with less, the frame in front loses its terminate and ends as truncated. Of two /S/ in one word
// the one in lane 4 counts when the words are being moved: no frame fits between them, and the one in lane 0
// is told by false_start_o.
// Place: XGMII -> this -> mac_rx_frame.
`default_nettype none

module mac_rx_align (
    input  wire               clk_i,
    input  wire               rst_i,
    // XGMII
    input  xgmii_pkg::word_t  xgmii_i,
    // aligned
    output xgmii_pkg::word_t  word_o,
    output logic              start_o,       // lane 0 holds /S/
    // events
    output logic              false_start_o  // an /S/ that makes no frame: another one follows four lanes later
);

  localparam logic [31:0] IdleHalf = {4{xgmii_pkg::Idle}};

  xgmii_pkg::word_t in_q;
  logic [31:0] high_data_q;
  logic [3:0]  high_ctrl_q;
  logic        high_start_q;
  logic        shift_q, shift_d;
  logic        start_lane0, start_lane4, start_d;
  xgmii_pkg::word_t word_d;

  assign start_lane0 = in_q.ctrl[0] && in_q.data[7:0] == xgmii_pkg::Start;
  assign start_lane4 = in_q.ctrl[4] && in_q.data[39:32] == xgmii_pkg::Start;

  always_comb begin
    shift_d = shift_q;
    if (start_lane4) shift_d = 1'b1;
    else if (start_lane0) shift_d = 1'b0;

    word_d  = in_q;
    start_d = start_lane0;
    if (shift_q && shift_d) begin
      word_d  = {in_q.ctrl[3:0], high_ctrl_q, in_q.data[31:0], high_data_q};
      start_d = high_start_q;
    end else if (shift_d) begin
      word_d = {4'hF, in_q.ctrl[3:0], IdleHalf, in_q.data[31:0]};
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      in_q          <= {8'hFF, IdleHalf, IdleHalf};
      high_data_q   <= IdleHalf;
      high_ctrl_q   <= 4'hF;
      high_start_q  <= 1'b0;
      shift_q       <= 1'b0;
      word_o        <= {8'hFF, IdleHalf, IdleHalf};
      start_o       <= 1'b0;
      false_start_o <= 1'b0;
    end else begin
      in_q          <= xgmii_i;
      high_data_q   <= in_q.data[63:32];
      high_ctrl_q   <= in_q.ctrl[7:4];
      high_start_q  <= start_lane4;
      shift_q       <= shift_d;
      word_o        <= word_d;
      start_o       <= start_d;
      false_start_o <= shift_q && start_lane0 && (start_lane4 || high_start_q);
    end
  end

endmodule

`default_nettype wire
