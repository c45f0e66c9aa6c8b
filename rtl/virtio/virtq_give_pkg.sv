// SPDX-License-Identifier: Apache-2.0
// What the leaves of virtq_give pass to each other.
`default_nettype none

package virtq_give_pkg;

  // Moderation parameters of one direction, as they are written: one field of one pair.
  typedef struct packed {
    logic        valid;
    logic  [5:0] pair;
    logic        usecs;  // max_usecs, otherwise max_packets
    logic [31:0] data;
  } coalesce_t;

  localparam int unsigned CoalesceW = 1 + 6 + 1 + 32;

  // What became visible to the driver.
  typedef struct packed {
    logic  [5:0] pair;
    logic  [6:0] frames;
    logic [16:0] descs;     // ring entries they stand for, saturating
    logic [15:0] position;  // behind them: packed {wrap, index}; split used.idx
  } notice_t;

  localparam int unsigned NoticeW = 6 + 7 + 17 + 16;

  // The same, moderated.
  typedef struct packed {
    logic    announce;  // the notice is new; otherwise only its pair counts
    logic    ask;       // now is the time to ask the driver whether it wants an interrupt
    notice_t notice;
  } request_t;

  localparam int unsigned RequestW = 2 + NoticeW;

  // One write into a ring.
  localparam logic [1:0] JobLine = 2'd0;   // packed: used descriptors
  localparam logic [1:0] JobRun = 2'd1;    // split: used ring entries
  localparam logic [1:0] JobIndex = 2'd2;  // split: used.idx

  typedef struct packed {
    logic  [1:0] kind;
    logic  [3:0] slot;      // of the first entry among the queue's 16 entry words; even
    logic  [3:0] count;     // entries; JobIndex: 1
    logic [15:0] place;     // ring index of the first entry; JobIndex: the index to write
    logic        announce;  // with this write the notice is true
    notice_t     notice;
  } job_t;

  localparam int unsigned JobW = 2 + 4 + 4 + 16 + 1 + NoticeW;

  // A queue's used ring as virtq_give_lines keeps it.
  typedef struct packed {
    logic [15:0] position;   // of the next entry: packed {wrap, index}; split free-running index
    logic [15:0] start;      // of the open line's first entry
    logic  [3:0] count;      // entries in the open line
    logic [15:0] shown;      // behind the last complete frame
    logic  [6:0] frames;     // complete, not announced
    logic [16:0] descs;      // not announced
    logic        group;      // a frame of several buffers is incomplete
    logic [14:0] head;       // packed: index of its first entry, which is written last
    logic        half;       // half of the entry words that the open line uses
    logic        head_half;  // half in which the next withheld first entry stands
  } line_t;

  localparam int unsigned LineW = 16 + 16 + 4 + 16 + 7 + 17 + 1 + 15 + 2;

  // What virtq_give_event keeps of a queue.
  typedef struct packed {
    logic [15:0] latest;    // behind all that is visible
    logic [15:0] old;       // the same at the last decision
    logic [17:0] distance;  // ring entries since the last read began, saturating
  } mark_t;

  localparam int unsigned MarkW = 16 + 16 + 18;

endpackage

`default_nettype wire
