// SPDX-License-Identifier: Apache-2.0
#include "host/capture/filter.hpp"

#include <pcap/pcap.h>

#include <memory>
#include <vector>

namespace host::capture {

std::variant<device::BpfProgram, FilterError> compile_filter(const std::string& expression, std::uint32_t snapshot) {
  const std::unique_ptr<pcap_t, void (*)(pcap_t*)> handle(pcap_open_dead(DLT_EN10MB, static_cast<int>(snapshot)),
                                                          pcap_close);
  if (handle == nullptr) return FilterError{"libpcap has no memory"};
  bpf_program compiled{};
  if (pcap_compile(handle.get(), &compiled, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
    return FilterError{pcap_geterr(handle.get())};
  }
  std::vector<device::BpfInstruction> instructions;
  for (u_int i = 0; i < compiled.bf_len; ++i) {
    const bpf_insn& each = compiled.bf_insns[i];
    instructions.push_back({each.code, each.jt, each.jf, each.k});
  }
  pcap_freecode(&compiled);
  auto program = device::BpfProgram::make(instructions);
  if (!program.ok()) return FilterError{"libpcap's program is refused"};
  return *std::move(program);
}

}  // namespace host::capture
