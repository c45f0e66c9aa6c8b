// SPDX-License-Identifier: Apache-2.0
// The writing half of the receive packet buffer: keeps a frame or drops it whole.
//
// Beats, never stalled -> words of the RAM and, for a good frame that fitted, its length. The verdicts, the MAC's
// and the filter's, come with the last beat; until then the frame is written behind the last kept one, and a
// dropped frame takes the write pointer back to its start. Every frame gives exactly one of commit_o,
// drop_verdict_o[err], drop_filtered_o and drop_missed_o, one cycle after its last beat; a void one gives none.
// Place: rx_path -> this -> RAM and length FIFO of rx_packet_buffer.
`include "assert.svh"
`default_nettype none

module rx_buffer_write #(
    parameter int unsigned Words = 4096,
    localparam int unsigned AddrW = $clog2(Words)
) (
    input  wire                             clk_i,
    input  wire                             rst_i,
    // in, taken at once
    input  wire                             in_valid_i,
    input  stream_pkg::beat_t               in_i,
    input  wire                             in_drop_i,       // with the last beat: a filter refused it
    input  wire                             in_void_i,       // with the last beat: it was no frame at all
    // RAM; pointers with one bit more than an address
    output logic                            ram_wr_en_o,
    output logic                [AddrW-1:0] ram_wr_addr_o,
    output logic   [stream_pkg::DataW-1:0]  ram_wr_data_o,
    input  wire                 [  AddrW:0] rd_ptr_i,
    // length of a kept frame; never stalls, a frame that finds it not ready is dropped
    output logic                            len_valid_o,
    input  wire                             len_ready_i,
    output logic                     [15:0] len_o,
    // fill, in words: kept frames and the one that comes in
    output logic                [  AddrW:0] level_o,
    // events
    output logic                            frame_o,
    output logic                            commit_o,
    output logic                      [7:0] drop_verdict_o,  // one-hot by FRAME_*
    output logic                            drop_filtered_o,
    output logic                            drop_missed_o    // no room
);

  localparam logic [AddrW:0] FullXor = {1'b1, {AddrW{1'b0}}};
  localparam int unsigned CountW = 16 - stream_pkg::EmptyW;

  logic [AddrW:0]    wr_ptr_q, start_q;
  logic [CountW-1:0] words_q;  // of this frame, behind
  logic              full, missed_q, missed;
  logic              ends, counts, good, wanted, keep;

  assign full   = wr_ptr_q == (rd_ptr_i ^ FullXor);
  assign missed = missed_q || full;
  assign ends   = in_valid_i && in_i.last;
  assign counts = ends && !in_void_i;
  assign good   = in_i.err == contract_pkg::FRAME_OK;
  assign wanted = good && !in_drop_i;
  assign keep   = counts && wanted && !missed && len_ready_i;

  assign ram_wr_en_o   = in_valid_i && !missed;
  assign ram_wr_addr_o = wr_ptr_q[AddrW-1:0];
  assign ram_wr_data_o = in_i.data;

  assign len_valid_o = keep;
  assign len_o = {words_q + 1'b1, {stream_pkg::EmptyW{1'b0}}} - 16'(in_i.empty);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      wr_ptr_q       <= '0;
      start_q        <= '0;
      words_q        <= '0;
      missed_q       <= 1'b0;
      level_o        <= '0;
      frame_o        <= 1'b0;
      commit_o       <= 1'b0;
      drop_verdict_o <= '0;
      drop_filtered_o <= 1'b0;
      drop_missed_o  <= 1'b0;
    end else begin
      if (in_valid_i) begin
        missed_q <= missed && !in_i.last;
        words_q  <= in_i.last ? '0 : words_q + 1'b1;
        if (in_i.last && !keep) wr_ptr_q <= start_q;
        else if (!missed) wr_ptr_q <= wr_ptr_q + 1'b1;
        if (keep) start_q <= wr_ptr_q + 1'b1;
      end
      level_o        <= wr_ptr_q - rd_ptr_i;
      frame_o        <= counts;
      commit_o       <= keep;
      drop_filtered_o <= counts && good && in_drop_i;
      drop_missed_o  <= counts && wanted && !keep;
      drop_verdict_o <= (counts && !good) ? 8'd1 << in_i.err[2:0] : 8'd0;
    end
  end

  logic unused_err;
  assign unused_err = in_i.err[3];

  `ASSERT(OneOutcome_A, $countones({commit_o, drop_missed_o, drop_filtered_o, drop_verdict_o}) == 32'(frame_o),
          clk_i, rst_i)
  `ASSUME(VerdictIsKnown_A, !counts || !in_i.err[3], clk_i, rst_i)
  `ASSUME(LengthFits_A, !in_valid_i || words_q != '1, clk_i, rst_i)
  `COVER(Missed_C, drop_missed_o, clk_i, rst_i)

endmodule

`default_nettype wire
