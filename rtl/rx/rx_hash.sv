// SPDX-License-Identifier: Apache-2.0
// The Toeplitz hash over a frame's addresses and ports (virtio 1.2, 5.1.6.4.3; the RSS hash).
//
// Parsed record -> hash and report code, Steps + 2 cycles later, always. Of the enabled hash types (bit report-1)
// the most specific one that fits the frame counts; without any the report is HASH_NONE and the hash 0. A packet
// with IPv6 extension headers takes an _EX type, if enabled: home address and type 2 route, where they are, stand
// for the header's own addresses; otherwise it counts like one without. A fragment has no ports.
// As many bits a cycle as the data path is wide: the shortest frame that has addresses is longer than Steps beats,
// so the next tuple never comes before the last one is through.
//
//   hash bit 31-j = parity of (tuple & key << j)        tuple and key with their first bit on top
//
// Place: rx_path: rx_parse -> this -> rx_steer.
`include "assert.svh"
`default_nettype none

module rx_hash #(
    parameter int unsigned Steps = (288 + stream_pkg::DataW - 1) / stream_pkg::DataW
) (
    input  wire             clk_i,
    input  wire             rst_i,
    // settings
    input  wire  [319:0]    key_i,    // first byte on top
    input  wire  [8:0]      types_i,
    // the frame
    input  wire             in_valid_i,
    input  rx_pkg::parsed_t in_i,
    // Steps + 2 cycles later
    output logic [31:0]     hash_o,
    output logic [3:0]      report_o
);

  localparam int unsigned W = stream_pkg::DataW;
  localparam int unsigned TupleW = W * Steps;

  // -- which type ------------------------------------------------------------------------------------
  logic [3:0] report;
  logic       use_ports, use_ex;

  function automatic logic enabled(input logic [8:0] types, input logic [3:0] report_code);
    enabled = types[report_code-4'd1];
  endfunction

  always_comb begin
    report = contract_pkg::HASH_NONE;
    if (in_i.ip4) begin
      if (in_i.tcp && enabled(types_i, contract_pkg::HASH_TCPV4)) report = contract_pkg::HASH_TCPV4;
      else if (in_i.udp && enabled(types_i, contract_pkg::HASH_UDPV4)) report = contract_pkg::HASH_UDPV4;
      else if (enabled(types_i, contract_pkg::HASH_IPV4)) report = contract_pkg::HASH_IPV4;
    end else if (in_i.ip6) begin
      if (in_i.ext && in_i.tcp && enabled(types_i, contract_pkg::HASH_TCP_EX))
        report = contract_pkg::HASH_TCP_EX;
      else if (in_i.ext && in_i.udp && enabled(types_i, contract_pkg::HASH_UDP_EX))
        report = contract_pkg::HASH_UDP_EX;
      else if (in_i.tcp && enabled(types_i, contract_pkg::HASH_TCPV6)) report = contract_pkg::HASH_TCPV6;
      else if (in_i.udp && enabled(types_i, contract_pkg::HASH_UDPV6)) report = contract_pkg::HASH_UDPV6;
      else if (in_i.ext && enabled(types_i, contract_pkg::HASH_IP_EX)) report = contract_pkg::HASH_IP_EX;
      else if (enabled(types_i, contract_pkg::HASH_IPV6)) report = contract_pkg::HASH_IPV6;
    end
  end

  assign use_ports = report != contract_pkg::HASH_IPV4 && report != contract_pkg::HASH_IPV6 &&
                     report != contract_pkg::HASH_IP_EX;
  assign use_ex = report == contract_pkg::HASH_IP_EX || report == contract_pkg::HASH_TCP_EX ||
                  report == contract_pkg::HASH_UDP_EX;

  logic  [31:0] ports;
  logic [127:0] src, dst;
  logic [287:0] tuple;

  assign ports = use_ports ? in_i.ports : 32'd0;
  assign src = (use_ex && in_i.home) ? in_i.home_addr : in_i.src;
  assign dst = (use_ex && in_i.route) ? in_i.route_addr : in_i.dst;
  assign tuple = in_i.ip4 ? {in_i.src[127:96], in_i.dst[127:96], ports, 192'd0} : {src, dst, ports};

  // -- the tuple, W bits a cycle ---------------------------------------------------------------------
  localparam int unsigned StepW = $clog2(Steps + 1);
  logic        [TupleW-1:0] tuple_q;
  logic         [StepW-1:0] step_q;   // next one; Steps: none
  logic                     load, running, product_valid_q, product_first_q;
  logic            [W+30:0] window;   // the key's bits that this step meets
  logic              [31:0] product, product_q;
  logic [4*(Steps+2)-1:0]   reports_q;
  logic [TupleW+30:0]       long_key;

  assign load = in_valid_i && report != contract_pkg::HASH_NONE;
  assign running = step_q != StepW'(Steps);

  if (TupleW + 31 > 320) begin : g_pad
    assign long_key = {key_i, {(TupleW + 31 - 320) {1'b0}}};
  end else begin : g_cut
    assign long_key = key_i[319-:TupleW+31];
  end

  always_comb begin
    window = long_key[TupleW+30-:W+31];
    for (int s = 1; s < Steps; s++) if (step_q == StepW'(s)) window = long_key[TupleW+30-W*s-:W+31];
  end

  always_comb begin
    for (int j = 0; j < 32; j++) product[31-j] = ^(tuple_q[TupleW-1-:W] & window[W+30-j-:W]);
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      step_q          <= StepW'(Steps);
      product_valid_q <= 1'b0;
      reports_q       <= '0;
    end else begin
      if (load) step_q <= '0;
      else if (running) step_q <= step_q + 1'b1;
      product_valid_q <= running;
      reports_q <= {reports_q[4*(Steps+1)-1:0], in_valid_i ? report : 4'd0};
    end
    if (load) tuple_q <= {tuple, {(TupleW - 288) {1'b0}}};
    else if (running) tuple_q <= tuple_q << W;
    if (running) begin
      product_q       <= product;
      product_first_q <= step_q == '0;
    end
  end

  logic [31:0] hash_q;
  always_ff @(posedge clk_i) begin
    if (product_valid_q) hash_q <= (product_first_q ? 32'd0 : hash_q) ^ product_q;
  end

  assign report_o = reports_q[4*(Steps+2)-1-:4];
  assign hash_o = (report_o == contract_pkg::HASH_NONE) ? 32'd0 : hash_q;

  logic unused_parsed;
  assign unused_parsed = ^in_i;

  `ASSERT(TuplesDoNotMeet_A, !load || !running || step_q == StepW'(Steps - 1), clk_i, rst_i)

endmodule

`default_nettype wire
