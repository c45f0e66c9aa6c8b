// SPDX-License-Identifier: Apache-2.0
// From the driver's buffers to frames for the MAC: packet buffer, segmentation, VLAN tag, checksum.
//
// Wiring only. Placements and commits -> frames without FCS, in the order of the commits; free_words_o gives
// the words of each buffer back once its last frame was read.
// Place: dma_read and virtio_tx_engine -> this -> mac_tx_path.
`default_nettype none

module tx_path #(
    parameter int unsigned BufferBytes = 131072,
    parameter int unsigned ChecksumBytes = 16384,
    parameter int unsigned MaxFrames = 64
) (
    input  wire                        clk_i,
    input  wire                        rst_i,
    // settings
    input  tx_pkg::features_t          features_i,
    input  wire [tx_pkg::LenW-1:0]     max_frame_i,    // bytes, without FCS and the port's tag
    input  wire                        vlan_enable_i,
    input  wire [15:0]                 vlan_tci_i,
    // placements of client RD_TX_DATA
    input  wire                        place_valid_i,
    input  dma_pkg::rd_place_t         place_i,
    // whole buffers
    input  wire                        commit_valid_i,
    output logic                       commit_ready_o,
    input  wire  [ dma_pkg::WordW-1:0] commit_base_i,
    input  wire                 [16:0] commit_len_i,
    input  wire  [ dma_pkg::WordW-1:0] commit_release_i,
    input  wire                  [5:0] commit_pair_i,
    // room given back
    output logic                       free_valid_o,
    output logic [ dma_pkg::WordW-1:0] free_words_o,
    // frames
    output logic                       out_valid_o,
    input  wire                        out_ready_i,
    output stream_pkg::beat_t          out_o,
    // pulses of one buffer or frame, with its pair
    output logic                 [5:0] pair_o,
    output logic                       drop_offload_o,
    output logic                       frame_made_o,
    output logic                       extra_o,        // a frame beyond its buffer's first
    output logic [tx_pkg::LenW-1:0]    frame_len_o     // of frame_made_o, without the port's tag
);

  logic                         source_valid, source_ready, ram_rd_en;
  tx_pkg::source_t              source;
  logic     [tx_pkg::WordW-1:0] ram_rd_word;
  logic [stream_pkg::DataW-1:0] ram_rd_data;
  logic                         segment_valid, segment_ready, tagged_valid, tagged_ready;
  stream_pkg::beat_t            segment, labelled;
  tx_pkg::csum_t                segment_csum, tagged_csum;

  tx_packet_buffer #(.DepthBytes(BufferBytes), .MaxFrames(MaxFrames)) u_packet_buffer (
      .clk_i, .rst_i, .features_i,
      // placements
      .place_valid_i, .place_i,
      // whole buffers
      .commit_valid_i, .commit_ready_o, .commit_base_i, .commit_len_i, .commit_release_i, .commit_pair_i,
      // sources
      .source_valid_o(source_valid), .source_ready_i(source_ready), .source_o(source),
      // their bytes
      .rd_en_i(ram_rd_en), .rd_word_i(ram_rd_word), .rd_data_o(ram_rd_data));

  tx_segment u_segment (
      .clk_i, .rst_i, .max_frame_i,
      // sources
      .source_valid_i(source_valid), .source_ready_o(source_ready), .source_i(source),
      // RAM
      .ram_rd_en_o(ram_rd_en), .ram_rd_word_o(ram_rd_word), .ram_rd_data_i(ram_rd_data),
      // frames
      .out_valid_o(segment_valid), .out_ready_i(segment_ready), .out_o(segment), .csum_o(segment_csum),
      // room given back
      .free_valid_o, .free_words_o,
      // pulses
      .pair_o, .drop_o(drop_offload_o), .frame_made_o, .extra_o, .frame_len_o);

  tx_vlan u_vlan (
      .clk_i, .rst_i, .enable_i(vlan_enable_i), .tci_i(vlan_tci_i),
      // in
      .in_valid_i(segment_valid), .in_ready_o(segment_ready), .in_i(segment), .csum_i(segment_csum),
      // out
      .out_valid_o(tagged_valid), .out_ready_i(tagged_ready), .out_o(labelled), .csum_o(tagged_csum));

  tx_checksum #(.DepthBytes(ChecksumBytes)) u_checksum (
      .clk_i, .rst_i,
      // in
      .in_valid_i(tagged_valid), .in_ready_o(tagged_ready), .in_i(labelled), .csum_i(tagged_csum),
      // out
      .out_valid_o, .out_ready_i, .out_o);

endmodule

`default_nettype wire
