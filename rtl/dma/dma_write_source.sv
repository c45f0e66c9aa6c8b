// SPDX-License-Identifier: Apache-2.0
// Joins the clients' write data into one stream, in the order in which their requests were
// accepted.
//
// Passes each accepted request on and, in the same order, exactly the beats up to `last` of its
// client's stream. One request ahead, so that streams follow each other without a gap; output from
// registers.
// Place: dma_client_arbiter -> this -> dma_split (requests), dma_write_tlp (beats).
`include "assert.svh"
`default_nettype none

module dma_write_source #(
    parameter int unsigned Clients = 6
) (
    input  wire                                  clk_i,
    input  wire                                  rst_i,
    // accepted requests: in, and on to the splitter
    input  wire                                  req_valid_i,
    output logic                                 req_ready_o,
    input  wire  [2:0]                           req_client_i,
    output logic                                 split_valid_o,
    input  wire                                  split_ready_i,
    // clients' streams
    input  wire  [Clients-1:0]                   data_valid_i,
    output logic [Clients-1:0]                   data_ready_o,
    input  wire  [Clients*stream_pkg::BeatW-1:0] data_i,
    // one stream
    output logic                                 out_valid_o,
    input  wire                                  out_ready_i,
    output stream_pkg::beat_t                    out_o
);

  logic                         active_q, next_q;
  logic [2:0]                   client_q, next_client_q;
  logic                         take, finish;
  logic                         pick_valid, pick_ready;
  logic [stream_pkg::BeatW-1:0] pick;
  stream_pkg::beat_t            pick_beat;

  // a request needs a place here and in the splitter
  assign split_valid_o = req_valid_i && !next_q;
  assign req_ready_o = split_ready_i && !next_q;
  assign take = req_valid_i && req_ready_o;

  always_comb begin
    pick_valid = 1'b0;
    pick = data_i[stream_pkg::BeatW-1:0];
    for (int i = 0; i < Clients; i++) begin
      data_ready_o[i] = active_q && pick_ready && client_q == 3'(i);
      if (client_q == 3'(i)) begin
        pick_valid = active_q && data_valid_i[i];
        pick = data_i[i*stream_pkg::BeatW +: stream_pkg::BeatW];
      end
    end
  end
  assign pick_beat = pick;
  assign finish = pick_valid && pick_ready && pick_beat.last;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      active_q <= 1'b0;
      next_q   <= 1'b0;
    end else begin
      // the waiting request moves up when the active one ends; a new one goes to the first free
      // place
      active_q <= (active_q && !finish) || next_q || take;
      next_q   <= active_q && !finish && (next_q || take);
    end
    if (!active_q || finish) client_q <= next_q ? next_client_q : req_client_i;
    if (take) next_client_q <= req_client_i;
  end

  skid_buffer #(.Width(stream_pkg::BeatW)) u_out (
      .clk_i, .rst_i,
      .in_valid_i(pick_valid), .in_ready_o(pick_ready), .in_i(pick),
      .out_valid_o, .out_ready_i, .out_o);

  logic unused_pick;
  assign unused_pick = ^{pick_beat.err, pick_beat.empty, pick_beat.data};

  `ASSERT(WaitingMeansActive_A, !next_q || active_q, clk_i, rst_i)

endmodule

`default_nettype wire
