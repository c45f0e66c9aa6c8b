// SPDX-License-Identifier: Apache-2.0
// Takes MAC control frames out of the stream and reads pause and priority pause from them.
//
// Beats that have to be taken at once -> the same beats, two beats later; exactly one `last` a frame. With
// pause or priority pause enabled, a frame to the control address 01-80-C2-00-00-01 or to the station with
// type 8808 goes no further (IEEE 802.3 31.3): an opcode that is enabled (0001 PAUSE, 0101 priority) makes one
// pause_valid_o, any other one unsupported_o. A control frame with a fault leaves as a single beat with its
// verdict, to be counted where all bad frames are.
//
//   beat 0  DA DA DA DA DA DA SA SA   beat 1  SA SA SA SA 88 08 op op   beat 2  time, or classes and times 0..2
// Place: mac_rx_fcs_check -> this -> mac_rx_widen; pause -> mac_tx_path.
`include "assert.svh"
`default_nettype none

module mac_rx_control (
    input  wire              clk_i,
    input  wire              rst_i,
    // how to behave
    input  wire              pause_enable_i,
    input  wire              pfc_enable_i,
    input  wire  [47:0]      station_i,
    // beats
    input  wire              beat_valid_i,
    input  mac_pkg::beat_t   beat_i,
    // beats without control frames
    output logic             out_valid_o,
    output mac_pkg::beat_t   out_o,
    // what they said
    output logic             pause_valid_o,
    output mac_pkg::pause_t  pause_o,
    output logic             unsupported_o
);

  localparam logic [47:0] ControlAddress = 48'h010000C28001;  // first byte lowest
  localparam logic [15:0] ControlType = 16'h0888;
  localparam logic [15:0] OpPause = 16'h0100;  // 0001 and 0101 as they stand in a word
  localparam logic [15:0] OpPfc = 16'h0101;

  function automatic logic [15:0] swap(input logic [15:0] word);
    swap = {word[7:0], word[15:8]};
  endfunction

  // ---- a beat waits for the next one of its frame ----
  logic            wait_valid_q, move;
  mac_pkg::beat_t  wait_q;
  logic [2:0]      index_q;   // of the waiting beat in its frame; stays at 7
  logic            to_us_q;   // first beat: its address is one that control frames have
  logic            eat, eat_q;

  assign move = wait_valid_q && (wait_q.last || beat_valid_i);

  always_comb begin
    eat = eat_q;
    if (index_q == 3'd0) begin
      eat = !wait_q.last && to_us_q && beat_i.data[47:32] == ControlType;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      wait_valid_q <= 1'b0;
      index_q      <= '0;
      eat_q        <= 1'b0;
      out_valid_o  <= 1'b0;
    end else begin
      if (beat_valid_i) wait_valid_q <= 1'b1;
      else if (wait_q.last) wait_valid_q <= 1'b0;
      if (move) begin
        eat_q   <= eat && !wait_q.last;
        index_q <= wait_q.last ? 3'd0 : (index_q == '1) ? index_q : index_q + 1'b1;
      end
      out_valid_o <= move && (!eat || (wait_q.last && wait_q.err != contract_pkg::FRAME_OK));
    end
    if (beat_valid_i) begin
      wait_q  <= beat_i;
      to_us_q <= (pause_enable_i || pfc_enable_i) &&
                 (beat_i.data[47:0] == ControlAddress || beat_i.data[47:0] == station_i);
    end
    if (move) out_o <= wait_q;
  end

  // ---- opcode and times ----
  logic [15:0] opcode_q;
  logic        finish;

  assign finish = move && eat_q && wait_q.last && wait_q.err == contract_pkg::FRAME_OK;

  always_ff @(posedge clk_i) begin
    if (move && (eat || eat_q)) begin
      unique case (index_q)
        3'd1: opcode_q <= wait_q.data[63:48];
        3'd2: begin
          pause_o.classes <= wait_q.data[15:8];
          if (opcode_q == OpPfc) begin
            pause_o.quanta[0+:48] <= {swap(wait_q.data[63:48]), swap(wait_q.data[47:32]), swap(wait_q.data[31:16])};
          end else pause_o.quanta[15:0] <= swap(wait_q.data[15:0]);
        end
        3'd3: begin
          if (opcode_q == OpPfc) begin
            pause_o.quanta[48+:64] <= {swap(wait_q.data[63:48]), swap(wait_q.data[47:32]), swap(wait_q.data[31:16]),
                                       swap(wait_q.data[15:0])};
          end
        end
        3'd4: pause_o.quanta[112+:16] <= swap(wait_q.data[15:0]);
        default: ;
      endcase
    end
    pause_o.pfc   <= opcode_q == OpPfc;
    pause_valid_o <= finish && !rst_i &&
                     ((opcode_q == OpPause && pause_enable_i) || (opcode_q == OpPfc && pfc_enable_i));
    unsupported_o <= finish && !rst_i &&
                     !((opcode_q == OpPause && pause_enable_i) || (opcode_q == OpPfc && pfc_enable_i));
  end

  `ASSERT(NothingIsOverwritten_A, !(beat_valid_i && wait_valid_q) || move, clk_i, rst_i)
  `COVER(Pause_C, pause_valid_o, clk_i, rst_i)

endmodule

`default_nettype wire
