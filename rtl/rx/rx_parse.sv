// SPDX-License-Identifier: Apache-2.0
// Reads the headers of received frames, a beat a cycle, never stalling.
//
// Beats -> bounded words three cycles later (rx_checksum adds them up) and one parsed_t a frame four cycles after
// its last beat. Wiring only.
//
//   beats -> rx_parse_words -> rx_parse_walk -> rx_parse_bound -> rx_parse_fields -> parsed_t
//            (fitting words)   (which header)   (in the datagram?)
//
// Place: rx_path: the frame's beats -> this -> rx_filter, rx_checksum, rx_hash.
`default_nettype none

module rx_parse (
    input  wire                                    clk_i,
    input  wire                                    rst_i,
    // beats
    input  wire                                    in_valid_i,
    input  stream_pkg::beat_t                      in_i,
    // bounded words
    output logic                                   words_valid_o,
    output logic                                   words_first_o,
    output logic                                   words_last_o,
    output logic [rx_pkg::WordW*rx_pkg::Slots-1:0] words_o,
    // one record a frame
    output logic                                   parsed_valid_o,
    output rx_pkg::parsed_t                        parsed_o
);

  localparam int unsigned BusW = rx_pkg::WordW * rx_pkg::Slots;

  logic                        raw_valid, raw_first, raw_last, raw_good;
  logic [stream_pkg::EmptyW:0] raw_count;
  logic [BusW-1:0]             raw, named;
  logic                        named_valid, named_first, named_last, named_good;
  logic [stream_pkg::EmptyW:0] named_count;
  logic                        words_good, fits;
  logic [15:0]                 l4_len;

  rx_parse_words u_words (
      .clk_i, .rst_i, .in_valid_i, .in_i,
      .out_valid_o(raw_valid), .out_first_o(raw_first), .out_last_o(raw_last), .out_good_o(raw_good),
      .out_count_o(raw_count), .out_o(raw));

  rx_parse_walk u_walk (
      .clk_i, .rst_i, .in_valid_i(raw_valid), .in_first_i(raw_first), .in_last_i(raw_last),
      .in_good_i(raw_good), .in_count_i(raw_count), .in_i(raw),
      .out_valid_o(named_valid), .out_first_o(named_first), .out_last_o(named_last),
      .out_good_o(named_good), .out_count_o(named_count), .out_o(named));

  rx_parse_bound u_bound (
      .clk_i, .rst_i, .in_valid_i(named_valid), .in_first_i(named_first), .in_last_i(named_last),
      .in_good_i(named_good), .in_count_i(named_count), .in_i(named),
      .out_valid_o(words_valid_o), .out_first_o(words_first_o), .out_last_o(words_last_o),
      .out_good_o(words_good), .out_o(words_o), .fits_o(fits), .l4_len_o(l4_len));

  rx_parse_fields u_fields (
      .clk_i, .rst_i, .in_valid_i(words_valid_o), .in_first_i(words_first_o), .in_last_i(words_last_o),
      .in_good_i(words_good), .in_i(words_o), .fits_i(fits), .l4_len_i(l4_len),
      .out_valid_o(parsed_valid_o), .out_o(parsed_o));

endmodule

`default_nettype wire
