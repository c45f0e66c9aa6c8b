// SPDX-License-Identifier: Apache-2.0
// The control registers of hash, steering and receive coalescing: window CTL_RX_RSS.
//
// Control bus -> settings of rx_hash, rx_steer and rx_coalesce, answered one cycle after the access. At reset no
// hash type is enabled and one pair is active: every frame goes to pair 0. The indirection table's content is
// undefined until it was written. Key byte 0 is in [7:0] of the first key register.
// Place: control bus -> this -> rx_hash, rx_steer, rx_coalesce.
`include "assert.svh"
`default_nettype none

module rx_rss_regs (
    input  wire           clk_i,
    input  wire           rst_i,
    // control bus
    input  wire           req_valid_i,
    output logic          req_ready_o,
    input  ctl_pkg::req_t req_i,
    output logic          rsp_valid_o,
    output logic [31:0]   rsp_rdata_o,
    // settings
    output logic [8:0]    types_o,
    output logic [319:0]  key_o,      // first byte on top
    output logic [6:0]    mask_o,
    output logic [5:0]    unclassified_o,
    output logic [6:0]    pairs_o,
    output logic [9:0]    usecs_o,    // that rx_coalesce may hold a frame
    output logic          table_write_o,
    output logic [6:0]    table_index_o,
    output logic [5:0]    table_pair_o
);

  localparam logic [9:0] DefaultUsecs = 10'd8;

  logic         write, in_table, from_table_q;
  logic [31:0]  rdata, rdata_q;
  logic  [5:0]  table_pair;
  logic [319:0] key_q;  // byte 0 in [7:0]

  assign req_ready_o = 1'b1;
  assign write = req_valid_i && req_i.write;
  assign in_table = req_i.addr >= contract_pkg::RSS_TABLE && req_i.addr < contract_pkg::RSS_TABLE + 12'd512;
  assign table_write_o = write && in_table;
  assign table_index_o = req_i.addr[8:2];
  assign table_pair_o = req_i.wdata[5:0];

  always_comb begin
    rdata = '0;
    unique case (req_i.addr)
      contract_pkg::RSS_TYPES: rdata = {23'd0, types_o};
      contract_pkg::RSS_MASK: rdata = {25'd0, mask_o};
      contract_pkg::RSS_UNCLASSIFIED: rdata = {26'd0, unclassified_o};
      contract_pkg::RSS_PAIRS: rdata = {25'd0, pairs_o};
      contract_pkg::RSS_COALESCE_USECS: rdata = {22'd0, usecs_o};
      default: ;
    endcase
    for (int w = 0; w < 10; w++)
      if (req_i.addr == contract_pkg::RSS_KEY + 12'(4 * w)) rdata = key_q[32*w+:32];
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      types_o        <= '0;
      mask_o         <= '0;
      unclassified_o <= '0;
      pairs_o        <= 7'd1;
      usecs_o        <= DefaultUsecs;
      key_q          <= '0;
      rsp_valid_o    <= 1'b0;
    end else begin
      rsp_valid_o <= req_valid_i;
      if (write) begin
        unique case (req_i.addr)
          contract_pkg::RSS_TYPES: types_o <= req_i.wdata[8:0];
          contract_pkg::RSS_MASK: mask_o <= req_i.wdata[6:0];
          contract_pkg::RSS_UNCLASSIFIED: unclassified_o <= req_i.wdata[5:0];
          contract_pkg::RSS_PAIRS: pairs_o <= req_i.wdata[6:0];
          contract_pkg::RSS_COALESCE_USECS: usecs_o <= req_i.wdata[9:0];
          default: ;
        endcase
        for (int w = 0; w < 10; w++)
          if (req_i.addr == contract_pkg::RSS_KEY + 12'(4 * w)) key_q[32*w+:32] <= req_i.wdata;
      end
    end
    if (req_valid_i) begin
      rdata_q      <= rdata;
      from_table_q <= in_table;
    end
  end

  always_comb begin
    for (int b = 0; b < 40; b++) key_o[319-8*b-:8] = key_q[8*b+:8];
  end

  // The bus's own copy of the table: the other one's read port is the frames'.
  ram_sdp #(.Width(6), .Depth(128)) u_table (
      .clk_i, .wr_en_i(table_write_o), .wr_addr_i(table_index_o), .wr_data_i(table_pair_o),
      .rd_en_i(req_valid_i && in_table && !req_i.write), .rd_addr_i(table_index_o), .rd_data_o(table_pair));

  assign rsp_rdata_o = from_table_q ? {26'd0, table_pair} : rdata_q;


  stream_checker #(.Width(ctl_pkg::ReqW), .Assumed(1'b1)) u_check_req (
      .clk_i, .rst_i, .valid_i(req_valid_i), .ready_i(req_ready_o), .payload_i(req_i));

endmodule

`default_nettype wire
