// SPDX-License-Identifier: Apache-2.0
// `tcpdump` at the console: what it shows, what it refuses, what it counts.
#include <fmt/format.h>

#include "host/capture/filter.hpp"
#include "tests/host/apps/packets.hpp"
#include "tests/host/console/desk.hpp"

using namespace host;
using namespace host_test;

namespace {

constexpr std::string_view kListening =
    "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n"
    "listening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n";

struct Sniffer : Desk {
  Sniffer() {
    station().nic.deliver(introduction(2));
    world.run_for(kMillisecond);
  }
  /// Runs the line while the frames come in, one a millisecond.
  Answer sniff(const std::string& line, std::vector<Frame> frames) {
    Answer answer;
    static_cast<void>(station().start("bash", [&](kernel::Process& self) -> kernel::Task<void> {
      const auto sink = [&](console::Stream stream, std::string_view text) {
        (stream == console::Stream::out ? answer.out : answer.err) += text;
      };
      answer.status = co_await station().host.console().run(self, line, sink);
    }));
    for (Frame& frame : frames) {
      world.run_for(kMillisecond);
      station().nic.deliver(std::move(frame));
    }
    world.run_for(kSecond);
    return answer;
  }
};

}  // namespace

TEST_CASE("tcpdump shows both directions, as many as it is told to", "[console][tcpdump]") {
  Sniffer desk;
  const Answer answer = desk.sniff("tcpdump -ni eth0 -t -c 3", {echo_request(18), udp_frame(4000, 9, 11)});
  CHECK(answer.status == 0);
  CHECK(answer.out ==
        "IP 10.0.0.2 > 10.0.0.1: ICMP echo request, id 7, seq 1, length 26\n"
        "IP 10.0.0.1 > 10.0.0.2: ICMP echo reply, id 7, seq 1, length 26\n"
        "IP 10.0.0.2.4000 > 10.0.0.1.9: UDP, length 11\n");
  CHECK(answer.err.starts_with(kListening));
  CHECK(answer.err.find("3 packets captured\n") != std::string::npos);
  CHECK(answer.err.find("0 packets dropped by kernel\n") != std::string::npos);
  CHECK_FALSE(desk.station().nic.device().promiscuous());  // it has gone
}

TEST_CASE("tcpdump's expressions are libpcap's, and run before the frame is cloned", "[console][tcpdump]") {
  Sniffer desk;
  const Answer answer = desk.sniff("timeout 10ms tcpdump -ni any -t 'udp port 9 or icmp[0] == 3'",
                                   {echo_request(18), udp_frame(4000, 9, 11)});
  CHECK(answer.out ==
        "eth0  In  IP 10.0.0.2.4000 > 10.0.0.1.9: UDP, length 11\n"
        "eth0  Out IP 10.0.0.1 > 10.0.0.2: ICMP 10.0.0.1 udp port 9 unreachable, length 47\n"
        "\n");
  CHECK(answer.status == 124);
  CHECK(answer.err.find("listening on any, link-type LINUX_SLL2 (Linux cooked v2)") != std::string::npos);
  CHECK(answer.err.ends_with("2 packets captured\n2 packets received by filter\n0 packets dropped by kernel\n"));
}

TEST_CASE("tcpdump cuts, chooses a direction, and counts one as one", "[console][tcpdump]") {
  Sniffer desk;
  Answer answer = desk.sniff("tcpdump -ni eth0 -t -c 1 -Q out", {echo_request(18)});
  CHECK(answer.out == "IP 10.0.0.1 > 10.0.0.2: ICMP echo reply, id 7, seq 1, length 26\n");
  CHECK(answer.err.find("\n1 packet captured\n2 packets received by filter\n") != std::string::npos);
  answer = desk.sniff("tcpdump -ni eth0 -t -s 34 -c 1", {echo_request(18)});
  CHECK(answer.out == "IP 10.0.0.2 > 10.0.0.1: ICMP [|icmp]\n");
}

