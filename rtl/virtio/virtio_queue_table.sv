// SPDX-License-Identifier: Apache-2.0
// The queues' half of the common configuration (virtio 1.2, 4.1.4.3): size, vector, enable, addresses, reset.
//
// An access to the queue that queue_select names -> done_o a few cycles later (at most 20), with the DW read.
// A RAM of 8 DW a queue holds the fields:
//   0 {vector, size}   2,3 queue_desc   4,5 queue_driver   6,7 queue_device
// A queue nobody has written to since its reset is not in the RAM at all: it reads as its defaults, and the
// first write puts them there; that is why a reset takes one cycle. queue_size reads QUEUE_SIZE_DEFAULT then
// and takes 1 to QUEUE_SIZE_MAX, powers of two only for split rings; any other value is refused and the old
// one stays. Size and addresses cannot change while the queue is enabled. queue_enable honours 1 only, and
// only after FEATURES_OK: the fields go out on the direction's config bus (size first), then the queue's bit
// in enabled_o rises. queue_reset (with RING_RESET, on an enabled queue) asks for a reset and reads 1 until
// it is done. A queue that does not exist reads 0 everywhere.
// Place: virtio_windows -> this -> virtq_fetch, virtq_give (config), virtio_irq_vectors, virtio_drain.
`include "assert.svh"
`default_nettype none

