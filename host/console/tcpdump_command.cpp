// SPDX-License-Identifier: Apache-2.0
// A packet socket of every protocol, a filter, and the printer or a file (libpcap: pcap-linux.c).
#include "host/console/tcpdump_command.hpp"

#include <fmt/format.h>

#include "host/capture/capture_file.hpp"
#include "host/capture/filter.hpp"
#include "host/capture/frame_printer.hpp"
#include "host/console/console.hpp"
#include "host/console/errors.hpp"
#include "host/console/tcpdump_options.hpp"

namespace host::console {
namespace {

using capture::CapturedFrame;
using capture::CaptureFile;
using kernel::Task;
using skb::PacketType;

constexpr std::int64_t kBuffer = 2 * 1024 * 1024;  // as libpcap asks for
constexpr std::size_t kLargestFrame = 65'550;

std::string_view direction_of(PacketType type) {
  switch (type) {
    case PacketType::broadcast:
      return "B";
    case PacketType::multicast:
      return "M";
    case PacketType::otherhost:
      return "P";
    case PacketType::outgoing:
      return "Out";
    default:
      return "In";
  }
}

/// One run of the command.
class Tcpdump {
 public:
  Tcpdump(Console& console, Invocation& call, TcpdumpOptions options)
      : console_(console), call_(call), options_(std::move(options)), printer_(options_.print) {}

  Task<int> run() {
    if (options_.list) co_return list();
    if (auto wrong = open()) {
      close();
      call_.err(*wrong);
      co_return kFailure;
    }
    begin();
    const bool interrupted = co_await capture();
    if (interrupted && file_ == nullptr) call_.out("\n");
    sum_up();
    close();
    co_return 0;
  }

 private:
  using Complaint = std::optional<std::string>;

  device::NetCore& net() { return console_.system().net; }
  socket::SocketCalls& sockets() { return console_.system().sockets; }
  [[nodiscard]] bool everywhere() const { return options_.device == "any"; }

  int list() {
    unsigned number = 0;
    for (const device::NetDevice* dev : net().devices()) {
      const bool loopback = dev->hardware_type() == device::HardwareType::loopback;
      call_.out(fmt::format("{}.{} [{}{}]\n", ++number, dev->name(), dev->is_up() ? "Up, Running" : "none",
                            loopback ? ", Loopback" : ""));
    }
    call_.out(fmt::format("{}.any (Pseudo-device that captures on all interfaces) [Up, Running]\n", ++number));
    return 0;
  }

  /// As libpcap does: the first that is up, `lo` last.
  void choose_device() {
    if (!options_.device.empty()) return;
    for (const device::NetDevice* dev : net().devices()) {
      const bool loopback = dev->hardware_type() == device::HardwareType::loopback;
      if (dev->is_up() && (options_.device.empty() || !loopback)) options_.device = dev->name();
      if (!options_.device.empty() && !loopback) return;
    }
  }

  Complaint open() {
    choose_device();
    const device::NetDevice* dev = everywhere() ? nullptr : net().device_by_name(options_.device);
    if (dev == nullptr && !everywhere()) {
      return fmt::format("tcpdump: {}: No such device exists\n(No such device exists)\n", options_.device);
    }
    auto compiled = capture::compile_filter(options_.expression, options_.snapshot);
    if (const auto* error = std::get_if<capture::FilterError>(&compiled)) {
      return fmt::format("tcpdump: {}\n", error->message);
    }
    const auto fd = sockets().packet_socket(call_.self, packet::PacketKind::raw, 0);
    if (!fd) return fmt::format("tcpdump: socket: {}\n", error_text(fd.error()));
    fd_ = *fd;
    static_cast<void>(sockets().set_receive_buffer(fd_, kBuffer));
    static_cast<void>(sockets().attach_filter(fd_, std::get<device::BpfProgram>(std::move(compiled))));
    const auto bound = sockets().bind_packet(
        call_.self, fd_, {.ifindex = dev == nullptr ? 0 : dev->ifindex(), .protocol = packet::kEveryProtocol});
    if (!bound) return fmt::format("tcpdump: {}: That device is not up\n", options_.device);
    if (dev != nullptr && options_.promiscuous) {
      static_cast<void>(sockets().set_packet_membership(fd_, dev->name(), packet::Membership::promiscuous, true));
    }
    return options_.file.empty() ? Complaint{} : open_file();
  }

