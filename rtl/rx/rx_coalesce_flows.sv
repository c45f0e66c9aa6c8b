// SPDX-License-Identifier: Apache-2.0
// Decides which stored segments become one large frame: the flow contexts of receive coalescing.
//
// Stored frames in order -> send_t in the order in which they leave. A segment that may be coalesced and whose sum
// was right is held; the segments that continue it are appended. A flow leaves when a segment has PSH or is shorter
// than the first, when the frame is full (bytes, pieces), when its oldest segment has waited usecs_i, when the store
// fills up, when another flow needs the context (in turn), and before any frame of the same flow that does not
// continue it: other flags or options, a gap, an ACK that goes back. A fragment, whose ports nobody knows, sends all
// flows ahead of itself. So frames of a flow never change their order. A flow of one segment leaves as it came.
// A large frame carries NEEDS_CSUM with the pseudo header's sum (virtio 1.2, 5.1.6.4.1: gso_type asks for it); each
// of its segments had a right checksum. Four cycles for a frame, four more for each flow that leaves.
// Place: rx_coalesce: rx_coalesce_flow, rx_coalesce_store -> this -> rx_coalesce_emit.
`include "assert.svh"
`default_nettype none

module rx_coalesce_flows #(
    parameter int unsigned Contexts = 4,
    parameter int unsigned TickCycles = 250,  // a microsecond
    parameter int unsigned MaxBytes = 32768
) (
    input  wire              clk_i,
    input  wire              rst_i,
    // settings
    input  wire        [9:0] usecs_i,       // 0: nothing is held
    input  wire              high_i,        // the store is filling up
    // stored frames
    input  wire              in_valid_i,
    output logic             in_ready_o,
    input  wire        [7:0] in_slot_i,
    input  wire       [15:0] in_len_i,
    input  wire        [3:0] in_err_i,
    input  rx_pkg::meta_t    in_meta_i,
    input  rx_pkg::flow_t    in_flow_i,
    input  wire       [15:0] in_addr_sum_i,
    // frames to send
    output logic             send_valid_o,
    input  wire              send_ready_i,
    output rx_pkg::send_t    send_o,
    // pieces of a frame, in their order: one cycle later
    input  wire        [7:0] next_of_i,
    output logic       [7:0] next_o,
    // events
    output logic             held_o,        // a frame waits for more of its flow
    output logic             coalesced_o,   // a frame became part of an earlier one
    output logic             idle_o
);

  localparam int unsigned IndexW = $clog2(Contexts);
  localparam int unsigned StateW = 8 + 8 + 8 + 16 + 16 + 32 + 16 + 32 + 16 + 1;

  // What moves while a flow is held; what does not is its first segment's flow_t.
  typedef struct packed {
    logic  [7:0] first;      // slots
    logic  [7:0] last;
    logic  [7:0] pieces;
    logic [15:0] total;      // bytes of payload
    logic [15:0] last_len;
    logic [31:0] next_seq;
    logic [15:0] next_id;
    logic [31:0] ack;
    logic [15:0] window;
    logic        psh;
  } moving_t;

  typedef enum logic [2:0] {StIdle, StMatch, StDecide, StSingle, StSums, StFold, StSend} state_e;
  state_e state_q, back_q;  // back_q: where to go when a flow has left

  logic        [Contexts-1:0] valid_q, hit_q, same_q, expired, hit, same;
  logic  [rx_pkg::FlowW-1:0]  flow_q[Contexts];
  logic         [StateW-1:0]  moving_q[Contexts];
  logic  [rx_pkg::MetaW-1:0]  meta_q[Contexts];
  logic               [31:0]  keep_q[Contexts];   // {sum of the addresses, length of the first frame}
  logic         [IndexW-1:0]  leave_q, victim_q;  // the flow that leaves; the next to make room

  // -- how old ---------------------------------------------------------------------------------------
  localparam int unsigned TickW = $clog2(TickCycles);
  logic [TickW-1:0]       tick_q;
  logic                   tick;
  logic [10*Contexts-1:0] age_q;

  assign tick = tick_q == TickW'(TickCycles - 1);

  always_comb begin
    for (int c = 0; c < Contexts; c++) expired[c] = valid_q[c] && (age_q[10*c+:10] >= usecs_i || high_i);
  end

  // -- who matches -----------------------------------------------------------------------------------
  rx_pkg::flow_t held;
  moving_t       moved;
  logic   [31:0] ack_step;

  always_comb begin
    held = '0;
    moved = '0;
    ack_step = '0;
    hit = '0;
    same = '0;
    if (state_q == StMatch) begin
      for (int c = 0; c < Contexts; c++) begin
        held = flow_q[c];
        moved = moving_q[c];
        ack_step = in_flow_i.ack - moved.ack;
        hit[c] = held.ip6 == in_flow_i.ip6 && held.src == in_flow_i.src && held.dst == in_flow_i.dst &&
                 held.ports == in_flow_i.ports;
        same[c] = held.macs == in_flow_i.macs && held.tags == in_flow_i.tags && held.tcis == in_flow_i.tcis &&
                  held.class_id == in_flow_i.class_id && held.hops == in_flow_i.hops &&
                  held.ece == in_flow_i.ece && !in_flow_i.cwr && held.offset == in_flow_i.offset &&
                  held.opts == in_flow_i.opts && moved.next_seq == in_flow_i.seq && !ack_step[31] &&
                  (!held.id_moves || moved.next_id == in_flow_i.id) && in_flow_i.payload <= held.payload &&
                  32'(moved.total) + 32'(in_flow_i.payload) + 32'(held.headers) <= MaxBytes && moved.pieces != '1;
      end
    end
  end

  // -- deciding --------------------------------------------------------------------------------------
  logic              usable, append, install, ask_leave, make_room, single, closes, whose, free;
  logic [IndexW-1:0] hit_index, any_index, free_index, leave;
  rx_pkg::flow_t     mine;    // of the context hit
  moving_t           till_now, behind;
  logic  [Contexts-1:0] hits;

  assign hits = hit_q & valid_q;

  always_comb begin
    hit_index = '0;
    any_index = '0;
    free_index = '0;
    for (int c = Contexts - 1; c >= 0; c--) begin
      if (hits[c]) hit_index = IndexW'(c);
      if (!valid_q[c]) free_index = IndexW'(c);
      if (state_q == StIdle ? expired[c] : valid_q[c]) any_index = IndexW'(c);
    end
    free = valid_q != '1;
    mine = '0;
    till_now = '0;
    whose = in_err_i == contract_pkg::FRAME_OK && !in_meta_i.drop;
    usable = whose && in_flow_i.eligible && (in_meta_i.flags & contract_pkg::NET_HDR_F_DATA_VALID) != '0 &&
             usecs_i != '0 && !high_i;
    append = 1'b0;
    install = 1'b0;
    ask_leave = 1'b0;
    make_room = 1'b0;
    leave = any_index;
    if (state_q == StDecide) begin
      mine = flow_q[hit_index];
      till_now = moving_q[hit_index];
      if (whose && in_flow_i.fragment && valid_q != '0) begin
        ask_leave = 1'b1;
      end else if (whose && in_flow_i.tcp && hits != '0) begin
        append = usable && same_q[hit_index];
        ask_leave = !append;
        leave = hit_index;
      end else if (usable && !in_flow_i.psh) begin
        install = free;
        ask_leave = !free;
        make_room = !free;
        leave = victim_q;
      end
    end
    single = state_q == StDecide && !append && !install && !ask_leave;
    closes = in_flow_i.psh || in_flow_i.payload != mine.payload;
    // after this segment
    behind.first = append ? till_now.first : in_slot_i;
    behind.last = in_slot_i;
    behind.pieces = append ? till_now.pieces + 1'b1 : 8'd1;
    behind.total = append ? till_now.total + in_flow_i.payload : in_flow_i.payload;
    behind.last_len = in_flow_i.payload;
    behind.next_seq = in_flow_i.seq + 32'(in_flow_i.payload);
    behind.next_id = in_flow_i.id + 1'b1;
    behind.ack = in_flow_i.ack;
    behind.window = in_flow_i.window;
    behind.psh = in_flow_i.psh;
  end

  assign in_ready_o = append || install || (state_q == StSingle && send_ready_i);
  assign held_o = install;
  assign coalesced_o = append;
  assign idle_o = state_q == StIdle && valid_q == '0 && !in_valid_i;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q  <= StIdle;
      back_q   <= StIdle;
      valid_q  <= '0;
      victim_q <= '0;
      tick_q   <= '0;
      age_q    <= '0;
    end else begin
      tick_q <= tick ? '0 : tick_q + 1'b1;
      if (valid_q == '0) victim_q <= '0;
      for (int c = 0; c < Contexts; c++)
        if (tick && valid_q[c] && age_q[10*c+:10] != '1) age_q[10*c+:10] <= age_q[10*c+:10] + 1'b1;
      unique case (state_q)
        StIdle: begin
          back_q <= StIdle;
          if (expired != '0) begin
            leave_q <= any_index;
            state_q <= StSums;
          end else if (in_valid_i) begin
            state_q <= StMatch;
          end
        end
        StMatch: state_q <= StDecide;
        StDecide: begin
          leave_q <= leave;
          back_q  <= ask_leave ? StDecide : StIdle;
          if (ask_leave || (append && closes)) state_q <= StSums;
          else state_q <= single ? StSingle : StIdle;
          if (install) begin
            valid_q[free_index] <= 1'b1;
            age_q[10*free_index+:10] <= '0;
          end
          if (ask_leave && make_room) victim_q <= victim_q + 1'b1;
        end
        StSingle: if (send_ready_i) state_q <= StIdle;
        StSums: state_q <= StFold;
        StFold: state_q <= StSend;
        default: begin
          if (send_ready_i) begin
            valid_q[leave_q] <= 1'b0;
            state_q <= back_q;
          end
        end
      endcase
    end
    if (state_q == StMatch) begin
      hit_q  <= hit;
      same_q <= same;
    end
    if (install) begin
      flow_q[free_index]   <= in_flow_i;
      moving_q[free_index] <= behind;
      meta_q[free_index]   <= in_meta_i;
      keep_q[free_index]   <= {in_addr_sum_i, in_len_i};
    end
    if (append) moving_q[hit_index] <= behind;
  end

  // -- leaving ---------------------------------------------------------------------------------------
  rx_pkg::flow_t gone;
  moving_t       went;
  rx_pkg::meta_t gone_meta;
  rx_pkg::send_t send;
  logic   [15:0] l4_len, ip_len, ip_len_q;
  logic   [17:0] ip_sum_q, pseudo_q;
  logic   [16:0] ip_fold, pseudo_fold;
  logic   [15:0] ip_csum_q, csum_q;
  logic   [31:0] kept;
  logic          merged;

  logic leaving;
  assign leaving = state_q == StSums || state_q == StSend;
  assign gone = leaving ? flow_q[leave_q] : '0;
  assign went = leaving ? moving_q[leave_q] : '0;
  assign kept = leaving ? keep_q[leave_q] : '0;
  assign l4_len = went.total + {10'd0, gone.offset, 2'd0};
  assign ip_len = gone.ip6 ? l4_len : l4_len + 16'd20;
  assign ip_fold = 17'(ip_sum_q[17:16]) + 17'(ip_sum_q[15:0]);
  assign pseudo_fold = 17'(pseudo_q[17:16]) + 17'(pseudo_q[15:0]);
  assign merged = went.pieces != 8'd1;

  always_ff @(posedge clk_i) begin
    if (state_q == StSums) begin
      ip_len_q <= ip_len;
      // RFC 1624: the header's sum with the old length taken out and the new one put in.
      ip_sum_q <= 18'({2'b00, ~gone.ip_csum}) + 18'({2'b00, ~(gone.payload + {10'd0, gone.offset, 2'd0} + 16'd20)}) +
                  18'(ip_len);
      pseudo_q <= 18'(kept[31:16]) + 18'(l4_len) + 18'd6;
    end
    ip_csum_q <= ~(ip_fold[15:0] + 16'(ip_fold[16]));
    csum_q    <= pseudo_fold[15:0] + 16'(pseudo_fold[16]);
  end

  function automatic logic [13:0] words_of(input logic [15:0] bytes);
    words_of = 14'(bytes >> stream_pkg::EmptyW) + 14'd1;
  endfunction

  always_comb begin
    gone_meta = meta_q[leave_q];
    send = '0;
    send.pieces = 8'd1;
    if (state_q == StSend) begin
      if (merged) begin
        gone_meta.flags = contract_pkg::NET_HDR_F_NEEDS_CSUM;
        gone_meta.gso_type = (gone.ip6 ? contract_pkg::NET_HDR_GSO_TCPV6 : contract_pkg::NET_HDR_GSO_TCPV4) |
                             (gone.cwr ? contract_pkg::NET_HDR_GSO_ECN : 8'd0);
        gone_meta.hdr_len = 16'(gone.headers);
        gone_meta.gso_size = gone.payload;
        gone_meta.csum_start = 16'(gone.headers) - {10'd0, gone.offset, 2'd0};
        gone_meta.csum_offset = 16'd16;
      end
      send.slot = went.first;
      send.pieces = went.pieces;
      send.words = merged ? words_of(16'(went.total) + 16'(gone.headers)) : words_of(kept[15:0]);
      send.first_len = merged ? 16'(gone.headers) + gone.payload : kept[15:0];
      send.skip = gone.headers;
      send.more_len = gone.payload;
      send.last_len = went.last_len;
      send.patch = merged;
      send.ip6 = gone.ip6;
      send.tags = gone.tags;
      send.ip_len = ip_len_q;
      send.ip_csum = ip_csum_q;
      send.ack = went.ack;
      send.flags = {gone.offset, 4'd0, gone.cwr, gone.ece, 1'b0, 1'b1, went.psh, 3'b000};
      send.window = went.window;
      send.csum = csum_q;
      send.meta = gone_meta;
    end else if (state_q == StSingle) begin
      send.slot = in_slot_i;
      send.words = words_of(in_len_i);
      send.first_len = in_len_i;
      send.err = in_err_i;
      send.meta = in_meta_i;
    end
  end

  assign send_valid_o = state_q == StSingle || state_q == StSend;
  assign send_o = send;

  ram_sdp #(.Width(8), .Depth(256)) u_next (
      .clk_i, .wr_en_i(append), .wr_addr_i(till_now.last), .wr_data_i(in_slot_i),
      .rd_en_i(1'b1), .rd_addr_i(next_of_i), .rd_data_o(next_o));

  logic unused_bits;
  assign unused_bits = ^{ack_step, held, moved, gone, mine, till_now, went};

  stream_checker #(.Width(rx_pkg::SendW)) u_check_send (
      .clk_i, .rst_i, .valid_i(send_valid_o), .ready_i(send_ready_i), .payload_i(send_o));

endmodule

`default_nettype wire
