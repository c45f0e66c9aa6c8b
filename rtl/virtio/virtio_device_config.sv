// SPDX-License-Identifier: Apache-2.0
// The network device's configuration, read-only to the driver (virtio 1.2, 5.1.4).
//
// addr -> DW, in the same cycle: MAC address, link status, queue pairs, MTU. changed_o pulses in the
// cycle before the link's new state shows.
// Place: virtio_registers -> this -> virtio_common_config (generation), virtio_irq_collect.
`default_nettype none

module virtio_device_config #(
    parameter int unsigned Pairs = 1
) (
    input  wire         clk_i,
    input  wire         rst_i,
    input  wire  [47:0] mac_i,  // first byte in [7:0]
    input  wire  [15:0] mtu_i,
    input  wire         link_up_i,
    input  wire  [11:0] addr_i,
    output logic [31:0] rdata_o,
    output logic        changed_o
);

  localparam logic [11:0] MacLow = 12'(contract_pkg::NETCFG_MAC);
  localparam logic [11:0] MacHighAndStatus = 12'(contract_pkg::NETCFG_STATUS) - 12'd2;
  localparam logic [11:0] PairsAndMtu = 12'(contract_pkg::NETCFG_MAX_PAIRS);

  logic link_q;

  assign changed_o = link_q != link_up_i;

  always_ff @(posedge clk_i) begin
    if (rst_i) link_q <= 1'b0;
    else link_q <= link_up_i;
  end

  always_comb begin
    unique case (addr_i)
      MacLow:           rdata_o = mac_i[31:0];
      MacHighAndStatus: rdata_o = {link_q ? contract_pkg::NET_S_LINK_UP : 16'd0, mac_i[47:32]};
      PairsAndMtu:      rdata_o = {mtu_i, 16'(Pairs)};
      default:          rdata_o = '0;
    endcase
  end

endmodule

`default_nettype wire
