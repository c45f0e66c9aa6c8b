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

  // What the device reports to statistics and journey events; pulses, but for the entry counts.
  typedef struct packed {
    logic       doorbell;
    logic       doorbell_bad;
    logic       rx_taken;          // a frame's length was taken from the packet buffer
    logic       rx_delivered;
    logic       rx_drop_too_small;
    logic       rx_drop_reset;
    logic       rx_written;        // a frame's last byte was handed to the link
    logic       tx_doorbell;
    logic       tx_taken;
    logic       tx_commit;
    logic       tx_drop_length;
    logic       tx_drop_offload;
    logic       tx_drop_dma;
    logic       tx_drop_reset;
    logic [2:0] rx_used;           // used entries handed to the link in this cycle
    logic [2:0] tx_used;
    logic       rx_desc_error;
    logic       tx_desc_error;
    logic       rx_irq_suppressed;
    logic       tx_irq_suppressed;
  } stat_t;

endpackage

`default_nettype wire
