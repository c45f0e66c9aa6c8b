// SPDX-License-Identifier: Apache-2.0
// Reads frames out of the packet buffer: headers and payload joined, the segment's half-words put in.
//
// frame -> beats, one a cycle (csum_o holds over a frame). The payload of a segment begins at any byte of the
// source: its words are turned and joined behind the header:
//
//   cycle  0 read (rd_grant_i)   1 word, patched   2 turned   3 joined: a beat   4 FIFO
//
// Nothing stalls between read and FIFO: a read is asked for when the FIFO has room for all that is on its way.
// When the last word of a source's last frame was read, its words are given back (free_words_o).
// Place: tx_segment_cut, RAM of tx_packet_buffer -> this -> tx_vlan.
`include "assert.svh"
`default_nettype none

module tx_segment_read (
    input  wire                           clk_i,
    input  wire                           rst_i,
    // frames
    input  wire                           frame_valid_i,
    output logic                          frame_ready_o,
    input  tx_pkg::frame_t                frame_i,
    // RAM; data in the cycle after the grant
    output logic                          rd_valid_o,
    input  wire                           rd_grant_i,
    output logic      [tx_pkg::WordW-1:0] rd_word_o,
    input  wire   [stream_pkg::DataW-1:0] rd_data_i,
    // beats
    output logic                          out_valid_o,
    input  wire                           out_ready_i,
    output stream_pkg::beat_t             out_o,
    output tx_pkg::csum_t                 csum_o,
    // room given back
    output logic                          free_valid_o,
    output logic      [tx_pkg::WordW-1:0] free_words_o
);

  localparam int unsigned DataW = stream_pkg::DataW;
  localparam int unsigned Bytes = stream_pkg::Bytes;
  localparam int unsigned LaneW = stream_pkg::EmptyW;
  localparam int unsigned Halves = Bytes / 2;
  localparam int unsigned WordW = tx_pkg::WordW;
  localparam int unsigned LenW = tx_pkg::LenW;
  localparam int unsigned CountW = LenW + 1 - LaneW;
  localparam int unsigned FifoDepth = 16;
  localparam int unsigned OnTheWay = 5;   // beats between the grant and the FIFO's level
  localparam int unsigned LevelW = $clog2(FifoDepth + 1);

  typedef enum logic [2:0] {StIdle, StSkip, StHead, StTail, StFlush} state_e;
  state_e state_q;

  // -- the frame in hand -------------------------------------------------------------------------------
  tx_pkg::frame_t     frame_q;
  tx_pkg::patch_t     patch;
  logic  [CountW-1:0] left_q;        // words of the part to read
  logic  [CountW-1:0] tail_words_q;
  logic   [LaneW-1:0] tail_from_q;   // lane of the payload's first byte
  logic   [LaneW-1:0] tail_end_q;    // lane behind its last one
  logic   [LaneW-1:0] turn_q;        // lanes by which payload moves up
  logic   [WordW-1:0] word_q;        // to read
  logic         [8:0] place_q;       // its first byte in the frame, stays at the top
  logic   [LaneW-1:0] fill_q;        // lanes of the beat that earlier words filled
  logic               first_word_q;  // of the payload
  logic   [LaneW-1:0] flush_q;       // bytes left for the flush

  // -- the word to read ----------------------------------------------------------------------------------
  logic [LaneW:0]  count, total;     // its bytes that count; with those before it in the beat
  logic            last_word, ends, spills, go, room, done, load;
  logic [LevelW-1:0] level;

  assign patch = frame_q.patch;
  assign last_word = left_q == CountW'(1);
  assign room = level <= LevelW'(FifoDepth - OnTheWay);
  assign rd_valid_o = (state_q == StHead || state_q == StTail) && room;
  assign rd_word_o = word_q;
  assign go = (rd_valid_o && rd_grant_i) || (state_q == StFlush && room);

  always_comb begin
    count = (LaneW + 1)'(Bytes);
    if (last_word && state_q == StHead && frame_q.head[LaneW-1:0] != '0) count = {1'b0, frame_q.head[LaneW-1:0]};
    if (state_q == StTail) begin
      if (last_word && tail_end_q != '0) count = {1'b0, tail_end_q};
      if (first_word_q) count = count - {1'b0, tail_from_q};
    end
  end
  assign total = {1'b0, fill_q} + count;
  assign ends = last_word && (state_q == StTail || frame_q.tail == '0);   // no word behind this one
  assign spills = total > (LaneW + 1)'(Bytes);
  assign done = state_q == StSkip || (go && (state_q == StFlush || (ends && !spills)));
  assign load = frame_valid_i && frame_ready_o;
  assign frame_ready_o = state_q == StIdle || done;

  logic [LenW:0] head_up, tail_up;
  assign head_up = {1'b0, frame_i.head} + (LenW + 1)'(Bytes - 1);
  assign tail_up = {1'b0, frame_i.tail} + (LenW + 1)'(frame_i.at[LaneW-1:0]) + (LenW + 1)'(Bytes - 1);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q      <= StIdle;
      free_valid_o <= 1'b0;
    end else begin
      if (frame_ready_o) state_q <= !frame_valid_i ? StIdle : frame_i.skip ? StSkip : StHead;
      else if (go && ends && spills && state_q != StFlush) state_q <= StFlush;
      else if (go && last_word && state_q == StHead) state_q <= StTail;
      free_valid_o <= done && frame_q.close;
    end
    free_words_o <= frame_q.words;
    if (load) begin
      frame_q      <= frame_i;
      left_q       <= head_up[LenW:LaneW];
      tail_words_q <= tail_up[LenW:LaneW];
      tail_from_q  <= frame_i.at[LaneW-1:0];
      tail_end_q   <= frame_i.at[LaneW-1:0] + frame_i.tail[LaneW-1:0];
      turn_q       <= frame_i.head[LaneW-1:0] - frame_i.at[LaneW-1:0];
      word_q       <= frame_i.word;
      place_q      <= '0;
      fill_q       <= '0;
      first_word_q <= 1'b0;
    end else if (go) begin
      if (state_q == StHead && last_word) begin
        left_q       <= tail_words_q;
        word_q       <= frame_q.word + WordW'(frame_q.at >> LaneW);
        first_word_q <= 1'b1;
      end else begin
        left_q       <= left_q - 1'b1;
        word_q       <= word_q + 1'b1;
        first_word_q <= 1'b0;
      end
      if (!(&place_q[8:LaneW])) place_q <= place_q + 9'(Bytes);
      fill_q  <= total[LaneW-1:0];
      flush_q <= total[LaneW-1:0];
    end
  end

  // -- half-words to put in ------------------------------------------------------------------------------
  // A half-word k of the word at `place_q` stands at byte place_q + 2k of the frame.
  logic [Halves-1:0] hit;
  logic  [DataW-1:0] hit_data;

  function automatic logic [15:0] swapped(input logic [15:0] value);
    swapped = {value[7:0], value[15:8]};
  endfunction

  always_comb begin
    hit = '0;
    hit_data = '0;
    for (int unsigned k = 0; k < Halves; k++) begin
      if (place_q + 9'(2 * k) == 9'(patch.l3) + (patch.v4 ? 9'd2 : 9'd4)) begin
        hit[k] = 1'b1;
        hit_data[16*k+:16] = hit_data[16*k+:16] | swapped(patch.ip_len);
      end
      if (patch.v4 && place_q + 9'(2 * k) == 9'(patch.l3) + 9'd4) begin
        hit[k] = 1'b1;
        hit_data[16*k+:16] = hit_data[16*k+:16] | swapped(patch.ip_id);
      end
      if (patch.v4 && place_q + 9'(2 * k) == 9'(patch.l3) + 9'd10) begin
        hit[k] = 1'b1;
        hit_data[16*k+:16] = hit_data[16*k+:16] | swapped(patch.ip_csum);
      end
      if (place_q + 9'(2 * k) == patch.l4 + 9'd4) begin
        hit[k] = 1'b1;
        hit_data[16*k+:16] = hit_data[16*k+:16] | swapped(patch.tcp ? patch.seq[31:16] : patch.udp_len);
      end
      if (place_q + 9'(2 * k) == patch.l4 + 9'd6) begin
        hit[k] = 1'b1;
        hit_data[16*k+:16] = hit_data[16*k+:16] | swapped(patch.tcp ? patch.seq[15:0] : patch.seed);
      end
      if (patch.tcp && place_q + 9'(2 * k) == patch.l4 + 9'd12) begin
        hit[k] = 1'b1;
        hit_data[16*k+:16] = hit_data[16*k+:16] | swapped(patch.flags);
      end
      if (patch.tcp && place_q + 9'(2 * k) == patch.l4 + 9'd16) begin
        hit[k] = 1'b1;
        hit_data[16*k+:16] = hit_data[16*k+:16] | swapped(patch.seed);
      end
    end
    if (!patch.enable || state_q != StHead) hit = '0;
  end

  // -- cycle 1: the word -----------------------------------------------------------------------------------
  logic              valid1_q, beat1_q, last1_q;   // something; a beat comes of it; the frame's last one
  logic              valid2_q, beat2_q, last2_q;
  logic  [LaneW-1:0] turn1_q, fill1_q, fill2_q, empty1_q, empty2_q;
  logic [Halves-1:0] hit1_q;
  logic  [DataW-1:0] hit_data1_q, word1, turned2_q, rest_q, joined;
  tx_pkg::csum_t     csum1_q, csum2_q, csum3_q;
  // -- cycle 3: the beat
  logic              valid3_q;
  stream_pkg::beat_t beat3_q;

  always_comb begin
    word1 = rd_data_i;
    for (int unsigned k = 0; k < Halves; k++) begin
      if (hit1_q[k]) word1[16*k+:16] = hit_data1_q[16*k+:16];
    end
  end

  function automatic logic [DataW-1:0] turn(input logic [DataW-1:0] data, input logic [LaneW-1:0] lanes);
    turn = data;
    for (int unsigned i = 0; i < LaneW; i++) begin
      if (lanes[i]) turn = (turn << (8 << i)) | (turn >> (DataW - (8 << i)));
    end
  endfunction

  always_comb begin
    for (int unsigned k = 0; k < Bytes; k++) begin
      joined[8*k+:8] = (LaneW'(k) < fill2_q) ? rest_q[8*k+:8] : turned2_q[8*k+:8];
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid1_q <= 1'b0;
      valid2_q <= 1'b0;
      valid3_q <= 1'b0;
    end else begin
      valid1_q <= go;
      valid2_q <= valid1_q;
      valid3_q <= valid2_q && beat2_q;
    end
    hit1_q      <= hit;
    hit_data1_q <= hit_data;
    turn1_q     <= (state_q == StTail) ? turn_q : '0;
    // A flush sends what is left over: every lane counts as filled before.
    fill1_q     <= (state_q == StFlush) ? '1 : fill_q;
    beat1_q     <= state_q == StFlush || ends || total >= (LaneW + 1)'(Bytes);
    last1_q     <= state_q == StFlush || (ends && !spills);
    empty1_q    <= (state_q == StFlush) ? -flush_q : (ends && !spills) ? -total[LaneW-1:0] : '0;
    csum1_q     <= frame_q.csum;
    // cycle 2
    turned2_q   <= turn(word1, turn1_q);
    fill2_q     <= fill1_q;
    beat2_q     <= beat1_q;
    last2_q     <= last1_q;
    empty2_q    <= empty1_q;
    csum2_q     <= csum1_q;
    // cycle 3: what does not fit into the beat waits for the next one
    if (valid2_q) rest_q <= beat2_q ? turned2_q : joined;
    beat3_q     <= {contract_pkg::FRAME_OK, last2_q, empty2_q, joined};
    csum3_q     <= csum2_q;
  end

  logic fifo_ready;
  sync_fifo #(.Width(tx_pkg::CsumW + stream_pkg::BeatW), .Depth(FifoDepth)) u_fifo (
      .clk_i, .rst_i,
      // in
      .in_valid_i(valid3_q), .in_ready_o(fifo_ready), .in_i({csum3_q, beat3_q}),
      // out
      .out_valid_o, .out_ready_i, .out_o({csum_o, out_o}), .level_o(level));

  logic unused_bits;
  assign unused_bits = ^{head_up[LaneW-1:0], tail_up[LaneW-1:0], frame_q.skip, frame_q.at[LaneW-1:0]};

  stream_checker #(.Width(tx_pkg::FrameW), .Assumed(1'b1)) u_check_frame (
      .clk_i, .rst_i, .valid_i(frame_valid_i), .ready_i(frame_ready_o), .payload_i(frame_i));
  `ASSERT(RoomForEveryBeat_A, !valid3_q || fifo_ready, clk_i, rst_i)
  `ASSUME(FramesHaveBytes_A, !frame_valid_i || frame_i.skip || frame_i.head != '0, clk_i, rst_i)

endmodule

`default_nettype wire
