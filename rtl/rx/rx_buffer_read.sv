// SPDX-License-Identifier: Apache-2.0
// The reading half of the receive packet buffer: offers a frame's length, then its beats; discards on request.
//
// Lengths and words -> one length handshake a frame, then its beats at one a cycle; the next length is
// offered when the last beat was taken. Room is given back word by word as rd_ptr_o moves on.
// out_drop_i with the length handshake: the frame is gone at once, no beat comes (the taker counts it).
// flush_i (a level): neither length nor beats are offered, whatever was on offer is withdrawn; a frame whose
// last beat had not been taken and every frame in the buffer is discarded, each with one pulse of
// drop_reset_o (discard_reason_i = 1) or drop_not_ready_o (0).
// Place: RAM and length FIFO of rx_packet_buffer -> this -> virtio_rx_engine.
`include "assert.svh"
`default_nettype none

module rx_buffer_read #(
    parameter int unsigned Words = 4096,
    localparam int unsigned AddrW = $clog2(Words)
) (
    input  wire                             clk_i,
    input  wire                             rst_i,
    // lengths of the frames in the buffer
    input  wire                             len_valid_i,
    output logic                            len_ready_o,
    input  wire                      [15:0] len_i,
    // RAM; pointers with one bit more than an address
    output logic                            ram_rd_en_o,
    output logic                [AddrW-1:0] ram_rd_addr_o,
    input  wire    [stream_pkg::DataW-1:0]  ram_rd_data_i,
    output logic                [  AddrW:0] rd_ptr_o,
    // discard
    input  wire                             flush_i,
    input  wire                             discard_reason_i,
    output logic                            drop_reset_o,
    output logic                            drop_not_ready_o,
    // length of the next frame
    output logic                            out_len_valid_o,
    input  wire                             out_len_ready_i,
    output logic                     [15:0] out_len_o,
    input  wire                             out_drop_i,
    // its beats
    output logic                            out_valid_o,
    input  wire                             out_ready_i,
    output stream_pkg::beat_t               out_o
);

  typedef enum logic {StOffer, StRead} state_e;
  state_e state_q;

  // ---- where the frame ends ----
  logic [AddrW:0] frame_end, end_q;
  logic [stream_pkg::EmptyW-1:0] empty_q;
  logic pop, take, finish, discard;

  assign frame_end = rd_ptr_o + (AddrW + 1)'(len_i[15:stream_pkg::EmptyW]) +
      (AddrW + 1)'(len_i[stream_pkg::EmptyW-1:0] != '0);

  assign out_len_valid_o = len_valid_i && state_q == StOffer && !flush_i;
  assign out_len_o       = len_i;
  assign len_ready_o     = state_q == StOffer && (flush_i || out_len_ready_i);
  assign pop             = len_valid_i && len_ready_o;
  assign take            = pop && !flush_i && !out_drop_i;
  assign discard         = flush_i && (pop || state_q == StRead);

  // ---- words out of the RAM into the skid buffer ----
  logic fetched_valid_q, fetched_last_q, skid_ready, skid_valid, skid_rst;
  stream_pkg::beat_t fetched;

  assign ram_rd_en_o   = state_q == StRead && rd_ptr_o != end_q && (!fetched_valid_q || skid_ready);
  assign ram_rd_addr_o = rd_ptr_o[AddrW-1:0];
  assign skid_rst      = rst_i || flush_i;
  assign out_valid_o   = skid_valid && !flush_i;
  assign finish        = out_valid_o && out_ready_i && out_o.last;
  assign fetched = {contract_pkg::FRAME_OK, fetched_last_q, fetched_last_q ? empty_q : '0, ram_rd_data_i};

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q          <= StOffer;
      rd_ptr_o         <= '0;
      fetched_valid_q  <= 1'b0;
      drop_reset_o     <= 1'b0;
      drop_not_ready_o <= 1'b0;
    end else begin
      if (take) state_q <= StRead;
      else if (flush_i || finish) state_q <= StOffer;

      if (pop && !take) rd_ptr_o <= frame_end;
      else if (flush_i && state_q == StRead) rd_ptr_o <= end_q;
      else if (ram_rd_en_o) rd_ptr_o <= rd_ptr_o + 1'b1;

      if (flush_i) fetched_valid_q <= 1'b0;
      else if (!fetched_valid_q || skid_ready) fetched_valid_q <= ram_rd_en_o;

      drop_reset_o     <= discard && discard_reason_i;
      drop_not_ready_o <= discard && !discard_reason_i;
    end
    if (take) begin
      end_q   <= frame_end;
      empty_q <= -len_i[stream_pkg::EmptyW-1:0];
    end
    if (ram_rd_en_o) fetched_last_q <= rd_ptr_o + 1'b1 == end_q;
  end

  skid_buffer #(.Width(stream_pkg::BeatW)) u_skid (
      .clk_i, .rst_i(skid_rst),
      // in
      .in_valid_i(fetched_valid_q), .in_ready_o(skid_ready), .in_i(fetched),
      // out
      .out_valid_o(skid_valid), .out_ready_i, .out_o);

  `ASSUME(FramesHaveBytes_A, !len_valid_i || len_i != '0, clk_i, rst_i)
  `ASSERT(BeatsOnlyInsideAFrame_A, !out_valid_o || state_q == StRead, clk_i, rst_i)

  stream_checker #(.Width(16)) u_check_len (
      .clk_i, .rst_i(skid_rst), .valid_i(out_len_valid_o), .ready_i(out_len_ready_i), .payload_i(out_len_o));

endmodule

`default_nettype wire
