// SPDX-License-Identifier: Apache-2.0
// tc filter add|replace|del|show of what interfaces receive and send (iproute2: tc/tc_filter.c).
#include "host/console/tc_filter.hpp"

#include <algorithm>
#include <array>

#include "host/console/errors.hpp"
#include "host/console/tc_units.hpp"

namespace host::console {
namespace {

using device::IngressFilter;
using device::IngressKind;
using device::IngressQdisc;
using device::IngressRule;
using device::NetDevice;

constexpr int kKernelRefused = 2;
constexpr unsigned kFirstPreference = 49152;  // the first that the kernel gives; then downwards
constexpr unsigned kLeastGiven = 0x8000;
constexpr unsigned kMostPreference = 0xffff;
constexpr std::string_view kTalking = "We have an error talking to the kernel\n";
constexpr std::string_view kUsage =
    "Usage: tc filter [ add | del | change | replace | show ] [ dev STRING ]\n"
    "       tc filter [ add | del | change | replace | show ] dev STRING [ ingress | egress | parent ffff: ]\n"
    "       [ pref PRIO ] protocol PROTO [ handle FILTERID ] [ FILTER_TYPE [ help | OPTIONS ] ]\n\n"
    "Where:\n"
    "FILTER_TYPE := { u32 | matchall | bpf }\n";
constexpr std::string_view kU32Usage =
    "Usage: ... u32 [ match SELECTOR ... ] [ classid CLASSID ]\n"
    "               [ action ACTION_SPEC ] [ police POLICE_SPEC ]\n\n"
    "Where: SELECTOR := { ip | ip6 | u{32|16|8} } SAMPLE_ARGS\n";
constexpr std::string_view kMatchallUsage = "Usage: ... matchall [ action ACTION_SPEC ] [ classid CLASSID ]\n";
constexpr std::string_view kBpfUsage =
    "Usage: ... bpf bytecode BPF_BYTECODE [ action ACTION_SPEC ] [ classid CLASSID ]\n"
    "Where BPF_BYTECODE := 'c,t f k,c t f k,c t f k,...'\n";

enum class Verb : std::uint8_t { add, replace, remove };

/// What every `tc filter` names.
struct Request {
  std::string device;
  bool ingress = false;
  bool egress = false;
  std::optional<unsigned> preference;
  std::optional<std::uint16_t> protocol;
  unsigned handle = 0;
  std::string kind;
};

TcComplaint kernel_says(std::string_view words) {
  return {fmt::format("Error: {}.\n{}", words, kTalking), kKernelRefused};
}

TcComplaint wrong(std::string_view argument, std::string_view what) {
  return {fmt::format("Error: argument \"{}\" is wrong: {}\n", argument, what), kTcMisused};
}

/// "5", "0x1", "800::801": the last part counts.
unsigned to_handle(const std::string& word) {
  const auto colon = word.rfind(':');
  const bool u32 = colon != std::string::npos;
  const std::string part = u32 ? "0x" + word.substr(colon + 1) : word;
  const auto number = tc_number(part);
  if (!number) throw wrong(word, "invalid filter handle");
  constexpr unsigned kFirstU32 = 0x800;
  return u32 && *number >= kFirstU32 ? *number - kFirstU32 + 1 : *number;
}

/// Up to the words behind the kind.
Request parse_request(TcWords& words) {
  Request request;
  for (; !words.done(); words.skip()) {
    if (words.is("dev")) {
      request.device = words.next();
    } else if (words.is("ingress")) {
      request.ingress = true;
    } else if (words.is("egress")) {
      request.egress = true;
    } else if (words.is("root")) {
      request.ingress = false;
    } else if (words.is("parent")) {
      const auto parent = tc_class(words.next());
      if (!parent)
        throw TcComplaint{fmt::format("Error: argument \"{}\" is wrong: Invalid parent ID\n", words.word()),
                          kTcMisused};
      constexpr qdisc::Handle kEgressParent = 0xffff'fff3;  // TC_H_MIN_EGRESS
      request.egress = *parent == kEgressParent;
      request.ingress = qdisc::major_of(*parent) == 0xffff && !request.egress;
    } else if (words.is("preference") || words.is("pref") || words.is("priority") || words.is("prio")) {
      const auto number = tc_number(words.next());
      if (!number || *number > kMostPreference) throw wrong(words.word(), "invalid priority value");
      request.preference = *number;
    } else if (words.is("protocol")) {
      request.protocol = tc_protocol(words.next());
      if (!request.protocol) throw wrong(words.word(), "invalid protocol");
    } else if (words.is("handle")) {
      request.handle = to_handle(words.next());
    } else if (words.is("help")) {
      throw TcComplaint{std::string(kUsage), 0};
    } else {
      request.kind = words.word();
      words.skip();
      break;
    }
  }
  return request;
}

/// Everything behind the kind.
void parse_rule(device::NetCore& net, TcWords& words, IngressRule& rule, std::string_view usage) {
  device::U32Match keys;
  bool bytecode = false;
  while (!words.done()) {
    if (words.is("match") && rule.kind == IngressKind::u32) {
      words.skip();
      parse_u32_match(words, keys);
    } else if ((words.is("bytecode") || words.is("bc")) && rule.kind == IngressKind::bpf) {
      rule.match = parse_bytecode(words.next());
      bytecode = true;
      words.skip();
    } else if (words.is("run") && rule.kind == IngressKind::bpf) {
      words.skip();
    } else if (words.is("flowid") || words.is("classid")) {
      const auto id = tc_class(words.next());
      if (!id) throw TcComplaint{"Illegal \"classid\"\n", 1};
      rule.class_id = *id;
      words.skip();
    } else if (words.is("action")) {
      words.skip();
      parse_tc_action(net, words, rule);
    } else if (words.is("police")) {
      parse_tc_police(words, rule);
    } else {
      throw TcComplaint{fmt::format("What is \"{}\"?\n{}", words.word(), usage), 1};
    }
  }
  if (rule.kind == IngressKind::bpf && !bytecode) throw TcComplaint{"No bytecode found.\n" + std::string(kBpfUsage), 1};
  if (!bytecode) rule.match = std::move(keys);
}

struct Kind {
  std::string_view name;
  IngressKind kind;
  std::string_view usage;
};
constexpr std::array<Kind, 3> kKinds{{{"u32", IngressKind::u32, kU32Usage},
                                      {"matchall", IngressKind::matchall, kMatchallUsage},
                                      {"bpf", IngressKind::bpf, kBpfUsage}}};

/// The kernel's, below those that it has given. Linux: tcf_auto_prio.
unsigned free_preference(const IngressFilter& filter) {
  for (const IngressFilter::Entry& entry : filter.entries()) {
    if (entry.rule.preference >= kLeastGiven) return entry.rule.preference - 1;
  }
  return kFirstPreference;
}

NetDevice& device_of(device::NetCore& net, const std::string& name) {
  NetDevice* dev = net.device_by_name(name);
  if (dev == nullptr) throw TcComplaint{fmt::format("Cannot find device \"{}\"\n", name), kFailure};
  return *dev;
}

/// Rules are for what is received or for what is sent; others the qdiscs here do not ask. The qdisc `ingress` has one
/// list, whatever is asked for (Linux: ingress_tcf_block).
IngressFilter& filter_of(device::NetCore& net, const Request& request) {
  if (request.device.empty())
    throw TcComplaint{"RTNETLINK answers: No such device\n" + std::string(kTalking), kKernelRefused};
  NetDevice& dev = device_of(net, request.device);
  if (!request.ingress && !request.egress) throw kernel_says("Qdisc not classful");
  if (dev.ingress().qdisc() == IngressQdisc::none) throw kernel_says("Parent Qdisc doesn't exists");
  return request.egress && dev.ingress().qdisc() == IngressQdisc::clsact ? dev.egress() : dev.ingress();
}

void add(device::NetCore& net, const Request& request, TcWords& words, Verb verb) {
  const auto kind = std::ranges::find(kKinds, request.kind, &Kind::name);
  IngressRule rule;
  if (kind != kKinds.end()) {
    rule.kind = kind->kind;
    rule.action = device::IngressAction::none;
    parse_rule(net, words, rule, kind->usage);
  }
  if (!request.device.empty()) static_cast<void>(device_of(net, request.device));
  if (request.preference == 0U) throw kernel_says("Invalid filter command with priority of zero");
  IngressFilter& filter = filter_of(net, request);
  if (request.kind.empty()) throw kernel_says("Filter kind and protocol must be specified");
  if (kind == kKinds.end()) throw kernel_says("TC classifier not found");
  rule.protocol = request.protocol.value_or(0);
  rule.handle = request.handle;
  rule.preference = request.preference.value_or(free_preference(filter));
  const auto same = [&](const IngressFilter::Entry& entry) { return entry.rule.preference == rule.preference; };
  if (verb == Verb::replace && request.preference && std::ranges::count_if(filter.entries(), same) == 1) {
    static_cast<void>(filter.remove(rule.preference));
  }
  const auto added = filter.add(std::move(rule));
  if (added) return;
  if (added.error() == base::Errno::invalid) throw kernel_says("Specified filter kind does not match existing one");
  throw TcComplaint{fmt::format("RTNETLINK answers: {}\n{}", error_text(added.error()), kTalking), kKernelRefused};
}

void remove(device::NetCore& net, const Request& request) {
  IngressFilter& filter = filter_of(net, request);
  if (!request.preference) return filter.clear();
  if (filter.entries().empty()) throw kernel_says("Cannot find specified filter chain");
  if (!filter.remove(*request.preference)) throw kernel_says("Filter with specified priority/protocol not found");
}

void show(device::NetCore& net, const Invocation& call, const Request& request, const TcFormat& format) {
  Printer out(format.json ? Printer::Form::json : Printer::Form::text);
  out.open_array();
  for (NetDevice* dev : net.devices()) {
    if (!request.device.empty() && dev != &device_of(net, request.device)) continue;
    const bool sent = request.egress && dev->ingress().qdisc() != IngressQdisc::ingress;
    print_tc_filters(out, sent ? dev->egress() : dev->ingress(), format);
  }
  out.close_array();
  call.out(out.take());
}

}  // namespace

int tc_filter(device::NetCore& net, const Invocation& call, std::size_t at, const TcFormat& format) {
  TcWords words(std::span(call.words).subspan(at));
  const std::string command = words.done() ? "show" : words.word();
  if (!words.done()) words.skip();
  const auto means = [&](std::string_view whole) { return !command.empty() && whole.starts_with(command); };
  try {
    if (means("help")) throw TcComplaint{std::string(kUsage), 0};
    const bool shows = means("show") || means("list") || means("lst");
    const bool known = shows || means("add") || means("replace") || means("change") || means("delete");
    if (!known)
      throw TcComplaint{fmt::format("Command \"{}\" is unknown, try \"tc filter help\".\n", command), kTcMisused};
    const Request request = parse_request(words);
    if (shows) {
      show(net, call, request, format);
    } else if (means("delete")) {
      remove(net, request);
    } else {
      add(net, request, words, means("add") ? Verb::add : Verb::replace);
    }
  } catch (const TcComplaint& complaint) {
    call.err(complaint.text);
    return complaint.status;
  }
  return 0;
}

}  // namespace host::console
