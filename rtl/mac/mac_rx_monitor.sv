// SPDX-License-Identifier: Apache-2.0
// Watches the frames at the FCS check for the statistics: length, address, and which of the ten ends.
//
// Frame words and the FCS check's answer of the next cycle -> one frame_stat_t for each frame that ended, two
// cycles after its last word. Every frame has exactly one kind (RFC 2819 for the lengths with a right or wrong
// FCS): GOOD, CRC_ERROR, UNDERSIZE or FRAGMENT (below 64 bytes), OVERSIZE or JABBER (above the limit), and with
// a right length or none: CODE_ERROR, TRUNCATED, BAD_PREAMBLE.
// Place: beside mac_rx_fcs_check -> mac_rx_counters.
`include "assert.svh"
`default_nettype none

module mac_rx_monitor (
    input  wire                   clk_i,
    input  wire                   rst_i,
    // frame words
    input  wire                   word_valid_i,
    input  mac_pkg::rx_word_t     word_i,
    input  wire                   fcs_good_i,  // a cycle after the word that ends
    // statistics
    output mac_pkg::frame_stat_t  stat_o
);

  logic        first_q;       // the next word is a frame's first
  logic [12:0] words_q;       // whole words so far; stays at the highest
  logic        multicast_q, broadcast_q;
  logic        ended_q, over_q;
  logic [3:0]  err_q;
  logic [15:0] octets_q;
  logic        ended_multicast_q, ended_broadcast_q;
  logic        multicast, broadcast;

  assign multicast = first_q ? word_i.data[0] : multicast_q;
  assign broadcast = first_q ? word_i.data[47:0] == '1 : broadcast_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      first_q <= 1'b1;
      words_q <= '0;
      ended_q <= 1'b0;
    end else begin
      ended_q <= word_valid_i && word_i.ends;
      if (word_valid_i) begin
        first_q <= word_i.ends;
        if (word_i.ends) words_q <= '0;
        else if (words_q != '1) words_q <= words_q + 1'b1;
      end
    end
    if (word_valid_i) begin
      multicast_q <= multicast;
      broadcast_q <= broadcast;
      if (word_i.ends) begin
        err_q             <= word_i.err;
        over_q            <= word_i.over;
        octets_q          <= {words_q, word_i.count};
        ended_multicast_q <= multicast;
        ended_broadcast_q <= broadcast;
      end
    end
  end

  // ---- the kind ----
  logic [4:0] kind;

  always_comb begin
    kind = 5'(contract_pkg::MACSTAT_RX_TRUNCATED);
    unique case (err_q)
      contract_pkg::FRAME_OK:
        kind = fcs_good_i ? 5'(contract_pkg::MACSTAT_RX_GOOD) : 5'(contract_pkg::MACSTAT_RX_CRC_ERROR);
      contract_pkg::FRAME_RUNT:
        kind = fcs_good_i ? 5'(contract_pkg::MACSTAT_RX_UNDERSIZE) : 5'(contract_pkg::MACSTAT_RX_FRAGMENT);
      contract_pkg::FRAME_OVERSIZE:
        kind = fcs_good_i ? 5'(contract_pkg::MACSTAT_RX_OVERSIZE) : 5'(contract_pkg::MACSTAT_RX_JABBER);
      contract_pkg::FRAME_BAD_PREAMBLE:  kind = 5'(contract_pkg::MACSTAT_RX_BAD_PREAMBLE);
      contract_pkg::FRAME_ERROR_CONTROL: kind = 5'(contract_pkg::MACSTAT_RX_CODE_ERROR);
      default: ;
    endcase
    if (over_q && err_q != contract_pkg::FRAME_OVERSIZE) kind = 5'(contract_pkg::MACSTAT_RX_JABBER);
  end

  always_ff @(posedge clk_i) begin
    stat_o.valid <= ended_q && !rst_i;
    if (ended_q) begin
      stat_o.kind      <= kind;
      stat_o.good      <= kind == 5'(contract_pkg::MACSTAT_RX_GOOD);
      stat_o.octets    <= octets_q;
      stat_o.multicast <= ended_multicast_q;
      stat_o.broadcast <= ended_broadcast_q;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{word_i.last, word_i.data};

  `COVER(Jabber_C, stat_o.valid && stat_o.kind == 5'(contract_pkg::MACSTAT_RX_JABBER), clk_i, rst_i)

endmodule

`default_nettype wire
