// SPDX-License-Identifier: Apache-2.0
// Cuts a request into TLPs: none longer than the limit, none over a 4 KB boundary.
//
// All cuts lie on 128-byte boundaries, so the first TLP realigns the rest (PCIe 2.2.7, 2.2.9). One
// chunk every two cycles, first chunk three cycles after the request; the output holds until taken,
// with one chunk ready behind it. `limit_i` is the PCIe encoding (128 << limit bytes), capped at
// 128 << MaxLimit.
// Place: dma_client_arbiter -> this -> dma_write_tlp or dma_read_issue.
`include "assert.svh"
`default_nettype none

module dma_split #(
    parameter int unsigned MaxLimit = 1,
    parameter int unsigned MetaW = 3
) (
    input  wire                     clk_i,
    input  wire                     rst_i,
    input  wire  [2:0]              limit_i,
    // requests
    input  wire                     in_valid_i,
    output logic                    in_ready_o,
    input  wire  [63:0]             in_addr_i,
    input  wire  [15:0]             in_len_i,
    input  wire  [MetaW-1:0]        in_meta_i,
    // chunks
    output logic                    out_valid_o,
    input  wire                     out_ready_i,
    output dma_pkg::chunk_t         out_o,
    output logic [MetaW-1:0]        out_meta_o
);

  typedef enum logic [1:0] {StIdle, StMeasure, StEmit} state_e;

  state_e                    state_q;
  logic [63:0]               addr_q;
  logic [15:0]               left_q;
  logic [MetaW-1:0]          meta_q;
  logic                      first_q;
  logic [dma_pkg::LaneW-1:0] lane_q;   // of the request's first byte
  logic [9:0]                bytes_q;  // of this chunk
  logic                      last_q;

  // --- how far this chunk may go, in blocks of 128 bytes ---

  logic [2:0] limit_blocks;
  logic [5:0] page_blocks;  // up to the 4 KB boundary, the block of addr included
  logic [2:0] blocks;
  logic [9:0] span;

  assign limit_blocks = (limit_i == 3'd0 || MaxLimit == 0) ? 3'd1
                      : (limit_i == 3'd1 || MaxLimit == 1) ? 3'd2 : 3'd4;
  assign page_blocks = 6'd32 - {1'b0, addr_q[11:7]};
  assign blocks = (page_blocks < {3'd0, limit_blocks}) ? page_blocks[2:0] : limit_blocks;
  assign span = {blocks, 7'd0} - {3'd0, addr_q[6:0]};

  // --- the chunk, once its bytes are known ---

  logic [1:0]      end_lane;  // DW lane behind the last byte
  logic [9:0]      padded;    // bytes from the first DW's start, rounded up to DW
  logic [3:0]      begin_be;
  logic [3:0]      end_be;
  dma_pkg::chunk_t chunk;
  logic            emit;

  assign end_lane = addr_q[1:0] + bytes_q[1:0];
  assign padded = bytes_q + {8'd0, addr_q[1:0]} + 10'd3;
  assign begin_be = 4'hF << addr_q[1:0];
  assign end_be = (end_lane == 2'd0) ? 4'hF : ~(4'hF << end_lane);

  always_comb begin
    chunk = '0;
    if (state_q == StEmit) begin
      chunk.first = first_q;
      chunk.last = last_q;
      chunk.wide = addr_q[63:32] != '0;
      chunk.addr = addr_q;
      chunk.bytes = bytes_q;
      chunk.dws = padded[9:2];
      chunk.first_be = (padded[9:2] == 8'd1) ? (begin_be & end_be) : begin_be;
      chunk.last_be = (padded[9:2] == 8'd1) ? 4'd0 : end_be;
      chunk.rot = first_q ? dma_pkg::LaneW'(addr_q[1:0]) : lane_q;
    end
  end

  assign emit = state_q == StEmit && (!out_valid_o || out_ready_i);
  assign in_ready_o = state_q == StIdle || (emit && last_q);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q     <= StIdle;
      out_valid_o <= 1'b0;
    end else begin
      if (in_valid_i && in_ready_o) state_q <= StMeasure;
      else if (state_q == StMeasure) state_q <= StEmit;
      else if (emit) state_q <= last_q ? StIdle : StMeasure;
      if (emit) out_valid_o <= 1'b1;
      else if (out_ready_i) out_valid_o <= 1'b0;
    end
    if (in_valid_i && in_ready_o) begin
      addr_q  <= in_addr_i;
      left_q  <= in_len_i;
      meta_q  <= in_meta_i;
      first_q <= 1'b1;
      lane_q  <= in_addr_i[dma_pkg::LaneW-1:0];
    end else if (state_q == StMeasure) begin
      last_q  <= left_q <= {6'd0, span};
      bytes_q <= (left_q <= {6'd0, span}) ? left_q[9:0] : span;
    end else if (emit) begin
      addr_q  <= {addr_q[63:7] + {54'd0, blocks}, 7'd0};
      left_q  <= left_q - {6'd0, bytes_q};
      first_q <= 1'b0;
    end
    if (emit) begin
      out_o      <= chunk;
      out_meta_o <= meta_q;
    end
  end

  // --- rules ---

  logic unused_padded;
  assign unused_padded = ^padded[1:0];

  `ASSUME(LengthIsNotZero_A, !in_valid_i || in_len_i != '0, clk_i, rst_i)
  `ASSERT(NeverOverFourKb_A,
          !out_valid_o || {1'b0, out_o.addr[11:0]} + {3'd0, out_o.bytes} <= 13'd4096, clk_i, rst_i)
  `ASSERT(NeverOverTheCap_A, !out_valid_o || out_o.dws <= 8'(32 << MaxLimit), clk_i, rst_i)
  `COVER(SplitRequestEnds_C, out_valid_o && out_o.last && !out_o.first, clk_i, rst_i)
  stream_checker #(.Width(dma_pkg::ChunkW + MetaW)) u_check (
      .clk_i, .rst_i, .valid_i(out_valid_o), .ready_i(out_ready_i),
      .payload_i({out_meta_o, out_o}));

endmodule

`default_nettype wire
