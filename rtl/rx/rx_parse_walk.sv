// SPDX-License-Identifier: Apache-2.0
// Walks through a frame's headers and names each word: which header, which word of it.
//
// Words, never stalled -> the same words with kind, ext and n, one cycle later. Ethernet, up to two tags
// (802.1Q, 802.1ad), IPv4 with options, IPv6 with up to seven extension headers (hop-by-hop first, routing,
// destination options, fragment), TCP, UDP. What it does not know, and what follows a fragment's IP header, is
// KindRest. Lengths in headers only move the walk forward within the frame: no frame can hold it up, and
// whether a header is inside its datagram is judged behind (rx_parse_bound, rx_parse_fields).
// Place: rx_parse: rx_parse_words -> this -> rx_parse_bound.
`default_nettype none

module rx_parse_walk (
    input  wire                                    clk_i,
    input  wire                                    rst_i,
    // words
    input  wire                                    in_valid_i,
    input  wire                                    in_first_i,
    input  wire                                    in_last_i,
    input  wire                                    in_good_i,
    input  wire  [stream_pkg::EmptyW:0]            in_count_i,
    input  wire  [rx_pkg::WordW*rx_pkg::Slots-1:0] in_i,
    // words with names
    output logic                                   out_valid_o,
    output logic                                   out_first_o,
    output logic                                   out_last_o,
    output logic                                   out_good_o,
    output logic [stream_pkg::EmptyW:0]            out_count_o,
    output logic [rx_pkg::WordW*rx_pkg::Slots-1:0] out_o
);

  localparam int unsigned WordW = rx_pkg::WordW;

  localparam logic [7:0] ProtoHop = 8'd0;
  localparam logic [7:0] ProtoTcp = 8'd6;
  localparam logic [7:0] ProtoUdp = 8'd17;
  localparam logic [7:0] ProtoRoute = 8'd43;
  localparam logic [7:0] ProtoFrag = 8'd44;
  localparam logic [7:0] ProtoDest = 8'd60;

  // What comes after a header: {kind, ext}.
  function automatic logic [4:0] after_ip(input logic [7:0] proto);
    unique case (proto)
      ProtoTcp: after_ip = {rx_pkg::KindTcp, 2'd0};
      ProtoUdp: after_ip = {rx_pkg::KindUdp, 2'd0};
      default: after_ip = {rx_pkg::KindRest, 2'd0};
    endcase
  endfunction

  function automatic logic [4:0] after_ip6(input logic [7:0] proto, input logic first);
    unique case (proto)
      ProtoHop: after_ip6 = first ? {rx_pkg::KindExt, rx_pkg::ExtHop} : {rx_pkg::KindRest, 2'd0};
      ProtoRoute: after_ip6 = {rx_pkg::KindExt, rx_pkg::ExtRoute};
      ProtoDest: after_ip6 = {rx_pkg::KindExt, rx_pkg::ExtDest};
      ProtoFrag: after_ip6 = {rx_pkg::KindExt, rx_pkg::ExtFrag};
      default: after_ip6 = after_ip(proto);
    endcase
  endfunction

  logic  [2:0] kind_q, kind;
  logic  [1:0] ext_q, ext;
  logic  [3:0] n_q, n;
  logic  [4:0] next_q, next;    // {kind, ext} of what follows this header
  logic  [8:0] left_q, left;    // words of this header, this one included; from its second word on
  logic  [1:0] tags_q, tags;
  logic  [2:0] exts_q, exts;
  logic        leave;
  logic [WordW*rx_pkg::Slots-1:0] words;
  rx_pkg::word_t word;
  logic [31:0] d;

  always_comb begin
    kind = in_first_i ? rx_pkg::KindEth : kind_q;
    ext = ext_q;
    n = in_first_i ? 4'd0 : n_q;
    next = next_q;
    left = left_q;
    tags = in_first_i ? 2'd0 : tags_q;
    exts = in_first_i ? 3'd0 : exts_q;
    leave = 1'b0;
    words = '0;
    word = '0;
    d = '0;
    for (int k = 0; k < rx_pkg::Slots; k++) begin
      word = in_i[WordW*k+:WordW];
      word.kind = kind;
      word.ext = ext;
      word.n = n;
      words[WordW*k+:WordW] = word;
      d = word.data;
      leave = 1'b0;
      if (k != rx_pkg::Words && word.have == 3'd4) begin
        unique case (kind)
          rx_pkg::KindEth, rx_pkg::KindTag: begin
            if (kind == rx_pkg::KindTag || n == 4'd3) begin
              leave = 1'b1;
              unique case (d[15:0])
                16'h8100, 16'h88A8: next = {(tags == 2'd2) ? rx_pkg::KindRest : rx_pkg::KindTag, 2'd0};
                16'h0800: next = {rx_pkg::KindIp4, 2'd0};
                16'h86DD: next = {rx_pkg::KindIp6, 2'd0};
                default: next = {rx_pkg::KindRest, 2'd0};
              endcase
              if (next[4:2] == rx_pkg::KindTag) tags = tags + 1'b1;
            end
          end
          rx_pkg::KindIp4: begin
            leave = n != 4'd0 && left == 9'd1;
            left = (n == 4'd0) ? 9'(d[27:24]) - 1'b1 : left - 1'b1;
            if (n == 4'd0 && (d[31:28] != 4'd4 || d[27:24] < 4'd5)) begin
              leave = 1'b1;
              next = {rx_pkg::KindRest, 2'd0};
            end
            // The flags and the protocol stand one word apart: a fragment's payload is nobody's.
            if (n == 4'd1) next = {5{d[13:0] != '0}};
            if (n == 4'd2) next = next[0] ? {rx_pkg::KindRest, 2'd0} : after_ip(d[23:16]);
          end
          rx_pkg::KindIp6: begin
            leave = n == 4'd9;
            if (n == 4'd1) next = after_ip6(d[15:8], 1'b1);
            if (n == 4'd0 && d[31:28] != 4'd6) begin
              leave = 1'b1;
              next = {rx_pkg::KindRest, 2'd0};
            end
          end
          rx_pkg::KindExt: begin
            leave = n != 4'd0 && left == 9'd1;
            left = (n != 4'd0) ? left - 1'b1 : (ext == rx_pkg::ExtFrag) ? 9'd1 : {d[23:16], 1'b1};
            if (n == 4'd0) begin
              exts = exts + 1'b1;
              next = (ext == rx_pkg::ExtFrag || exts == 3'd7) ? {rx_pkg::KindRest, 2'd0}
                                                               : after_ip6(d[31:24], 1'b0);
              // Seven extension headers are the last ones, unless TCP or UDP is what follows.
              if (exts == 3'd7 && ext != rx_pkg::ExtFrag) next = after_ip(d[31:24]);
            end
          end
          default: ;
        endcase
        n = (n == 4'd15) ? n : n + 1'b1;
        if (leave) begin
          kind = next[4:2];
          ext = next[1:0];
          n = 4'd0;
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) out_valid_o <= 1'b0;
    else out_valid_o <= in_valid_i;
    if (in_valid_i) begin
      kind_q <= kind;
      ext_q  <= ext;
      n_q    <= n;
      next_q <= next;
      left_q <= left;
      tags_q <= tags;
      exts_q <= exts;
      out_first_o <= in_first_i;
      out_last_o  <= in_last_i;
      out_good_o  <= in_good_i;
      out_count_o <= in_count_i;
      out_o       <= words;
    end
  end

endmodule

`default_nettype wire
