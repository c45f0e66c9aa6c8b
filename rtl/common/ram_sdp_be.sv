// SPDX-License-Identifier: Apache-2.0
// A simple dual-port RAM with byte enables on its write port; one clock.
//
// wr_be_i[k] writes byte k (bits 8k+7:8k). Read data comes one cycle after rd_en_i and stays until the
// next read. Reading a word in the very cycle in which it is written gives anything: callers do not.
// Place: buffers that are filled at byte granularity (transmit payload).
`default_nettype none

module ram_sdp_be #(
    parameter int unsigned Width = 64,
    parameter int unsigned Depth = 16,
    localparam int unsigned AddrW = (Depth > 1) ? $clog2(Depth) : 1,
    localparam int unsigned Lanes = Width / 8
) (
    input  wire              clk_i,
    // write
    input  wire              wr_en_i,
    input  wire  [AddrW-1:0] wr_addr_i,
    input  wire  [Lanes-1:0] wr_be_i,
    input  wire  [Width-1:0] wr_data_i,
    // read
    input  wire              rd_en_i,
    input  wire  [AddrW-1:0] rd_addr_i,
    output logic [Width-1:0] rd_data_o
);

  if (Width % 8 != 0) begin : g_bad_width
    $error("ram_sdp_be %m: Width must be a multiple of 8");
  end

  (* no_rw_check *) logic [Width-1:0] mem_q[Depth];

  always_ff @(posedge clk_i) begin
    if (wr_en_i) begin
      for (int unsigned k = 0; k < Lanes; k++) begin
        if (wr_be_i[k]) mem_q[wr_addr_i][8*k+:8] <= wr_data_i[8*k+:8];
      end
    end
    if (rd_en_i) rd_data_o <= mem_q[rd_addr_i];
  end

endmodule

`default_nettype wire
