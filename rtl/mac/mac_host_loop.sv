// SPDX-License-Identifier: Apache-2.0
// Loopback at the host's edge: frames to send come back as received ones and no MAC is needed.
//
// Two links through, combinational, in either setting. enable_i changes the way between two frames of each link:
// the link that gets there first waits for the other (a frame's time at most). In loopback the frames that the
// wire brings are taken and thrown away uncounted, and a frame that came back is told as sent (looped_o); it
// has the length it had, without the padding of the wire. Place: between nic_core and the two MAC paths.
`include "assert.svh"
`default_nettype none

module mac_host_loop (
    input  wire                clk_i,
    input  wire                rst_i,
    input  wire                enable_i,
    // received by the MAC
    input  wire                mac_rx_valid_i,
    output logic               mac_rx_ready_o,
    input  stream_pkg::beat_t  mac_rx_i,
    // received, for the core
    output logic               rx_valid_o,
    input  wire                rx_ready_i,
    output stream_pkg::beat_t  rx_o,
    // to send, from the core
    input  wire                tx_valid_i,
    output logic               tx_ready_o,
    input  stream_pkg::beat_t  tx_i,
    // to send, for the MAC
    output logic               mac_tx_valid_o,
    input  wire                mac_tx_ready_i,
    output stream_pkg::beat_t  mac_tx_o,
    // events
    output logic               looped_o
);

  logic loop_q;                  // which way it is
  logic rx_inside_q, tx_inside_q;  // a frame has begun on the link
  logic turn, rx_hold, tx_hold;  // to the other way; a link that waits for it

  assign turn    = enable_i != loop_q;
  assign rx_hold = turn && !rx_inside_q;
  assign tx_hold = turn && !tx_inside_q;

  always_comb begin
    rx_o           = loop_q ? tx_i : mac_rx_i;
    mac_tx_o       = tx_i;
    mac_tx_valid_o = !loop_q && tx_valid_i && !tx_hold;
    if (loop_q) begin
      rx_valid_o     = tx_valid_i && !tx_hold;
      tx_ready_o     = rx_ready_i && !tx_hold;
      mac_rx_ready_o = !rx_hold;
    end else begin
      rx_valid_o     = mac_rx_valid_i && !rx_hold;
      mac_rx_ready_o = rx_ready_i && !rx_hold;
      tx_ready_o     = mac_tx_ready_i && !tx_hold;
    end
  end

  // A beat on offer opens its frame: it may not be taken back.
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      loop_q      <= 1'b0;
      rx_inside_q <= 1'b0;
      tx_inside_q <= 1'b0;
      looped_o    <= 1'b0;
    end else begin
      if (turn && !rx_inside_q && !tx_inside_q) loop_q <= enable_i;
      if (mac_rx_valid_i && !rx_hold) rx_inside_q <= !(mac_rx_ready_o && mac_rx_i.last);
      if (tx_valid_i && !tx_hold) tx_inside_q <= !(tx_ready_o && tx_i.last);
      looped_o <= loop_q && tx_valid_i && tx_ready_o && tx_i.last;
    end
  end

  stream_checker #(.Width(stream_pkg::BeatW)) u_check_rx (
      .clk_i, .rst_i, .valid_i(rx_valid_o), .ready_i(rx_ready_i), .payload_i(rx_o));
  stream_checker #(.Width(stream_pkg::BeatW)) u_check_tx (
      .clk_i, .rst_i, .valid_i(mac_tx_valid_o), .ready_i(mac_tx_ready_i), .payload_i(mac_tx_o));

endmodule

`default_nettype wire
