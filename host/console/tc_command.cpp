// SPDX-License-Identifier: Apache-2.0
// `tc qdisc add|replace|change|del|show`, `tc class show` and, in tc_filter, `tc filter` in the words of iproute2 6.1.
#include "host/console/tc_command.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "host/console/console.hpp"
#include "host/console/errors.hpp"
#include "host/console/tc_filter.hpp"
#include "host/console/tc_options.hpp"
#include "host/console/tc_show.hpp"
#include "host/console/tc_units.hpp"

namespace host::console {
namespace {

using device::IngressQdisc;
using device::NetDevice;
using device::QdiscRequest;
using Verb = QdiscRequest::Verb;

constexpr qdisc::Handle kIngressParent = 0xffff'fff1;  // TC_H_INGRESS

constexpr int kKernelRefused = 2;

constexpr std::string_view kUsage =
    "Usage:\ttc [ OPTIONS ] OBJECT { COMMAND | help }\n"
    "where  OBJECT := { qdisc | class | filter }\n"
    "       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -j[son] }\n";
constexpr std::string_view kQdiscUsage =
    "Usage: tc qdisc [ add | del | replace | change | show ] dev STRING\n"
    "       [ handle QHANDLE ] [ root | ingress | clsact | parent CLASSID ]\n"
    "       [ [ QDISC_KIND ] [ help | OPTIONS ] ]\n\n"
    "       tc qdisc { show | list } [ dev STRING ] [ QDISC_ID ] [ invisible ]\n"
    "Where:\n"
    "QDISC_KIND := { [p|b]fifo | pfifo_fast | tbf | prio | fq_codel | fq | mq }\n"
    "OPTIONS := ... try tc qdisc add <desired QDISC_KIND> help\n"
    "QDISC_ID := { root | handle QHANDLE | parent CLASSID }\n";
constexpr std::string_view kClassUsage = "Usage: tc class show [ dev STRING ]\n";

class Tc {
 public:
  Tc(device::NetCore& net, const Invocation& call) : net_(net), call_(call) {}

  int run() {
    for (; has_word() && word().starts_with('-'); ++at_) {
      if (!option(word())) {
        return refuse("Option \"" + word() + "\" is unknown, try \"tc -help\".\n", kTcMisused);
      }
      if (only_version_) return 0;
    }
    if (!has_word() || is("help")) {
      call_.out(kUsage);
      return 0;
    }
    if (abbreviates("qdisc")) return qdisc();
    if (abbreviates("class")) return classes();
    if (abbreviates("filter")) return tc_filter(net_, call_, at_ + 1, format_);
    return refuse("Object \"" + word() + "\" is unknown, try \"tc help\".\n", kTcMisused);
  }

 private:
  [[nodiscard]] bool has_word() const { return at_ < call_.words.size(); }
  [[nodiscard]] const std::string& word() const { return call_.words[at_]; }
  [[nodiscard]] bool is(std::string_view what) const { return word() == what; }
  /// iproute2's matches(): the beginning of a command is the command.
  [[nodiscard]] bool abbreviates(std::string_view command) const { return command.starts_with(word()); }

  int refuse(std::string_view text, int status) {
    call_.err(text);
    return status;
  }
  int unfinished() { return refuse("Command line is not complete. Try option \"help\"\n", kTcMisused); }
  int wrong(std::string_view what) {
    return refuse("Error: argument \"" + word() + "\" is wrong: " + std::string(what) + '\n', kTcMisused);
  }
  int no_device(const std::string& name) { return refuse("Cannot find device \"" + name + "\"\n", kFailure); }

  bool option(std::string_view text) {
    const auto means = [&](std::string_view name) { return text.size() > 1 && name.starts_with(text); };
    if (means("-statistics") || text == "-stats") {
      format_.statistics = true;
    } else if (means("-json")) {
      format_.json = true;
    } else if (means("-Version")) {
      call_.out("tc utility, iproute2-6.1.0\n");
      only_version_ = true;
    } else {
      return means("-details");
    }
    return true;
  }

