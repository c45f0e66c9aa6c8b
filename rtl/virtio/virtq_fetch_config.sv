// SPDX-License-Identifier: Apache-2.0
// The ring addresses and size of each queue, as its block needs them.
//
// Written field by field before the queue is enabled; read data comes one cycle after rd_en_i and stays.
// Alignment bits that a driver may not set read 0.
// Place: virtio_registers -> this, inside virtq_fetch_plan and virtq_fetch_walk.
`default_nettype none

module virtq_fetch_config #(
    parameter int unsigned Pairs = 8
) (
    input  wire                         clk_i,
    input  wire virtq_pkg::config_write_t write_i,
    // read
    input  wire                         rd_en_i,
    input  wire  [5:0]                  rd_pair_i,
    output logic [63:0]                 desc_o,
    output logic [63:0]                 driver_o,
    output logic [63:0]                 device_o,
    output logic [15:0]                 size_o
);

  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;

  logic [PairW-1:0] wr_addr, rd_addr;
  logic [63:0]      desc, driver, device;

  assign wr_addr = write_i.pair[PairW-1:0];
  assign rd_addr = rd_pair_i[PairW-1:0];
  assign desc_o = {desc[63:4], 4'd0};
  assign driver_o = {driver[63:1], 1'b0};
  assign device_o = {device[63:2], 2'd0};

  ram_sdp #(.Width(64), .Depth(Pairs)) u_desc (
      .clk_i, .wr_en_i(write_i.valid && write_i.field == virtq_pkg::FieldDesc), .wr_addr_i(wr_addr),
      .wr_data_i(write_i.data), .rd_en_i, .rd_addr_i(rd_addr), .rd_data_o(desc));
  ram_sdp #(.Width(64), .Depth(Pairs)) u_driver (
      .clk_i, .wr_en_i(write_i.valid && write_i.field == virtq_pkg::FieldDriver), .wr_addr_i(wr_addr),
      .wr_data_i(write_i.data), .rd_en_i, .rd_addr_i(rd_addr), .rd_data_o(driver));
  ram_sdp #(.Width(64), .Depth(Pairs)) u_device (
      .clk_i, .wr_en_i(write_i.valid && write_i.field == virtq_pkg::FieldDevice), .wr_addr_i(wr_addr),
      .wr_data_i(write_i.data), .rd_en_i, .rd_addr_i(rd_addr), .rd_data_o(device));
  ram_sdp #(.Width(16), .Depth(Pairs)) u_size (
      .clk_i, .wr_en_i(write_i.valid && write_i.field == virtq_pkg::FieldSize), .wr_addr_i(wr_addr),
      .wr_data_i(write_i.data[15:0]), .rd_en_i, .rd_addr_i(rd_addr), .rd_data_o(size_o));

  logic unused_bits;
  assign unused_bits = ^{write_i.pair, rd_pair_i, desc[3:0], driver[0], device[1:0]};

endmodule

`default_nettype wire
