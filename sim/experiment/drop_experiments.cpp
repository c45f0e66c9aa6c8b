// SPDX-License-Identifier: Apache-2.0
// Unwanted packets: how many a CPU gets rid of, by where.
#include <fmt/format.h>

#include "host/base/invariant.hpp"
#include "sim/experiment/experiment.hpp"

namespace sim::experiment {
namespace {

enum class Place : std::uint8_t { xdp, ingress, netfilter, filter, reader, count };
constexpr const char* kPlaces[] = {"XDP", "tc ingress", "nft raw", "socket filter", "reader, CPU 1"};

host::device::BpfProgram returning(std::uint32_t value) {
  constexpr std::uint16_t kReturnConstant = 0x06;  // BPF_RET | BPF_K
  const host::device::BpfInstruction instruction{kReturnConstant, 0, 0, value};
  auto program = host::device::BpfProgram::make({&instruction, 1});
  INVARIANT(program.ok(), "a program of one return is refused");
  return std::move(program).value();
}

void drop_at_ingress(host::apps::Host& /*host*/, host::device::NetDevice& device) {
  const auto added = device.ingress().add(
      {.preference = 1, .match = host::device::U32Match{}, .action = host::device::IngressAction::shot});
  INVARIANT(added.ok(), "a rule of tc ingress is refused");
}

Trial trial_at(const Options& options, Place place) {
  Trial trial{.machine = usual_machine(options)};
  trial.machine.driver.rx_ring = 1024;
  trial.machine.driver.lro_usecs = 0;
  trial.streams = {{.interval = 0, .flows = 64}};  // the wire full
  trial.duration = (options.brief ? 1 : 2) * kMillisecond / 2;
  switch (place) {
    case Place::xdp:
      trial.prepare = [](host::apps::Host&, host::device::NetDevice& device) {
        const auto set = device.set_xdp([](host::device::XdpFrame&) { return host::device::XdpAction::drop; });
        INVARIANT(set.ok() && device.xdp_is_native(), "the driver runs no XDP");
      };
      break;
    case Place::ingress:
      trial.prepare = drop_at_ingress;
      break;
    case Place::netfilter:
      trial.setup = {"nft add table ip raw",
                     "nft 'add chain ip raw prerouting { type filter hook prerouting priority -300; }'",
                     "nft add rule ip raw prerouting udp dport 9 drop"};
      break;
    case Place::filter:
      trial.readers = {{.cpu = 1, .filter = returning(0)}};
      break;
    case Place::reader:
    case Place::count:
      trial.readers = {{.cpu = 1}};
      break;
  }
  return trial;
}

Experiment drop() {
  return {.name = "drop",
          .question = "How many unwanted packets a second does a CPU get rid of, by where it drops them?",
          .knob = "dropped at",
          .unit = {},
          .scale = Scale::labels,
          .panels = {{"handled_kpps"}, {"softirq_percent"}, {"rx_missed_percent"}},
          .points = [](const Options& options) {
            std::vector<Point> points;
            for (std::size_t place = 0; place < static_cast<std::size_t>(Place::count); ++place) {
              points.push_back({"line rate, 64 B", static_cast<double>(place), kPlaces[place],
                                trial_at(options, static_cast<Place>(place))});
            }
            return points;
          }};
}

Experiment forward() {
  return {
      .name = "forward",
      .question = "How many packets a second does a CPU forward, and what do rules and connections cost it?",
      .knob = "on the way",
      .unit = {},
      .scale = Scale::labels,
      .panels = {{"sent_kpps"}, {"ns_per_packet"}},
      .points = [](const Options& options) {
        const std::vector<std::pair<const char*, std::vector<std::string>>> kinds = {
            {"nothing", {}},
            {"a chain",
             {"nft add table ip filter", "nft 'add chain ip filter forward { type filter hook forward priority 0; }'",
              "nft add rule ip filter forward udp dport 9 accept"}},
            {"conntrack",
             {"nft add table ip filter", "nft 'add chain ip filter forward { type filter hook forward priority 0; }'",
              "nft add rule ip filter forward ct state new,established accept"}}};
        std::vector<Point> points;
        for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
          Trial trial{.machine = usual_machine(options)};
          trial.machine.host.cpus = 1;
          trial.setup = {"sysctl -w net.ipv4.ip_forward=1", "sysctl -w net.ipv4.conf.all.send_redirects=0",
                         "sysctl -w net.ipv4.conf.eth0.send_redirects=0", "ip route add 10.78.0.0/16 via 10.77.0.1"};
          trial.setup.insert(trial.setup.end(), kinds[kind].second.begin(), kinds[kind].second.end());
          trial.streams = {steady(4000)};
          trial.streams.front().elsewhere = true;
          trial.warm_up = kMillisecond;  // until the ring of what is sent is full
          trial.duration = (options.brief ? 1 : 2) * kMillisecond;
          points.push_back({"4 Mpps offered, one CPU", static_cast<double>(kind), kinds[kind].first, trial});
        }
        return points;
      }};
}

}  // namespace

void add_drop_experiments(std::vector<Experiment>& all) {
  all.push_back(drop());
  all.push_back(forward());
}

}  // namespace sim::experiment
