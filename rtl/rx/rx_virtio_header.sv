// SPDX-License-Identifier: Apache-2.0
// Puts the virtio_net_hdr in front of every received frame (virtio 1.2, 5.1.6).
//
// frame -> 12 bytes of header, then the frame, as one stream of full beats. No offload is negotiated, so
// the header is zero but for num_buffers = 1. One beat a cycle; a frame costs one or two beats more.
//
//   beat 0   0 0 0 0 0 0 0 0              (64-bit data path)
//   beat 1   0 0 1 0 f0 f1 f2 f3
//   beat 2   f4 ..
//
// Place: rx_packet_buffer -> this -> virtio_rx_scatter.
`include "assert.svh"
`default_nettype none

module rx_virtio_header (
    input  wire                clk_i,
    input  wire                rst_i,
    // frame
    input  wire                in_valid_i,
    output logic               in_ready_o,
    input  stream_pkg::beat_t  in_i,
    // header and frame
    output logic               out_valid_o,
    input  wire                out_ready_i,
    output stream_pkg::beat_t  out_o
);

  localparam int unsigned Bytes = stream_pkg::Bytes;
  localparam int unsigned EmptyW = stream_pkg::EmptyW;
  localparam int unsigned HdrBytes = 32'(contract_pkg::NET_HDR_BYTES);
  localparam int unsigned WholeBeats = HdrBytes / Bytes;
  localparam int unsigned Held = HdrBytes % Bytes;  // bytes that each beat leaves for the next one
  localparam int unsigned Now = Bytes - Held;       // bytes of each beat that leave with it
  // The header's last bytes, which share a beat with the frame's first ones: num_buffers is all there is.
  localparam int unsigned NumBuffersBit = 8 * (32'(contract_pkg::NET_HDR_NUM_BUFFERS) + Held - HdrBytes);
  localparam logic [8*Held-1:0] HeaderEnd = (8 * Held)'(1) << NumBuffersBit;

  if (WholeBeats > 1) begin : g_bad_width
    $error("rx_virtio_header %m: the data path has to be at least 64 bits wide");
  end

  typedef enum logic [1:0] {StWhole, StFirst, StFrame, StTail} state_e;
  localparam state_e StStart = (WholeBeats == 0) ? StFirst : StWhole;
  state_e state_q;

  logic [8*Held-1:0]   held_q, held;
  logic [EmptyW-1:0]   tail_empty_q;
  logic                out_free, spills;

  assign out_free = !out_valid_o || out_ready_i;
  assign in_ready_o = out_free && (state_q == StFirst || state_q == StFrame);
  assign held = (state_q == StFirst) ? HeaderEnd : held_q;
  // The last beat's bytes do not all fit beside the held ones.
  assign spills = in_i.empty < EmptyW'(Held);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q     <= StStart;
      out_valid_o <= 1'b0;
    end else if (out_free) begin
      unique case (state_q)
        StWhole: begin
          out_valid_o <= in_valid_i;
          if (in_valid_i) state_q <= StFirst;
        end
        StTail: begin
          out_valid_o <= 1'b1;
          state_q     <= StStart;
        end
        default: begin
          out_valid_o <= in_valid_i;
          if (in_valid_i && in_i.last) state_q <= spills ? StTail : StStart;
          else if (in_valid_i) state_q <= StFrame;
        end
      endcase
    end
    if (out_free && (in_valid_i || state_q == StTail)) begin
      unique case (state_q)
        StWhole: out_o <= '0;
        StTail: begin
          out_o.last             <= 1'b1;
          out_o.empty            <= tail_empty_q;
          out_o.data[8*Held-1:0] <= held_q;
        end
        default: begin
          out_o.err    <= in_i.err;
          out_o.last   <= in_i.last && !spills;
          out_o.empty  <= in_i.empty - EmptyW'(Held);
          out_o.data   <= {in_i.data[8*Now-1:0], held};
          held_q       <= in_i.data[8*Bytes-1-:8*Held];
          tail_empty_q <= EmptyW'(Now) + in_i.empty;
        end
      endcase
    end
  end

  stream_checker #(.Width(stream_pkg::BeatW), .Assumed(1'b1)) u_check_in (
      .clk_i, .rst_i, .valid_i(in_valid_i), .ready_i(in_ready_o), .payload_i(in_i));
  stream_checker #(.Width(stream_pkg::BeatW)) u_check_out (
      .clk_i, .rst_i, .valid_i(out_valid_o), .ready_i(out_ready_i), .payload_i(out_o));

endmodule

`default_nettype wire
