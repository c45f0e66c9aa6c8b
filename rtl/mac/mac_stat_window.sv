// SPDX-License-Identifier: Apache-2.0
// The statistics of the MAC on the control bus (window CTL_MAC_STATS).
//
// Counter k of the receiver stands at byte 8k, of the transmitter at 8 * (MACSTAT_TX_FIRST + k). The read of a
// low DW asks the direction's counters for the 64-bit total, answers with its low half and keeps the high half
// for the read that follows: never torn. A MAC clock that stands still has no answer: 240 cycles later the read
// gives all ones. Writes are answered and ignored. Place: control bus -> this <-> cdc_word <-> mac_counters.
`default_nettype none

module mac_stat_window (
    input  wire                 clk_i,
    input  wire                 rst_i,
    // control bus, slave
    input  wire                 ctl_valid_i,
    output logic                ctl_ready_o,
    input  wire ctl_pkg::req_t  ctl_i,
    output logic                rsp_valid_o,
    output logic [31:0]         rsp_rdata_o,
    // questions to the receiver [0] and the transmitter [1]
    output logic [1:0]          ask_valid_o,
    input  wire  [1:0]          ask_ready_i,
    output logic [4:0]          ask_index_o,
    // answers
    input  wire  [1:0]          total_valid_i,
    input  wire  [127:0]        total_i
);

  typedef enum logic [1:0] {StIdle, StAsk, StWait} state_e;
  state_e state_q;

  logic [5:0]  asked_q, held_index_q;
  logic        held_valid_q, high_q;
  logic [31:0] held_q;
  logic [7:0]  left_q;
  logic [1:0]  owed_q;  // an answer is still on its way
  logic [5:0]  asked;
  logic        side, arrived, stale, late;
  logic [63:0] total;

  assign asked   = ctl_i.addr[8:3];
  assign side    = asked_q[5];
  assign arrived = total_valid_i[side];
  assign stale   = owed_q[side];  // the answer to a question that was given up
  assign total   = total_i[64*side+:64];
  assign late    = left_q == '0;

  assign ctl_ready_o = state_q == StIdle;
  assign ask_valid_o = (state_q == StAsk && !stale) ? {side, !side} : 2'b00;
  assign ask_index_o = asked_q[4:0];

  always_ff @(posedge clk_i) begin
    rsp_valid_o <= 1'b0;
    if (rst_i) begin
      state_q      <= StIdle;
      held_valid_q <= 1'b0;
      owed_q       <= '0;
    end else begin
      owed_q <= owed_q & ~total_valid_i;
      unique case (state_q)
        StIdle: begin
          left_q  <= 8'd240;
          asked_q <= asked;
          high_q  <= ctl_i.addr[2];
          if (ctl_valid_i) begin
            if (ctl_i.write || ctl_i.addr[11:9] != '0) begin
              rsp_valid_o <= 1'b1;
              rsp_rdata_o <= '0;
            end else if (ctl_i.addr[2] && held_valid_q && held_index_q == asked) begin
              rsp_valid_o <= 1'b1;
              rsp_rdata_o <= held_q;
            end else state_q <= StAsk;
          end
        end
        default: begin  // StAsk, StWait
          left_q <= left_q - 8'd1;
          if (state_q == StAsk && !stale && ask_ready_i[side]) state_q <= StWait;
          if (state_q == StWait && arrived) begin
            state_q      <= StIdle;
            rsp_valid_o  <= 1'b1;
            rsp_rdata_o  <= high_q ? total[63:32] : total[31:0];
            held_valid_q <= !high_q;
            held_index_q <= asked_q;
            held_q       <= total[63:32];
          end else if (late) begin
            state_q      <= StIdle;
            rsp_valid_o  <= 1'b1;
            rsp_rdata_o  <= '1;
            held_valid_q <= 1'b0;
            if (state_q == StWait || (!stale && ask_ready_i[side])) owed_q[side] <= 1'b1;
          end
        end
      endcase
    end
  end

  logic unused_bits;
  assign unused_bits = ^{ctl_i.addr[1:0], ctl_i.wdata};

endmodule

`default_nettype wire
