// SPDX-License-Identifier: Apache-2.0
// The control bus slave with the interrupt moderation parameters of all queues (window CTL_COALESCE).
//
//   pair p at COAL_PAIR_BYTES * p:  COAL_RX_PACKETS | COAL_RX_USECS | COAL_TX_PACKETS | COAL_TX_USECS
//
// Any 32-bit value; all 0 after reset. Each write goes on at once to its direction's virtq_moderate. After a reset
// all parameters are written as 0, one a cycle; the first access waits for that. A word past the last pair reads 0 and
// takes nothing. An access is answered two cycles after it was taken.
// Place: control bus -> this -> virtq_give (receive), virtq_give (transmit).
`include "assert.svh"
`default_nettype none

module virtq_coalesce_regs #(
    parameter int unsigned Pairs = 8
) (
    input  wire                        clk_i,
    input  wire                        rst_i,
    // control bus
    input  wire                        req_valid_i,
    output logic                       req_ready_o,
    input  ctl_pkg::req_t              req_i,
    output logic                       rsp_valid_o,
    output logic                [31:0] rsp_rdata_o,
    // parameters as they are written
    output virtq_give_pkg::coalesce_t  rx_o,
    output virtq_give_pkg::coalesce_t  tx_o
);

  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;
  localparam int unsigned WordW = PairW + 2;

  typedef enum logic [1:0] {StSweep, StIdle, StRead, StAnswer} state_e;
  state_e state_q;

  logic [WordW-1:0] sweep_q;
  logic             known, known_q, take, wr_en;
  logic [WordW-1:0] wr_word;
  logic      [31:0] wr_data, stored;

  assign req_ready_o = state_q == StIdle;
  assign take = req_valid_i && req_ready_o;
  assign known = 32'(req_i.addr[11:4]) < Pairs;
  assign wr_en = state_q == StSweep || (take && req_i.write && known);
  assign wr_word = (state_q == StSweep) ? sweep_q : req_i.addr[2+:WordW];
  assign wr_data = (state_q == StSweep) ? '0 : req_i.wdata;

  ram_sdp #(.Width(32), .Depth(4 << PairW)) u_words (
      .clk_i, .wr_en_i(wr_en), .wr_addr_i(wr_word), .wr_data_i(wr_data),
      .rd_en_i(take && !req_i.write), .rd_addr_i(req_i.addr[2+:WordW]), .rd_data_o(stored));

  // a pair's words: direction, then field
  logic [3:0] offset;
  logic       transmit, usecs;
  assign offset = {wr_word[1:0], 2'b00};
  assign transmit = offset == contract_pkg::COAL_TX_PACKETS || offset == contract_pkg::COAL_TX_USECS;
  assign usecs = offset == contract_pkg::COAL_RX_USECS || offset == contract_pkg::COAL_TX_USECS;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q <= StSweep;
      sweep_q <= '0;
    end else begin
      unique case (state_q)
        StSweep: begin
          sweep_q <= sweep_q + 1'b1;
          if (sweep_q == '1) state_q <= StIdle;
        end
        StIdle:  if (take) state_q <= StRead;
        StRead:  state_q <= StAnswer;
        default: state_q <= StIdle;
      endcase
    end
    if (take) known_q <= known && !req_i.write;
    rx_o <= {wr_en && !transmit && !rst_i, 6'(wr_word[2+:PairW]), usecs, wr_data};
    tx_o <= {wr_en && transmit && !rst_i, 6'(wr_word[2+:PairW]), usecs, wr_data};
  end

  assign rsp_valid_o = state_q == StAnswer;
  assign rsp_rdata_o = known_q ? stored : '0;

  logic unused_bits;
  assign unused_bits = ^req_i.addr;

  stream_checker #(.Width(ctl_pkg::ReqW), .Assumed(1'b1)) u_check_req (
      .clk_i, .rst_i, .valid_i(req_valid_i), .ready_i(req_ready_o), .payload_i(req_i));

endmodule

`default_nettype wire
