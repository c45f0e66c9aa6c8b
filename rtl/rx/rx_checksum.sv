// SPDX-License-Identifier: Apache-2.0
// Verifies the IPv4 header sum and the TCP or UDP sum of each frame (RFC 1071, RFC 8200 8.1).
//
// Bounded words, never stalled, and the parsed record one cycle behind the last of them -> one verdict a frame,
// five cycles after the record. valid_o means: the whole datagram is in the frame, it is no fragment, its header
// sum is right, the length fields agree, and so does the sum with the pseudo header. A UDP datagram without a
// checksum proves nothing and is not valid; nor is one whose final addresses may stand in an extension header.
// addr_sum_o is the folded sum of the addresses, for frames that grow (rx_coalesce).
//
//   words -> lanes_q (sum of a beat) -> acc_q -> fold 1 -> with pseudo header -> fold 2 -> verdict
//
// Place: rx_path: rx_parse -> this -> the frame's meta_t.
`default_nettype none

module rx_checksum (
    input  wire                                    clk_i,
    // bounded words
    input  wire                                    words_valid_i,
    input  wire                                    words_first_i,
    input  wire  [rx_pkg::WordW*rx_pkg::Slots-1:0] words_i,
    // the frame, one cycle after its last words
    input  rx_pkg::parsed_t                        parsed_i,
    // five cycles later
    output logic                                   valid_o,
    output logic [15:0]                            addr_sum_o
);

  localparam int unsigned WordW = rx_pkg::WordW;
  localparam logic [18:0] ProtoTcp = 19'd6;
  localparam logic [18:0] ProtoUdp = 19'd17;

  // -- one beat --------------------------------------------------------------------------------------
  logic              lanes_valid_q, lanes_first_q;
  logic       [20:0] ip_lanes, ip_lanes_q, addr_lanes, addr_lanes_q, l4_lanes, l4_lanes_q;
  logic       [20:0] both;
  rx_pkg::word_t     word;
  logic       [31:0] kept;

  always_comb begin
    ip_lanes = '0;
    addr_lanes = '0;
    l4_lanes = '0;
    both = '0;
    word = '0;
    kept = '0;
    for (int k = 0; k < rx_pkg::Slots; k++) begin
      word = words_i[WordW*k+:WordW];
      kept = {(word.bytes >= 3'd1) ? word.data[31:24] : 8'd0, (word.bytes >= 3'd2) ? word.data[23:16] : 8'd0,
              (word.bytes >= 3'd3) ? word.data[15:8] : 8'd0, (word.bytes >= 3'd4) ? word.data[7:0] : 8'd0};
      both = 21'(kept[31:16]) + 21'(kept[15:0]);
      if (word.kind == rx_pkg::KindIp4) ip_lanes = ip_lanes + both;
      if ((word.kind == rx_pkg::KindIp4 && (word.n == 4'd3 || word.n == 4'd4)) ||
          (word.kind == rx_pkg::KindIp6 && word.n >= 4'd2)) addr_lanes = addr_lanes + both;
      if (word.kind == rx_pkg::KindTcp || word.kind == rx_pkg::KindUdp) l4_lanes = l4_lanes + both;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{word.have, word.ext};

  // -- the frame -------------------------------------------------------------------------------------
  logic [31:0] l4_acc_q;
  logic [23:0] ip_acc_q, addr_acc_q;

  always_ff @(posedge clk_i) begin
    lanes_valid_q <= words_valid_i;
    if (words_valid_i) begin
      lanes_first_q <= words_first_i;
      ip_lanes_q    <= ip_lanes;
      addr_lanes_q  <= addr_lanes;
      l4_lanes_q    <= l4_lanes;
    end
    if (lanes_valid_q) begin
      l4_acc_q   <= (lanes_first_q ? 32'd0 : l4_acc_q) + 32'(l4_lanes_q);
      ip_acc_q   <= (lanes_first_q ? 24'd0 : ip_acc_q) + 24'(ip_lanes_q);
      addr_acc_q <= (lanes_first_q ? 24'd0 : addr_acc_q) + 24'(addr_lanes_q);
    end
  end

  // -- folding ---------------------------------------------------------------------------------------
  logic        fit, fit_q, fit_q2, fit_q3, fit_q4, v4_q, v4_q2, v4_q3, v4_q4;
  logic [18:0] pseudo_q, pseudo_q2, total_q;
  logic [16:0] l4_fold_q, ip_fold_q, ip_fold_q2, addr_fold_q, l4_fold2_q;
  logic [15:0] addr_sum_q, addr_sum_q2;
  logic        ip_ok_q;

  function automatic logic [15:0] fold(input logic [16:0] x);
    fold = x[15:0] + 16'(x[16]);
  endfunction

  assign fit = parsed_i.good && (parsed_i.ip4 || parsed_i.ip6) && !parsed_i.fragment && !parsed_i.detour &&
               (parsed_i.tcp || (parsed_i.udp && parsed_i.udp_len == parsed_i.l4_len &&
                                 parsed_i.l4_csum != '0));

  always_ff @(posedge clk_i) begin
    // 1: acc_q is complete
    fit_q    <= fit;
    v4_q     <= parsed_i.ip4;
    pseudo_q <= 19'(parsed_i.l4_len) + (parsed_i.tcp ? ProtoTcp : ProtoUdp);
    // 2
    fit_q2      <= fit_q;
    v4_q2       <= v4_q;
    pseudo_q2   <= pseudo_q;
    l4_fold_q   <= 17'(l4_acc_q[31:16]) + 17'(l4_acc_q[15:0]);
    ip_fold_q   <= 17'(ip_acc_q[23:16]) + 17'(ip_acc_q[15:0]);
    addr_fold_q <= 17'(addr_acc_q[23:16]) + 17'(addr_acc_q[15:0]);
    // 3
    fit_q3     <= fit_q2;
    v4_q3      <= v4_q2;
    ip_fold_q2 <= ip_fold_q;
    total_q    <= 19'(l4_fold_q) + 19'(addr_fold_q) + pseudo_q2;
    addr_sum_q <= fold(addr_fold_q);
    // 4
    fit_q4      <= fit_q3;
    v4_q4       <= v4_q3;
    ip_ok_q     <= fold(ip_fold_q2) == 16'hFFFF;
    l4_fold2_q  <= 17'(total_q[18:16]) + 17'(total_q[15:0]);
    addr_sum_q2 <= addr_sum_q;
    // 5
    valid_o    <= fit_q4 && (ip_ok_q || !v4_q4) && fold(l4_fold2_q) == 16'hFFFF;
    addr_sum_o <= addr_sum_q2;
  end

  logic unused_parsed;
  assign unused_parsed = ^parsed_i;

endmodule

`default_nettype wire
