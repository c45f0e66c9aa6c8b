// SPDX-License-Identifier: Apache-2.0
// Decides which frame goes next: pause frames first, the core's frames unless they are paused or the link is down.
//
// Two links of beats -> one, combinational, a beat a cycle; changes only between frames. While paused_i the core's
// frames wait. While fault_i a frame of the core that would begin is taken and thrown away whole (fault_o, once a
// frame), so that a dead link holds nobody up; pause frames are thrown away uncounted.
// Place: async_fifo and mac_tx_pause -> this -> mac_tx_pad.
`include "assert.svh"
`default_nettype none

module mac_tx_mux (
    input  wire             clk_i,
    input  wire             rst_i,
    // levels
    input  wire             paused_i,
    input  wire             fault_i,
    // frames of the core
    input  wire             in_valid_i,
    output logic            in_ready_o,
    input  mac_pkg::beat_t  in_i,
    // pause frames
    input  wire             control_valid_i,
    output logic            control_ready_o,
    input  mac_pkg::beat_t  control_i,
    // out
    output logic            out_valid_o,
    input  wire             out_ready_i,
    output mac_pkg::beat_t  out_o,
    // events
    output logic            begin_o,          // a frame's first beat goes on now ...
    output logic            begin_control_o,  // ... of a pause frame
    output logic            fault_o,          // a frame of the core was thrown away
    output logic            control_fault_o   // ... a pause frame
);

  typedef enum logic [1:0] {StBetween, StCore, StControl, StThrow} state_e;
  state_e state_q, choice;

  // ---- whose beat it is; between frames the choice is open until a beat was taken ----
  always_comb begin
    choice = state_q;
    if (state_q == StBetween) begin
      if (control_valid_i) choice = StControl;
      else if (in_valid_i && fault_i) choice = StThrow;
      else if (in_valid_i && !paused_i) choice = StCore;
    end
  end

  logic control_thrown_q, throw_control;
  assign throw_control = (state_q == StBetween) ? fault_i : control_thrown_q;

  always_comb begin
    in_ready_o      = 1'b0;
    control_ready_o = 1'b0;
    out_valid_o     = 1'b0;
    out_o           = in_i;
    unique case (choice)
      StCore: begin
        out_valid_o = in_valid_i;
        in_ready_o  = out_ready_i;
      end
      StControl: begin
        out_valid_o     = control_valid_i && !throw_control;
        control_ready_o = out_ready_i || throw_control;
        out_o           = control_i;
      end
      StThrow: in_ready_o = 1'b1;
      default: ;
    endcase
  end

  logic taken, ends;
  assign taken = (in_valid_i && in_ready_o) || (control_valid_i && control_ready_o);
  assign ends  = (in_valid_i && in_ready_o && in_i.last) || (control_valid_i && control_ready_o && control_i.last);

  logic first_q;  // the next beat that goes on is a frame's first
  assign begin_o         = out_valid_o && out_ready_i && first_q;
  assign begin_control_o = choice == StControl;

  // A beat on offer stays on offer: the choice is kept when the beat was refused.
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q <= StBetween;
      first_q <= 1'b1;
      fault_o <= 1'b0;
      control_fault_o <= 1'b0;
    end else begin
      if (out_valid_o && out_ready_i) first_q <= out_o.last;
      if (ends) state_q <= StBetween;
      else if (taken || out_valid_o) state_q <= choice;
      fault_o <= choice == StThrow && ends;
      control_fault_o <= choice == StControl && throw_control && ends;
    end
    if (state_q == StBetween) control_thrown_q <= fault_i;
  end

  `COVER(Thrown_C, fault_o, clk_i, rst_i)

  stream_checker #(.Width(mac_pkg::BeatW)) u_check_out (
      .clk_i, .rst_i, .valid_i(out_valid_o), .ready_i(out_ready_i), .payload_i(out_o));

endmodule

`default_nettype wire
