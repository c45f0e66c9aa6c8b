// SPDX-License-Identifier: Apache-2.0
// tc filter: rules for what an interface receives or sends (iproute2: tc/tc_filter.c, f_u32.c, f_matchall.c, f_bpf.c,
// m_*.c).
#pragma once

#include <span>
#include <string>
#include <variant>

#include "host/console/console.hpp"
#include "host/console/printer.hpp"
#include "host/console/tc_options.hpp"
#include "host/console/tc_show.hpp"
#include "host/device/ingress_filter.hpp"

namespace host::console {

/// The words behind a rule, taken one by one. Complaints are thrown, as TcComplaint, and caught in tc_filter alone.
class TcWords {
 public:
  explicit TcWords(std::span<const std::string> words) : words_(words) {}

  [[nodiscard]] bool done() const { return words_.empty(); }
  [[nodiscard]] const std::string& word() const { return words_.front(); }
  [[nodiscard]] bool is(std::string_view what) const { return !done() && word() == what; }
  void skip() { words_ = words_.subspan(1); }
  /// Past the word; there has to be another.
  const std::string& next() {
    if (words_.size() < 2) throw TcComplaint{"Command line is not complete. Try option \"help\"\n", kTcMisused};
    skip();
    return word();
  }

 private:
  std::span<const std::string> words_;
};

/// `match ip dst 10.0.0.0/8` and so on: adds its keys. The word is that behind `match`; taken to the selector's end.
void parse_u32_match(TcWords& words, device::U32Match& match);
/// `1,6 0 0 1`.
[[nodiscard]] device::BpfProgram parse_bytecode(const std::string& text);
[[nodiscard]] std::string bytecode_text(const device::BpfProgram& program);

/// `action ...` or `police ...`: what a rule does. The word is that behind `action`; taken to the action's end.
void parse_tc_action(device::NetCore& net, TcWords& words, device::IngressRule& rule);
void parse_tc_police(TcWords& words, device::IngressRule& rule);

/// One interface's rules, in the form of `tc filter show`.
void print_tc_filters(Printer& out, const device::IngressFilter& filter, const TcFormat& format);
/// "ip", "all", "[2054]".
[[nodiscard]] std::string tc_protocol_text(std::uint16_t protocol);
[[nodiscard]] std::optional<std::uint16_t> tc_protocol(const std::string& text);

/// `tc filter` behind its options; `at` is the word behind `filter`. Returns the exit status.
int tc_filter(device::NetCore& net, const Invocation& call, std::size_t at, const TcFormat& format);

}  // namespace host::console