  int qdisc() {
    ++at_;
    if (!has_word()) return show();
    constexpr std::array<std::pair<std::string_view, Verb>, 4> kVerbs{
        {{"add", Verb::add}, {"change", Verb::change}, {"replace", Verb::replace}, {"delete", Verb::remove}}};
    for (const auto& [name, verb] : kVerbs) {
      if (!abbreviates(name)) continue;
      ++at_;
      return modify(verb);
    }
    if (abbreviates("list") || abbreviates("show") || abbreviates("lst")) {
      ++at_;
      return show();
    }
    if (abbreviates("help")) return refuse(kQdiscUsage, 0);
    return refuse("Command \"" + word() + "\" is unknown, try \"tc qdisc help\".\n", kTcMisused);
  }

  /// Takes a word's value into `place`: 0, or the status of the complaint.
  template <typename Value, typename Parse>
  int take(Value& place, Parse parse, std::string_view complaint) {
    if (++at_ == call_.words.size()) return unfinished();
    const auto value = parse(word());
    if (!value) return wrong(complaint);
    place = *value;
    return 0;
  }
  int take_name(std::string& name) {
    return take(
        name, [](const std::string& text) { return std::optional(text); }, "");
  }

  int modify(Verb verb) {
    QdiscRequest request{.verb = verb, .parent = 0, .handle = 0, .kind = {}, .set = {}};
    std::string name;
    int status = 0;
    for (; has_word() && status == 0; ++at_) {
      if (is("dev")) {
        status = take_name(name);
      } else if (is("handle")) {
        status = take(request.handle, tc_handle, "invalid qdisc ID");
      } else if (is("ingress") || is("clsact")) {
        request.kind = word();
        ++at_;
        if (has_word() && is("handle")) ++at_;  // it is ffff: in any case
        return send_ingress(name, request);
      } else if (is("root")) {
        if (request.parent != 0) return refuse("Error: \"root\" is duplicate parent ID\n", kTcMisused);
        request.parent = qdisc::kRootHandle;
      } else if (is("parent")) {
        if (request.parent != 0) {
          return refuse("Error: duplicate \"parent\": \"" + word() + "\" is the second value.\n", kTcMisused);
        }
        status = take(request.parent, tc_class, "invalid parent ID");
      } else if (is("help")) {
        return refuse(kQdiscUsage, kTcMisused);
      } else {
        request.kind = word();
        ++at_;
        break;
      }
    }
    if (status != 0) return status;
    const auto rest = std::span(call_.words).subspan(std::min(at_, call_.words.size()));
    auto parsed = parse_tc_options(request.kind, rest);
    if (const auto* complaint = std::get_if<TcComplaint>(&parsed)) return refuse(complaint->text, complaint->status);
    request.set = std::move(std::get<TcSetter>(parsed));
    return send(name, request);
  }

  /// The qdisc of what is received holds rules and no packets.
  int send_ingress(const std::string& name, const QdiscRequest& request) {
    if (name.empty()) return refuse("RTNETLINK answers: No such device\n", kKernelRefused);
    NetDevice* dev = net_.device_by_name(name);
    if (dev == nullptr) return no_device(name);
    device::IngressFilter& filter = dev->ingress();
    const auto wanted = request.kind == "ingress" ? IngressQdisc::ingress : IngressQdisc::clsact;
    if (request.verb == Verb::remove) {
      if (filter.qdisc() == IngressQdisc::none) return refuse("Error: Invalid handle.\n", kKernelRefused);
      filter.clear();
      dev->egress().clear();
      filter.set_qdisc(IngressQdisc::none);
      return 0;
    }
    const bool there = filter.qdisc() != IngressQdisc::none;
    if (there && (request.verb == Verb::add || filter.qdisc() != wanted)) {
      return refuse("Error: Exclusivity flag on, cannot modify.\n", kKernelRefused);
    }
    if (!there && request.verb == Verb::change) {
      return refuse("Error: Qdisc not found. To create specify NLM_F_CREATE flag.\n", kKernelRefused);
    }
    filter.set_qdisc(wanted);
    return 0;
  }

