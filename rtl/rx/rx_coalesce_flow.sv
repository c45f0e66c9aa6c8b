// SPDX-License-Identifier: Apache-2.0
// Picks from a frame's headers what receive coalescing wants to know, and keeps it until the frame is stored.
//
// Parsed record -> flow_t in frame order, taken with the frame's last beat (take_i). The sum of the addresses comes
// five cycles after the record and is kept beside it. A segment may be coalesced if it is plain TCP with payload:
// IPv4 without options or IPv6 without extension headers, ACK and at most PSH, ECE, CWR among the flags, no TCP
// options or exactly the aligned timestamps.
// Place: rx_coalesce: rx_parse, rx_checksum -> this -> rx_coalesce_flows.
`default_nettype none

module rx_coalesce_flow (
    input  wire              clk_i,
    input  wire              rst_i,
    input  rx_pkg::offload_t offload_i,
    // the frame's headers
    input  wire              parsed_valid_i,
    input  rx_pkg::parsed_t  parsed_i,
    input  wire [15:0]       addr_sum_i,
    // with the frame's last beat
    input  wire              take_i,
    output rx_pkg::flow_t    flow_o,
    output logic [15:0]      addr_sum_o
);

  localparam int unsigned Depth = 16;
  localparam logic [31:0] Timestamps = 32'h0101080A;  // RFC 7323, appendix A

  rx_pkg::flow_t flow;
  logic [7:0]    flags;
  logic [3:0]    offset;
  logic [7:0]    ip_bytes;
  logic          plain_ip, plain_tcp;

  assign flags = parsed_i.tcp_w3[23:16];
  assign offset = parsed_i.tcp_w3[31:28];
  assign ip_bytes = parsed_i.ip6 ? 8'd40 : 8'd20;
  assign plain_ip = parsed_i.ip6 ? !parsed_i.ext && offload_i.guest_tso6
                                 : parsed_i.ip_w0[27:24] == 4'd5 && offload_i.guest_tso4;
  // Flags: CWR ECE URG ACK PSH RST SYN FIN; the four bits above them are reserved.
  assign plain_tcp = parsed_i.tcp_w3[27:24] == '0 && {flags[5:4], flags[2:0]} == 5'b01000 &&
                     (flags[7:6] == 2'b00 || offload_i.guest_ecn) &&
                     (offset == 4'd5 || (offset == 4'd8 && parsed_i.tcp_opts[95:64] == Timestamps));

  always_comb begin
    flow = '0;
    if (parsed_valid_i) begin
      flow.tcp = parsed_i.tcp && (parsed_i.ip4 || parsed_i.ip6);
      flow.fragment = parsed_i.fragment && (parsed_i.ip4 || parsed_i.ip6);
      flow.ip6 = parsed_i.ip6;
      flow.src = parsed_i.src;
      flow.dst = parsed_i.dst;
      flow.ports = parsed_i.ports;
      flow.macs = {parsed_i.mac_dst, parsed_i.mac_src};
      flow.tags = parsed_i.tags;
      flow.tcis = {(parsed_i.tags >= 2'd1) ? parsed_i.tci : 16'd0, (parsed_i.tags == 2'd2) ? parsed_i.tci2 : 16'd0};
      flow.class_id = parsed_i.ip6 ? parsed_i.ip_w0[27:0] : {19'd0, parsed_i.ip_w0[23:16], parsed_i.ip_w1[14]};
      flow.hops = parsed_i.ip6 ? parsed_i.ip_w1[7:0] : parsed_i.ip_w2[31:24];
      flow.psh = flags[3];
      flow.ece = flags[6];
      flow.cwr = flags[7];
      flow.offset = offset;
      flow.opts = (offset == 4'd5) ? '0 : parsed_i.tcp_opts;
      flow.id_moves = !parsed_i.ip6 && !parsed_i.ip_w1[14];
      flow.id = parsed_i.ip_w1[31:16];
      flow.ip_csum = parsed_i.ip_w2[15:0];
      flow.seq = parsed_i.seq;
      flow.ack = parsed_i.ack;
      flow.window = parsed_i.tcp_w3[15:0];
      flow.payload = parsed_i.l4_len - {10'd0, offset, 2'd0};
      flow.headers = 8'd14 + {4'd0, parsed_i.tags, 2'd0} + ip_bytes + {2'd0, offset, 2'd0};
      flow.eligible = flow.tcp && plain_ip && plain_tcp && flow.payload != '0;
    end
  end

  // Fewer frames than Depth are between their record and their last beat: the path's latency is shorter.
  localparam int unsigned PtrW = $clog2(Depth);
  logic [PtrW-1:0] flow_at_q, sum_at_q, take_at_q;
  logic      [4:0] sum_valid_q;

  (* no_rw_check *) logic [rx_pkg::FlowW-1:0] flows_q[Depth];
  (* no_rw_check *) logic [15:0] sums_q[Depth];

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      flow_at_q   <= '0;
      sum_at_q    <= '0;
      take_at_q   <= '0;
      sum_valid_q <= '0;
    end else begin
      sum_valid_q <= {sum_valid_q[3:0], parsed_valid_i};
      if (parsed_valid_i) flow_at_q <= flow_at_q + 1'b1;
      if (sum_valid_q[4]) sum_at_q <= sum_at_q + 1'b1;
      if (take_i) take_at_q <= take_at_q + 1'b1;
    end
    if (parsed_valid_i) flows_q[flow_at_q] <= flow;
    if (sum_valid_q[4]) sums_q[sum_at_q] <= addr_sum_i;
  end

  assign flow_o = flows_q[take_at_q];
  assign addr_sum_o = sums_q[take_at_q];

  logic unused_parsed;
  assign unused_parsed = ^{parsed_i, offload_i};

endmodule

`default_nettype wire
