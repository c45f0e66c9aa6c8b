// SPDX-License-Identifier: Apache-2.0
// Each field once, for both formats.
#include "host/console/tc_show.hpp"

#include <algorithm>

#include "host/console/tc_units.hpp"
#include "host/qdisc/fq.hpp"
#include "host/qdisc/fq_codel.hpp"
#include "host/qdisc/tbf.hpp"

namespace host::console {
namespace {

using device::QdiscPlace;
using platform::Nanoseconds;

constexpr Nanoseconds kMicrosecond = 1000;

/// A line, or the members of an object, that grows field by field.
class Printer {
 public:
  explicit Printer(const TcFormat& format) : json_(format.json) {}

  [[nodiscard]] const std::string& text() const { return text_; }

  /// As text only.
  void plain(std::string_view text) {
    if (!json_) text_ += text;
  }
  void raw(std::string_view name, std::string_view json_value, std::string_view text) {
    if (!json_) {
      text_ += text;
      return;
    }
    if (!text_.empty() && text_.back() != '{') text_ += ',';
    text_.append("\"").append(name).append("\":").append(json_value);
  }
  void number(std::string_view name, std::uint64_t value, std::string_view before, std::string_view after) {
    raw(name, std::to_string(value), std::string(before) + std::to_string(value) + std::string(after));
  }
  void word(std::string_view name, const std::string& value, std::string_view text) {
    raw(name, '"' + value + '"', text);
  }
  void size(std::string_view name, std::uint64_t bytes) {
    raw(name, std::to_string(bytes), std::string(name) + ' ' + tc_size_text(bytes) + ' ');
  }
  void rate(std::string_view name, std::uint64_t bytes_per_second) {
    raw(name, std::to_string(bytes_per_second), std::string(name) + ' ' + tc_rate_text(bytes_per_second) + ' ');
  }
  void time(std::string_view name, Nanoseconds value) {
    raw(name, std::to_string(value / kMicrosecond), std::string(name) + ' ' + tc_time_text(value) + ' ');
  }
  void open(std::string_view name) {
    if (json_) raw(name, "{", "");
  }
  void close() {
    if (json_) text_ += '}';
  }

