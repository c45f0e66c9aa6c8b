// SPDX-License-Identifier: Apache-2.0
// Reads stored frames out: one piece, or several joined into one large frame.
//
// send_t -> beats, never stalled: the first piece whole, of the others what stands behind their headers, packed
// without a gap; the fields that a large frame needs changed are changed on the way out. A beat a cycle, and three
// to five cycles for each piece. Slots are given back when their last word was read. A frame waits until the packet
// buffer has room for it.
//
//   RAM word -> cut to the piece (2) -> joined behind what is left over (3) -> header fields replaced (4)
//
// Place: rx_coalesce: rx_coalesce_flows, rx_coalesce_store -> this -> rx_packet_buffer.
`include "assert.svh"
`default_nettype none

module rx_coalesce_emit #(
    parameter int unsigned Words = 8192,
    localparam int unsigned AddrW = $clog2(Words)
) (
    input  wire                          clk_i,
    input  wire                          rst_i,
    // frames to send
    input  wire                          send_valid_i,
    output logic                         send_ready_o,
    input  rx_pkg::send_t                send_i,
    // store
    output logic                         rd_en_o,
    output logic            [AddrW-1:0]  rd_addr_o,
    input  wire [stream_pkg::DataW-1:0]  rd_data_i,
    output logic                         start_en_o,
    output logic                  [7:0]  start_slot_o,
    input  wire             [AddrW-1:0]  start_i,
    output logic                         done_o,
    output logic                  [7:0]  done_slot_o,
    // the piece that follows a slot's in its frame, one cycle later
    output logic                  [7:0]  next_of_o,
    input  wire                   [7:0]  next_i,
    // beats
    output logic                         out_valid_o,
    output stream_pkg::beat_t            out_o,
    output rx_pkg::meta_t                out_meta_o,
    input  wire                   [14:0] room_i,        // words free behind this, a few cycles ago
    output logic                         idle_o
);

  localparam int unsigned Bytes = stream_pkg::Bytes;
  localparam int unsigned DataW = stream_pkg::DataW;
  localparam int unsigned EmptyW = stream_pkg::EmptyW;

  // -- 0, 1: which words -----------------------------------------------------------------------------
  typedef enum logic [2:0] {StIdle, StStart, StWait, StRead, StGap} state_e;
  state_e state_q;

  rx_pkg::send_t     send_q;
  logic        [7:0] slot_q, left_q;    // piece under way; pieces behind it
  logic              first_q;           // the first piece
  logic [AddrW-1:0]  addr_q;
  logic       [15:0] bytes_q;           // of this piece still to read
  logic [EmptyW-1:0] lo_q;              // first byte of the next word that counts
  logic   [EmptyW:0] room, take;
  logic              piece_end, begins_q, fits;
  localparam int unsigned Underway = 8;  // words that may have left and are not missing in room_i yet

  assign room = (EmptyW + 1)'(Bytes) - {1'b0, lo_q};
  assign take = (bytes_q > 16'(room)) ? room : bytes_q[EmptyW:0];
  assign piece_end = bytes_q <= 16'(room);
  assign fits = room_i >= {1'b0, send_i.words} + 15'(Underway);
  assign send_ready_o = state_q == StIdle && fits;
  assign rd_en_o = state_q == StRead;
  assign rd_addr_o = addr_q;
  assign start_en_o = state_q == StStart;
  assign start_slot_o = slot_q;
  assign next_of_o = slot_q;
  assign done_o = state_q == StRead && piece_end;
  assign done_slot_o = slot_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q <= StIdle;
    end else begin
      unique case (state_q)
        StIdle: if (send_valid_i && fits) state_q <= StStart;
        StStart: state_q <= StWait;
        StWait: state_q <= StRead;
        StRead: if (piece_end) state_q <= (left_q == '0) ? StGap : StStart;
        default: state_q <= StIdle;  // what is left over of the frame leaves
      endcase
    end
    if (state_q == StIdle) begin
      send_q   <= send_i;
      slot_q   <= send_i.slot;
      left_q   <= send_i.pieces - 1'b1;
      first_q  <= 1'b1;
      begins_q <= 1'b1;
    end
    if (state_q == StWait) begin
      addr_q  <= start_i + (first_q ? '0 : AddrW'(send_q.skip) >> EmptyW);
      lo_q    <= first_q ? '0 : send_q.skip[EmptyW-1:0];
      bytes_q <= first_q ? send_q.first_len : (left_q == '0) ? send_q.last_len : send_q.more_len;
    end
    if (state_q == StRead) begin
      addr_q   <= addr_q + 1'b1;
      lo_q     <= '0;
      bytes_q  <= bytes_q - 16'(take);
      begins_q <= 1'b0;
      if (piece_end) begin
        slot_q  <= next_i;
        left_q  <= left_q - 1'b1;
        first_q <= 1'b0;
      end
    end
  end

  // -- 2: the word, cut ------------------------------------------------------------------------------
  logic              cut_valid_q, cut_last_q, cut_first_q, part_valid_q, part_last_q, part_first_q;
  logic [EmptyW-1:0] cut_lo_q;
  logic   [EmptyW:0] cut_take_q, part_take_q;
  logic  [DataW-1:0] part_q, part;

  always_comb begin
    part = rd_data_i >> {cut_lo_q, 3'b000};
    for (int b = 0; b < Bytes; b++) if ((EmptyW + 1)'(b) >= cut_take_q) part[8*b+:8] = 8'd0;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      cut_valid_q  <= 1'b0;
      part_valid_q <= 1'b0;
    end else begin
      cut_valid_q  <= state_q == StRead;
      part_valid_q <= cut_valid_q;
    end
    cut_lo_q     <= lo_q;
    cut_take_q   <= take;
    cut_last_q   <= piece_end && left_q == '0;
    cut_first_q  <= begins_q;
    part_q       <= part;
    part_take_q  <= cut_take_q;
    part_last_q  <= cut_last_q;
    part_first_q <= cut_first_q;
  end

  // -- 3: joined -------------------------------------------------------------------------------------
  logic  [DataW-1:0] over_q;         // bytes that did not fill a beat
  logic [EmptyW-1:0] over_count_q;
  logic              tail_q;         // they are the frame's end
  logic [2*DataW-1:0] joined;
  logic [EmptyW+1:0] total;
  logic              beat_valid_q, beat_last_q, beat_first_q;
  logic [EmptyW-1:0] beat_empty_q;
  logic  [DataW-1:0] beat_q;
  logic              opened_q;       // a beat of this frame has left

  assign joined = {{DataW{1'b0}}, over_q} | ({{DataW{1'b0}}, part_q} << {over_count_q, 3'b000});
  assign total = {2'b00, over_count_q} + {1'b0, part_take_q};

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      over_count_q <= '0;
      over_q       <= '0;
      tail_q       <= 1'b0;
      beat_valid_q <= 1'b0;
      opened_q     <= 1'b0;
    end else begin
      beat_valid_q <= tail_q || (part_valid_q && (part_last_q || total >= (EmptyW + 2)'(Bytes)));
      tail_q <= part_valid_q && part_last_q && total > (EmptyW + 2)'(Bytes);
      if (tail_q) begin
        over_count_q <= '0;
        over_q       <= '0;
        opened_q     <= 1'b0;
      end else if (part_valid_q) begin
        opened_q <= !(part_last_q && total <= (EmptyW + 2)'(Bytes)) &&
                    (opened_q || total >= (EmptyW + 2)'(Bytes));
        if (part_last_q && total <= (EmptyW + 2)'(Bytes)) begin
          over_count_q <= '0;
          over_q       <= '0;
        end else if (total >= (EmptyW + 2)'(Bytes)) begin
          over_count_q <= total[EmptyW-1:0];
          over_q       <= joined[2*DataW-1:DataW];
        end else begin
          over_count_q <= total[EmptyW-1:0];
          over_q       <= joined[DataW-1:0];
        end
      end
    end
    beat_first_q <= !opened_q && !tail_q;
    if (tail_q) begin
      beat_q       <= over_q;
      beat_last_q  <= 1'b1;
      beat_empty_q <= -over_count_q;
    end else begin
      beat_q       <= joined[DataW-1:0];
      beat_last_q  <= part_last_q && total <= (EmptyW + 2)'(Bytes);
      beat_empty_q <= (part_last_q && total <= (EmptyW + 2)'(Bytes)) ? -total[EmptyW-1:0] : '0;
    end
  end

  // -- 4: header fields ------------------------------------------------------------------------------
  // The frame's record is taken along at its first part: the next frame's may follow before its end is out.
  localparam int unsigned Lanes = DataW / 16;
  rx_pkg::send_t send_q2, now;
  logic    [6:0] lane_at_q, lane_at, l3, l4;  // in units of two bytes
  logic [DataW-1:0] patched;

  assign now = send_q2;
  logic unused_record;
  assign unused_record = ^now;
  assign lane_at = beat_first_q ? 7'd0 : lane_at_q;
  assign l3 = 7'd7 + {4'd0, now.tags, 1'b0};
  assign l4 = l3 + (now.ip6 ? 7'd20 : 7'd10);

  function automatic logic [15:0] swap(input logic [15:0] x);
    swap = {x[7:0], x[15:8]};
  endfunction

  always_comb begin
    patched = beat_q;
    for (int k = 0; k < Lanes; k++) begin
      if (beat_valid_q && now.patch && lane_at != '1) begin
        if (lane_at + 7'(k) == l3 + (now.ip6 ? 7'd2 : 7'd1)) patched[16*k+:16] = swap(now.ip_len);
        if (lane_at + 7'(k) == l3 + 7'd5 && !now.ip6) patched[16*k+:16] = swap(now.ip_csum);
        if (lane_at + 7'(k) == l4 + 7'd4) patched[16*k+:16] = swap(now.ack[31:16]);
        if (lane_at + 7'(k) == l4 + 7'd5) patched[16*k+:16] = swap(now.ack[15:0]);
        if (lane_at + 7'(k) == l4 + 7'd6) patched[16*k+:16] = swap(now.flags);
        if (lane_at + 7'(k) == l4 + 7'd7) patched[16*k+:16] = swap(now.window);
        if (lane_at + 7'(k) == l4 + 7'd8) patched[16*k+:16] = swap(now.csum);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) out_valid_o <= 1'b0;
    else out_valid_o <= beat_valid_q;
    if (part_valid_q && part_first_q) send_q2 <= send_q;
    if (beat_valid_q) begin
      lane_at_q <= (lane_at >= 7'd64) ? '1 : lane_at + 7'(Lanes);
      out_o     <= {beat_last_q ? now.err : contract_pkg::FRAME_OK, beat_last_q, beat_empty_q, patched};
    end
    out_meta_o <= now.meta;
  end

  assign idle_o = state_q == StIdle && !cut_valid_q && !part_valid_q && !tail_q && !beat_valid_q && !out_valid_o;

endmodule

`default_nettype wire
