// SPDX-License-Identifier: Apache-2.0
// Actions of rules (iproute2: tc/m_action.c, m_gact.c, m_mirred.c, m_police.c).
#include <fmt/format.h>

#include <array>

#include "host/console/errors.hpp"
#include "host/console/tc_filter.hpp"
#include "host/console/tc_units.hpp"

namespace host::console {
namespace {

using device::IngressAction;
using device::IngressRule;

constexpr std::string_view kGactUsage =
    "Usage: ... gact <ACTION> [RAND] [INDEX]\n"
    "Where: \tACTION := drop | pass\n\n";

TcComplaint refused_by_kernel(base::Errno error) {
  return {fmt::format("RTNETLINK answers: {}\nWe have an error talking to the kernel\n", error_text(error)), 2};
}

std::optional<IngressAction> control_of(std::string_view word) {
  if (word == "drop" || word == "shot") return IngressAction::shot;
  if (word == "ok" || word == "pass" || word == "accept") return IngressAction::ok;
  return std::nullopt;
}

/// mirred egress redirect|mirror dev NAME
void parse_mirred(device::NetCore& net, TcWords& words, IngressRule& rule) {
  const auto bad = [&] {
    return TcComplaint{"bad action parsing\nparse_action: bad value (5:mirred)!\nIllegal \"action\"\n", 1};
  };
  if (words.next() == "ingress") throw refused_by_kernel(base::Errno::not_supported);
  if (!words.is("egress")) throw bad();
  const std::string how = words.next();
  if (how != "redirect" && how != "mirror") throw bad();
  if (words.next() != "dev") throw bad();
  const std::string name = words.next();
  words.skip();
  rule.target = net.device_by_name(name);
  if (rule.target == nullptr) {
    TcComplaint complaint = bad();
    complaint.text.insert(0, fmt::format("Cannot find device \"{}\"\n", name));
    throw complaint;
  }
  rule.action = how == "redirect" ? IngressAction::redirect : IngressAction::mirror;
}

/// What exceeds the rate can only be dropped here.
void parse_exceed(TcWords& words, std::string_view word) {
  const auto exceed = control_of(word.substr(0, word.find('/')));
  if (!exceed) {
    throw TcComplaint{fmt::format("Illegal \"action\"\n"), 1};
  }
  if (*exceed != IngressAction::shot) throw refused_by_kernel(base::Errno::not_supported);
  words.skip();
}

}  // namespace

void parse_tc_police(TcWords& words, IngressRule& rule) {
  const auto value = [&](auto parse, std::string_view complaint) {
    const auto parsed = parse(words.next());
    if (!parsed) {
      throw TcComplaint{fmt::format("Error: argument \"{}\" is wrong: {}\n", words.word(), complaint), kTcMisused};
    }
    words.skip();
    return *parsed;
  };
  device::Police police;
  words.skip();
  while (!words.done()) {
    if (words.is("rate")) {
      police.rate_bytes = value(tc_rate, "rate");
    } else if (words.is("burst") || words.is("buffer") || words.is("maxburst")) {
      police.burst_bytes = value(tc_size, "burst");
    } else if (words.is("mtu") || words.is("minburst")) {
      static_cast<void>(value(tc_size, "mtu"));
    } else if (words.is("conform-exceed") || words.is("action") || words.is("exceed")) {
      parse_exceed(words, words.next());
    } else if (control_of(words.word())) {
      parse_exceed(words, words.word());
    } else {
      break;
    }
  }
  if (police.rate_bytes == 0) {
    throw TcComplaint{"'rate' or 'avrate' or 'pkts_rate' must be specified.\nIllegal \"action\"\n", 1};
  }
  if (police.burst_bytes == 0) {
    throw TcComplaint{"'burst' requires 'rate'.\nIllegal \"action\"\n", 1};
  }
  rule.police = police;
}

void parse_tc_action(device::NetCore& net, TcWords& words, IngressRule& rule) {
  if (words.done()) throw TcComplaint{"Illegal \"action\"\n", 1};
  if (words.is("mirred")) {
    parse_mirred(net, words, rule);
  } else if (words.is("police")) {
    parse_tc_police(words, rule);
  } else {
    const std::string word = words.is("gact") ? words.next() : words.word();
    const auto control = control_of(word);
    if (!control) throw TcComplaint{fmt::format("Bad action type {}\n{}", word, kGactUsage), kTcMisused};
    rule.action = *control;
    words.skip();
  }
  if (words.is("index")) {
    words.next();
    words.skip();
  }
}

}  // namespace host::console