 private:
  bool json_;
  std::string text_;
};

template <typename Map>
void print_bands(Printer& out, std::uint32_t bands, const Map& map) {
  std::string json = "[";
  std::string text = "priomap";
  for (const unsigned band : map) {
    if (json.size() > 1) json += ',';
    json += std::to_string(band);
    text += ' ' + std::to_string(band);
  }
  out.number("bands", bands, "bands ", " ");
  out.raw("priomap", json + ']', text);
  out.raw("multiqueue", "false", "");
}

void print_tbf(Printer& out, const qdisc::TbfOptions& options) {
  const Nanoseconds drains = qdisc::wire_time(options.limit, options.rate);
  Nanoseconds latency = drains - qdisc::wire_time(options.burst, options.rate);
  out.rate("rate", options.rate);
  out.size("burst", options.burst);
  if (options.peak_rate != 0) {
    out.plain("peakrate " + tc_rate_text(options.peak_rate) + ' ');
    out.size("minburst", options.peak_burst);
    const Nanoseconds at_peak = qdisc::wire_time(options.limit, options.peak_rate);
    latency = std::max(latency, at_peak - qdisc::wire_time(options.peak_burst, options.peak_rate));
  }
  out.time("lat", std::max<Nanoseconds>(latency, 0));
}

void print_fq_codel(Printer& out, const qdisc::FqCodelOptions& options) {
  out.number("limit", options.limit, "limit ", "p ");
  out.number("flows", options.flows, "flows ", " ");
  out.number("quantum", options.quantum, "quantum ", " ");
  out.time("target", options.codel.target);
  if (options.codel.ce_threshold) out.time("ce_threshold", *options.codel.ce_threshold);
  out.time("interval", options.codel.interval);
  out.size("memory_limit", options.memory_limit);
  if (options.codel.ecn) out.raw("ecn", "true", "ecn ");
  out.number("drop_batch", options.drop_batch, "drop_batch ", " ");
}

void print_fq(Printer& out, const qdisc::FqOptions& options) {
  out.number("limit", options.limit, "limit ", "p ");
  out.number("flow_limit", options.flow_limit, "flow_limit ", "p ");
  out.number("buckets", options.buckets, "buckets ", " ");
  out.number("orphan_mask", options.orphan_mask, "orphan_mask ", " ");
  if (!options.pacing) out.raw("pacing", "false", "nopacing ");
  out.size("quantum", options.quantum);
  out.size("initial_quantum", options.initial_quantum);
  if (options.max_rate != qdisc::FqOptions::kNoRate) out.rate("maxrate", options.max_rate);
  if (options.low_rate_threshold != 0) out.rate("low_rate_threshold", options.low_rate_threshold);
  out.time("refill_delay", options.refill_delay);
}

void print_options(Printer& out, const qdisc::Qdisc& qdisc) {
  const qdisc::Options options = qdisc.options();
  if (qdisc.kind() == "pfifo_fast") print_bands(out, 3, qdisc::kPriorityBands);
  if (const auto* fifo = std::get_if<qdisc::FifoOptions>(&options)) {
    const bool packets = qdisc.kind() == "pfifo";
    out.raw("limit", std::to_string(fifo->limit),
            "limit " + (packets ? std::to_string(fifo->limit) + 'p' : tc_size_text(fifo->limit)));
  }
  if (const auto* prio = std::get_if<qdisc::PrioOptions>(&options)) print_bands(out, prio->bands, prio->priomap);
  if (const auto* tbf = std::get_if<qdisc::TbfOptions>(&options)) print_tbf(out, *tbf);
  if (const auto* fq_codel = std::get_if<qdisc::FqCodelOptions>(&options)) print_fq_codel(out, *fq_codel);
  if (const auto* fq = std::get_if<qdisc::FqOptions>(&options)) print_fq(out, *fq);
}

void print_statistics(Printer& out, const qdisc::Stats& stats, const qdisc::Backlog& backlog) {
  out.plain("\n");
  out.number("bytes", stats.bytes, " Sent ", " bytes");
  out.number("packets", stats.packets, " ", " pkt");
  out.number("drops", stats.drops, " (dropped ", "");
  out.number("overlimits", stats.overlimits, ", overlimits ", "");
  out.number("requeues", stats.requeues, " requeues ", ") ");
  out.plain("\n");
  out.raw("backlog", std::to_string(backlog.bytes), " backlog " + tc_size_text(backlog.bytes));
  out.number("qlen", backlog.packets, " ", "p");
  out.plain(" requeues " + std::to_string(stats.requeues));
}

void print_own_statistics(Printer& out, const qdisc::Qdisc& qdisc) {
  if (const auto* fq_codel = dynamic_cast<const qdisc::FqCodel*>(&qdisc)) {
    const qdisc::FqCodelStats stats = fq_codel->fq_codel_stats();
    out.plain("\n");
    out.number("maxpacket", stats.codel.max_packet, "  maxpacket ", "");
    out.number("drop_overlimit", stats.drop_overlimit, " drop_overlimit ", "");
    out.number("new_flow_count", stats.new_flow_count, " new_flow_count ", "");
    out.number("ecn_mark", stats.codel.ecn_mark, " ecn_mark ", "");
    if (stats.codel.ce_mark != 0) out.number("ce_mark", stats.codel.ce_mark, " ce_mark ", "");
    if (stats.memory_used != 0) out.number("memory_used", stats.memory_used, " memory_used ", "");
    if (stats.drop_overmemory != 0) out.number("drop_overmemory", stats.drop_overmemory, " drop_overmemory ", "");
    out.plain("\n");
    out.number("new_flows_len", stats.new_flows, "  new_flows_len ", "");
    out.number("old_flows_len", stats.old_flows, " old_flows_len ", "");
  }
  if (const auto* fq = dynamic_cast<const qdisc::Fq*>(&qdisc)) {
    const qdisc::FqStats stats = fq->fq_stats();
    out.plain("\n");
    out.number("flows", stats.flows, "  flows ", "");
    out.number("inactive", stats.inactive, " (inactive ", "");
    out.number("throttled", stats.throttled_now, " throttled ", ")");
    out.plain("\n");
    out.number("gc", 0, "  gc ", "");
    out.number("highprio", stats.urgent, " highprio ", "");
    out.number("throttled", stats.throttled, " throttled ", "");
    if (stats.flows_plimit != 0) out.number("flows_plimit", stats.flows_plimit, " flows_plimit ", "");
  }
}

}  // namespace

std::string tc_qdisc_text(const device::NetDevice& dev, const QdiscPlace& place, const TcFormat& format) {
  const qdisc::Qdisc& qdisc = *place.qdisc;
  Printer out(format);
  out.word("kind", qdisc.kind(), "qdisc " + qdisc.kind() + ' ');
  const std::string handle = tc_handle_text(qdisc.handle());
  out.word("handle", handle, handle + ' ');
  if (format.device) out.word("dev", dev.name(), "dev " + dev.name() + ' ');
  if (place.around == nullptr) {
    out.raw("root", "true", "root ");
    // Each transmit queue refers to it, and the device.
    if (qdisc.kind() != "mq") out.number("refcnt", dev.tx_queues() + 1, "refcnt ", " ");
  } else {
    const std::string parent = tc_class_text(place.parent);
    out.word("parent", parent, "parent " + parent + ' ');
  }
  out.open("options");
  print_options(out, qdisc);
  out.close();
  if (format.statistics) {
    print_statistics(out, qdisc.stats(), qdisc.backlog());
    print_own_statistics(out, qdisc);
  }
  return format.json ? '{' + out.text() + '}' : out.text() + '\n';
}

std::string tc_ingress_text(device::NetDevice& dev, const TcFormat& format) {
  const std::string kind = dev.ingress().qdisc() == device::IngressQdisc::ingress ? "ingress" : "clsact";
  qdisc::Stats stats;
  for (const device::IngressFilter* filter : {&dev.ingress(), &dev.egress()}) {
    for (const device::IngressFilter::Entry& entry : filter->entries()) {
      stats.bytes += entry.stats.bytes;
      stats.packets += entry.stats.packets;
      stats.drops += entry.stats.dropped;
      stats.overlimits += entry.stats.overlimits;
    }
  }
  Printer out(format);
  out.word("kind", kind, "qdisc " + kind + ' ');
  out.word("handle", "ffff:", "ffff: ");
  if (format.device) out.word("dev", dev.name(), "dev " + dev.name() + ' ');
  out.word("parent", "ffff:fff1", "parent ffff:fff1 ");
  out.open("options");
  if (kind == "ingress") out.plain("---------------- ");
  out.close();
  if (format.statistics) print_statistics(out, stats, {});
  return format.json ? '{' + out.text() + '}' : out.text() + '\n';
}

std::string tc_classes_text(const QdiscPlace& place, const TcFormat& format) {
  std::string text;
  const std::string& kind = place.qdisc->kind();
  for (const qdisc::Class& one : place.qdisc->classes()) {
    const auto handle = qdisc::make_handle(qdisc::major_of(place.qdisc->handle()), one.minor);
    text += "class " + kind + ' ' + tc_class_text(handle) + ' ';
    text += kind == "mq" ? "root " : "parent " + tc_handle_text(handle) + ' ';
    if (one.leaf->handle() != 0) text += "leaf " + tc_handle_text(one.leaf->handle()) + ' ';
    if (format.statistics) {
      Printer out(format);
      if (kind != "tbf") print_statistics(out, one.leaf->stats(), one.leaf->backlog());
      text += kind == "tbf" ? "\n" : out.text();
    }
    text += '\n';
  }
  return text;
}

}  // namespace host::console
