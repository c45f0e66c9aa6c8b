// SPDX-License-Identifier: Apache-2.0
// A program and a packet: what make() lets through ends, stays within the packet, and wants no more twice than once.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstdlib>

#include "host/device/bpf.hpp"
#include "tests/host/apps/test_world.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using host::device::BpfInstruction;
  static host_test::World world({.stations = 1});  // for its packets
  FuzzedDataProvider input(data, size);
  std::vector<BpfInstruction> program(input.ConsumeIntegralInRange<std::size_t>(0, 64));
  for (BpfInstruction& instruction : program) {
    instruction.code = input.ConsumeIntegral<std::uint16_t>();
    instruction.jump_true = input.ConsumeIntegral<std::uint8_t>();
    instruction.jump_false = input.ConsumeIntegral<std::uint8_t>();
    instruction.k = input.ConsumeIntegral<std::uint32_t>();
  }
  const auto made = host::device::BpfProgram::make(program);
  if (!made.ok()) return 0;
  const auto bytes = input.ConsumeRemainingBytes<std::uint8_t>();
  auto skb = world[1].host.pool().allocate(static_cast<std::uint32_t>(bytes.size()));
  if (!skb) std::abort();
  std::ranges::copy(std::as_bytes(std::span(bytes)), skb->put(static_cast<std::uint32_t>(bytes.size())).begin());
  skb->reset_mac_header();
  skb->reset_network_header();
  skb->dev = &world[1].nic.device();
  const std::uint32_t wanted = made->run({*skb});
  if (made->run({*skb}) != wanted) std::abort();
  return 0;
}
