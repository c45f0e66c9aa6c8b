// SPDX-License-Identifier: Apache-2.0
// Proof of mac_host_loop: no frame is torn, mixed or sent both ways, however the loop is switched.
//
// A beat says in its lowest bit whose it is; frames of any length on both links.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module mac_host_loop_proof (
    input wire clk_i,
    input wire enable_i,
    input wire mac_rx_valid_i,
    input wire mac_rx_last_i,
    input wire rx_ready_i,
    input wire tx_valid_i,
    input wire tx_last_i,
    input wire mac_tx_ready_i
);

  `PROOF_RESET(clk_i, rst)

  stream_pkg::beat_t mac_rx, rx, tx, mac_tx;
  logic mac_rx_ready, rx_valid, tx_ready, mac_tx_valid, looped;

  always_comb begin
    mac_rx      = '0;
    mac_rx.last = mac_rx_last_i;
    tx          = '0;
    tx.last     = tx_last_i;
    tx.data[0]  = 1'b1;
  end

  mac_host_loop u_leaf (
      .clk_i, .rst_i(rst), .enable_i,
      .mac_rx_valid_i, .mac_rx_ready_o(mac_rx_ready), .mac_rx_i(mac_rx),
      .rx_valid_o(rx_valid), .rx_ready_i, .rx_o(rx),
      .tx_valid_i, .tx_ready_o(tx_ready), .tx_i(tx),
      .mac_tx_valid_o(mac_tx_valid), .mac_tx_ready_i, .mac_tx_o(mac_tx), .looped_o(looped));

  stream_checker #(.Width(1), .Assumed(1'b1)) u_mac_rx (
      .clk_i, .rst_i(rst), .valid_i(mac_rx_valid_i), .ready_i(mac_rx_ready), .payload_i(mac_rx_last_i));
  stream_checker #(.Width(1), .Assumed(1'b1)) u_tx (
      .clk_i, .rst_i(rst), .valid_i(tx_valid_i), .ready_i(tx_ready), .payload_i(tx_last_i));

  // ---- frames under way ----
  logic rx_inside_q, rx_source_q;      // to the core; whose
  logic tx_inside_q, tx_way_q;         // from the core; 1: it came back
  logic wire_inside_q, wire_way_q;     // from the wire; 1: it is thrown away
  logic back, away, ends_back_q;

  assign back = rx_valid && rx_ready_i && rx.data[0];
  assign away = mac_rx_valid_i && mac_rx_ready && !(rx_valid && rx_ready_i && !rx.data[0]);

  always_ff @(posedge clk_i) begin
    if (rst) begin
      {rx_inside_q, tx_inside_q, wire_inside_q, ends_back_q} <= '0;
    end else begin
      if (rx_valid && rx_ready_i) begin
        rx_inside_q <= !rx.last;
        rx_source_q <= rx.data[0];
      end
      if (tx_valid_i && tx_ready) begin
        tx_inside_q <= !tx_last_i;
        tx_way_q    <= back;
      end
      if (mac_rx_valid_i && mac_rx_ready) begin
        wire_inside_q <= !mac_rx_last_i;
        wire_way_q    <= away;
      end
      ends_back_q <= back && rx.last;
    end
  end

  `ASSERT(OneSourceAFrame_A, !(rx_valid && rx_inside_q) || rx.data[0] == rx_source_q, clk_i, rst)
  `ASSERT(OneWayAFrame_A, !(tx_valid_i && tx_ready && tx_inside_q) || back == tx_way_q, clk_i, rst)
  `ASSERT(WholeOrThrownAway_A, !(mac_rx_valid_i && mac_rx_ready && wire_inside_q) || away == wire_way_q, clk_i, rst)
  `ASSERT(NothingIsLost_A, (tx_valid_i && tx_ready) == (back || (mac_tx_valid && mac_tx_ready_i)), clk_i, rst)
  `ASSERT(OnlyTheCoresLeave_A, !mac_tx_valid || mac_tx.data[0], clk_i, rst)
  `ASSERT(LoopedIsTold_A, looped == ends_back_q, clk_i, rst)

  `COVER(Back_C, looped && !enable_i, clk_i, rst)
  `COVER(ThereAndBack_C, mac_tx_valid && mac_tx_ready_i && tx_way_q, clk_i, rst)

endmodule

`default_nettype wire
