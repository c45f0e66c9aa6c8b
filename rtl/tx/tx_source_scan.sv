// SPDX-License-Identifier: Apache-2.0
// Reads a source's headers and decides what becomes of it (virtio 1.2, 5.1.6.2).
//
// source -> plan, in order: dropped, sent as it is, or cut into segments; five cycles for a source that asks
// for no segmentation. rd_first_o: the read of the virtio_net_hdr goes before the frame under way; the reads
// of a frame's own headers, only for segmentation, take what cycles are left.
// There is no parser: csum_start says where TCP or UDP is, the EtherType behind up to two VLAN tags where IP
// is. hdr_len is a hint and not looked at: headers end at csum_start plus data offset (TCP) or 8 (UDP).
// Dropped whole: a request that was not negotiated; a checksum field that is not in the frame; csum_start in the
// Ethernet header; segmentation without NEEDS_CSUM or size, with another csum_offset than the protocol's, of
// anything that is not IP with TCP or UDP at csum_start, with headers over MaxHead bytes or not in the
// frame; frames and segments over max_frame_i.
// Place: tx_packet_buffer -> this -> tx_segment_cut.
`include "assert.svh"
`default_nettype none

module tx_source_scan #(
    parameter int unsigned MaxHead = 256
) (
    input  wire                           clk_i,
    input  wire                           rst_i,
    input  wire        [tx_pkg::LenW-1:0] max_frame_i,
    // sources
    input  wire                           source_valid_i,
    output logic                          source_ready_o,
    input  tx_pkg::source_t               source_i,
    // RAM; data in the cycle after the grant
    output logic                          rd_valid_o,
    output logic                          rd_first_o,
    input  wire                           rd_grant_i,
    output logic      [tx_pkg::WordW-1:0] rd_word_o,
    input  wire   [stream_pkg::DataW-1:0] rd_data_i,
    // plans
    output logic                          plan_valid_o,
    input  wire                           plan_ready_i,
    output tx_pkg::plan_t                 plan_o
);

  localparam int unsigned DataW = stream_pkg::DataW;
  localparam int unsigned Bytes = stream_pkg::Bytes;
  localparam int unsigned ByteW = stream_pkg::EmptyW;
  localparam int unsigned Halves = Bytes / 2;
  localparam int unsigned WordW = tx_pkg::WordW;
  localparam int unsigned LenW = tx_pkg::LenW;
  localparam int unsigned CountW = 9 - ByteW;            // words of a header, and one
  localparam int unsigned NetWords = 16 / Bytes;         // of padding and virtio_net_hdr; with HASH_REPORT one more
  localparam logic [CountW-1:0] EtherLast = CountW'(23 / Bytes);  // EtherTypes end at byte 21
  localparam logic [15:0] TcpField = 16'd16;             // RFC 9293, 3.1; RFC 768
  localparam logic [15:0] UdpField = 16'd6;

  typedef enum logic [3:0] {StNet, StAsk, StVerdict, StEther, StLayer, StFields, StSize, StRest, StFit} state_e;
  state_e state_q;

  // -- reads -----------------------------------------------------------------------------------------
  logic [CountW-1:0] index_q, last_index;   // of the word to read
  logic              issued_q;              // all of them were read
  logic              fetched_q, fetched_last_q;
  logic       [8:0]  fetched_at_q;          // byte of the frame where the fetched word starts
  logic              reading, in_net;

  logic [15:0] start_q;                     // csum_start
  logic [WordW-1:0]  net_words;
  logic [CountW-1:0] net_last;

  assign in_net = state_q == StNet;
  assign reading = (in_net && source_valid_i) || state_q == StEther || state_q == StFields;
  // TCP's flags stand 14 bytes behind csum_start, its checksum 18; UDP's header ends before.
  logic [8:0] fields_end;
  assign fields_end = start_q[8:0] + 9'd19;
  assign net_words = WordW'(NetWords) + WordW'(source_i.features.hash_report);
  // What is asked for stands in 12 bytes: behind 4 of padding, or in two words behind 12.
  assign net_last = (DataW == 128 && source_i.features.hash_report) ? CountW'(1) : CountW'(NetWords - 1);
  assign last_index = in_net ? net_last : (state_q == StEther) ? EtherLast : fields_end[8:ByteW];
  assign rd_valid_o = reading && !issued_q;
  assign rd_first_o = in_net;
  assign rd_word_o = source_i.base + (in_net ? '0 : net_words) + WordW'(index_q);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      index_q   <= '0;
      issued_q  <= 1'b0;
      fetched_q <= 1'b0;
    end else begin
      fetched_q <= rd_valid_o && rd_grant_i;
      if (!reading) begin
        index_q  <= '0;
        issued_q <= 1'b0;
      end else if (rd_valid_o && rd_grant_i) begin
        index_q  <= index_q + 1'b1;
        issued_q <= index_q == last_index;
      end
    end
    fetched_last_q <= index_q == last_index;
    fetched_at_q   <= {index_q, {ByteW{1'b0}}};
  end

  // -- virtio_net_hdr --------------------------------------------------------------------------------
  logic [127:0] net_q;
  logic         split;  // the second word of a header behind 12 bytes of padding: its lower half is ours
  assign split = DataW == 128 && fetched_at_q != '0;
  logic   [7:0] flags, gso_type;
  logic  [15:0] gso_size, csum_start, csum_offset;
  assign flags = net_q[32+:8];
  assign gso_type = net_q[40+:8];
  assign gso_size = net_q[64+:16];
  assign csum_start = net_q[80+:16];
  assign csum_offset = net_q[96+:16];

  logic        needs_q, gso_q, tcp_q, v4_q, kind_ok_q, negotiated_q, start_ok_q, offset_ok_q, size_zero_q;
  logic [16:0] field_end_q, l4_end_q;
  logic        tso4, tso6, uso, ecn, is_udp_field;
  logic  [7:0] kind;
  assign kind = gso_type & ~contract_pkg::NET_HDR_GSO_ECN;
  assign ecn = (gso_type & contract_pkg::NET_HDR_GSO_ECN) != '0;
  assign tso4 = kind == contract_pkg::NET_HDR_GSO_TCPV4;
  assign tso6 = kind == contract_pkg::NET_HDR_GSO_TCPV6;
  assign uso = kind == contract_pkg::NET_HDR_GSO_UDP_L4 && !ecn;
  assign is_udp_field = csum_offset == UdpField;

  always_ff @(posedge clk_i) begin
    if (in_net && fetched_q) net_q <= 128'({rd_data_i, net_q} >> (split ? 64 : DataW));
    if (state_q == StAsk) begin
      needs_q      <= (flags & contract_pkg::NET_HDR_F_NEEDS_CSUM) != '0;
      gso_q        <= gso_type != contract_pkg::NET_HDR_GSO_NONE;
      tcp_q        <= tso4 || tso6;
      kind_ok_q    <= tso4 || tso6 || uso;
      negotiated_q <= source_i.features.csum && (!ecn || source_i.features.host_ecn) &&
                      ((tso4 && source_i.features.host_tso4) || (tso6 && source_i.features.host_tso6) ||
                       (uso && source_i.features.host_uso));
      start_ok_q   <= csum_start >= 16'd14;
      offset_ok_q  <= uso ? is_udp_field : csum_offset == TcpField;
      size_zero_q  <= gso_size == '0;
      start_q      <= csum_start;
      field_end_q  <= {1'b0, csum_start} + {1'b0, csum_offset} + 17'd2;
      l4_end_q     <= {1'b0, csum_start} + (uso ? 17'd8 : 17'd20);
    end
  end

  // -- the verdict on what was asked ------------------------------------------------------------------
  logic csum_bad, ask_bad, too_long;
  assign csum_bad = !source_i.features.csum || !start_ok_q || field_end_q > source_i.len;
  assign ask_bad = !needs_q || csum_bad || !kind_ok_q || !negotiated_q || !offset_ok_q || size_zero_q ||
                   start_q[0] || start_q > 16'(MaxHead - 8) || l4_end_q > source_i.len;
  assign too_long = source_i.len > 17'(max_frame_i);

  // -- a frame's own headers, for segmentation ---------------------------------------------------------
  logic              word_valid_q;
  logic        [8:0] at_q;
  logic  [DataW-1:0] word_q;
  logic       [15:0] type12_q, type16_q, type20_q, type_q, ip_first_q, id_q, seq_high_q, seq_low_q;
  logic       [15:0] offset_q, seed_q;
  logic        [4:0] l3_q;
  logic       [20:0] sum_q;
  logic       [20:0] sum_d;
  logic              done_q;       // the last word of a pass is in word_q
  logic [8*16-1:0]   half;         // of word_q, in network order
  logic [8*9-1:0]    place;        // where they stand in the frame
  logic        [7:0] summed;

  function automatic logic is_tag(input logic [15:0] ether_type);
    is_tag = ether_type == contract_pkg::ETHERTYPE_VLAN || ether_type == contract_pkg::ETHERTYPE_QINQ;
  endfunction

  always_comb begin
    half = '0;
    place = '0;
    summed = '0;
    sum_d = '0;
    for (int unsigned k = 0; k < Halves; k++) begin
      half[16*k+:16] = {word_q[16*k+:8], word_q[16*k+8+:8]};
      place[9*k+:9] = at_q + 9'(2 * k);
      // all of the IPv4 header but length, identification, checksum
      summed[k] = place[9*k+:9] >= 9'(l3_q) && place[9*k+:9] < start_q[8:0] &&
                  place[9*k+:9] != 9'(l3_q) + 9'd2 && place[9*k+:9] != 9'(l3_q) + 9'd4 &&
                  place[9*k+:9] != 9'(l3_q) + 9'd10;
      if (summed[k]) sum_d = sum_d + 21'(half[16*k+:16]);
    end
  end

  always_ff @(posedge clk_i) begin
    word_valid_q <= fetched_q && !in_net;
    done_q       <= fetched_q && fetched_last_q && !in_net;
    word_q       <= rd_data_i;
    at_q         <= fetched_at_q;
    if (state_q == StLayer) sum_q <= '0;
    else if (word_valid_q) sum_q <= sum_q + sum_d;
    if (word_valid_q) begin
      for (int unsigned k = 0; k < Halves; k++) begin
        if (place[9*k+:9] == 9'd12) type12_q <= half[16*k+:16];
        if (place[9*k+:9] == 9'd16) type16_q <= half[16*k+:16];
        if (place[9*k+:9] == 9'd20) type20_q <= half[16*k+:16];
        if (place[9*k+:9] == 9'(l3_q)) ip_first_q <= half[16*k+:16];
        if (place[9*k+:9] == 9'(l3_q) + 9'd4) id_q <= half[16*k+:16];
        if (place[9*k+:9] == start_q[8:0] + 9'd4) seq_high_q <= half[16*k+:16];
        if (place[9*k+:9] == start_q[8:0] + 9'd6) seq_low_q <= half[16*k+:16];
        if (place[9*k+:9] == start_q[8:0] + 9'd12) offset_q <= half[16*k+:16];
        if (place[9*k+:9] == start_q[8:0] + (tcp_q ? 9'd16 : 9'd6)) seed_q <= half[16*k+:16];
      end
    end
    if (state_q == StLayer) begin
      l3_q   <= !is_tag(type12_q) ? 5'd14 : !is_tag(type16_q) ? 5'd18 : 5'd22;
      type_q <= !is_tag(type12_q) ? type12_q : !is_tag(type16_q) ? type16_q : type20_q;
    end
  end

  // -- does it fit together ----------------------------------------------------------------------------
  logic  [9:0] head_q, ip_bytes_q;   // all headers; the IP header with its options or extensions
  logic [16:0] sum_fold_q;
  logic [16:0] segment_q, payload_q;
  logic        ip_bad, head_bad, one_frame;

  always_ff @(posedge clk_i) begin
    if (state_q == StSize) begin
      head_q     <= 10'(start_q[8:0]) + (tcp_q ? {4'd0, offset_q[15:12], 2'b00} : 10'd8);
      ip_bytes_q <= 10'(start_q[8:0]) - 10'(l3_q);
      sum_fold_q <= 17'(sum_q[15:0]) + 17'(sum_q[20:16]);
      v4_q       <= type_q == contract_pkg::ETHERTYPE_IPV4;
    end
    payload_q <= source_i.len - 17'(head_q);
    segment_q <= {1'b0, gso_size} + 17'(head_q);
  end

  assign one_frame = payload_q <= {1'b0, gso_size};
  assign ip_bad = v4_q ? (ip_first_q[15:12] != 4'd4 || tso6 || ip_bytes_q[9] ||
                          ip_bytes_q[8:0] != {3'd0, ip_first_q[11:8], 2'b00} || ip_first_q[11:8] < 4'd5)
                       : (ip_first_q[15:12] != 4'd6 || tso4 || type_q != contract_pkg::ETHERTYPE_IPV6 ||
                          ip_bytes_q[9] || ip_bytes_q[8:0] < 9'd40);
  assign head_bad = (tcp_q && offset_q[15:12] < 4'd5) || head_q > 10'(MaxHead) ||
                    17'(head_q) > source_i.len || (one_frame ? too_long : segment_q > 17'(max_frame_i));

  // -- plan --------------------------------------------------------------------------------------------
  logic plan_free, decide, fit, drop;

  assign plan_free = !plan_valid_o || plan_ready_i;
  assign fit = state_q == StFit;
  assign decide = plan_free && (fit || (state_q == StVerdict && (!gso_q || ask_bad)));
  assign drop = fit ? ip_bad || head_bad : gso_q || (needs_q && csum_bad) || too_long;
  assign source_ready_o = decide;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q      <= StNet;
      plan_valid_o <= 1'b0;
    end else begin
      if (plan_ready_i) plan_valid_o <= 1'b0;
      if (decide) plan_valid_o <= 1'b1;
      unique case (state_q)
        StNet:     if (fetched_q && fetched_last_q) state_q <= StAsk;
        StAsk:     state_q <= StVerdict;
        StVerdict: if (decide) state_q <= StNet;
                   else if (gso_q && !ask_bad) state_q <= StEther;
        StEther:   if (done_q) state_q <= StLayer;
        StLayer:   state_q <= StFields;
        StFields:  if (done_q) state_q <= StSize;
        StSize:    state_q <= StRest;
        StRest:    state_q <= StFit;
        default:   if (decide) state_q <= StNet;
      endcase
    end
    if (decide) begin
      plan_o.pair   <= source_i.pair;
      plan_o.drop   <= drop;
      plan_o.word   <= source_i.base + net_words;
      plan_o.len    <= source_i.len;
      plan_o.words  <= source_i.words;
      plan_o.csum   <= {needs_q, is_udp_field, start_q[LenW-1:0], LenW'(start_q + csum_offset)};
      plan_o.cut    <= fit && !drop && !one_frame;
      plan_o.tcp    <= tcp_q;
      plan_o.v4     <= v4_q;
      plan_o.l3     <= l3_q;
      plan_o.head   <= head_q[8:0];
      plan_o.size   <= gso_size[LenW-1:0];
      plan_o.ip_sum <= sum_fold_q[15:0] + 16'(sum_fold_q[16]);
      plan_o.ip_id  <= id_q;
      plan_o.seq    <= {seq_high_q, seq_low_q};
      plan_o.flags  <= offset_q;
      plan_o.seed   <= seed_q;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{fields_end[ByteW-1:0], net_q[31:0], net_q[63:48], net_q[127:112], flags,
                         ip_first_q[7:0], summed, half, place, head_q[9]};

  stream_checker #(.Width(tx_pkg::SourceW), .Assumed(1'b1)) u_check_source (
      .clk_i, .rst_i, .valid_i(source_valid_i), .ready_i(source_ready_o), .payload_i(source_i));
  stream_checker #(.Width(tx_pkg::PlanW)) u_check_plan (
      .clk_i, .rst_i, .valid_i(plan_valid_o), .ready_i(plan_ready_i), .payload_i(plan_o));
  `ASSERT(WholeFramesFit_A, !decide || drop || (fit && !one_frame) || !too_long, clk_i, rst_i)

endmodule

`default_nettype wire
