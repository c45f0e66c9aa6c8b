# SPDX-License-Identifier: Apache-2.0
# Every module of nic_top in the order in which a packet meets it: receive, virtio, DMA, PCIe, interrupts,
# transmit. Packages come first and are listed in cmake/verilate.cmake.

# common primitives
rtl/common/stream_checker.sv
rtl/common/skid_buffer.sv
rtl/common/ram_sdp.sv
rtl/common/ram_sdp_be.sv
rtl/common/sync_fifo.sv
rtl/common/cdc_sync.sv
rtl/common/cdc_count.sv
rtl/common/async_fifo.sv
rtl/common/rr_arbiter.sv
rtl/common/crc32_word.sv
rtl/common/crc32_tail.sv
rtl/common/crc32_align.sv

# receive: wire to packet buffer
rtl/mac/mac_rx_align.sv
rtl/mac/mac_rx_frame.sv
rtl/mac/mac_rx_fcs_check.sv
rtl/rx/rx_overflow_guard.sv
rtl/mac/mac_rx_path.sv
rtl/rx/rx_buffer_write.sv
rtl/rx/rx_buffer_read.sv
rtl/rx/rx_packet_buffer.sv

# receive: packet buffer to the driver's buffers
rtl/virtio/virtio_rx_match.sv
rtl/rx/rx_virtio_header.sv
rtl/virtio/virtio_rx_scatter.sv
rtl/virtio/virtio_rx_engine.sv

# a virtqueue
rtl/virtio/virtq_doorbell.sv
rtl/virtio/virtq_desc_fetch.sv
rtl/virtio/virtq_arm.sv
rtl/virtio/virtq_buffer_walk.sv
rtl/virtio/virtq_used_write.sv
rtl/virtio/virtq_event_decide.sv
rtl/virtio/virtq_event.sv
rtl/virtio/virtq_core.sv

# the device's registers and lifecycle
rtl/virtio/virtio_feature_rules.sv
rtl/virtio/virtio_common_config.sv
rtl/virtio/virtio_queue_config.sv
rtl/virtio/virtio_device_config.sv
rtl/virtio/virtio_notify.sv
rtl/virtio/virtio_interrupt.sv
rtl/virtio/virtio_registers.sv
rtl/virtio/virtio_lifecycle.sv
rtl/virtio/virtq_drain.sv

# transmit: the driver's buffers to the packet buffer
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
rtl/mac/mac_tx_pad.sv
rtl/mac/mac_tx_fcs_insert.sv
rtl/mac/mac_tx_frame.sv
rtl/mac/mac_tx_gap.sv
rtl/mac/mac_tx_path.sv

# statistics, and all of it together
rtl/nic_counters.sv
rtl/nic_stats.sv
rtl/nic_core.sv
rtl/nic_top.sv
