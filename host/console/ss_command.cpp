// SPDX-License-Identifier: Apache-2.0
// UDP's sockets in columns as wide as what stands in them (iproute2: misc/ss.c, render).
#include "host/console/ss_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "host/console/console.hpp"

namespace host::console {
namespace {

using headers::AddressFamily;
using kernel::Task;
using udp::UdpSocket;

constexpr std::string_view kUsage =
    "Usage: ss [ OPTIONS ]\n"
    "   -n, --numeric       don't resolve service names\n"
    "   -a, --all           display all sockets\n"
    "   -l, --listening     display listening sockets\n"
    "   -m, --memory        show socket memory usage\n"
    "   -H, --no-header     Suppress header line\n"
    "   -4, --ipv4          display only IP version 4 sockets\n"
    "   -6, --ipv6          display only IP version 6 sockets\n"
    "   -u, --udp           display only UDP sockets\n";

struct Options {
  bool all = false;
  bool listening = false;
  bool memory = false;
  bool header = true;
  bool udp = false;  // alone: then nobody needs to be told
  std::optional<AddressFamily> family = {};
};

/// The columns: network, state, both queues, both names in two parts, the rest.
using Row = std::array<std::string, 9>;
enum Column : std::size_t { kNetid, kState, kRecvQ, kSendQ, kLocal, kLocalPort, kPeer, kPeerPort, kProcess };

Row header() {
  return {"Netid", "State", "Recv-Q", "Send-Q", "Local Address:", "Port", "Peer Address:", "Port", "Process"};
}

/// iproute2: inet_addr_print. A wildcard of both families is a star.
std::string name_of(const UdpSocket& socket, const headers::IpAddress& address) {
  if (socket.family == AddressFamily::inet) return to_string(address.ipv4());
  if (address.value.is_unspecified() && !socket.inet6.v6only) return "*";
  return fmt::format("[{}]", to_string(address.value));
}

/// `%eth0` of a socket that is bound to a device.
std::string device_of(const udp::UdpLayer& layer, const UdpSocket& socket) {
  const device::NetDevice* device = layer.ip.net.device_by_index(socket.bound_ifindex);
  return device == nullptr ? "" : '%' + device->name();
}

std::string port_of(std::uint16_t port) {
  return port == 0 ? "*" : std::to_string(port);
}

std::string memory_of(const UdpSocket& socket) {
  return fmt::format("\n\t skmem:(r{},rb{},t{},tb{},f0,w0,o0,bl0,d{})", socket.queue.charged(), socket.queue.limit(),
                     socket.send.charged(), socket.send.limit(), socket.drops);
}

Row row_of(const udp::UdpLayer& layer, const UdpSocket& socket, const Options& options) {
  const udp::Endpoints& names = socket.endpoints;
  return {"udp",
          socket.is_connected() ? "ESTAB" : "UNCONN",
          std::to_string(socket.queue.charged()),
          std::to_string(socket.send.charged()),
          name_of(socket, names.local) + device_of(layer, socket) + ':',
          port_of(names.local_port),
          name_of(socket, names.peer) + ':',
          port_of(names.peer_port),
          options.memory ? memory_of(socket) : ""};
}

bool is_shown(const UdpSocket& socket, const Options& options) {
  if (options.family && socket.family != *options.family) return false;
  if (options.all) return true;
  return options.listening ? !socket.is_connected() : socket.is_connected();
}

std::string render(const std::vector<Row>& rows, const Options& options) {
  std::array<std::size_t, 9> widths{};
  const auto measure = [&](const Row& row) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  };
  Row titles = header();
  if (!options.header)
    titles[kNetid] = titles[kLocal] = titles[kLocalPort] = titles[kPeer] = titles[kPeerPort] = titles[kProcess] = "";
  measure(titles);
  std::ranges::for_each(rows, measure);
  std::string text;
  const auto print = [&](const Row& row) {
    if (!options.udp) text += fmt::format("{:<{}} ", row[kNetid], widths[kNetid]);
    // One kind of socket has one state.
    if (options.all || options.listening) text += fmt::format("{:<{}} ", row[kState], widths[kState]);
    text += fmt::format("{:<{}} {:<{}} ", row[kRecvQ], widths[kRecvQ], row[kSendQ], widths[kSendQ]);
    text += fmt::format("{:>{}}{:<{}} ", row[kLocal], widths[kLocal], row[kLocalPort], widths[kLocalPort]);
    text += fmt::format("{:>{}}{:<{}}", row[kPeer], widths[kPeer], row[kPeerPort], widths[kPeerPort]);
    text += fmt::format("{:<{}}\n", row[kProcess], widths[kProcess]);
  };
  if (options.header) print(header());
  std::ranges::for_each(rows, print);
  return text;
}

/// The first letter that is none; 0: all are known.
char parse(const std::vector<std::string>& words, Options& options) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (!words[i].starts_with('-')) return '?';
    for (const char letter : std::string_view(words[i]).substr(1)) {
      if (letter == 'a') {
        options.all = true;
      } else if (letter == 'l') {
        options.listening = true;
      } else if (letter == 'm') {
        options.memory = true;
      } else if (letter == 'H') {
        options.header = false;
      } else if (letter == 'u') {
        options.udp = true;
      } else if (letter == '4' || letter == '6') {
        options.family = letter == '4' ? AddressFamily::inet : AddressFamily::inet6;
      } else if (letter != 'n') {
        return letter;
      }
    }
  }
  return 0;
}

int run(const udp::UdpLayer& layer, const Invocation& call) {
  Options options;
  if (const char unknown = parse(call.words, options); unknown != 0) {
    call.err(fmt::format("ss: invalid option -- '{}'\n", unknown));
    call.err(kUsage);
    return 255;  // iproute2: -1
  }
  std::vector<Row> rows;
  for (const AddressFamily family : {AddressFamily::inet, AddressFamily::inet6}) {
    for (const UdpSocket* socket : layer.table.all()) {
      if (socket->family == family && is_shown(*socket, options)) rows.push_back(row_of(layer, *socket, options));
    }
  }
  call.out(render(rows, options));
  return 0;
}

}  // namespace

void add_ss_command(Console& console) {
  console.add("ss", "sockets: ss -uan, with memory: ss -uanm",
              [&udp = console.system().udp](Invocation& call) -> Task<int> { co_return run(udp, call); });
}

}  // namespace host::console
