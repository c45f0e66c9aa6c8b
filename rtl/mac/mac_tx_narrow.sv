// SPDX-License-Identifier: Apache-2.0
// From the width of the data path to the MAC's 64 bits.
//
// Link -> link, combinational; frames keep their bytes. With 64 bits: nothing. With 128: each beat in two, the
// lower half first, or in one when the upper half of a last beat is empty.
// Place: async_fifo -> this -> mac_tx_mux.
`include "assert.svh"
`default_nettype none

module mac_tx_narrow (
    input  wire                clk_i,
    input  wire                rst_i,
    // the data path's
    input  wire                in_valid_i,
    output logic               in_ready_o,
    input  stream_pkg::beat_t  in_i,
    // 64 bits
    output logic               out_valid_o,
    input  wire                out_ready_i,
    output mac_pkg::beat_t     out_o
);

  assign out_valid_o = in_valid_i;

  if (stream_pkg::DataW == 64) begin : g_same
    assign in_ready_o = out_ready_i;
    assign out_o      = in_i;

    logic unused_clock;
    assign unused_clock = ^{clk_i, rst_i};
  end else if (stream_pkg::DataW == 128) begin : g_halves
    logic upper_q, half_only;

    assign half_only  = in_i.last && in_i.empty[stream_pkg::EmptyW-1];
    assign in_ready_o = out_ready_i && (upper_q || half_only);
    assign out_o = upper_q ? {in_i.err, in_i.last, in_i.empty[2:0], in_i.data[stream_pkg::DataW-1-:64]}
                           : {in_i.err, half_only, half_only ? in_i.empty[2:0] : 3'd0, in_i.data[63:0]};

    always_ff @(posedge clk_i) begin
      if (rst_i) upper_q <= 1'b0;
      else if (in_valid_i && out_ready_i) upper_q <= !upper_q && !half_only;
    end
  end else begin : g_bad_width
    $error("mac_tx_narrow %m: the data path is 64 or 128 bits wide");
  end

  stream_checker #(.Width(mac_pkg::BeatW)) u_check_out (
      .clk_i, .rst_i, .valid_i(out_valid_o), .ready_i(out_ready_i), .payload_i(out_o));

endmodule

`default_nettype wire
