// SPDX-License-Identifier: Apache-2.0
// Control slave CTL_QUEUE_STATS: frames and bytes of each queue, and frames for which it had no buffer.
//
// Pulses -> 64-bit counters, none lost, readable while the queues run. The low DW gives the total of that
// moment and keeps its high half for the read of the high DW that follows: a value is never torn. Pulses go
// first: a read is answered in the first cycle without one of its direction, and 4 cycles. Writes are
// answered and ignored; pairs that do not exist and places between the counters read 0.
// Place: engines of both directions (pulses), ctl_decode (reads) -> this.
`include "assert.svh"
`default_nettype none

module queue_stats #(
    parameter int unsigned Pairs = 8
) (
    input  wire            clk_i,
    input  wire            rst_i,
    // a frame was delivered to the host
    input  wire            rx_valid_i,
    input  wire  [5:0]     rx_pair_i,
    input  wire  [16:0]    rx_bytes_i,
    // a frame found no buffer
    input  wire            rx_no_buffer_i,
    input  wire  [5:0]     rx_no_buffer_pair_i,
    // a frame of the host is complete in the transmit path
    input  wire            tx_valid_i,
    input  wire  [5:0]     tx_pair_i,
    input  wire  [16:0]    tx_bytes_i,
    // control slave
    input  wire            req_valid_i,
    output logic           req_ready_o,
    input  ctl_pkg::req_t  req_i,
    output logic           rsp_valid_o,
    output logic [31:0]    rsp_rdata_o
);

  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;
  localparam int unsigned PlaceW = $clog2(32'(contract_pkg::QSTAT_PAIR_BYTES));

  // -- the five counters: pulses first, then a read --------------------------------------------------
  logic             asking_q;                    // a read waits for its turn
  logic  [4:0]      which_q;                     // one-hot: the counter it wants
  logic [PairW-1:0] pair_q;
  logic             rx_read, drop_read, tx_read, took;
  logic  [4:0]      result_valid;
  logic [5*64-1:0]  results;

  assign rx_read = asking_q && which_q[1:0] != '0 && !rx_valid_i;
  assign drop_read = asking_q && which_q[2] && !rx_no_buffer_i;
  assign tx_read = asking_q && which_q[4:3] != '0 && !tx_valid_i;
  assign took = rx_read || drop_read || tx_read;

  queue_counter #(.Queues(Pairs)) u_rx_frames (
      .clk_i, .rst_i, .in_valid_i(rx_valid_i || (rx_read && which_q[0])),
      .in_queue_i(rx_valid_i ? rx_pair_i[PairW-1:0] : pair_q), .in_add_i({16'd0, rx_valid_i}),
      .in_read_i(!rx_valid_i), .out_valid_o(result_valid[0]), .out_o(results[63:0]));
  queue_counter #(.Queues(Pairs)) u_rx_bytes (
      .clk_i, .rst_i, .in_valid_i(rx_valid_i || (rx_read && which_q[1])),
      .in_queue_i(rx_valid_i ? rx_pair_i[PairW-1:0] : pair_q), .in_add_i(rx_valid_i ? rx_bytes_i : '0),
      .in_read_i(!rx_valid_i), .out_valid_o(result_valid[1]), .out_o(results[127:64]));
  queue_counter #(.Queues(Pairs)) u_rx_no_buffer (
      .clk_i, .rst_i, .in_valid_i(rx_no_buffer_i || drop_read),
      .in_queue_i(rx_no_buffer_i ? rx_no_buffer_pair_i[PairW-1:0] : pair_q), .in_add_i({16'd0, rx_no_buffer_i}),
      .in_read_i(!rx_no_buffer_i), .out_valid_o(result_valid[2]), .out_o(results[191:128]));
  queue_counter #(.Queues(Pairs)) u_tx_frames (
      .clk_i, .rst_i, .in_valid_i(tx_valid_i || (tx_read && which_q[3])),
      .in_queue_i(tx_valid_i ? tx_pair_i[PairW-1:0] : pair_q), .in_add_i({16'd0, tx_valid_i}),
      .in_read_i(!tx_valid_i), .out_valid_o(result_valid[3]), .out_o(results[255:192]));
  queue_counter #(.Queues(Pairs)) u_tx_bytes (
      .clk_i, .rst_i, .in_valid_i(tx_valid_i || (tx_read && which_q[4])),
      .in_queue_i(tx_valid_i ? tx_pair_i[PairW-1:0] : pair_q), .in_add_i(tx_valid_i ? tx_bytes_i : '0),
      .in_read_i(!tx_valid_i), .out_valid_o(result_valid[4]), .out_o(results[319:256]));

  // -- control slave ---------------------------------------------------------------------------------
  logic        busy_q, high_q, held_valid_q, exists, is_held;
  logic  [4:0] which;
  logic  [8:0] held_place_q;
  logic [31:0] held_q;
  logic [11:0] place, pair;
  logic [63:0] result;

  assign place = 12'({req_i.addr[PlaceW-1:3], 3'd0});
  assign pair = req_i.addr >> PlaceW;
  always_comb begin
    unique case (place)
      contract_pkg::QSTAT_RX_FRAMES:    which = 5'b00001;
      contract_pkg::QSTAT_RX_BYTES:     which = 5'b00010;
      contract_pkg::QSTAT_RX_NO_BUFFER: which = 5'b00100;
      contract_pkg::QSTAT_TX_FRAMES:    which = 5'b01000;
      contract_pkg::QSTAT_TX_BYTES:     which = 5'b10000;
      default:                          which = '0;
    endcase
    result = '0;
    for (int unsigned k = 0; k < 5; k++) if (result_valid[k]) result = results[64*k+:64];
  end
  assign exists = which != '0 && pair < 12'(Pairs);
  assign is_held = req_i.addr[2] && held_valid_q && held_place_q == req_i.addr[11:3];
  assign req_ready_o = !busy_q;

  always_ff @(posedge clk_i) begin
    rsp_valid_o <= 1'b0;
    if (rst_i) begin
      busy_q       <= 1'b0;
      asking_q     <= 1'b0;
      held_valid_q <= 1'b0;
    end else if (busy_q) begin
      if (took) asking_q <= 1'b0;
      if (result_valid != '0) begin
        busy_q       <= 1'b0;
        rsp_valid_o  <= 1'b1;
        rsp_rdata_o  <= high_q ? result[63:32] : result[31:0];
        held_valid_q <= !high_q;
        held_q       <= result[63:32];
      end
    end else if (req_valid_i) begin
      if (req_i.write || !exists || is_held) begin
        rsp_valid_o <= 1'b1;
        rsp_rdata_o <= (!req_i.write && is_held) ? held_q : '0;
      end else begin
        busy_q       <= 1'b1;
        asking_q     <= 1'b1;
        which_q      <= which;
        pair_q       <= PairW'(pair);
        high_q       <= req_i.addr[2];
        held_valid_q <= 1'b0;
        held_place_q <= req_i.addr[11:3];
      end
    end
  end

  logic unused_bits;
  assign unused_bits = ^{rx_pair_i, rx_no_buffer_pair_i, tx_pair_i, req_i.addr[1:0], req_i.wdata};

  `ASSERT(OneResult_A, $countones(result_valid) <= 1, clk_i, rst_i)

endmodule

`default_nettype wire
