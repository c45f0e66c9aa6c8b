// SPDX-License-Identifier: Apache-2.0
// The MSI-X table and the pending bits as the host sees them (PCI 3.0, 6.8.2), for up to 129 vectors.
//
// 32-bit accesses with byte enables, answered three cycles after they were taken. Addresses and data stand in
// a RAM of 4 DW a vector, mask bits in registers. All vectors are masked after reset and FLR, and
// what their entries hold before they were written means nothing. The pending bits are read only.
// msix_send reads an entry by lookup_*: addr_o and data_o are there 4 cycles after it was taken, and stay.
// Place: reg_decode -> this -> msix_send.
`include "assert.svh"
`default_nettype none

module msix_table #(
    parameter int unsigned Vectors = 17,
    localparam int unsigned VectorW = $clog2(Vectors)
) (
    input  wire                 clk_i,
    input  wire                 rst_i,
    input  wire                 flr_i,
    // register slave
    input  wire                 req_valid_i,
    output logic                req_ready_o,
    input  reg_pkg::req_t       req_i,
    output logic                rsp_valid_o,
    output logic [31:0]         rsp_rdata_o,
    // to and from msix_send
    output logic [Vectors-1:0]  mask_o,
    output logic                unmasked_o,    // one cycle: a vector's mask bit has fallen
    input  wire  [Vectors-1:0]  pending_i,
    input  wire                 lookup_valid_i,
    output logic                lookup_ready_o,
    input  wire  [VectorW-1:0]  lookup_vector_i,
    output logic                lookup_done_o,
    output logic [63:0]         addr_o,
    output logic [31:0]         data_o
);

  localparam int unsigned PbaWords = (Vectors + 31) / 32;
  localparam logic [1:0] Control = contract_pkg::MSIX_ENTRY_CONTROL[3:2];

  typedef enum logic [2:0] {StIdle, StHostRead, StHostAct, StLow, StHigh, StData, StLast} state_e;

  state_e             state_q;
  logic               write_q, in_table_q, control_q;
  logic [VectorW-1:0] vector_q;
  logic         [1:0] dw_q;
  logic         [3:0] be_q;
  logic        [31:0] wdata_q, pba_q;

  // -- the access ------------------------------------------------------------------------------------
  logic              in_table, in_pba;
  logic       [15:0] addr;
  logic [32*PbaWords-1:0] pending;
  logic       [31:0] pba;

  assign addr = 16'(req_i.addr);
  assign in_table = addr >= contract_pkg::BAR_MSIX_TABLE
                    && addr < contract_pkg::BAR_MSIX_TABLE + 16'(16 * Vectors);
  assign in_pba = addr >= contract_pkg::BAR_MSIX_PBA && addr < contract_pkg::BAR_MSIX_PBA + 16'(4 * PbaWords);
  assign pending = (32 * PbaWords)'(pending_i);
  always_comb begin
    pba = '0;
    for (int unsigned w = 0; w < PbaWords; w++) if (addr[6:2] == 5'(w)) pba = pending[32*w+:32];
  end

  assign req_ready_o = state_q == StIdle;
  assign lookup_ready_o = state_q == StIdle && !req_valid_i;

  // -- the RAM ---------------------------------------------------------------------------------------
  logic              rd_en, wr_en;
  logic        [1:0] rd_dw;
  logic       [31:0] stored, old, mask, merged;

  assign rd_en = state_q == StHostRead || state_q == StLow || state_q == StHigh || state_q == StData;
  always_comb begin
    unique case (state_q)
      StLow:   rd_dw = contract_pkg::MSIX_ENTRY_ADDR_LO[3:2];
      StHigh:  rd_dw = contract_pkg::MSIX_ENTRY_ADDR_HI[3:2];
      StData:  rd_dw = contract_pkg::MSIX_ENTRY_DATA[3:2];
      default: rd_dw = dw_q;
    endcase
  end
  assign old = control_q ? {31'd0, mask_o[vector_q]} : stored;
  assign mask = {{8{be_q[3]}}, {8{be_q[2]}}, {8{be_q[1]}}, {8{be_q[0]}}};
  assign merged = ((old & ~mask) | (wdata_q & mask)) &
                  ((dw_q == contract_pkg::MSIX_ENTRY_ADDR_LO[3:2]) ? 32'hFFFF_FFFC : 32'hFFFF_FFFF);
  assign wr_en = state_q == StHostAct && write_q && in_table_q && !control_q;

  ram_sdp #(.Width(32), .Depth(4 * (2 ** VectorW))) u_entries (
      .clk_i, .wr_en_i(wr_en), .wr_addr_i({vector_q, dw_q}), .wr_data_i(merged),
      .rd_en_i(rd_en), .rd_addr_i({vector_q, rd_dw}), .rd_data_o(stored));

  // -- steps -----------------------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    rsp_valid_o   <= 1'b0;
    lookup_done_o <= 1'b0;
    if (rst_i) begin
      state_q <= StIdle;
    end else begin
      unique case (state_q)
        StIdle: if (req_valid_i) state_q <= StHostRead;
                else if (lookup_valid_i) state_q <= StLow;
        StHostRead: state_q <= StHostAct;
        StHostAct: begin
          state_q     <= StIdle;
          rsp_valid_o <= 1'b1;
        end
        StLow:  state_q <= StHigh;
        StHigh: state_q <= StData;
        StData: state_q <= StLast;
        default: begin
          state_q       <= StIdle;
          lookup_done_o <= 1'b1;
        end
      endcase
    end
    if (state_q == StIdle) begin
      write_q    <= req_i.write;
      in_table_q <= in_table;
      control_q  <= req_i.addr[3:2] == Control;
      vector_q   <= req_valid_i ? req_i.addr[4+:VectorW] : lookup_vector_i;
      dw_q       <= req_i.addr[3:2];
      be_q       <= req_i.be;
      wdata_q    <= req_i.wdata;
      pba_q      <= in_pba ? pba : '0;
    end
    if (state_q == StHostAct) rsp_rdata_o <= write_q ? '0 : in_table_q ? old : pba_q;
    if (state_q == StHigh) addr_o[31:0] <= stored;
    if (state_q == StData) addr_o[63:32] <= stored;
    if (state_q == StLast) data_o <= stored;
  end

  always_ff @(posedge clk_i) begin
    unmasked_o <= 1'b0;
    if (rst_i || flr_i) mask_o <= '1;
    else if (state_q == StHostAct && write_q && in_table_q && control_q) begin
      mask_o[vector_q] <= merged[0];
      unmasked_o       <= mask_o[vector_q] && !merged[0];
    end
  end

  if (Vectors < 2 || Vectors > 32'(contract_pkg::MSIX_VECTORS)) begin : g_bad_vectors
    $error("%m: Vectors must be 2 to 129");
  end

  logic unused_addr;
  assign unused_addr = ^addr[1:0];

endmodule

`default_nettype wire
