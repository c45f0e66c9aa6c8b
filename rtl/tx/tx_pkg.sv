// SPDX-License-Identifier: Apache-2.0
// What the stages of the transmit path pass to each other.
`include "data_width.svh"
`default_nettype none

package tx_pkg;

  localparam int unsigned WordW = 18 - $clog2(`COSNIC_DATA_W / 8);  // as dma_pkg::WordW
  localparam int unsigned LenW = 14;                                // bytes of a frame on the wire

  // Bytes in front of a virtio_net_hdr of 12 bytes, or 20 with HASH_REPORT, that make it end with a word.
  function automatic logic [3:0] header_pad(input logic hash_report);
    header_pad = (hash_report && `COSNIC_DATA_W == 128) ? 4'd12 : 4'd4;
  endfunction

  function automatic logic [4:0] header_bytes(input logic hash_report);
    header_bytes = hash_report ? contract_pkg::NET_HDR_HASH_BYTES[4:0] : contract_pkg::NET_HDR_BYTES[4:0];
  endfunction

  // What the driver negotiated (virtio 1.2, 5.1.3).
  typedef struct packed {
    logic hash_report;  // virtio_net_hdr is 20 bytes, in both directions
    logic csum;
    logic host_tso4;
    logic host_tso6;
    logic host_ecn;
    logic host_uso;
  } features_t;

  // A driver's buffer that is whole in the packet buffer. The virtio_net_hdr starts at byte header_pad() of
  // `base`, the frame on the word behind it.
  typedef struct packed {
    features_t        features;  // as they were when the buffer was committed
    logic       [5:0] pair;
    logic [WordW-1:0] base;
    logic      [16:0] len;       // bytes of the frame, header not counted
    logic [WordW-1:0] words;     // to give back
  } source_t;

  localparam int unsigned SourceW = 6 + 6 + WordW + 17 + WordW;

  // Where a checksum goes: summed from byte `start` to the end, stored at byte `field`.
  typedef struct packed {
    logic            enable;
    logic            udp;    // a sum of 0 is sent as 0xffff
    logic [LenW-1:0] start;
    logic [LenW-1:0] field;
  } csum_t;

  localparam int unsigned CsumW = 2 + 2 * LenW;

  // What is to be done with a source, all checks behind it. The fields from `tcp` on count when `cut` is set.
  typedef struct packed {
    logic       [5:0] pair;
    logic             drop;
    logic [WordW-1:0] word;       // of the frame's first byte
    logic      [16:0] len;
    logic [WordW-1:0] words;      // to give back
    csum_t            csum;
    logic             cut;        // into more than one frame
    logic             tcp;        // or else UDP
    logic             v4;         // or else IPv6
    logic       [4:0] l3;         // where the IP header starts
    logic       [8:0] head;       // bytes of all headers
    logic  [LenW-1:0] size;       // payload bytes of each segment but the last
    logic      [15:0] ip_sum;     // of the IPv4 header without length, identification and checksum
    logic      [15:0] ip_id;
    logic      [31:0] seq;
    logic      [15:0] flags;      // TCP: the half-word of data offset and flags
    logic      [15:0] seed;       // pseudo-header sum as the driver made it
  } plan_t;

  // The half-words of a segment's header that differ from the source's.
  typedef struct packed {
    logic        enable;
    logic        tcp;
    logic        v4;
    logic  [4:0] l3;
    logic  [8:0] l4;
    logic [15:0] ip_len;   // IPv4 total length, IPv6 payload length
    logic [15:0] ip_id;
    logic [15:0] ip_csum;
    logic [31:0] seq;
    logic [15:0] flags;
    logic [15:0] udp_len;
    logic [15:0] seed;
  } patch_t;

  // A frame to read out of the packet buffer: `head` bytes from its first word on, then `tail` bytes from
  // byte `at` of the source.
  typedef struct packed {
    logic             skip;    // nothing to read
    logic             close;   // last of its source: give the words back
    logic [WordW-1:0] words;
    logic [WordW-1:0] word;
    logic  [LenW-1:0] head;
    logic      [16:0] at;
    logic  [LenW-1:0] tail;    // 0: none
    csum_t            csum;
    patch_t           patch;
  } frame_t;

  localparam int unsigned PlanW = 6 + 1 + WordW + 17 + WordW + CsumW + 3 + 5 + 9 + LenW + 16 + 16 + 32 + 16 + 16;
  localparam int unsigned PatchW = 3 + 5 + 9 + 3 * 16 + 32 + 3 * 16;
  localparam int unsigned FrameW = 2 + 2 * WordW + LenW + 17 + LenW + CsumW + PatchW;

endpackage

`default_nettype wire
