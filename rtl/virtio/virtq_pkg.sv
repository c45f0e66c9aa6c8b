// SPDX-License-Identifier: Apache-2.0
// What the virtqueue engines pass to each other (virtio 1.2, 2.8 packed virtqueues).
`default_nettype none

package virtq_pkg;

  // A queue as the driver configured it; stable while enabled.
  typedef struct packed {
    logic        enabled;    // queue_enable and DRIVER_OK
    logic        event_idx;  // VIRTIO_F_EVENT_IDX negotiated
    logic [15:0] size;
    logic [63:0] desc;       // descriptor ring
    logic [63:0] driver;     // driver event suppression
    logic [63:0] device;     // device event suppression
  } config_t;

  localparam int unsigned ConfigW = 1 + 1 + 16 + 3 * 64;

  // A place in the ring: index and the wrap counter it is seen with.
  typedef struct packed {
    logic        wrap;
    logic [14:0] index;
  } position_t;

  // An available descriptor.
  typedef struct packed {
    logic [15:0] flags;
    logic [15:0] id;
    logic [31:0] len;
    logic [63:0] addr;
  } desc_t;

  // One piece of a buffer, checked: len is 1 .. 65535 and the range does not wrap.
  typedef struct packed {
    logic        last;  // last piece of its chain
    logic [15:0] len;
    logic [63:0] addr;
  } segment_t;

  // A whole buffer whose segments wait in the segment FIFO.
  typedef struct packed {
    logic [15:0] id;
    logic [15:0] descs;      // ring entries it occupies
    logic [16:0] total_len;  // bytes
  } chain_t;

  // A buffer to give back.
  typedef struct packed {
    logic        written;  // len counts: the WRITE flag of the used descriptor
    logic [15:0] id;
    logic [15:0] descs;
    logic [31:0] len;
  } used_t;

  // -- several queue pairs: state in RAM, blocks shared by all queues of a direction -----------------------

  // What was negotiated; constant while a queue runs.
  typedef struct packed {
    logic is_packed;          // packed rings, otherwise split
    logic event_idx;
    logic in_order;
    logic notification_data;
    logic indirect;
    logic mrg_rxbuf;
  } mode_t;

  localparam logic [1:0] FieldDesc = 2'd0;    // ring; descriptor table
  localparam logic [1:0] FieldDriver = 2'd1;  // driver event suppression; available ring
  localparam logic [1:0] FieldDevice = 2'd2;  // device event suppression; used ring
  localparam logic [1:0] FieldSize = 2'd3;    // entries, in [15:0]

  // One field of one queue's configuration, before the queue is enabled; every block keeps what it needs.
  typedef struct packed {
    logic        valid;
    logic  [5:0] pair;
    logic  [1:0] field;
    logic [63:0] data;
  } config_write_t;

  typedef struct packed {
    logic        valid;
    logic  [5:0] pair;
    logic [15:0] next;   // NOTIFICATION_DATA: next_off and next_wrap, or the available index
  } doorbell_t;

  // The oldest checked buffer of a queue and what stands ready behind it.
  typedef struct packed {
    logic [15:0] id;           // split: head index
    logic [15:0] descs;        // ring entries it occupies (split: 1)
    logic [16:0] total_len;    // bytes, saturating
    logic [20:0] ready_bytes;  // bytes of all checked buffers of the queue, saturating
  } head_t;

  // A piece of a buffer that was taken, with the buffer it belongs to.
  typedef struct packed {
    logic  [5:0] pair;
    logic        first;
    logic        last;
    logic [15:0] id;
    logic [15:0] descs;
    logic [15:0] len;          // 1 .. 65535
    logic [63:0] addr;
  } piece_t;

  localparam int unsigned PieceW = 6 + 2 + 16 + 16 + 16 + 64;

  // -- inside virtq_fetch ----------------------------------------------------------------------------------

  // What a read of virtq_fetch brings, and so where it goes.
  localparam logic [1:0] FetchSlots = 2'd0;    // descriptors of the ring, or heads of split chains: slots in order
  localparam logic [1:0] FetchTable = 2'd1;    // an indirect table, or more of a split chain
  localparam logic [1:0] FetchEntries = 2'd2;  // entries of the available ring
  localparam logic [1:0] FetchIndex = 2'd3;    // the available index

  typedef struct packed {
    logic  [5:0] pair;
    logic  [1:0] kind;   // Fetch*
    logic  [6:0] first;  // slot of the first one, with the lap above it
    logic  [5:0] count;  // descriptors or entries, 1 .. 32
    logic [63:0] addr;
    logic [15:0] len;    // bytes
  } fetch_req_t;

  localparam int unsigned FetchReqW = 6 + 2 + 7 + 6 + 64 + 16;

  // A checked buffer whose pieces stand in the piece memory.
  typedef struct packed {
    logic  [5:0] pair;
    logic  [6:0] first;      // slot of its first piece, with the lap above it
    logic  [5:0] pieces;     // 1 .. 32
    logic [15:0] id;
    logic [15:0] descs;
    logic [16:0] total_len;
  } fetch_buffer_t;

  localparam int unsigned FetchBufferW = 6 + 7 + 6 + 16 + 16 + 17;

  localparam int unsigned FetchMaxPieces = 32;

  // Split rings: bytes from the start of the available ring to idx and to ring[0], of the used ring to ring[0].
  localparam int unsigned AvailIndexAt = 2;
  localparam int unsigned AvailRingAt = 4;
  localparam int unsigned UsedRingAt = 4;

  // A buffer of some queue to give back.
  typedef struct packed {
    logic  [5:0] pair;
    logic        more;         // the next one belongs to the same frame: both become visible together
    logic        written;      // len counts
    logic [15:0] id;
    logic [15:0] descs;
    logic [31:0] len;
  } give_t;

  localparam int unsigned GiveW = 6 + 2 + 16 + 16 + 32;

  // What becomes of the next bytes of a received frame.
  localparam logic [1:0] CutData = 2'd0;     // written
  localparam logic [1:0] CutSkip = 2'd1;     // thrown away
  localparam logic [1:0] CutLiteral = 2'd2;  // none of them: two bytes, the value of len, are written

  typedef struct packed {
    logic  [1:0] kind;
    logic        final_cut;  // ends the frame
    logic [15:0] len;        // bytes
  } cut_t;

  localparam int unsigned CutW = 2 + 1 + 16;

  // What the device reports to statistics and journey events; pulses, but for the entry counts.
  typedef struct packed {
    logic       doorbell;
    logic       doorbell_bad;
    logic       rx_taken;          // a frame's length was taken from the packet buffer
    logic       rx_delivered;
    logic       rx_drop_too_small;
    logic       rx_drop_no_buffer;
    logic       rx_drop_not_ready;
    logic       rx_drop_reset;
    logic       rx_written;        // a frame's last byte was handed to the link
    logic       tx_doorbell;
    logic       tx_taken;
    logic       tx_commit;
    logic       tx_drop_length;
    logic       tx_drop_dma;
    logic       tx_drop_reset;
    logic [3:0] rx_used;           // used entries handed to the link in this cycle
    logic [3:0] tx_used;
    logic       rx_desc_error;
    logic       tx_desc_error;
    logic       rx_irq_suppressed;
    logic       tx_irq_suppressed;
    logic [5:0] rx_pair;           // of the frame that was delivered or found no buffer
    logic [16:0] rx_bytes;         // its bytes, header included
    logic [5:0] tx_pair;           // of the frame that was committed
    logic [16:0] tx_bytes;
  } stat_t;

endpackage

`default_nettype wire
