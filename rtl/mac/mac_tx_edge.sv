// SPDX-License-Identifier: Apache-2.0
// The last word before XGMII: link fault answers and the loopback of the wire.
//
// XGMII words -> XGMII, one cycle later. With a local fault every idle word becomes the remote fault sequence (IEEE
// 802.3 46.3.4); with a remote fault idle stays idle. mac_tx_mux lets no frame begin meanwhile. In loopback the
// words go to loop_o alone and the wire rests. Place: mac_tx_gap -> this -> XGMII, mac_loop.
`default_nettype none

module mac_tx_edge (
    input  wire              clk_i,
    input  wire              rst_i,
    // levels
    input  wire              local_fault_i,
    input  wire              loop_i,
    // XGMII
    input  xgmii_pkg::word_t word_i,
    output xgmii_pkg::word_t xgmii_o
);

  localparam logic [63:0] AllIdle = {8{xgmii_pkg::Idle}};
  localparam logic [31:0] RemoteFault = {8'h02, 16'd0, xgmii_pkg::Sequence};

  always_ff @(posedge clk_i) begin
    if (rst_i || loop_i) xgmii_o <= {8'hFF, AllIdle};
    else if (local_fault_i && word_i == {8'hFF, AllIdle}) xgmii_o <= {8'h11, RemoteFault, RemoteFault};
    else xgmii_o <= word_i;
  end

endmodule

`default_nettype wire
