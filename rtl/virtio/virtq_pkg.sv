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

endpackage

`default_nettype wire
