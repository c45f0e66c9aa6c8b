# SPDX-License-Identifier: Apache-2.0
# Every module of nic_top in the order in which a packet meets it: receive, virtio, DMA, PCIe, interrupts,
# transmit. Packages come first and are listed in cmake/verilate.cmake.

# common primitives
rtl/common/stream_checker.sv
rtl/common/skid_buffer.sv
rtl/common/ram_sdp.sv
rtl/common/ram_sdp_be.sv
rtl/common/sync_fifo.sv
rtl/common/delay_line.sv
rtl/common/cdc_sync.sv
rtl/common/cdc_count.sv
rtl/common/cdc_word.sv
rtl/common/async_fifo.sv
rtl/common/rr_arbiter.sv
rtl/common/crc32_word.sv
rtl/common/crc32_tail.sv
rtl/common/crc32_align.sv

# receive: wire to packet buffer
rtl/mac/mac_rx_fault.sv
rtl/mac/mac_rx_align.sv
rtl/mac/mac_rx_frame.sv
rtl/mac/mac_gmii_rx.sv
rtl/mac/mac_rx_fcs_check.sv
rtl/mac/mac_rx_control.sv
rtl/mac/mac_rx_widen.sv
rtl/rx/rx_overflow_guard.sv
rtl/mac/mac_rx_monitor.sv
rtl/mac/mac_frame_counts.sv
rtl/mac/mac_counters.sv
rtl/mac/mac_rx_path.sv
rtl/rx/rx_beat_delay.sv
rtl/rx/rx_parse_words.sv
rtl/rx/rx_parse_walk.sv
rtl/rx/rx_parse_bound.sv
rtl/rx/rx_parse_fields.sv
rtl/rx/rx_parse.sv
rtl/rx/rx_filter_regs.sv
rtl/rx/rx_filter.sv
rtl/rx/rx_checksum.sv
rtl/rx/rx_rss_regs.sv
rtl/rx/rx_hash.sv
rtl/rx/rx_steer.sv
rtl/rx/rx_inspect.sv
rtl/rx/rx_coalesce_flow.sv
rtl/rx/rx_coalesce_store.sv
rtl/rx/rx_coalesce_flows.sv
rtl/rx/rx_coalesce_emit.sv
rtl/rx/rx_coalesce_switch.sv
rtl/rx/rx_coalesce.sv
rtl/rx/rx_path.sv
rtl/rx/rx_buffer_write.sv
rtl/rx/rx_buffer_read.sv
rtl/rx/rx_packet_buffer.sv

# buffers of all queues of a direction: descriptors read ahead and checked
rtl/common/rr_pick.sv
rtl/virtio/virtq_fetch_word.sv
rtl/virtio/virtq_fetch_config.sv
rtl/virtio/virtq_fetch_wake.sv
rtl/virtio/virtq_fetch_turn.sv
rtl/virtio/virtq_fetch_plan.sv
rtl/virtio/virtq_fetch_arm.sv
rtl/virtio/virtq_fetch_ops.sv
rtl/virtio/virtq_fetch_store.sv
rtl/virtio/virtq_fetch_rules.sv
rtl/virtio/virtq_fetch_walk.sv
rtl/virtio/virtq_fetch_ready.sv
rtl/virtio/virtq_fetch_pieces.sv
rtl/virtio/virtq_fetch_fail.sv
rtl/virtio/virtq_fetch_quiet.sv
rtl/virtio/virtq_fetch.sv

# receive: packet buffer to the driver's buffers
rtl/virtio/virtio_rx_open.sv
rtl/virtio/virtio_rx_match.sv
rtl/rx/rx_virtio_header.sv
rtl/virtio/virtio_rx_scatter.sv
rtl/virtio/virtio_rx_engine.sv

# used buffers of all queues of a direction, and their interrupts
rtl/virtio/virtq_event_decide.sv
rtl/virtio/virtq_give_lines.sv
rtl/virtio/virtq_give_write.sv
rtl/virtio/virtq_moderate.sv
rtl/virtio/virtq_give_event.sv
rtl/virtio/virtq_give.sv
rtl/virtio/virtq_coalesce_regs.sv

