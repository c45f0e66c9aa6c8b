// SPDX-License-Identifier: Apache-2.0
// Watches the frames on their way into mac_tx_frame for the statistics: length, address, sent or aborted.
//
// Beats as they are taken (FCS included) and the outcome of each frame -> one frame_stat_t a frame, a cycle after
// its outcome. Place: beside mac_tx_frame or mac_gmii_tx -> mac_frame_counts.
`default_nettype none

module mac_tx_monitor (
    input  wire                   clk_i,
    input  wire                   rst_i,
    // beats taken
    input  wire                   taken_i,
    input  mac_pkg::beat_t        beat_i,
    // outcome: with the last beat or later, in front of the next frame's first
    input  wire                   sent_i,
    input  wire                   underrun_i,
    // statistics
    output mac_pkg::frame_stat_t  stat_o
);

  logic        first_q;
  logic [15:0] octets_q, octets;
  logic        multicast_q, broadcast_q, multicast, broadcast;

  assign octets    = (taken_i && first_q ? 16'd0 : octets_q) +
                     (taken_i ? 16'd8 - (beat_i.last ? {13'd0, beat_i.empty} : 16'd0) : 16'd0);
  assign multicast = (taken_i && first_q) ? beat_i.data[0] : multicast_q;
  assign broadcast = (taken_i && first_q) ? beat_i.data[47:0] == '1 : broadcast_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) first_q <= 1'b1;
    else if (taken_i) first_q <= beat_i.last;
    if (taken_i) begin
      octets_q    <= octets;
      multicast_q <= multicast;
      broadcast_q <= broadcast;
    end
    stat_o.valid <= (sent_i || underrun_i) && !rst_i;
    if (sent_i || underrun_i) begin
      stat_o.kind      <= sent_i ? 5'(contract_pkg::MACSTAT_TX_GOOD) : 5'(contract_pkg::MACSTAT_TX_UNDERRUN);
      stat_o.good      <= sent_i;
      stat_o.octets    <= octets;
      stat_o.multicast <= multicast;
      stat_o.broadcast <= broadcast;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{beat_i.err, beat_i.data};

endmodule

`default_nettype wire
