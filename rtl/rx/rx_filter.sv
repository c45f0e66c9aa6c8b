// SPDX-License-Identifier: Apache-2.0
// Decides which frames the host wants: by destination address and by VLAN.
//
// Parsed record -> verdict, two cycles later (virtio 1.2, 5.1.6.5.1 and 5.1.6.5.2 with the control classes RX, MAC,
// VLAN). In this order: promiscuous takes all; a tagged frame's outer VLAN has to be in the table, if the table is
// enabled; broadcast unless NOBCAST; multicast unless NOMULTI, by ALLMULTI or the table; unicast unless NOUNI, by
// ALLUNI, the own address or the table. Untagged frames have no VLAN to refuse.
// Place: rx_path: rx_parse -> this -> the frame's meta_t.
`default_nettype none

module rx_filter #(
    parameter int unsigned Entries = 16
) (
    input  wire                  clk_i,
    // settings
    input  wire  [47:0]          mac_i,         // first byte in [7:0]
    input  wire  [6:0]           mode_i,        // by RXF_MODE_*
    input  wire  [Entries-1:0]   entry_valid_i,
    input  wire  [48*Entries-1:0] entry_i,      // first byte in [7:0] of each
    input  wire                  vlan_write_i,
    input  wire  [6:0]           vlan_index_i,
    input  wire  [31:0]          vlan_bits_i,
    // the frame
    input  wire                  valid_i,
    input  rx_pkg::parsed_t      in_i,
    // two cycles later
    output logic                 drop_o
);

  logic [47:0] address;  // as the settings have it
  assign address = {in_i.mac_dst[7:0], in_i.mac_dst[15:8], in_i.mac_dst[23:16], in_i.mac_dst[31:24],
                    in_i.mac_dst[39:32], in_i.mac_dst[47:40]};

  // -- comparing -------------------------------------------------------------------------------------
  logic [Entries-1:0] equal_q;
  logic               own_q, broadcast_q, group_q, tagged_q;
  logic         [4:0] vlan_q;
  logic        [31:0] vlan_bits;

  ram_sdp #(.Width(32), .Depth(128)) u_vlans (
      .clk_i, .wr_en_i(vlan_write_i), .wr_addr_i(vlan_index_i), .wr_data_i(vlan_bits_i),
      .rd_en_i(valid_i), .rd_addr_i(in_i.tci[11:5]), .rd_data_o(vlan_bits));

  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      for (int e = 0; e < Entries; e++) equal_q[e] <= entry_valid_i[e] && entry_i[48*e+:48] == address;
      own_q       <= address == mac_i;
      broadcast_q <= address == '1;
      group_q     <= address[0];
      tagged_q    <= in_i.tags != 2'd0;
      vlan_q      <= in_i.tci[4:0];
    end
  end

  // -- deciding --------------------------------------------------------------------------------------
  logic listed, wanted, vlan_ok;

  assign listed = equal_q != '0;
  assign vlan_ok = !mode_i[contract_pkg::RXF_MODE_VLAN] || !tagged_q || vlan_bits[vlan_q];

  always_comb begin
    if (broadcast_q) wanted = !mode_i[contract_pkg::RXF_MODE_NOBCAST];
    else if (group_q)
      wanted = !mode_i[contract_pkg::RXF_MODE_NOMULTI] && (mode_i[contract_pkg::RXF_MODE_ALLMULTI] || listed);
    else
      wanted = !mode_i[contract_pkg::RXF_MODE_NOUNI] &&
               (mode_i[contract_pkg::RXF_MODE_ALLUNI] || own_q || listed);
  end

  always_ff @(posedge clk_i) drop_o <= !mode_i[contract_pkg::RXF_MODE_PROMISC] && !(wanted && vlan_ok);

  logic unused_parsed;
  assign unused_parsed = ^in_i;

endmodule

`default_nettype wire
