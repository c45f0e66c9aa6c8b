// SPDX-License-Identifier: Apache-2.0
// Merges completions, posted and non-posted TLPs into the one output, whole TLPs, round robin.
//
// A class takes part when its head TLP has credits; one that waits for credits never holds up
// another. The order of acceptance here is the device's order: a write is done when its last beat
// was accepted, so whatever is signalled as done - and any completion or read issued because of it
// - follows that write on the link (PCIe 2.4.1). One beat a cycle through a skid buffer; TLPs back
// to back.
//
// Without the bus master no request begins: one that stands or comes here is taken whole, at once and
// without credits, and goes nowhere, and *_dropped_o says so of each of its beats. Completions and
// messages (INTx) need no bus master; a TLP that has begun is finished.
// Place: tlp_completer, dma_write, dma_read -> this -> TLP edge.
`include "assert.svh"
`default_nettype none

module tlp_tx_arbiter (
    input  wire                   clk_i,
    input  wire                   rst_i,
    input  wire                   bus_master_en_i,
    // completions, and whether the head may go
    input  wire                   cpl_valid_i,
    output logic                  cpl_ready_o,
    input  wire tlp_pkg::beat_t   cpl_i,
    input  wire                   cpl_go_i,
    output logic                  cpl_consume_o,
    // posted requests
    input  wire                   posted_valid_i,
    output logic                  posted_ready_o,
    input  wire tlp_pkg::beat_t   posted_i,
    input  wire                   posted_go_i,
    output logic                  posted_consume_o,
    output logic                  posted_dropped_o,     // the beat that is taken goes nowhere
    // non-posted requests
    input  wire                   nonposted_valid_i,
    output logic                  nonposted_ready_o,
    input  wire tlp_pkg::beat_t   nonposted_i,
    input  wire                   nonposted_go_i,
    output logic                  nonposted_consume_o,
    output logic                  nonposted_dropped_o,
    // link
    output logic                  out_valid_o,
    input  wire                   out_ready_i,
    output tlp_pkg::beat_t        out_o
);

  localparam int unsigned BeatW = 128 + 2 + tlp_pkg::DataW;
  localparam int unsigned MessageBit = 124;  // of a header: the type's highest bit

  logic [2:0]     valid, last, want, choose, grant;
  logic [2:0]     bound;       // needs the bus master to begin
  logic [2:0]     dropped;
  logic [2:0]     dropping_q;  // in the middle of a TLP that goes nowhere
  logic [2:0]     behind_q;  // classes behind the one served last
  logic [2:0]     owner_q;   // class in the middle of a TLP
  logic           open_q;    // ... there is one
  logic           beat_valid, beat_ready, step;
  tlp_pkg::beat_t beat;

  assign valid = {nonposted_valid_i, posted_valid_i, cpl_valid_i};
  assign last = {nonposted_i.last, posted_i.last, cpl_i.last};

  assign bound = {1'b1, !posted_i.hdr[MessageBit], 1'b0} & (open_q ? ~owner_q : '1);
  assign dropped = valid & (dropping_q | (bus_master_en_i ? '0 : bound));

  assign want = valid & ~dropped & {nonposted_go_i, posted_go_i, cpl_go_i};
  assign choose = ((want & behind_q) != '0) ? (want & behind_q) : want;
  assign grant = open_q ? owner_q : (choose & (~choose + 3'd1));

  assign beat_valid = (valid & grant) != '0;
  assign step = beat_valid && beat_ready;
  always_comb begin
    beat = cpl_i;
    if (grant[1]) beat = posted_i;
    if (grant[2]) beat = nonposted_i;
  end

  assign {nonposted_ready_o, posted_ready_o, cpl_ready_o} = (beat_ready ? grant : '0) | dropped;
  assign {nonposted_dropped_o, posted_dropped_o} = dropped[2:1];
  assign {nonposted_consume_o, posted_consume_o, cpl_consume_o} = (step && !open_q) ? grant : '0;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      open_q     <= 1'b0;
      behind_q   <= '0;
      dropping_q <= '0;
    end else begin
      if (step) open_q <= !beat.last;
      if (step && !open_q) behind_q <= ~(grant | (grant - 3'd1));
      dropping_q <= (dropping_q & ~valid) | (dropped & ~last);
    end
    if (step && !open_q) owner_q <= grant;
  end

  // A grant may change while the output stalls, so the buffer takes a beat only when it has room
  // for it.
  logic skid_valid;
  assign skid_valid = step;
  skid_buffer #(.Width(BeatW)) u_out (
      .clk_i, .rst_i,
      .in_valid_i(skid_valid), .in_ready_o(beat_ready), .in_i(beat),
      .out_valid_o, .out_ready_i, .out_o);

  `ASSERT(TlpStartsWithFirst_A, !step || beat.first == !open_q, clk_i, rst_i)
  `ASSERT(CompletionsAreNeverDropped_A, !dropped[0], clk_i, rst_i)
  `ASSERT(WholeTlpsAreDropped_A,
          (!dropped[1] || posted_i.first == !dropping_q[1]) && (!dropped[2] || nonposted_i.first == !dropping_q[2]),
          clk_i, rst_i)
  stream_checker #(.Width(BeatW), .Assumed(1'b1)) u_check_cpl (
      .clk_i, .rst_i, .valid_i(cpl_valid_i), .ready_i(cpl_ready_o), .payload_i(cpl_i));
  stream_checker #(.Width(BeatW), .Assumed(1'b1)) u_check_posted (
      .clk_i, .rst_i, .valid_i(posted_valid_i), .ready_i(posted_ready_o), .payload_i(posted_i));
  stream_checker #(.Width(BeatW), .Assumed(1'b1)) u_check_nonposted (
      .clk_i, .rst_i, .valid_i(nonposted_valid_i), .ready_i(nonposted_ready_o),
      .payload_i(nonposted_i));

endmodule

`default_nettype wire
