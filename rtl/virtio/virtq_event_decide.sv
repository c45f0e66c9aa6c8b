// SPDX-License-Identifier: Apache-2.0
// Does the driver want an interrupt for what was just used? (virtio 1.2, 2.8.10 and 2.8.14)
//
// Purely combinational. old_i: where used entries stood at the last decision; new_i: where they stand
// now, at most one lap further on. off_wrap_i and flags_i: the driver event suppression structure. With
// EVENT_DESC the answer is yes iff the entry at off_wrap was among those from old_i up to new_i. Flags that
// mean nothing (EVENT_DESC without VIRTIO_F_EVENT_IDX, 3) count as "enabled": one interrupt too many is
// harmless, one too few is a hang.
// Place: inside virtq_give_event.
`default_nettype none

module virtq_event_decide (
    // used positions
    input  virtq_pkg::position_t old_i,
    input  virtq_pkg::position_t new_i,
    input  wire [15:0]           size_i,
    // what the driver asked for
    input  wire                  event_idx_i,
    input  wire [15:0]           off_wrap_i,
    input  wire  [1:0]           flags_i,
    // answer
    output logic                 notify_o
);

  // All three seen from the lap of new_i: what lies in the lap before is N lower (modulo 2^16).
  logic [15:0] new_off, old_off, event_off;
  logic [15:0] behind_new, span;
  logic        passed;

  assign new_off = {1'b0, new_i.index};
  assign old_off = {1'b0, old_i.index} - ((old_i.wrap != new_i.wrap) ? size_i : 16'd0);
  assign event_off = {1'b0, off_wrap_i[14:0]} - ((off_wrap_i[15] != new_i.wrap) ? size_i : 16'd0);
  assign behind_new = new_off - event_off - 16'd1;
  assign span = new_off - old_off;
  assign passed = behind_new < span;

  always_comb begin
    unique case (flags_i)
      contract_pkg::EVENT_DISABLE: notify_o = 1'b0;
      contract_pkg::EVENT_DESC:    notify_o = !event_idx_i || passed;
      default:                     notify_o = 1'b1;
    endcase
  end

endmodule

`default_nettype wire
