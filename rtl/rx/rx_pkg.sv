// SPDX-License-Identifier: Apache-2.0
// What the receive path knows about a frame besides its bytes.
`include "data_width.svh"
`default_nettype none

package rx_pkg;

  // Travels with a frame's last beat into the packet buffer and with its length out of it.
  typedef struct packed {
    logic        drop;         // a filter refused the frame
    logic  [5:0] pair;         // queue pair it goes to
    logic [31:0] hash;
    logic  [3:0] hash_report;  // virtio 5.1.6.4: VIRTIO_NET_HASH_REPORT_*
    logic  [7:0] flags;        // virtio_net_hdr: DATA_VALID, RSC_INFO
    logic  [7:0] gso_type;
    logic [15:0] hdr_len;
    logic [15:0] gso_size;
    logic [15:0] csum_start;   // RSC_INFO: coalesced segments
    logic [15:0] csum_offset;  // RSC_INFO: duplicated ACKs
  } meta_t;

  localparam int unsigned MetaW = 1 + 6 + 32 + 4 + 8 + 8 + 4 * 16;

  // What the driver accepted (feature bits); constant while the device runs.
  typedef struct packed {
    logic guest_csum;
    logic guest_tso4;
    logic guest_tso6;
    logic guest_ecn;
    logic hash_report;
  } offload_t;

  localparam int unsigned OffloadW = 5;

  // -- frames as words: word w holds the bytes 4w-2 .. 4w+1, so that everything from the IP header on is whole
  //    words; byte 4w-2 stands in [31:24]. A beat gives Words of them; its last two bytes wait for the next one
  //    and, on the last beat, stand in slot Words.
  localparam int unsigned Words = `COSNIC_DATA_W / 32;
  localparam int unsigned Slots = Words + 1;

  // Which header a word belongs to.
  localparam logic [2:0] KindEth = 3'd0;
  localparam logic [2:0] KindTag = 3'd1;
  localparam logic [2:0] KindIp4 = 3'd2;
  localparam logic [2:0] KindIp6 = 3'd3;
  localparam logic [2:0] KindExt = 3'd4;   // IPv6 extension header
  localparam logic [2:0] KindTcp = 3'd5;   // header and payload
  localparam logic [2:0] KindUdp = 3'd6;   // header and payload
  localparam logic [2:0] KindRest = 3'd7;  // nobody's

  // Which extension header.
  localparam logic [1:0] ExtHop = 2'd0;
  localparam logic [1:0] ExtRoute = 2'd1;
  localparam logic [1:0] ExtDest = 2'd2;
  localparam logic [1:0] ExtFrag = 2'd3;

  typedef struct packed {
    logic  [2:0] kind;
    logic  [1:0] ext;
    logic  [3:0] n;      // word of its header, 15 = 15 or more
    logic  [2:0] have;   // bytes of it that are in the frame
    logic  [2:0] bytes;  // bytes of it that are in the IP datagram
    logic [31:0] data;
  } word_t;

  localparam int unsigned WordW = 3 + 2 + 4 + 3 + 3 + 32;

  // A whole frame as its headers tell.
  typedef struct packed {
    logic         good;       // the MAC's verdict
    logic  [47:0] mac_dst;    // first byte in [47:40]
    logic  [47:0] mac_src;
    logic   [1:0] tags;
    logic  [15:0] tci;        // of the outer tag
    logic  [15:0] tci2;       // of the inner one
    logic         ip4;        // the whole datagram is in the frame
    logic         ip6;
    logic         fragment;
    logic         ext;        // extension headers
    logic         detour;     // addresses in extension headers that may count instead of the header's own
    logic         tcp;        // its header is whole; never of a fragment
    logic         udp;
    logic         home;       // a home address option
    logic         route;      // a type 2 routing header
    logic [127:0] home_addr;
    logic [127:0] route_addr;
    logic [127:0] src;        // IPv4: in [127:96], the rest zero
    logic [127:0] dst;
    logic  [31:0] ports;      // source, destination
    logic  [15:0] l4_len;     // TCP, UDP: header and payload
    logic  [15:0] udp_len;
    logic  [15:0] l4_csum;
    logic  [31:0] ip_w0;      // the first three words of the IP header
    logic  [31:0] ip_w1;
    logic  [31:0] ip_w2;
    logic  [31:0] seq;
    logic  [31:0] ack;
    logic  [31:0] tcp_w3;     // data offset, flags, window
    logic  [95:0] tcp_opts;   // the first three words of options
  } parsed_t;

  localparam int unsigned ParsedW = 1 + 48 + 48 + 2 + 16 + 16 + 9 + 4 * 128 + 32 + 48 + 3 * 32 + 3 * 32 + 96;

  // -- receive coalescing: what has to be equal, and what moves, in the segments of a TCP flow
  typedef struct packed {
    logic         tcp;       // the ports are known: frames of its flow have to leave before it
    logic         fragment;  // of an unknown flow: all held frames have to leave before it
    logic         eligible;  // may become part of a large frame
    logic         psh;
    logic         cwr;
    logic         ip6;
    logic [127:0] src;
    logic [127:0] dst;
    logic  [31:0] ports;
    logic  [95:0] macs;
    logic   [1:0] tags;
    logic  [31:0] tcis;
    logic  [27:0] class_id;  // IPv4: type of service, don't fragment; IPv6: traffic class, flow label
    logic   [7:0] hops;
    logic         ece;
    logic   [3:0] offset;    // TCP data offset
    logic  [95:0] opts;
    logic         id_moves;  // IPv4 without don't fragment: identification counts up
    logic  [15:0] id;
    logic  [15:0] ip_csum;
    logic  [31:0] seq;
    logic  [31:0] ack;
    logic  [15:0] window;
    logic  [15:0] payload;   // bytes
    logic   [7:0] headers;   // bytes in front of the payload
  } flow_t;

  localparam int unsigned FlowW = 6 + 256 + 32 + 96 + 2 + 32 + 28 + 8 + 1 + 4 + 96 + 1 + 16 + 16 + 64 + 16 + 16 + 8;

  // A frame in the coalescing store that is on its way out: one piece, or several that follow each other.
  typedef struct packed {
    logic  [7:0] slot;       // where its first piece stands
    logic  [7:0] pieces;
    logic [13:0] words;      // that it will fill, or one more
    logic [15:0] first_len;  // bytes of the first piece
    logic  [7:0] skip;       // bytes to leave out of every other one
    logic [15:0] more_len;   // bytes of the middle ones
    logic [15:0] last_len;   // bytes of the last one
    logic  [3:0] err;
    logic        patch;      // the fields below replace the first piece's
    logic        ip6;
    logic  [1:0] tags;
    logic [15:0] ip_len;     // IPv4 total length, IPv6 payload length
    logic [15:0] ip_csum;
    logic [31:0] ack;
    logic [15:0] flags;      // data offset and flags
    logic [15:0] window;
    logic [15:0] csum;       // the pseudo header's sum
    meta_t       meta;
  } send_t;

  localparam int unsigned SendW = 8 + 8 + 14 + 16 + 8 + 16 + 16 + 4 + 1 + 1 + 2 + 16 + 16 + 32 + 16 + 16 + 16 + MetaW;

endpackage

`default_nettype wire
