// SPDX-License-Identifier: Apache-2.0
// Where the reads' data goes: descriptor slots, tables, available-ring entries and indices of all queues.
//
// Placements -> memories; each memory's read port answers one cycle after its enable and stays. Per queue
// short_o says whether the read of packed descriptors that begin_i announced brought one that is not
// available: decided as the data passes by, with the wrap counter of that read (virtio 1.2, 2.8.1).
// Place: dma_read -> this -> virtq_fetch_plan, virtq_fetch_walk.
`default_nettype none

module virtq_fetch_store #(
    parameter int unsigned Pairs = 8,
    parameter int unsigned SlotW = 6,
    parameter logic [2:0]  Client = contract_pkg::RD_RX_DESC
) (
    input  wire                      clk_i,
    // placements
    input  wire                      place_valid_i,
    input  wire dma_pkg::rd_place_t  place_i,
    // availability
    input  wire                      begin_i,
    input  wire  [5:0]               begin_pair_i,
    input  wire                      begin_wrap_i,
    output logic [Pairs-1:0]         short_o,
    // the plan's view: an entry, an index
    input  wire                      entry_en_i,
    input  wire  [5:0]               entry_pair_i,
    input  wire  [SlotW-1:0]         entry_slot_i,
    output logic [15:0]              entry_o,
    input  wire                      index_en_i,
    input  wire  [5:0]               index_pair_i,
    output logic [15:0]              index_o,
    // the walk's view: a slot with its entry, a line of the table
    input  wire                      slot_en_i,
    input  wire  [5:0]               slot_pair_i,
    input  wire  [SlotW-1:0]         slot_i,
    output logic [127:0]             slot_o,
    output logic [15:0]              slot_entry_o,
    input  wire                      table_en_i,
    input  wire  [4:0]               table_line_i,
    output logic [127:0]             table_o
);

  localparam int unsigned Bytes = dma_pkg::Bytes;
  localparam int unsigned LaneW = dma_pkg::LaneW;
  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;
  localparam int unsigned Parts = 16 / Bytes;         // words of a descriptor
  localparam int unsigned EntryLow = LaneW - 1;       // address bits of an entry within a word
  localparam int unsigned AvailBit = $clog2(contract_pkg::DESC_F_AVAIL);
  localparam int unsigned UsedBit = $clog2(contract_pkg::DESC_F_USED);

  if (Bytes != 8 && Bytes != 16) begin : g_bad_width
    $error("virtq_fetch_store %m: the data path has to be 64 or 128 bits wide");
  end

  // -- one register behind the DMA engine ------------------------------------------------------------
  logic                       valid_q;
  dma_pkg::rd_place_t         place_q;
  logic [dma_pkg::LocalW-1:0] at;
  logic                       to_slot, to_table, to_entry, to_index, low, high;
  logic [PairW-1:0]           slot_pair, table_pair, entry_pair, index_pair;

  always_ff @(posedge clk_i) begin
    valid_q <= place_valid_i && place_i.client == Client;
    place_q <= place_i;
  end

  assign at = {place_q.word, {LaneW{1'b0}}};
  assign to_slot = valid_q && !at[17];
  assign to_table = valid_q && at[17:15] == 3'b100;
  assign to_entry = valid_q && at[17:15] == 3'b101;
  assign to_index = valid_q && at[17:15] == 3'b110;
  assign slot_pair = at[11+:PairW];
  assign table_pair = at[9+:PairW];
  assign entry_pair = at[8+:PairW];
  assign index_pair = at[4+:PairW];
  assign low = Parts == 1 || !at[3];
  assign high = Parts == 1 || at[3];

  // -- descriptors -----------------------------------------------------------------------------------
  ram_sdp_be #(.Width(64), .Depth(1 << (PairW + SlotW))) u_slot_low (
      .clk_i, .wr_en_i(to_slot && low), .wr_addr_i({slot_pair, at[4+:SlotW]}),
      .wr_be_i(place_q.be[7:0]), .wr_data_i(place_q.data[63:0]),
      .rd_en_i(slot_en_i), .rd_addr_i({slot_pair_i[PairW-1:0], slot_i}), .rd_data_o(slot_o[63:0]));
  ram_sdp_be #(.Width(64), .Depth(1 << (PairW + SlotW))) u_slot_high (
      .clk_i, .wr_en_i(to_slot && high), .wr_addr_i({slot_pair, at[4+:SlotW]}),
      .wr_be_i(place_q.be[Bytes-1-:8]), .wr_data_i(place_q.data[8*Bytes-1-:64]),
      .rd_en_i(slot_en_i), .rd_addr_i({slot_pair_i[PairW-1:0], slot_i}), .rd_data_o(slot_o[127:64]));
  ram_sdp_be #(.Width(64), .Depth(1 << (PairW + 5))) u_table_low (
      .clk_i, .wr_en_i(to_table && low), .wr_addr_i({table_pair, at[8:4]}),
      .wr_be_i(place_q.be[7:0]), .wr_data_i(place_q.data[63:0]),
      .rd_en_i(table_en_i), .rd_addr_i({slot_pair_i[PairW-1:0], table_line_i}), .rd_data_o(table_o[63:0]));
  ram_sdp_be #(.Width(64), .Depth(1 << (PairW + 5))) u_table_high (
      .clk_i, .wr_en_i(to_table && high), .wr_addr_i({table_pair, at[8:4]}),
      .wr_be_i(place_q.be[Bytes-1-:8]), .wr_data_i(place_q.data[8*Bytes-1-:64]),
      .rd_en_i(table_en_i), .rd_addr_i({slot_pair_i[PairW-1:0], table_line_i}), .rd_data_o(table_o[127:64]));

  logic is_avail;
  logic [Pairs-1:0] wrap_q;
  assign is_avail = place_q.data[8*Bytes-16+AvailBit] == wrap_q[slot_pair] &&
                    place_q.data[8*Bytes-16+UsedBit] != wrap_q[slot_pair];

  always_ff @(posedge clk_i) begin
    if (to_slot && high && !is_avail) short_o[slot_pair] <= 1'b1;
    if (begin_i) begin
      short_o[begin_pair_i[PairW-1:0]] <= 1'b0;
      wrap_q[begin_pair_i[PairW-1:0]]  <= begin_wrap_i;
    end
  end

  // -- the available ring ----------------------------------------------------------------------------
  localparam int unsigned EntryWords = 1 << (PairW + SlotW - EntryLow);
  logic [8*Bytes-1:0]  entry_word, slot_entry_word;
  logic [EntryLow-1:0] entry_lane_q, slot_entry_lane_q;
  logic [PairW+SlotW-EntryLow-1:0] entry_at;

  assign entry_at = {entry_pair, at[SlotW:LaneW]};

  ram_sdp_be #(.Width(8 * Bytes), .Depth(EntryWords)) u_entries (
      .clk_i, .wr_en_i(to_entry), .wr_addr_i(entry_at), .wr_be_i(place_q.be), .wr_data_i(place_q.data),
      .rd_en_i(entry_en_i), .rd_addr_i({entry_pair_i[PairW-1:0], entry_slot_i[SlotW-1:EntryLow]}),
      .rd_data_o(entry_word));
  ram_sdp_be #(.Width(8 * Bytes), .Depth(EntryWords)) u_slot_entries (
      .clk_i, .wr_en_i(to_entry), .wr_addr_i(entry_at), .wr_be_i(place_q.be), .wr_data_i(place_q.data),
      .rd_en_i(slot_en_i), .rd_addr_i({slot_pair_i[PairW-1:0], slot_i[SlotW-1:EntryLow]}),
      .rd_data_o(slot_entry_word));
  ram_sdp #(.Width(16), .Depth(Pairs)) u_index (
      .clk_i, .wr_en_i(to_index), .wr_addr_i(index_pair), .wr_data_i(place_q.data[15:0]),
      .rd_en_i(index_en_i), .rd_addr_i(index_pair_i[PairW-1:0]), .rd_data_o(index_o));

  always_ff @(posedge clk_i) begin
    if (entry_en_i) entry_lane_q <= entry_slot_i[EntryLow-1:0];
    if (slot_en_i) slot_entry_lane_q <= slot_i[EntryLow-1:0];
  end
  assign entry_o = entry_word[16*entry_lane_q+:16];
  assign slot_entry_o = slot_entry_word[16*slot_entry_lane_q+:16];

  logic unused_bits;
  assign unused_bits = ^{place_q.client, at, entry_pair_i, index_pair_i, slot_pair_i, begin_pair_i};

endmodule

`default_nettype wire
