// SPDX-License-Identifier: Apache-2.0
// The MSI-X table and the pending bits as the host sees them (PCI 3.0, 6.8.2).
//
// 32-bit accesses with byte enables, answered in the next cycle. All vectors are masked after reset
// and FLR. The pending bits are read only.
// Place: reg_decode -> this -> msix_send.
`default_nettype none

module msix_table #(
    parameter int unsigned Vectors = 4,
    localparam int unsigned VectorW = $clog2(Vectors)
) (
    input  wire                 clk_i,
    input  wire                 rst_i,
    input  wire                 flr_i,
    // register slave
    input  wire                 req_valid_i,
    output logic                req_ready_o,
    input  wire reg_pkg::req_t  req_i,
    output logic                rsp_valid_o,
    output logic [31:0]         rsp_rdata_o,
    // to and from msix_send
    output logic [Vectors-1:0]  mask_o,
    input  wire  [Vectors-1:0]  pending_i,
    input  wire  [VectorW-1:0]  vector_i,
    output logic [63:0]         addr_o,   // of vector_i
    output logic [31:0]         data_o
);

  logic [31:0]        addr_lo[0:Vectors-1];
  logic [31:0]        addr_hi[0:Vectors-1];
  logic [31:0]        data[0:Vectors-1];
  logic [Vectors-1:0] mask_q;

  logic [VectorW-1:0] vector;
  logic               in_table, in_pba, write;
  logic [31:0]        be, old, merged;
  logic [15:0]        addr;

  assign addr = {1'b0, req_i.addr};
  assign vector = req_i.addr[4+VectorW-1:4];
  assign in_table = addr >= contract_pkg::BAR_MSIX_TABLE
                    && addr < contract_pkg::BAR_MSIX_TABLE + 16'(16 * Vectors);
  assign in_pba = addr == contract_pkg::BAR_MSIX_PBA;
  assign write = req_valid_i && req_i.write && in_table;

  assign be = {{8{req_i.be[3]}}, {8{req_i.be[2]}}, {8{req_i.be[1]}}, {8{req_i.be[0]}}};
  always_comb begin
    unique case (req_i.addr[3:0])
      contract_pkg::MSIX_ENTRY_ADDR_LO[3:0]: old = addr_lo[vector];
      contract_pkg::MSIX_ENTRY_ADDR_HI[3:0]: old = addr_hi[vector];
      contract_pkg::MSIX_ENTRY_DATA[3:0]: old = data[vector];
      default: old = {31'd0, mask_q[vector]};
    endcase
  end
  assign merged = (old & ~be) | (req_i.wdata & be);

  assign req_ready_o = 1'b1;

  always_ff @(posedge clk_i) begin
    if (rst_i) rsp_valid_o <= 1'b0;
    else rsp_valid_o <= req_valid_i;
    if (req_valid_i) rsp_rdata_o <= in_table ? old : in_pba ? 32'(pending_i) : '0;
    if (rst_i || flr_i) mask_q <= '1;
    else if (write && req_i.addr[3:0] == contract_pkg::MSIX_ENTRY_CONTROL[3:0]) begin
      mask_q[vector] <= merged[0];
    end
    if (write) begin
      unique case (req_i.addr[3:0])
        contract_pkg::MSIX_ENTRY_ADDR_LO[3:0]: addr_lo[vector] <= {merged[31:2], 2'd0};
        contract_pkg::MSIX_ENTRY_ADDR_HI[3:0]: addr_hi[vector] <= merged;
        contract_pkg::MSIX_ENTRY_DATA[3:0]: data[vector] <= merged;
        default: ;
      endcase
    end
  end

  // content before the first write is undefined by the specification; here it is zero
  initial begin
    for (int i = 0; i < Vectors; i++) begin
      addr_lo[i] = '0;
      addr_hi[i] = '0;
      data[i] = '0;
    end
  end

  assign mask_o = mask_q;
  assign addr_o = {addr_hi[vector_i], addr_lo[vector_i]};
  assign data_o = data[vector_i];

  if (Vectors < 2 || Vectors > 32 || (Vectors & (Vectors - 1)) != 0) begin : g_bad_vectors
    $error("%m: Vectors must be 2, 4, 8, 16 or 32");
  end

endmodule

`default_nettype wire
