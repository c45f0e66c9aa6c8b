// SPDX-License-Identifier: Apache-2.0
// Sends frames on GMII: preamble and start delimiter, the bytes, 12 bytes of gap. What mac_tx_frame and mac_tx_gap
// are for XGMII.
//
// Link of beats (FCS included) -> a byte a cycle, one cycle later (IEEE 802.3 35.2.2). A frame whose next beat is
// missing ends with a byte of TX_ER, its remaining beats are swallowed, and it is counted (underrun_o).
// Place: mac_tx_fcs_insert -> this -> GMII.
`include "assert.svh"
`default_nettype none

module mac_gmii_tx (
    input  wire                      clk_i,
    input  wire                      rst_i,
    // in
    input  wire                      in_valid_i,
    output logic                     in_ready_o,
    input  mac_pkg::beat_t           in_i,
    // GMII
    output gmii_pkg::word_t          gmii_o,
    // events
    output logic                     sent_o,
    output logic                     underrun_o,
    output nic_pkg::mac_tx_events_t  events_o
);

  localparam logic [3:0] HeadBytes = 4'd8;
  localparam logic [3:0] GapBytes = 4'd12;

  typedef enum logic [2:0] {StIdle, StHead, StData, StSwallow, StGap} state_e;
  state_e state_q, state_d;

  logic [3:0] count_q, count_d;
  logic [2:0] last_byte;
  gmii_pkg::word_t gmii_d;

  assign last_byte = in_i.last ? 3'd7 - in_i.empty : 3'd7;

  always_comb begin
    state_d    = state_q;
    count_d    = count_q + 4'd1;
    gmii_d     = '0;
    in_ready_o = 1'b0;
    sent_o     = 1'b0;
    underrun_o = 1'b0;
    unique case (state_q)
      StIdle: begin
        count_d = 4'd1;
        if (in_valid_i) begin
          gmii_d  = {1'b0, 1'b1, gmii_pkg::Preamble};
          state_d = StHead;
        end
      end
      StHead: begin
        gmii_d = {1'b0, 1'b1, (count_q == HeadBytes - 4'd1) ? gmii_pkg::Sfd : gmii_pkg::Preamble};
        if (count_q == HeadBytes - 4'd1) begin
          state_d = StData;
          count_d = '0;
        end
      end
      StData: begin
        gmii_d = {!in_valid_i, 1'b1, in_valid_i ? in_i.data[8*count_q[2:0]+:8] : 8'd0};
        if (!in_valid_i) begin
          underrun_o = 1'b1;
          state_d    = StSwallow;
          count_d    = '0;
        end else if (count_q[2:0] == last_byte) begin
          in_ready_o = 1'b1;
          count_d    = '0;
          sent_o     = in_i.last;
          if (in_i.last) state_d = StGap;
        end
      end
      StSwallow: begin
        in_ready_o = 1'b1;
        count_d    = '0;
        if (in_valid_i && in_i.last) state_d = StGap;
      end
      default: begin  // StGap
        if (count_q == GapBytes - 4'd1) state_d = StIdle;
      end
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q  <= StIdle;
      gmii_o   <= '0;
      events_o <= '0;
    end else begin
      state_q  <= state_d;
      gmii_o   <= gmii_d;
      events_o <= {state_q == StIdle && in_valid_i, sent_o || underrun_o};
    end
    count_q <= count_d;
  end

  logic unused_err;
  assign unused_err = ^in_i.err;

  `COVER(Underrun_C, underrun_o, clk_i, rst_i)

endmodule

`default_nettype wire
