// SPDX-License-Identifier: Apache-2.0
// The reading half of the receive packet buffer: offers a frame's length, then its beats.
//
// Lengths and words -> one length handshake a frame, then its beats at one a cycle. The next lengths are
// offered while the beats of the frames before still leave: up to 4 frames may be taken ahead, so that who
// looks for buffers does not wait for who moves bytes. Room is given back word by word as rd_ptr_o moves on.
// out_drop_i with the length handshake: no beat of the frame comes (the taker counts it).
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

  localparam int unsigned EmptyW = stream_pkg::EmptyW;
  localparam int unsigned Ahead = 4;
  localparam int unsigned TodoW = 1 + AddrW + 1 + EmptyW;

  // ---- frames taken: where each ends, whether it is read ----
  logic [AddrW:0]    end_ptr_q, frame_end;  // behind the last frame whose length was taken
  logic              pop, todo_in_ready, todo_valid, todo_ready, todo_drop;
  logic [AddrW:0]    todo_end;
  logic [EmptyW-1:0] todo_empty;
  logic [$clog2(Ahead+1)-1:0] unused_level;

  assign frame_end = end_ptr_q + (AddrW + 1)'(len_i[15:EmptyW]) + (AddrW + 1)'(len_i[EmptyW-1:0] != '0);
  assign out_len_valid_o = len_valid_i && todo_in_ready;
  assign out_len_o = len_i;
  assign pop = out_len_valid_o && out_len_ready_i;
  assign len_ready_o = pop;

  always_ff @(posedge clk_i) begin
    if (rst_i) end_ptr_q <= '0;
    else if (pop) end_ptr_q <= frame_end;
  end

  sync_fifo #(.Width(TodoW), .Depth(Ahead)) u_todo (
      .clk_i, .rst_i,
      // in
      .in_valid_i(pop), .in_ready_o(todo_in_ready), .in_i({out_drop_i, frame_end, -len_i[EmptyW-1:0]}),
      // out
      .out_valid_o(todo_valid), .out_ready_i(todo_ready), .out_o({todo_drop, todo_end, todo_empty}),
      .level_o(unused_level));

  // ---- words out of the RAM into the skid buffer ----
  logic              fetched_valid_q, fetched_last_q, skid_ready, last;
  logic [EmptyW-1:0] fetched_empty_q;
  stream_pkg::beat_t fetched;

  assign last = rd_ptr_o + 1'b1 == todo_end;
  assign ram_rd_en_o = todo_valid && !todo_drop && (!fetched_valid_q || skid_ready);
  assign todo_ready = todo_drop || (ram_rd_en_o && last);
  assign ram_rd_addr_o = rd_ptr_o[AddrW-1:0];
  assign fetched = {contract_pkg::FRAME_OK, fetched_last_q, fetched_last_q ? fetched_empty_q : '0, ram_rd_data_i};

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      rd_ptr_o        <= '0;
      fetched_valid_q <= 1'b0;
    end else begin
      if (todo_valid && todo_drop) rd_ptr_o <= todo_end;
      else if (ram_rd_en_o) rd_ptr_o <= rd_ptr_o + 1'b1;
      if (!fetched_valid_q || skid_ready) fetched_valid_q <= ram_rd_en_o;
    end
    if (ram_rd_en_o) begin
      fetched_last_q  <= last;
      fetched_empty_q <= todo_empty;
    end
  end

  skid_buffer #(.Width(stream_pkg::BeatW)) u_skid (
      .clk_i, .rst_i,
      // in
      .in_valid_i(fetched_valid_q), .in_ready_o(skid_ready), .in_i(fetched),
      // out
      .out_valid_o, .out_ready_i, .out_o);

  `ASSUME(FramesHaveBytes_A, !len_valid_i || len_i != '0, clk_i, rst_i)
  `ASSERT(NeverBeyondTheFrame_A, !ram_rd_en_o || rd_ptr_o != todo_end, clk_i, rst_i)

  stream_checker #(.Width(16)) u_check_len (
      .clk_i, .rst_i, .valid_i(out_len_valid_o), .ready_i(out_len_ready_i), .payload_i(out_len_o));

endmodule

`default_nettype wire