# the device's registers, resets, interrupts
rtl/virtio/virtio_windows.sv
rtl/virtio/virtio_feature_rules.sv
rtl/virtio/virtio_status.sv
rtl/virtio/virtio_queue_table.sv
rtl/virtio/virtio_device_config.sv
rtl/virtio/virtio_doorbell.sv
rtl/virtio/virtio_drain.sv
rtl/virtio/virtio_fail.sv
rtl/virtio/virtio_irq_collect.sv
rtl/virtio/virtio_irq_vectors.sv
rtl/virtio/virtio_control.sv

# transmit: the driver's buffers to the packet buffer
rtl/tx/tx_schedule_settings.sv
rtl/tx/tx_schedule_turn.sv
rtl/tx/tx_schedule.sv
rtl/virtio/virtio_tx_issue.sv
rtl/virtio/virtio_tx_space.sv
rtl/virtio/virtio_tx_slots.sv
rtl/virtio/virtio_tx_retire.sv
rtl/virtio/virtio_tx_engine.sv
rtl/virtio/virtio_core.sv

# DMA: writes, reads
rtl/dma/dma_client_arbiter.sv
rtl/dma/dma_client_busy.sv
rtl/dma/dma_split.sv
rtl/dma/dma_byte_turn.sv
rtl/dma/dma_write_source.sv
rtl/dma/dma_write_tlp.sv
rtl/dma/dma_write.sv
rtl/dma/dma_read_issue.sv
rtl/dma/dma_tag_table.sv
rtl/dma/dma_tag_timer.sv
rtl/dma/dma_cpl_check.sv
rtl/dma/dma_cpl_place.sv
rtl/dma/dma_read_retire.sv
rtl/dma/dma_read.sv
rtl/dma/dma_engine.sv

# PCIe function
rtl/pcie/tlp_credit.sv
rtl/pcie/tlp_tx_arbiter.sv
rtl/pcie/tlp_rx_demux.sv
rtl/pcie/tlp_request_decode.sv
rtl/pcie/tlp_completer.sv
rtl/pcie/pci_config_read.sv
rtl/pcie/pci_config_space.sv
rtl/pcie/reg_decode.sv
rtl/msix/msix_table.sv
rtl/msix/msix_send.sv
rtl/msix/intx_send.sv
rtl/pcie/pcie_core.sv

# transmit: packet buffer to wire
rtl/tx/tx_packet_buffer.sv
rtl/tx/tx_source_scan.sv
rtl/tx/tx_segment_cut.sv
rtl/tx/tx_segment_read.sv
rtl/tx/tx_segment.sv
rtl/tx/tx_vlan.sv
rtl/tx/tx_checksum.sv
rtl/tx/tx_path.sv
rtl/mac/mac_tx_narrow.sv
rtl/mac/mac_pause_timer.sv
rtl/mac/mac_tx_pause.sv
rtl/mac/mac_tx_mux.sv
rtl/mac/mac_tx_pad.sv
rtl/mac/mac_tx_fcs_insert.sv
rtl/mac/mac_tx_frame.sv
rtl/mac/mac_tx_gap.sv
rtl/mac/mac_tx_edge.sv
rtl/mac/mac_gmii_tx.sv
rtl/mac/mac_tx_monitor.sv
rtl/mac/mac_tx_path.sv

# control bus
rtl/ctl/ctl_bridge.sv
rtl/ctl/ctl_decode.sv
rtl/ctl/ctl_general.sv
rtl/ctl/queue_counter.sv
rtl/ctl/queue_stats.sv

# the MAC around both paths
rtl/mac/mac_control.sv
rtl/mac/mac_stat_window.sv
rtl/mac/mac_level.sv
rtl/mac/mac_loop_thin.sv
rtl/mac/mac_loop.sv
rtl/mac/mac_host_loop.sv
rtl/mac/mac_core.sv

# statistics, and all of it together
rtl/nic_counters.sv
rtl/nic_stats.sv
rtl/nic_core.sv
rtl/nic_top.sv
