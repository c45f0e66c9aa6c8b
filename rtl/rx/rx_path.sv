// SPDX-License-Identifier: Apache-2.0
// What happens to received frames between the MAC and the packet buffer. Wiring only.
//
// Beats, never stalled -> beats and, with a frame's last one, its meta_t: rx_inspect's latency later, and later still
// what rx_coalesce holds, where it is built and negotiated.
// Place: mac_rx_path -> this -> rx_packet_buffer.
`default_nettype none

module rx_path #(
    parameter int unsigned CoalesceBytes = 0,  // store of receive coalescing; 0: not built
    parameter int unsigned TickCycles = 250    // a microsecond
) (
    input  wire               clk_i,
    input  wire               rst_i,
    // settings
    input  rx_pkg::offload_t  offload_i,
    input  wire  [47:0]       mac_i,
    // control bus: window CTL_RX_FILTER
    input  wire               filter_req_valid_i,
    output logic              filter_req_ready_o,
    input  ctl_pkg::req_t     filter_req_i,
    output logic              filter_rsp_valid_o,
    output logic [31:0]       filter_rsp_rdata_o,
    // control bus: window CTL_RX_RSS
    input  wire               rss_req_valid_i,
    output logic              rss_req_ready_o,
    input  ctl_pkg::req_t     rss_req_i,
    output logic              rss_rsp_valid_o,
    output logic [31:0]       rss_rsp_rdata_o,
    // frames
    input  wire               in_valid_i,
    output logic              in_ready_o,
    input  stream_pkg::beat_t in_i,
    output logic              out_valid_o,
    output stream_pkg::beat_t out_o,
    output rx_pkg::meta_t     out_meta_o,
    output logic              out_void_o,   // with the last beat: as if the frame had never been
    input  wire        [14:0] room_i,       // words free in the packet buffer
    // events
    output logic              held_o,       // a frame waits for more of its flow
    output logic              coalesced_o,  // a frame became part of an earlier one
    output logic              lost_o        // a frame found no room in the store
);

  logic            parsed_valid;
  rx_pkg::parsed_t parsed;
  logic     [15:0] addr_sum;
  logic      [9:0] usecs;

  assign in_ready_o = 1'b1;

  logic              seen_valid;
  stream_pkg::beat_t seen;
  rx_pkg::meta_t     seen_meta;

  rx_inspect u_inspect (
      .clk_i, .rst_i, .offload_i, .mac_i,
      // control bus
      .filter_req_valid_i, .filter_req_ready_o, .filter_req_i, .filter_rsp_valid_o, .filter_rsp_rdata_o,
      .rss_req_valid_i, .rss_req_ready_o, .rss_req_i, .rss_rsp_valid_o, .rss_rsp_rdata_o, .usecs_o(usecs),
      // beats
      .in_valid_i, .in_i, .out_valid_o(seen_valid), .out_o(seen), .out_meta_o(seen_meta),
      // headers
      .parsed_valid_o(parsed_valid), .parsed_o(parsed), .addr_sum_o(addr_sum));

  if (CoalesceBytes == 0) begin : g_plain
    assign out_valid_o = seen_valid;
    assign out_o = seen;
    assign out_meta_o = seen_meta;
    assign out_void_o = 1'b0;
    assign held_o = 1'b0;
    assign coalesced_o = 1'b0;
    assign lost_o = 1'b0;

    logic unused_bits;
    assign unused_bits = ^{parsed_valid, parsed, addr_sum, usecs, room_i};
  end else begin : g_coalesce
    rx_coalesce #(.StoreBytes(CoalesceBytes), .TickCycles(TickCycles)) u_coalesce (
        .clk_i, .rst_i, .offload_i, .usecs_i(usecs),
        // headers
        .parsed_valid_i(parsed_valid), .parsed_i(parsed), .addr_sum_i(addr_sum),
        // frames
        .in_valid_i(seen_valid), .in_i(seen), .in_meta_i(seen_meta), .out_valid_o, .out_o, .out_meta_o,
        .out_void_o, .room_i,
        // events
        .held_o, .coalesced_o, .lost_o);
  end

endmodule

`default_nettype wire
