// SPDX-License-Identifier: Apache-2.0
// Whether the sender on the other side has to stop: the fill of the receive buffer with two thresholds.
//
// Bytes in the buffer -> a level, one cycle later: on at xoff_level_i and above, off at xon_level_i and below,
// as it was in between (off wins where the two overlap). Place: rx_packet_buffer -> this -> mac_tx_path.
`default_nettype none

module mac_level (
    input  wire         clk_i,
    input  wire         rst_i,
    input  wire  [17:0] level_i,
    input  wire  [17:0] xoff_level_i,
    input  wire  [17:0] xon_level_i,
    output logic        xoff_o
);

  always_ff @(posedge clk_i) begin
    if (rst_i || level_i <= xon_level_i) xoff_o <= 1'b0;
    else if (level_i >= xoff_level_i) xoff_o <= 1'b1;
  end

endmodule

`default_nettype wire