module virtio_queue_table #(
    parameter int unsigned Pairs = 8,
    parameter int unsigned Vectors = 2 * Pairs + 1,
    localparam int unsigned Queues = 2 * Pairs,
    localparam int unsigned QueueW = $clog2(Queues)
) (
    input  wire                       clk_i,
    input  wire                       rst_i,
    input  wire                       clear_i,    // device reset is complete
    input  wire                       locked_i,   // ... is under way
    // access
    input  wire                       access_i,
    output logic                      ready_o,
    input  reg_pkg::req_t             req_i,
    input  wire  [15:0]               select_i,
    output logic                      done_o,
    output logic [31:0]               rdata_o,
    // negotiated
    input  wire                       features_ok_i,
    input  wire                       any_size_i, // packed rings
    input  wire                       ring_reset_i,
    // queues
    output logic [Queues-1:0]         enabled_o,
    output virtq_pkg::config_write_t  rx_config_o,
    output virtq_pkg::config_write_t  tx_config_o,
    output logic                      vector_valid_o,
    output logic [6:0]                vector_queue_o,
    output logic [7:0]                vector_o,
    output logic                      vector_none_o,
    // resets
    output logic                      reset_valid_o,
    output logic [6:0]                reset_queue_o,
    input  wire  [Queues-1:0]         resetting_i,
    input  wire                       queue_clear_i,
    input  wire  [6:0]                clear_queue_i
);

  localparam logic [31:0] DefaultWord0 = {contract_pkg::MSI_NO_VECTOR, contract_pkg::QUEUE_SIZE_DEFAULT};
  localparam logic [3:0] DumpEnd = 4'd9;

  typedef enum logic [2:0] {StIdle, StFill, StRead, StAct, StDump} state_e;

  state_e            state_q;
  logic [QueueW-1:0] queue_q;
  logic  [2:0]       word_q;
  logic  [3:0]       be_q;
  logic [31:0]       wdata_q;
  logic              write_q, enable_q;
  logic  [3:0]       count_q;
  logic [Queues-1:0] known_q;    // queues whose fields are in the RAM

  // -- the access ------------------------------------------------------------------------------------
  logic  [7:0]       offset;
  logic [QueueW-1:0] queue;
  logic              present, in_ram, may_write, run, enable, wants_reset;
  logic  [2:0]       word;
  logic [31:0]       asked;

  assign offset = req_i.addr[7:0];
  assign present = select_i < 16'(Queues);
  assign queue = select_i[QueueW-1:0];
  assign run = enabled_o[queue];
  assign in_ram = offset != contract_pkg::COMMON_QUEUE_ENABLE && offset != contract_pkg::COMMON_QUEUE_NOTIF_DATA;
  assign word = (offset == contract_pkg::COMMON_QUEUE_SIZE) ? 3'd0
              : 3'((offset - contract_pkg::COMMON_QUEUE_DESC_LO) >> 2) + 3'd2;
  assign may_write = req_i.write && present && !locked_i && !resetting_i[queue];
  assign enable = may_write && offset == contract_pkg::COMMON_QUEUE_ENABLE && !run && features_ok_i &&
                  req_i.be[1:0] == 2'b11 && req_i.wdata[15:0] == 16'd1;
  assign wants_reset = may_write && offset == contract_pkg::COMMON_QUEUE_NOTIF_DATA && run && ring_reset_i &&
                       req_i.be[3:2] == 2'b11 && req_i.wdata[31:16] == 16'd1;
  always_comb begin
    asked = '0;
    if (present && !req_i.write) begin
      unique case (offset)
        contract_pkg::COMMON_QUEUE_SIZE:       asked = DefaultWord0;
        contract_pkg::COMMON_QUEUE_ENABLE:     asked = {select_i, 15'd0, run};
        contract_pkg::COMMON_QUEUE_NOTIF_DATA: asked = {15'd0, resetting_i[queue], 16'd0};
        default: ;
      endcase
    end
  end

  // -- what a write leaves of a word -----------------------------------------------------------------
  logic [31:0] stored, mask, merged, result;
  logic [15:0] size;
  logic        size_ok, frozen;

  assign mask = {{8{be_q[3]}}, {8{be_q[2]}}, {8{be_q[1]}}, {8{be_q[0]}}};
  assign merged = (stored & ~mask) | (wdata_q & mask);
  assign size = merged[15:0];
  assign size_ok = size != '0 && size <= contract_pkg::QUEUE_SIZE_MAX &&
                   (any_size_i || (size & (size - 16'd1)) == '0);
  assign frozen = enabled_o[queue_q];
  always_comb begin
    result = frozen ? stored : merged;
    if (word_q == '0) begin
      if (!size_ok || frozen) result[15:0] = stored[15:0];
      result[31:16] = (merged[31:16] < 16'(Vectors)) ? merged[31:16] : contract_pkg::MSI_NO_VECTOR;
    end
  end

  // -- steps -----------------------------------------------------------------------------------------
  assign ready_o = state_q == StIdle;

  always_ff @(posedge clk_i) begin
    done_o        <= 1'b0;
    reset_valid_o <= 1'b0;
    if (rst_i) begin
      state_q <= StIdle;
    end else begin
      unique case (state_q)
        StIdle: if (access_i) begin
          reset_valid_o <= wants_reset;
          if (enable || (may_write && in_ram)) state_q <= known_q[queue] ? (enable ? StDump : StRead) : StFill;
          else if (!req_i.write && present && in_ram && known_q[queue]) state_q <= StRead;
          else done_o <= 1'b1;
        end
        StFill: if (count_q == 4'd7) state_q <= enable_q ? StDump : StRead;
        StRead: state_q <= StAct;
        StAct: begin
          state_q <= StIdle;
          done_o  <= 1'b1;
        end
        default: if (count_q == DumpEnd) begin
          state_q <= StIdle;
          done_o  <= 1'b1;
        end
      endcase
    end
    if (state_q == StIdle) begin
      queue_q       <= queue;
      reset_queue_o <= 7'(queue);
      word_q        <= word;
      be_q          <= req_i.be;
      wdata_q       <= req_i.wdata;
      write_q       <= req_i.write;
      enable_q      <= enable;
      rdata_o       <= asked;
    end
    if (state_q == StAct) rdata_o <= write_q ? '0 : stored;
    count_q <= ((state_q == StFill && count_q != 4'd7) || state_q == StDump) ? count_q + 1'b1 : '0;
  end

  // -- the RAM ---------------------------------------------------------------------------------------
  logic        ram_write, ram_read;
  logic  [2:0] write_word, read_word;
  logic [31:0] write_data;

  assign ram_write = state_q == StFill || (state_q == StAct && write_q);
  assign write_word = (state_q == StFill) ? count_q[2:0] : word_q;
  assign write_data = (state_q != StFill) ? result : (count_q == '0) ? DefaultWord0 : '0;
  assign ram_read = state_q == StRead || state_q == StDump;
  assign read_word = (state_q == StDump) ? count_q[2:0] : word_q;

  ram_sdp #(.Width(32), .Depth(8 * Queues)) u_fields (
      .clk_i, .wr_en_i(ram_write), .wr_addr_i({queue_q, write_word}), .wr_data_i(write_data),
      .rd_en_i(ram_read), .rd_addr_i({queue_q, read_word}), .rd_data_o(stored));

  always_ff @(posedge clk_i) begin
    if (rst_i || clear_i) begin
      known_q   <= '0;
      enabled_o <= '0;
    end else begin
      if (state_q == StFill) known_q[queue_q] <= 1'b1;
      if (state_q == StDump && count_q == DumpEnd) enabled_o[queue_q] <= 1'b1;
      if (queue_clear_i) begin
        known_q[clear_queue_i[QueueW-1:0]]   <= 1'b0;
        enabled_o[clear_queue_i[QueueW-1:0]] <= 1'b0;
      end
    end
  end

  // -- fields on their way to the data path ----------------------------------------------------------
  // In the step of count c the RAM shows word c - 1.
  logic [31:0]               low_q;
  virtq_pkg::config_write_t  field;

  always_comb begin
    field.valid = state_q == StDump;
    field.pair = 6'(7'(queue_q) >> 1);
    field.data = {stored, low_q};
    unique case (count_q)
      4'd1: begin
        field.field = virtq_pkg::FieldSize;
        field.data = {48'd0, stored[15:0]};
      end
      4'd4: field.field = virtq_pkg::FieldDesc;
      4'd6: field.field = virtq_pkg::FieldDriver;
      4'd8: field.field = virtq_pkg::FieldDevice;
      default: begin
        field.field = virtq_pkg::FieldSize;
        field.valid = 1'b0;
      end
    endcase
  end

  always_ff @(posedge clk_i) begin
    low_q       <= stored;
    rx_config_o <= field;
    tx_config_o <= field;
    rx_config_o.valid <= field.valid && !queue_q[0] && !rst_i;
    tx_config_o.valid <= field.valid && queue_q[0] && !rst_i;
    vector_valid_o <= state_q == StAct && write_q && word_q == '0 && be_q[3:2] != '0 && !rst_i;
    vector_queue_o <= 7'(queue_q);
    vector_o       <= result[23:16];
    vector_none_o  <= result[31:16] == contract_pkg::MSI_NO_VECTOR;
  end

  logic unused_bits;
  assign unused_bits = ^{req_i.addr >> 8, clear_queue_i};

  `ASSERT(NothingWrittenWhileCleared_A, !(queue_clear_i && clear_queue_i == 7'(queue_q)) || !ram_write,
          clk_i, rst_i)

endmodule

`default_nettype wire
