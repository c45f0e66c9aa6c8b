// SPDX-License-Identifier: Apache-2.0
// Decides where each frame starts: lane 0 or 4, with a gap of 12 bytes on average (deficit idle count).
//
// XGMII words of frames -> XGMII, one cycle of latency. A frame's words are taken without a pause.
// The gap runs from the terminate to the next start and must end on a column of 4 bytes. With the terminate
// in byte t of its column, two more columns make 12 - t bytes, three make 16 - t (IEEE 802.3, 46.3.1.4):
// take two while the deficit stays below 4, else three. deficit + t, modulo 4, is the new deficit and its
// carry says "three". A later start than that pays the deficit back.
//
//   frame in lane 4:  word_i  | S1234567 | 89ABCDEF | GT......        xgmii_o | ....S123 | 456789AB | CDEFGT..
// Place: mac_tx_frame -> this -> XGMII.
`include "assert.svh"
`default_nettype none

module mac_tx_gap (
    input  wire                      clk_i,
    input  wire                      rst_i,
    // words of frames
    input  wire                      in_valid_i,
    output logic                     in_ready_o,
    input  mac_pkg::tx_word_t        in_i,
    // XGMII
    output xgmii_pkg::word_t         xgmii_o,
    // events
    output nic_pkg::mac_tx_events_t  events_o
);

  localparam logic [31:0] IdleHalf = {4{xgmii_pkg::Idle}};

  logic        in_frame_q;
  logic        shift_q;    // the frame started in lane 4
  logic [2:0]  columns_q;  // outside a frame: columns from the next word on before one may start
  logic [1:0]  deficit_q;
  logic [31:0] high_data_q;  // upper half of the last word of a frame in lane 4
  logic [3:0]  high_ctrl_q;
  logic        take, shift;

  assign in_ready_o = in_frame_q || columns_q <= 3'd1;
  assign take       = in_valid_i && in_ready_o;
  assign shift      = in_frame_q ? shift_q : columns_q[0];

  // ---- gap behind the terminate ----
  logic       three;
  logic [1:0] deficit_d;
  logic [2:0] columns_d;

  assign {three, deficit_d} = {1'b0, deficit_q} + {1'b0, in_i.terminate[1:0]};
  assign columns_d = 3'd1 + {2'b0, shift} + {2'b0, in_i.terminate[2]} + {2'b0, three};

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      in_frame_q <= 1'b0;
      shift_q    <= 1'b0;
      columns_q  <= '0;
      deficit_q  <= '0;
    end else if (take) begin
      in_frame_q <= !in_i.last;
      shift_q    <= shift;
      columns_q  <= columns_d;
      if (in_i.last) deficit_q <= deficit_d;
    end else begin
      if (in_ready_o) deficit_q <= '0;
      columns_q <= (columns_q > 3'd1) ? columns_q - 3'd2 : 3'd0;
    end
  end

  // ---- the word ----
  xgmii_pkg::word_t word_d;

  always_comb begin
    word_d = {4'hF, high_ctrl_q, IdleHalf, high_data_q};
    if (take) begin
      word_d = {in_i.ctrl, in_i.data};
      if (shift) word_d = {in_i.ctrl[3:0], high_ctrl_q, in_i.data[31:0], high_data_q};
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i || !(take && shift)) begin
      high_data_q <= IdleHalf;
      high_ctrl_q <= 4'hF;
    end else begin
      high_data_q <= in_i.data[63:32];
      high_ctrl_q <= in_i.ctrl[7:4];
    end
    if (rst_i) begin
      xgmii_o  <= {8'hFF, IdleHalf, IdleHalf};
      events_o <= '0;
    end else begin
      xgmii_o  <= word_d;
      events_o <= {take && in_i.first, take && in_i.last};
    end
  end

  `ASSUME(NoGapInsideFrame_A, !in_frame_q || in_valid_i, clk_i, rst_i)
  `ASSUME(FramesStartWithFirst_A, !take || in_i.first == !in_frame_q, clk_i, rst_i)
  `ASSERT(NothingIsOverwritten_A, !(take && !shift) || high_ctrl_q == 4'hF, clk_i, rst_i)

  logic unused_aborted;
  assign unused_aborted = in_i.aborted;

endmodule

`default_nettype wire
