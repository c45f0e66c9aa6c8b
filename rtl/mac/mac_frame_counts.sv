// SPDX-License-Identifier: Apache-2.0
// Which counters a frame that ended moves: its kind, its address if it was good, its size.
//
// frame_stat_t -> one pulse a counter of mac_counters, and the octets, one cycle later. The same for both
// directions, whose counters stand in different places: Unicast and Size64 are the first of three and of seven.
// Place: mac_rx_monitor or mac_tx_monitor -> this -> mac_counters.
`default_nettype none

module mac_frame_counts #(
    parameter int unsigned Unicast = 0,
    parameter int unsigned Size64 = 0
) (
    input  wire                   clk_i,
    input  wire                   rst_i,
    // a frame
    input  mac_pkg::frame_stat_t  stat_i,
    // what to count
    output logic           [31:0] inc_o,
    output logic           [15:0] octets_o,       // 0 when no frame ended
    output logic           [15:0] good_octets_o
);

  logic [31:0] inc_d;
  logic [2:0]  size;

  always_comb begin
    size = 3'd6;
    if (stat_i.octets <= 16'd64) size = 3'd0;
    else if (stat_i.octets <= 16'd127) size = 3'd1;
    else if (stat_i.octets <= 16'd255) size = 3'd2;
    else if (stat_i.octets <= 16'd511) size = 3'd3;
    else if (stat_i.octets <= 16'd1023) size = 3'd4;
    else if (stat_i.octets <= 16'd1518) size = 3'd5;

    inc_d = '0;
    inc_d[stat_i.kind] = 1'b1;
    if (stat_i.good) begin
      inc_d[5'(Unicast) + (stat_i.broadcast ? 5'd2 : stat_i.multicast ? 5'd1 : 5'd0)] = 1'b1;
    end
    if (stat_i.octets >= 16'd64) inc_d[5'(Size64) + 5'(size)] = 1'b1;
  end

  always_ff @(posedge clk_i) begin
    inc_o         <= '0;
    octets_o      <= '0;
    good_octets_o <= '0;
    if (stat_i.valid && !rst_i) begin
      inc_o         <= inc_d;
      octets_o      <= stat_i.octets;
      good_octets_o <= stat_i.good ? stat_i.octets : 16'd0;
    end
  end

endmodule

`default_nettype wire
