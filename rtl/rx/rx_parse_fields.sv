// SPDX-License-Identifier: Apache-2.0
// Collects what the headers say into one record a frame.
//
// Bounded words, never stalled -> parsed_t, valid for one cycle, one cycle after the last word; every frame gives
// one, whatever its verdict. Fields of headers that are not there are meaningless unless their flag says otherwise:
// `ip4`/`ip6` mean that the whole datagram is in the frame, `tcp`/`udp` that the header is whole and inside it.
// Place: rx_parse: rx_parse_bound -> this -> rx_filter, rx_checksum, rx_hash.
`default_nettype none

module rx_parse_fields (
    input  wire                                    clk_i,
    input  wire                                    rst_i,
    // bounded words
    input  wire                                    in_valid_i,
    input  wire                                    in_first_i,
    input  wire                                    in_last_i,
    input  wire                                    in_good_i,
    input  wire  [rx_pkg::WordW*rx_pkg::Slots-1:0] in_i,
    input  wire                                    fits_i,
    input  wire  [15:0]                            l4_len_i,
    // the frame
    output logic                                   out_valid_o,
    output rx_pkg::parsed_t                        out_o
);

  localparam int unsigned WordW = rx_pkg::WordW;
  localparam logic [15:0] HomeOption = 16'hC910;  // type 201, 16 bytes

  rx_pkg::parsed_t f_q, f;
  rx_pkg::word_t   word;
  logic      [1:0] ip_q, ip;        // an acceptable header was seen: {v6, v4}
  logic      [1:0] l4_q, l4;        // {UDP, TCP}
  logic            long_q, long_d;  // this extension header can hold an address: 24 bytes
  logic            first2_q, first2;  // ... and its first word says PadN of four bytes, or routing type 2
  logic            address_q, address;  // ... and it does: in the next four words
  logic     [31:0] d;
  logic            counted;

  always_comb begin
    f = f_q;
    ip = in_first_i ? 2'b00 : ip_q;
    l4 = in_first_i ? 2'b00 : l4_q;
    long_d = long_q;
    first2 = first2_q;
    address = address_q;
    word = '0;
    d = '0;
    counted = 1'b0;
    if (in_first_i) begin
      f.tags = '0;
      f.fragment = 1'b0;
      f.ext = 1'b0;
      f.detour = 1'b0;
      f.home = 1'b0;
      f.route = 1'b0;
      f.tcp_opts = '0;
    end
    for (int k = 0; k < rx_pkg::Words; k++) begin
      word = in_i[WordW*k+:WordW];
      d = word.data;
      counted = word.bytes == 3'd4;  // the walk goes on behind the datagram's end: nothing there counts
      if (word.have == 3'd4) begin
        unique case (word.kind)
          rx_pkg::KindEth: begin
            unique case (word.n)
              4'd0: f.mac_dst[47:32] = d[15:0];
              4'd1: f.mac_dst[31:0] = d;
              4'd2: f.mac_src[47:16] = d;
              default: f.mac_src[15:0] = d[31:16];
            endcase
          end
          rx_pkg::KindTag: begin
            if (f.tags == 2'd0) f.tci = d[31:16];
            else f.tci2 = d[31:16];
            f.tags = f.tags + 1'b1;
          end
          rx_pkg::KindIp4: begin
            unique case (word.n)
              4'd0: begin
                f.ip_w0 = d;
                ip[0] = d[31:28] == 4'd4 && d[27:24] >= 4'd5 && d[15:0] >= {10'd0, d[27:24], 2'd0};
                f.src[95:0] = '0;
                f.dst[95:0] = '0;
              end
              4'd1: begin
                f.ip_w1 = d;
                f.fragment = d[13:0] != '0;
              end
              4'd2: f.ip_w2 = d;
              4'd3: f.src[127:96] = d;
              4'd4: f.dst[127:96] = d;
              default: ;
            endcase
          end
          rx_pkg::KindIp6: begin
            unique case (word.n)
              4'd0: f.ip_w0 = d;
              4'd1: f.ip_w1 = d;
              4'd2: f.src[127:96] = d;
              4'd3: f.src[95:64] = d;
              4'd4: f.src[63:32] = d;
              4'd5: f.src[31:0] = d;
              4'd6: f.dst[127:96] = d;
              4'd7: f.dst[95:64] = d;
              4'd8: f.dst[63:32] = d;
              default: begin
                f.dst[31:0] = d;
                ip[1] = 1'b1;
              end
            endcase
          end
          rx_pkg::KindExt: begin
            unique case (word.n)
              4'd0: begin
                // Addresses that may stand for the header's own need 24 bytes; RFC 6275, 6.3 and 6.4.
                long_d = d[23:16] == 8'd2;
                first2 = (word.ext == rx_pkg::ExtDest) ? d[15:0] == 16'h0102 : d[15:0] == 16'h0201;
                if (word.ext == rx_pkg::ExtDest && d[23:16] >= 8'd2) f.detour = 1'b1;
                if (word.ext == rx_pkg::ExtRoute && d[7:0] != '0) f.detour = 1'b1;
              end
              4'd1: begin
                address = long_d && first2 && (word.ext == rx_pkg::ExtRoute ||
                                               (word.ext == rx_pkg::ExtDest && d[15:0] == HomeOption));
                f.ext = f.ext || counted;
                f.fragment = f.fragment || (counted && word.ext == rx_pkg::ExtFrag);
              end
              4'd5: begin
                if (address && counted && word.ext == rx_pkg::ExtDest) f.home = 1'b1;
                if (address && counted && word.ext == rx_pkg::ExtRoute) f.route = 1'b1;
              end
              default: ;
            endcase
            for (int a = 0; a < 4; a++) begin
              if (address && word.n == 4'(a + 2) && word.ext == rx_pkg::ExtDest) f.home_addr[127-32*a-:32] = d;
              if (address && word.n == 4'(a + 2) && word.ext == rx_pkg::ExtRoute) f.route_addr[127-32*a-:32] = d;
            end
          end
          rx_pkg::KindTcp, rx_pkg::KindUdp: begin
            if (word.n == 4'd0) begin
              f.ports = d;
              l4 = {word.kind == rx_pkg::KindUdp, word.kind == rx_pkg::KindTcp};
            end
            if (word.n == 4'd1) begin
              f.seq = d;
              f.udp_len = d[31:16];
            end
            if (word.n == 4'd1 && word.kind == rx_pkg::KindUdp) f.l4_csum = d[15:0];
            if (word.n == 4'd2) f.ack = d;
            if (word.n == 4'd3) f.tcp_w3 = d;
            if (word.n == 4'd4 && word.kind == rx_pkg::KindTcp) f.l4_csum = d[31:16];
            if (word.n == 4'd5) f.tcp_opts[95:64] = d;
            if (word.n == 4'd6) f.tcp_opts[63:32] = d;
            if (word.n == 4'd7) f.tcp_opts[31:0] = d;
          end
          default: ;
        endcase
      end
    end
    f.good = in_good_i;
    f.l4_len = l4_len_i;
    f.ip4 = ip[0] && fits_i;
    f.ip6 = ip[1] && fits_i;
    f.tcp = l4[0] && fits_i && l4_len_i >= 16'd20 && f.tcp_w3[31:28] >= 4'd5 &&
            l4_len_i >= {10'd0, f.tcp_w3[31:28], 2'd0} && (ip[0] || ip[1]);
    f.udp = l4[1] && fits_i && l4_len_i >= 16'd8 && (ip[0] || ip[1]);
  end

  assign out_o = f_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) out_valid_o <= 1'b0;
    else out_valid_o <= in_valid_i && in_last_i;
    if (in_valid_i) begin
      f_q      <= f;
      ip_q     <= ip;
      l4_q     <= l4;
      long_q   <= long_d;
      first2_q <= first2;
      address_q <= address;
    end
  end

endmodule

`default_nettype wire
