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
  logic [6:0]  from, size;  // at least as long as the shortest of each size; of that size
  logic [2:0]  address;     // unicast, multicast, broadcast

  // The comparisons side by side, their results in fixed places: a chain of them was the MAC's longest path.
  always_comb begin
    from[0] = stat_i.octets >= 16'd64;
    from[1] = stat_i.octets >= 16'd65;
    from[2] = stat_i.octets >= 16'd128;
    from[3] = stat_i.octets >= 16'd256;
    from[4] = stat_i.octets >= 16'd512;
    from[5] = stat_i.octets >= 16'd1024;
    from[6] = stat_i.octets >= 16'd1519;

    size = from & ~{1'b0, from[6:1]};
    address = '0;
    if (stat_i.good) address = stat_i.broadcast ? 3'b100 : stat_i.multicast ? 3'b010 : 3'b001;
    inc_d = (32'd1 << stat_i.kind) | (32'(address) << Unicast) | (32'(size) << Size64);
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