  int send(const std::string& name, const QdiscRequest& request) {
    if (name.empty()) return refuse("RTNETLINK answers: No such device\n", kKernelRefused);
    NetDevice* dev = net_.device_by_name(name);
    if (dev == nullptr) return no_device(name);
    const auto error = control_qdisc(call_.self.cpu(), *dev, request);
    if (!error) return 0;
    if (error->message.empty()) {
      return refuse("RTNETLINK answers: " + std::string(error_text(error->error)) + '\n', kKernelRefused);
    }
    const std::string_view dot = error->message.ends_with('.') ? "" : ".";
    return refuse("Error: " + error->message + std::string(dot) + '\n', kKernelRefused);
  }

  int show() {
    std::string name;
    bool invisible = false;
    qdisc::Handle parent = 0;
    qdisc::Handle handle = 0;
    int status = 0;
    for (; has_word() && status == 0; ++at_) {
      if (is("dev")) {
        status = take_name(name);
      } else if (is("root")) {
        parent = qdisc::kRootHandle;
      } else if (is("ingress") || is("clsact")) {
        parent = kIngressParent;
      } else if (is("parent")) {
        status = take(parent, tc_class, "invalid parent ID");
      } else if (is("handle")) {
        status = take(handle, tc_handle, "invalid qdisc ID");
      } else if (is("invisible")) {
        invisible = true;
      } else if (abbreviates("help")) {
        return refuse(kQdiscUsage, 0);
      } else {
        return refuse("What is \"" + word() + "\"? Try \"tc qdisc help\".\n", kTcMisused);
      }
    }
    if (status != 0) return status;
    const auto wanted = [&](const device::QdiscPlace& place) {
      return (place.visible || invisible) && (parent == 0 || place.parent == parent) &&
             (handle == 0 || place.qdisc->handle() == handle);
    };
    return for_each(name, [&](NetDevice& dev, std::string& text) {
      for (const device::QdiscPlace& place : device::qdiscs_of(dev)) {
        if (!wanted(place)) continue;
        if (format_.json && text.size() > 1) text += ',';
        text += tc_qdisc_text(dev, place, format_);
      }
      if (dev.ingress().qdisc() == IngressQdisc::none || (parent != 0 && parent != kIngressParent)) return;
      if (format_.json && text.size() > 1) text += ',';
      text += tc_ingress_text(dev, format_);
    });
  }

  int classes() {
    ++at_;
    const bool shows = !has_word() || abbreviates("list") || abbreviates("show") || abbreviates("lst");
    if (!shows && abbreviates("help")) return refuse(kClassUsage, 0);
    if (!shows) return refuse("Command \"" + word() + "\" is unknown, try \"tc class help\".\n", kTcMisused);
    std::string name;
    for (++at_; has_word(); ++at_) {
      if (!is("dev")) return refuse("What is \"" + word() + "\"? Try \"tc class help\".\n", kTcMisused);
      if (const int status = take_name(name); status != 0) return status;
    }
    format_.json = false;  // iproute2 6.1 has classes as text only
    return for_each(name, [&](NetDevice& dev, std::string& text) {
      for (const device::QdiscPlace& place : device::qdiscs_of(dev)) text += tc_classes_text(place, format_);
    });
  }

  /// Prints what `print` adds for the device of that name, or for each.
  template <typename Print>
  int for_each(const std::string& name, Print print) {
    std::string text = format_.json ? "[" : "";
    format_.device = name.empty();
    if (name.empty()) {
      for (NetDevice* dev : net_.devices()) print(*dev, text);
    } else {
      NetDevice* dev = net_.device_by_name(name);
      if (dev == nullptr) return no_device(name);
      print(*dev, text);
    }
    call_.out(format_.json ? text + "]\n" : text);
    return 0;
  }

  device::NetCore& net_;
  const Invocation& call_;
  std::size_t at_ = 1;
  TcFormat format_;
  bool only_version_ = false;
};

}  // namespace

void add_tc_command(Console& console) {
  device::NetCore& net = console.system().net;
  console.add("tc", "queueing and filters: tc qdisc replace dev eth0 root fq_codel, tc -s qdisc show",
              [&net](Invocation& call) -> kernel::Task<int> { co_return Tc(net, call).run(); });
}

}  // namespace host::console
