// SPDX-License-Identifier: Apache-2.0
// From the MAC's 64 bits to the width of the data path.
//
// Beats that have to be taken at once -> beats of stream_pkg, to be taken at once; frames keep their bytes and
// verdicts. With 64 bits: nothing. With 128: a frame's beats in pairs, the second half of a pair a cycle after it
// came; a frame of an odd number of beats ends with 8 empty bytes more.
// Place: mac_rx_control -> this -> rx_overflow_guard.
`default_nettype none

module mac_rx_widen (
    input  wire                clk_i,
    input  wire                rst_i,
    // 64 bits
    input  wire                in_valid_i,
    input  mac_pkg::beat_t     in_i,
    // the data path's
    output logic               out_valid_o,
    output stream_pkg::beat_t  out_o
);

  if (stream_pkg::DataW == 64) begin : g_same
    assign out_valid_o = in_valid_i;
    assign out_o       = in_i;

    logic unused_clock;
    assign unused_clock = ^{clk_i, rst_i};
  end else if (stream_pkg::DataW == 128) begin : g_pairs
    logic        second_q;  // the lower half is here
    logic [63:0] low_q;

    always_ff @(posedge clk_i) begin
      if (rst_i) begin
        second_q    <= 1'b0;
        out_valid_o <= 1'b0;
      end else begin
        out_valid_o <= in_valid_i && (second_q || in_i.last);
        if (in_valid_i) second_q <= !second_q && !in_i.last;
      end
      if (in_valid_i) begin
        if (!second_q) low_q <= in_i.data;
        out_o <= second_q ? {in_i.err, in_i.last, 1'b0, in_i.empty, in_i.data, low_q}
                          : {in_i.err, in_i.last, 1'b1, in_i.empty, 64'd0, in_i.data};
      end
    end
  end else begin : g_bad_width
    $error("mac_rx_widen %m: the data path is 64 or 128 bits wide");
  end

endmodule

`default_nettype wire
