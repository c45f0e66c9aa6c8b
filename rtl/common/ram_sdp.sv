// SPDX-License-Identifier: Apache-2.0
// A simple dual-port RAM: one write port, one read port, one clock; block RAM or LUT RAM by size.
//
// Read data comes one cycle after rd_en_i and stays until the next read. Reading a word in the very
// cycle in which it is written gives anything: callers do not.
// Place: inside FIFOs and packet buffers.
`default_nettype none

module ram_sdp #(
    parameter int unsigned Width = 8,
    parameter int unsigned Depth = 16,
    localparam int unsigned AddrW = (Depth > 1) ? $clog2(Depth) : 1
) (
    input  wire              clk_i,
    // write
    input  wire              wr_en_i,
    input  wire  [AddrW-1:0] wr_addr_i,
    input  wire  [Width-1:0] wr_data_i,
    // read
    input  wire              rd_en_i,
    input  wire  [AddrW-1:0] rd_addr_i,
    output logic [Width-1:0] rd_data_o
);

  (* no_rw_check *) logic [Width-1:0] mem_q[Depth];

  always_ff @(posedge clk_i) begin
    if (wr_en_i) mem_q[wr_addr_i] <= wr_data_i;
    if (rd_en_i) rd_data_o <= mem_q[rd_addr_i];
  end

endmodule

`default_nettype wire
