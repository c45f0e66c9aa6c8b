// SPDX-License-Identifier: Apache-2.0
// Checks available descriptors and gathers them into buffers (virtio 1.2, 2.8.5 to 2.8.7).
//
// descriptors -> segments (one a descriptor) and, behind the last segment of a buffer, its chain_t: who
// waits for a chain finds all its segments there. One descriptor a cycle.
// The first descriptor that breaks a rule stops the queue: error_o holds its DESC_ERR_* until reset, and
// nothing of its buffer is offered as a chain. The buffer id is the driver's own name: passed on unseen.
// total_len saturates at 131071, far above any frame.
// Place: virtq_desc_fetch -> this -> virtio_rx_engine, virtio_tx_engine.
`include "assert.svh"
`default_nettype none

module virtq_buffer_walk #(
    parameter bit          DeviceWrites = 1'b0,  // receive queues: every descriptor has to say WRITE
    parameter int unsigned MaxSegments = 32
) (
    input  wire                   clk_i,
    input  wire                   rst_i,
    input  wire  [15:0]           size_i,
    output logic [3:0]            error_o,
    // descriptors
    input  wire                   desc_valid_i,
    output logic                  desc_ready_o,
    input  virtq_pkg::desc_t      desc_i,
    // segments
    output logic                  segment_valid_o,
    input  wire                   segment_ready_i,
    output virtq_pkg::segment_t   segment_o,
    // buffers
    output logic                  chain_valid_o,
    input  wire                   chain_ready_i,
    output virtq_pkg::chain_t     chain_o
);

  localparam int unsigned CountW = $clog2(MaxSegments + 1);
  localparam int unsigned TotalW = 17;

  logic [CountW-1:0] count_q;  // descriptors of this buffer so far
  logic [TotalW-1:0] total_q;  // their bytes

  // -- the rules -------------------------------------------------------------------------------------
  logic              indirect, wrong_way, bad_len, wraps, too_long, more;
  logic [16:0]       end_low;
  logic [CountW-1:0] count;
  logic [3:0]        verdict;

  assign indirect = (desc_i.flags & contract_pkg::DESC_F_INDIRECT) != '0;
  assign wrong_way = ((desc_i.flags & contract_pkg::DESC_F_WRITE) != '0) != DeviceWrites;
  assign more = (desc_i.flags & contract_pkg::DESC_F_NEXT) != '0;
  assign bad_len = desc_i.len == '0 || desc_i.len[31:16] != '0;
  // One 64 KB step from the top is the only place from where a length of 16 bits can wrap.
  assign end_low = {1'b0, desc_i.addr[15:0]} + {1'b0, desc_i.len[15:0]};
  assign wraps = (&desc_i.addr[63:16]) && end_low > 17'h10000;
  assign count = count_q + 1'b1;
  assign too_long = more && (count == CountW'(MaxSegments) || {{(16 - CountW) {1'b0}}, count} >= size_i);

  always_comb begin
    verdict = contract_pkg::DESC_ERR_NONE;
    if (indirect) verdict = contract_pkg::DESC_ERR_INDIRECT;
    else if (wrong_way) verdict = contract_pkg::DESC_ERR_DIRECTION;
    else if (bad_len) verdict = contract_pkg::DESC_ERR_LENGTH;
    else if (wraps) verdict = contract_pkg::DESC_ERR_ADDRESS;
    else if (too_long) verdict = contract_pkg::DESC_ERR_CHAIN;
  end

  // -- gathering -------------------------------------------------------------------------------------
  logic [TotalW:0]   sum;
  logic [TotalW-1:0] total;
  logic              take;

  assign sum = {1'b0, total_q} + {2'b00, desc_i.len[15:0]};
  assign total = sum[TotalW] ? '1 : sum[TotalW-1:0];
  assign desc_ready_o = error_o == contract_pkg::DESC_ERR_NONE &&
                        (!segment_valid_o || segment_ready_i) && (!chain_valid_o || chain_ready_i);
  assign take = desc_valid_i && desc_ready_o;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      error_o         <= contract_pkg::DESC_ERR_NONE;
      segment_valid_o <= 1'b0;
      chain_valid_o   <= 1'b0;
      count_q         <= '0;
      total_q         <= '0;
    end else begin
      if (segment_ready_i) segment_valid_o <= 1'b0;
      if (chain_ready_i) chain_valid_o <= 1'b0;
      if (take) begin
        error_o <= verdict;
        if (verdict == contract_pkg::DESC_ERR_NONE) begin
          segment_valid_o <= 1'b1;
          chain_valid_o   <= !more;
          count_q         <= more ? count : '0;
          total_q         <= more ? total : '0;
        end
      end
    end
    if (take) begin
      segment_o <= {!more, desc_i.len[15:0], desc_i.addr};
      chain_o   <= {desc_i.id, {(16 - CountW) {1'b0}}, count, total};
    end
  end

  logic unused_flags;
  assign unused_flags = ^desc_i.flags;

  stream_checker #(.Width(128), .Assumed(1'b1)) u_check_desc (
      .clk_i, .rst_i, .valid_i(desc_valid_i), .ready_i(desc_ready_o), .payload_i(desc_i));
  stream_checker #(.Width(81)) u_check_segment (
      .clk_i, .rst_i, .valid_i(segment_valid_o), .ready_i(segment_ready_i), .payload_i(segment_o));
  stream_checker #(.Width(49)) u_check_chain (
      .clk_i, .rst_i, .valid_i(chain_valid_o), .ready_i(chain_ready_i), .payload_i(chain_o));
  `ASSERT(ChainFitsRing_A, !chain_valid_o || (chain_o.descs != '0 && chain_o.descs <= size_i), clk_i, rst_i)

endmodule

`default_nettype wire
