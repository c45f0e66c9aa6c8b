// SPDX-License-Identifier: Apache-2.0
// What is left of a set of feature bits when each needs its prerequisites (virtio 1.2, 5.1.3.1).
//
// Combinational. A bit falls when what it needs is not there; an offer is what this leaves of it, and a
// driver's choice is sound if this leaves it as it is.
// Place: inside virtio_status.
`default_nettype none

module virtio_feature_rules (
    input  wire  [63:0] features_i,
    output logic [63:0] features_o
);

  localparam int unsigned Csum = 32'(contract_pkg::NET_F_CSUM);
  localparam int unsigned HostTso4 = 32'(contract_pkg::NET_F_HOST_TSO4);
  localparam int unsigned HostTso6 = 32'(contract_pkg::NET_F_HOST_TSO6);
  localparam int unsigned HostUfo = 32'(contract_pkg::NET_F_HOST_UFO);
  localparam int unsigned HostUso = 32'(contract_pkg::NET_F_HOST_USO);
  localparam int unsigned HostEcn = 32'(contract_pkg::NET_F_HOST_ECN);
  localparam int unsigned RscExt = 32'(contract_pkg::NET_F_RSC_EXT);
  localparam int unsigned GuestCsum = 32'(contract_pkg::NET_F_GUEST_CSUM);
  localparam int unsigned GuestTso4 = 32'(contract_pkg::NET_F_GUEST_TSO4);
  localparam int unsigned GuestTso6 = 32'(contract_pkg::NET_F_GUEST_TSO6);
  localparam int unsigned GuestUfo = 32'(contract_pkg::NET_F_GUEST_UFO);
  localparam int unsigned GuestEcn = 32'(contract_pkg::NET_F_GUEST_ECN);
  localparam int unsigned CtrlVq = 32'(contract_pkg::NET_F_CTRL_VQ);

  function automatic logic [63:0] feature(input logic [7:0] bit_number);
    feature = 64'd1 << bit_number;
  endfunction

  // what speaks through the control queue
  localparam logic [63:0] Controlled =
      feature(contract_pkg::NET_F_CTRL_GUEST_OFFLOADS) | feature(contract_pkg::NET_F_CTRL_RX) |
      feature(contract_pkg::NET_F_CTRL_VLAN) | feature(contract_pkg::NET_F_CTRL_RX_EXTRA) |
      feature(contract_pkg::NET_F_GUEST_ANNOUNCE) | feature(contract_pkg::NET_F_MQ) |
      feature(contract_pkg::NET_F_CTRL_MAC_ADDR) | feature(contract_pkg::NET_F_VQ_NOTF_COAL) |
      feature(contract_pkg::NET_F_NOTF_COAL) | feature(contract_pkg::NET_F_RSS);

  always_comb begin
    features_o = features_i;
    if (!features_i[CtrlVq]) features_o = features_i & ~Controlled;
    if (!features_i[Csum]) begin
      features_o[HostTso4] = 1'b0;
      features_o[HostTso6] = 1'b0;
      features_o[HostUfo] = 1'b0;
      features_o[HostUso] = 1'b0;
    end
    if (!features_i[Csum] || !(features_i[HostTso4] || features_i[HostTso6])) begin
      features_o[HostEcn] = 1'b0;
      features_o[RscExt] = 1'b0;
    end
    if (!features_i[GuestCsum]) begin
      features_o[GuestTso4] = 1'b0;
      features_o[GuestTso6] = 1'b0;
      features_o[GuestUfo] = 1'b0;
    end
    if (!features_i[GuestCsum] || !(features_i[GuestTso4] || features_i[GuestTso6])) begin
      features_o[GuestEcn] = 1'b0;
    end
  end

endmodule

`default_nettype wire
