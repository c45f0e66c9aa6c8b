// SPDX-License-Identifier: Apache-2.0
// Cuts the byte stream of a frame into the pieces that its buffer's segments take.
//
// frames + cuts -> for each cut a run of beats that starts at its first byte, `last` on the final one. A
// frame's cuts add up to its length; the one marked final ends it. One beat a cycle, also across cuts at odd
// bytes. Skipped cuts give no beats; a literal takes no bytes of the frame and gives one beat of two.
//
//        cur_q            in_i
//   |xxxxx-------|  |============|      offset_q bytes of cur_q are used up
//         '--- next beat ---'
//
// Place: rx_virtio_header, virtio_rx_match -> this -> dma_write.
`include "assert.svh"
`default_nettype none

module virtio_rx_scatter (
    input  wire                clk_i,
    input  wire                rst_i,
    // header and frame
    input  wire                in_valid_i,
    output logic               in_ready_o,
    input  stream_pkg::beat_t  in_i,
    // cuts
    input  wire                cut_valid_i,
    output logic               cut_ready_o,
    input  virtq_pkg::cut_t    cut_i,
    // payload of write requests
    output logic               out_valid_o,
    input  wire                out_ready_i,
    output stream_pkg::beat_t  out_o
);

  localparam int unsigned DataW = stream_pkg::DataW;
  localparam int unsigned Bytes = stream_pkg::Bytes;
  localparam int unsigned EmptyW = stream_pkg::EmptyW;

  logic               have_q;    // cur_q holds bytes
  logic  [DataW-1:0]  cur_q;
  logic [EmptyW-1:0]  offset_q;
  logic               busy_q;    // a cut is being made
  virtq_pkg::cut_t    cut_q;
  logic       [15:0]  left_q;    // of its bytes

  logic               last, emit, literal, skip, take, needs_in, used_up, frame_end, pop;
  logic  [EmptyW:0]   n, behind;  // bytes of this beat; offset after it
  logic [2*DataW-1:0] window;
  logic  [DataW-1:0]  shifted;

  assign last = left_q <= 16'(Bytes);
  assign n = last ? left_q[EmptyW:0] : (EmptyW + 1)'(Bytes);
  assign behind = {1'b0, offset_q} + n;
  assign used_up = behind >= (EmptyW + 1)'(Bytes);
  assign needs_in = behind > (EmptyW + 1)'(Bytes);
  assign frame_end = last && cut_q.final_cut;
  assign literal = busy_q && cut_q.kind == virtq_pkg::CutLiteral && (!out_valid_o || out_ready_i);
  assign skip = cut_q.kind == virtq_pkg::CutSkip;
  assign emit = busy_q && cut_q.kind != virtq_pkg::CutLiteral && have_q && (in_valid_i || !needs_in) &&
                (!out_valid_o || out_ready_i);
  assign take = cut_valid_i && cut_ready_o;
  assign pop = in_valid_i && (!have_q || (emit && (used_up || frame_end)));
  assign in_ready_o = !have_q || (emit && (used_up || frame_end));
  assign cut_ready_o = !busy_q || literal || (emit && last);

  assign window = {in_i.data, cur_q};
  assign shifted = DataW'(window >> {offset_q, 3'b000});

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      have_q      <= 1'b0;
      offset_q    <= '0;
      busy_q      <= 1'b0;
      out_valid_o <= 1'b0;
    end else begin
      if (cut_ready_o) busy_q <= cut_valid_i;
      if (out_ready_i) out_valid_o <= 1'b0;
      if (literal) out_valid_o <= 1'b1;
      if (emit) begin
        out_valid_o <= !skip;
        offset_q    <= frame_end ? '0 : behind[EmptyW-1:0];
        // At a frame's end the rest of cur_q is padding; what was taken from in_i ended the frame too.
        if (frame_end) have_q <= in_valid_i && !needs_in;
        else if (used_up) have_q <= in_valid_i;
      end else if (!have_q) begin
        have_q <= in_valid_i;
      end
    end
    if (pop) cur_q <= in_i.data;
    if (take) begin
      left_q <= cut_i.len;
      cut_q  <= cut_i;
    end else if (emit) begin
      left_q <= left_q - 16'(n);
    end
    if (emit) begin
      out_o.err   <= contract_pkg::FRAME_OK;
      out_o.last  <= last;
      out_o.empty <= last ? EmptyW'((EmptyW + 1)'(Bytes) - n) : '0;
      out_o.data  <= shifted;
    end
    if (literal) begin
      out_o.err   <= contract_pkg::FRAME_OK;
      out_o.last  <= 1'b1;
      out_o.empty <= EmptyW'(Bytes - 2);
      out_o.data  <= DataW'(cut_q.len);
    end
  end

  logic unused_bits;
  assign unused_bits = ^{in_i.err, in_i.last, in_i.empty};

  stream_checker #(.Width(stream_pkg::BeatW), .Assumed(1'b1)) u_check_in (
      .clk_i, .rst_i, .valid_i(in_valid_i), .ready_i(in_ready_o), .payload_i(in_i));
  stream_checker #(.Width(virtq_pkg::CutW), .Assumed(1'b1)) u_check_cut (
      .clk_i, .rst_i, .valid_i(cut_valid_i), .ready_i(cut_ready_o), .payload_i(cut_i));
  stream_checker #(.Width(stream_pkg::BeatW)) u_check_out (
      .clk_i, .rst_i, .valid_i(out_valid_o), .ready_i(out_ready_i), .payload_i(out_o));

endmodule

`default_nettype wire