  Complaint open_file() {
    if (console_.open_capture == nullptr) {
      return fmt::format("tcpdump: {}: there are no files here to write captures to\n", options_.file);
    }
    std::vector<std::string> names;
    for (const device::NetDevice* dev : net().devices()) names.push_back(dev->name());
    auto opened = console_.open_capture(options_.file, names);
    if (const auto* error = std::get_if<std::string>(&opened)) return fmt::format("tcpdump: {}\n", *error);
    file_ = std::get<std::unique_ptr<CaptureFile>>(std::move(opened));
    names_ = std::move(names);
    return {};
  }

  void close() {
    if (fd_ >= 0) static_cast<void>(sockets().close(call_.self, fd_));
    file_.reset();
  }

  void begin() {
    if (everywhere()) call_.err("tcpdump: data link type LINUX_SLL2\n");
    if (file_ == nullptr && options_.print.verbose == 0) {
      call_.err("tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n");
    } else {
      call_.err("tcpdump: ");
    }
    call_.err(fmt::format("listening on {}, link-type {}, snapshot length {} bytes\n", options_.device,
                          everywhere() ? "LINUX_SLL2 (Linux cooked v2)" : "EN10MB (Ethernet)", options_.snapshot));
  }

  /// True: its time was over. False: it has seen as many as it should, or its device went.
  Task<bool> capture() {
    std::vector<std::byte> buffer(std::min<std::size_t>(options_.snapshot, kLargestFrame));
    while (!options_.count || captured_ < *options_.count) {
      if (call_.ends_at) {
        const auto left = *call_.ends_at - call_.self.cpu().now();
        if (left <= 0) co_return true;
        static_cast<void>(sockets().set_receive_timeout(fd_, left));
      }
      const auto message = co_await sockets().recvfrom(call_.self, fd_, buffer);
      if (!message.ok()) {
        if (message.error() == base::Errno::again) continue;
        call_.err("tcpdump: pcap_loop: The interface went down\n");
        co_return false;
      }
      take(headers::Bytes(buffer).first(message->bytes), *message);
    }
    co_return false;
  }

  void take(headers::Bytes bytes, const socket::Message& message) {
    const packet::LinkAddress& link = message.link;
    const bool out = link.packet_type == PacketType::outgoing;
    // What is sent to oneself is seen as it comes back.
    if (out && link.hardware_type == device::HardwareType::loopback) return;
    using Direction = TcpdumpOptions::Direction;
    if (options_.direction != Direction::both && (options_.direction == Direction::out) != out) return;
    ++captured_;
    const device::NetDevice* dev = net().device_by_index(link.ifindex);
    CapturedFrame frame{.bytes = bytes, .length = message.original_bytes, .time = message.timestamp};
    if (file_ != nullptr) {
      const auto name = std::ranges::find(names_, dev == nullptr ? std::string() : dev->name());
      const auto number = static_cast<unsigned>(name == names_.end() ? 0 : name - names_.begin());
      file_->write(number, frame, out ? CaptureFile::Direction::outbound : CaptureFile::Direction::inbound);
      return;
    }
    if (everywhere()) {
      frame.device = dev == nullptr ? "?" : std::string_view(dev->name());
      frame.direction = direction_of(link.packet_type);
    }
    call_.out(printer_.print(frame));
  }

  void sum_up() {
    const auto statistics = sockets().packet_statistics(fd_);
    const auto line = [&](std::uint64_t count, std::string_view what) {
      call_.err(fmt::format("{} packet{} {}\n", count, count == 1 ? "" : "s", what));
    };
    line(captured_, "captured");
    line(statistics ? statistics->packets : 0, "received by filter");
    line(statistics ? statistics->drops : 0, "dropped by kernel");
  }

  Console& console_;
  Invocation& call_;
  TcpdumpOptions options_;
  capture::FramePrinter printer_;
  int fd_ = -1;
  std::unique_ptr<CaptureFile> file_;
  std::vector<std::string> names_;  // of the devices, as the file numbers them
  std::uint64_t captured_ = 0;
};

}  // namespace

void add_tcpdump_command(Console& console) {
  console.add("tcpdump", "frames as they pass: timeout 5ms tcpdump -ni eth0 udp port 7, -c 10, -w FILE",
              [&console](Invocation& call) -> Task<int> {
                auto options = parse_tcpdump(call.words);
                if (const auto* wrong = std::get_if<std::string>(&options)) {
                  call.err(*wrong);
                  co_return kFailure;
                }
                Tcpdump tcpdump(console, call, std::get<TcpdumpOptions>(std::move(options)));
                co_return co_await tcpdump.run();
              });
}

}  // namespace host::console
