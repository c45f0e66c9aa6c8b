// SPDX-License-Identifier: Apache-2.0
// Cuts a source into frames and works out what changes in each one's header.
//
// plan -> frames: one a cycle for sources that stay whole, one in four cycles of a source that is cut.
// A segment's IPv4 total length, identification (one more each) and header checksum, IPv6 payload length,
// TCP sequence number, UDP length and the pseudo-header sum in the checksum field are its own; PSH and FIN
// stay on the last segment, CWR on the first (RFC 3168, 6.1.2). The sum in the source's field counts the length
// of the source's TCP or UDP part (virtio 1.2, 5.1.6.2): it is exchanged for the segment's.
// Pulses, with the pair they belong to: drop_o a source, frame_o a frame, extra_o a frame beyond its
// source's first; frame_len_o its bytes.
// Place: tx_source_scan -> this -> tx_segment_read.
`include "assert.svh"
`default_nettype none

module tx_segment_cut (
    input  wire                     clk_i,
    input  wire                     rst_i,
    // plans
    input  wire                     plan_valid_i,
    output logic                    plan_ready_o,
    input  tx_pkg::plan_t           plan_i,
    // frames
    output logic                    frame_valid_o,
    input  wire                     frame_ready_i,
    output tx_pkg::frame_t          frame_o,
    // what became of them
    output logic              [5:0] pair_o,
    output logic                    drop_o,
    output logic                    frame_made_o,
    output logic                    extra_o,
    output logic [tx_pkg::LenW-1:0] frame_len_o
);

  localparam int unsigned LenW = tx_pkg::LenW;
  localparam logic [7:0] OnlyLast = 8'h09;    // PSH, FIN
  localparam logic [7:0] OnlyFirst = 8'h80;   // CWR

  typedef enum logic [1:0] {StTake, StSum, StFold, StOffer} state_e;
  state_e state_q;

  // One's complement: the carry comes back in (RFC 1071).
  function automatic logic [15:0] fold(input logic [16:0] sum);
    fold = sum[15:0] + 16'(sum[16]);
  endfunction

  // -- where in the source -----------------------------------------------------------------------------
  logic            first_q;
  logic     [16:0] at_q;       // payload behind the cut
  logic     [16:0] rest_q;     // and how much there is
  logic     [15:0] id_q;
  logic     [31:0] seq_q;
  logic     [15:0] ip_over_q;  // headers that the IP length counts
  logic     [15:0] l4_over_q;  // headers that the pseudo-header's length counts
  logic     [16:0] seed_q;     // the source's, its length taken out
  // -- the segment in hand
  logic            last_q;
  logic [LenW-1:0] bytes_q;
  logic     [15:0] ip_len_q, l4_len_q;
  logic     [16:0] ip_sum_q, l4_sum_q;

  logic start, whole, offer, out_free, is_last;

  assign out_free = !frame_valid_o || frame_ready_i;
  assign whole = state_q == StTake && first_q && plan_valid_i && !plan_i.cut && out_free;
  assign start = state_q == StTake && first_q && plan_valid_i && plan_i.cut;
  assign offer = state_q == StOffer && out_free;
  assign plan_ready_o = whole || (offer && last_q);
  assign is_last = rest_q <= 17'(plan_i.size);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q       <= StTake;
      first_q       <= 1'b1;
      frame_valid_o <= 1'b0;
    end else begin
      if (frame_ready_i) frame_valid_o <= 1'b0;
      if (whole || offer) frame_valid_o <= 1'b1;
      unique case (state_q)
        StTake:  if (start || !first_q) state_q <= StSum;
        StSum:   state_q <= StFold;
        StFold:  state_q <= StOffer;
        default: if (offer) state_q <= StTake;
      endcase
      if (offer) first_q <= last_q;
    end
  end

  // The first pass through StTake only looks at the source: nothing is cut off yet.
  always_ff @(posedge clk_i) begin
    unique case (state_q)
      StTake: begin
        if (first_q) begin
          at_q      <= 17'(plan_i.head);
          rest_q    <= plan_i.len - 17'(plan_i.head);
          id_q      <= plan_i.ip_id;
          seq_q     <= plan_i.seq;
          ip_over_q <= 16'(plan_i.head) - 16'(plan_i.l3) - (plan_i.v4 ? 16'd0 : 16'd40);
          l4_over_q <= 16'(plan_i.head) - 16'(plan_i.csum.start);
          seed_q    <= {1'b0, plan_i.seed} + {1'b0, ~(16'(plan_i.len) - 16'(plan_i.csum.start))};
        end
      end
      StSum: begin
        last_q   <= is_last;
        bytes_q  <= is_last ? rest_q[LenW-1:0] : plan_i.size;
        ip_len_q <= ip_over_q + (is_last ? rest_q[15:0] : 16'(plan_i.size));
        l4_len_q <= l4_over_q + (is_last ? rest_q[15:0] : 16'(plan_i.size));
        ip_sum_q <= {1'b0, plan_i.ip_sum} + {1'b0, id_q};
      end
      StFold: begin
        ip_sum_q <= {1'b0, fold(ip_sum_q)} + {1'b0, ip_len_q};
        l4_sum_q <= {1'b0, fold(seed_q)} + {1'b0, l4_len_q};
      end
      default: begin
        if (offer) begin
          at_q   <= at_q + 17'(bytes_q);
          rest_q <= rest_q - 17'(bytes_q);
          id_q   <= id_q + 1'b1;
          seq_q  <= seq_q + 32'(bytes_q);
        end
      end
    endcase
  end

  // -- frames ------------------------------------------------------------------------------------------
  tx_pkg::frame_t frame_d;
  tx_pkg::patch_t patch;
  logic     [7:0] tcp_flags;

  assign tcp_flags = plan_i.flags[7:0] & ~(last_q ? 8'h00 : OnlyLast) & ~(first_q ? 8'h00 : OnlyFirst);
  assign patch = {plan_i.cut, plan_i.tcp, plan_i.v4, plan_i.l3, plan_i.csum.start[8:0], ip_len_q, id_q,
                  ~fold(ip_sum_q), seq_q, plan_i.flags[15:8], tcp_flags, l4_len_q, fold(l4_sum_q)};

  always_comb begin
    frame_d.skip  = plan_i.drop;
    frame_d.close = whole || last_q;
    frame_d.words = plan_i.words;
    frame_d.word  = plan_i.word;
    frame_d.head  = plan_i.cut ? LenW'(plan_i.head) : plan_i.len[LenW-1:0];
    frame_d.at    = at_q;
    frame_d.tail  = plan_i.cut ? bytes_q : '0;
    frame_d.csum  = plan_i.csum;
    frame_d.patch = patch;
  end

  always_ff @(posedge clk_i) begin
    if (whole || offer) begin
      frame_o     <= frame_d;
      frame_len_o <= frame_d.head + frame_d.tail;
    end
    drop_o       <= whole && plan_i.drop && !rst_i;
    frame_made_o <= ((whole && !plan_i.drop) || offer) && !rst_i;
    extra_o      <= offer && !first_q && !rst_i;
    if (plan_ready_o || offer) pair_o <= plan_i.pair;
  end

  stream_checker #(.Width(tx_pkg::PlanW), .Assumed(1'b1)) u_check_plan (
      .clk_i, .rst_i, .valid_i(plan_valid_i), .ready_i(plan_ready_o), .payload_i(plan_i));
  stream_checker #(.Width(tx_pkg::FrameW)) u_check_frame (
      .clk_i, .rst_i, .valid_i(frame_valid_o), .ready_i(frame_ready_i), .payload_i(frame_o));

endmodule

`default_nettype wire
