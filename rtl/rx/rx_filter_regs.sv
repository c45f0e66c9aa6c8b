// SPDX-License-Identifier: Apache-2.0
// The control registers of the receive filter: window CTL_RX_FILTER.
//
// Control bus -> settings of rx_filter, answered one cycle after the access. At reset the filter is promiscuous and
// everything else off: until somebody configures it, every good frame passes. The tables read as they were last
// written; before that their content is undefined (no address entry is valid): write all VLANs before RXF_MODE_VLAN.
// An address entry takes effect with the write of its upper half.
// Place: control bus -> this -> rx_filter.
`include "assert.svh"
`default_nettype none

module rx_filter_regs #(
    parameter int unsigned Entries = 16
) (
    input  wire                   clk_i,
    input  wire                   rst_i,
    // control bus
    input  wire                   req_valid_i,
    output logic                  req_ready_o,
    input  ctl_pkg::req_t         req_i,
    output logic                  rsp_valid_o,
    output logic [31:0]           rsp_rdata_o,
    // settings
    output logic [6:0]            mode_o,
    output logic [Entries-1:0]    entry_valid_o,
    output logic [48*Entries-1:0] entry_o,
    output logic                  vlan_write_o,
    output logic [6:0]            vlan_index_o,
    output logic [31:0]           vlan_bits_o
);

  localparam int unsigned IndexW = $clog2(Entries);

  logic              write, in_table, in_vlans, from_mode_q;
  logic [IndexW-1:0] entry;
  logic       [31:0] low_q, written;

  assign req_ready_o = 1'b1;
  assign write = req_valid_i && req_i.write;
  assign in_table = req_i.addr >= contract_pkg::RXF_MAC_TABLE &&
                    req_i.addr < contract_pkg::RXF_MAC_TABLE + 12'(8 * Entries);
  assign in_vlans = req_i.addr >= contract_pkg::RXF_VLAN_TABLE &&
                    req_i.addr < contract_pkg::RXF_VLAN_TABLE + 12'd512;
  assign entry = req_i.addr[3+:IndexW];
  assign vlan_write_o = write && in_vlans;
  assign vlan_index_o = req_i.addr[8:2];
  assign vlan_bits_o = req_i.wdata;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      mode_o        <= 7'd1 << contract_pkg::RXF_MODE_PROMISC;
      entry_valid_o <= '0;
      rsp_valid_o   <= 1'b0;
    end else begin
      if (write && req_i.addr == contract_pkg::RXF_MODE) mode_o <= req_i.wdata[6:0];
      for (int e = 0; e < Entries; e++)
        if (write && in_table && req_i.addr[2] && entry == IndexW'(e)) entry_valid_o[e] <= req_i.wdata[31];
      rsp_valid_o <= req_valid_i;
    end
    if (write && in_table && !req_i.addr[2]) low_q <= req_i.wdata;
    for (int e = 0; e < Entries; e++)
      if (write && in_table && req_i.addr[2] && entry == IndexW'(e))
        entry_o[48*e+:48] <= {req_i.wdata[15:0], low_q};
    if (req_valid_i) from_mode_q <= req_i.addr == contract_pkg::RXF_MODE;
  end

  // The bus's own copy of the tables: the filter's read port is the frames'.
  ram_sdp #(.Width(32), .Depth(256)) u_written (
      .clk_i, .wr_en_i(write && (in_vlans || in_table)), .wr_addr_i(req_i.addr[9:2]), .wr_data_i(req_i.wdata),
      .rd_en_i(req_valid_i && !req_i.write), .rd_addr_i(req_i.addr[9:2]), .rd_data_o(written));

  assign rsp_rdata_o = from_mode_q ? {25'd0, mode_o} : written;

  stream_checker #(.Width(ctl_pkg::ReqW), .Assumed(1'b1)) u_check_req (
      .clk_i, .rst_i, .valid_i(req_valid_i), .ready_i(req_ready_o), .payload_i(req_i));

endmodule

`default_nettype wire