TEST_CASE("tcpdump on lo shows each packet once", "[console][tcpdump]") {
  Sniffer desk;
  Answer answer;
  static_cast<void>(desk.station().start("bash", [&](kernel::Process& self) -> kernel::Task<void> {
    const auto sink = [&](console::Stream, std::string_view text) { answer.out += text; };
    answer.status = co_await desk.station().host.console().run(self, "timeout 10ms tcpdump -ni lo -tq", sink);
  }));
  static_cast<void>(desk.type("ping -c 1 127.0.0.1"));
  CHECK(answer.out.find("IP 127.0.0.1 > 127.0.0.1: ICMP echo request, id ") != std::string::npos);
  CHECK(answer.out.find("2 packets captured\n") != std::string::npos);
}

TEST_CASE("tcpdump writes where it is given a file", "[console][tcpdump]") {
  struct Memory final : capture::CaptureFile {
    explicit Memory(std::vector<std::string>& its_log) : log(its_log) {}
    ~Memory() override { log.push_back("closed"); }
    void write(unsigned device, const capture::CapturedFrame& frame, Direction direction) override {
      log.push_back(fmt::format("{} {} {}", device, direction == Direction::inbound ? "in" : "out", frame.length));
    }
    std::vector<std::string>& log;
  };
  Sniffer desk;
  Answer answer = desk.sniff("tcpdump -i eth0 -c 2 -w nowhere.pcapng", {});
  CHECK(answer.status == 1);
  CHECK(answer.err == "tcpdump: nowhere.pcapng: there are no files here to write captures to\n");
  std::vector<std::string> log;
  desk.station().host.console().open_capture =
      [&](const std::string& path,
          const std::vector<std::string>& names) -> std::variant<std::unique_ptr<capture::CaptureFile>, std::string> {
    if (path == "full") return std::string("full: No space left on device");
    log.push_back(path + " of " + names.at(1));
    return std::make_unique<Memory>(log);
  };
  answer = desk.sniff("tcpdump -i eth0 -c 2 -w some.pcapng", {echo_request(18)});
  CHECK(answer.status == 0);
  CHECK(answer.out.empty());
  CHECK(log == std::vector<std::string>{"some.pcapng of eth0", "1 in 60", "1 out 60", "closed"});
  CHECK(answer.err.starts_with("tcpdump: listening on eth0"));
  answer = desk.sniff("tcpdump -i eth0 -w full", {});
  CHECK(answer.err == "tcpdump: full: No space left on device\n");
}

TEST_CASE("tcpdump says what it does not understand", "[console][tcpdump]") {
  Sniffer desk;
  CHECK(desk.err("tcpdump -i eth9", 1) == "tcpdump: eth9: No such device exists\n(No such device exists)\n");
  CHECK(desk.err("tcpdump -i eth0 udp prot 7", 1).starts_with("tcpdump: can't parse filter expression"));
  CHECK(desk.err("tcpdump -c 0", 1) == "tcpdump: invalid packet count 0\n");
  CHECK(desk.err("tcpdump -c", 1).starts_with("tcpdump: option requires an argument -- 'c'\nUsage: tcpdump"));
  CHECK(desk.err("tcpdump -Z", 1).starts_with("tcpdump: invalid option -- 'Z'\n"));
  CHECK(desk.err("timeout soon tcpdump", 125).starts_with("timeout: invalid time interval"));
  CHECK(desk.err("timeout 1s nothing", 127) == "bash: nothing: command not found\n");
  desk.station().nic.device().close(desk.station().host.kernel().cpu(0));
  CHECK(desk.err("tcpdump -i eth0", 1) == "tcpdump: eth0: That device is not up\n");
  CHECK(desk.station().host.sockets().open_descriptors() == 0);
}

TEST_CASE("A device that goes down ends its capture", "[console][tcpdump]") {
  Sniffer desk;
  Answer answer;
  static_cast<void>(desk.station().start("bash", [&](kernel::Process& self) -> kernel::Task<void> {
    const auto sink = [&](console::Stream, std::string_view text) { answer.err += text; };
    answer.status = co_await desk.station().host.console().run(self, "tcpdump -i eth0", sink);
  }));
  desk.world.run_for(kMillisecond);
  desk.station().nic.device().close(desk.station().host.kernel().cpu(0));
  desk.world.run_for(kMillisecond);
  CHECK(answer.err.find("tcpdump: pcap_loop: The interface went down\n0 packets captured\n") != std::string::npos);
}
