// SPDX-License-Identifier: Apache-2.0
// The calls that applications make (Linux: net/socket.c): descriptors, blocking, options.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "host/kernel/process.hpp"
#include "host/socket/descriptor_table.hpp"
#include "host/socket/epoll.hpp"
#include "host/socket/message.hpp"

namespace host::socket {

enum class SocketKind {
  udp,    // AF_INET, SOCK_DGRAM, IPPROTO_UDP
  udp6,   // AF_INET6, SOCK_DGRAM, IPPROTO_UDP
  ping,   // AF_INET, SOCK_DGRAM, IPPROTO_ICMP
  ping6,  // AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6
};

enum class EpollControl : std::uint8_t { add, modify, remove };

/// The socket calls of one host. Every call takes the calling process; those that may sleep are tasks. Descriptors
/// belong to the host, not to a process.
class SocketCalls {
 public:
  static constexpr std::size_t kMaxDescriptors = 4'096;

  /// The layers outlive it.
  SocketCalls(udp::UdpLayer& udp, ip::PingTable& pings, ip6::Ping6Table& pings6, packet::PacketLayer& packets,
              ip::RawTable& raws, ip6::Raw6Table& raws6);
  ~SocketCalls();
  SocketCalls(const SocketCalls&) = delete;
  SocketCalls& operator=(const SocketCalls&) = delete;

  using Process = kernel::Process;

  /// The lowest free descriptor; too_many_open.
  [[nodiscard]] base::Result<int> socket(Process& self, SocketKind kind);
  [[nodiscard]] base::Result<void> bind(Process& self, int fd, SocketAddress local);
  [[nodiscard]] base::Result<void> connect(Process& self, int fd, SocketAddress peer);
  [[nodiscard]] base::Result<void> disconnect(Process& self, int fd);
  [[nodiscard]] base::Result<void> close(Process& self, int fd);

  /// AF_INET, SOCK_RAW: whole IPv4 packets of that protocol, header and all, beside whoever else takes them; sends
  /// behind a header of the stack's. too_many_open, protocol_not_supported: 0.
  [[nodiscard]] base::Result<int> raw_socket(Process& self, std::uint8_t protocol);
  /// IP_HDRINCL: the application writes the header. not_supported: no raw socket.
  [[nodiscard]] base::Result<void> set_header_included(int fd, bool on);
  /// ICMP_FILTER: bit n keeps messages of type n away. not_supported: no raw socket of ICMP.
  [[nodiscard]] base::Result<void> set_icmp_filter(int fd, std::uint32_t types);
  /// AF_INET6, SOCK_RAW: what is behind the IPv6 header and its extensions; of ICMPv6 with IPV6_CHECKSUM 2. Errors as
  /// above.
  [[nodiscard]] base::Result<int> raw6_socket(Process& self, std::uint8_t protocol);
  /// IPV6_CHECKSUM: where the checksum of what it sends and hears is; nothing: it has none. not_supported: no raw
  /// socket over IPv6; invalid: odd, or of ICMPv6.
  [[nodiscard]] base::Result<void> set_checksum6(int fd, std::optional<std::uint16_t> at);
  /// ICMP6_FILTER: messages of these types are kept away. not_supported: no raw socket of ICMPv6.
  [[nodiscard]] base::Result<void> set_icmp6_filter(int fd, const ip6::Icmp6Filter& types);
  /// AF_PACKET; the protocol as packet_create takes it. too_many_open.
  [[nodiscard]] base::Result<int> packet_socket(Process& self, packet::PacketKind kind, std::uint16_t protocol);
  /// Errors of packet_bind; not_supported: no packet socket, here and below.
  [[nodiscard]] base::Result<void> bind_packet(Process& self, int fd, const packet::LinkAddress& local);
  /// sendto() of a packet socket; sleeps as sendto does. Errors of packet_send.
  [[nodiscard]] kernel::Task<base::Result<std::size_t>> send_packet(
      Process& self, int fd, headers::Bytes frame, std::optional<packet::LinkAddress> to = std::nullopt);
  /// PACKET_ADD_MEMBERSHIP, PACKET_DROP_MEMBERSHIP. no_device, address_not_available.
  [[nodiscard]] base::Result<void> set_packet_membership(int fd, std::string_view device, packet::Membership kind,
                                                         bool member);
  /// PACKET_STATISTICS; reading sets them back.
  [[nodiscard]] base::Result<packet::PacketStatistics> packet_statistics(int fd) const;

  /// Bytes sent. Reports an error that waits (connection_refused) before it sends anything. Sleeps while SO_SNDBUF is
  /// full; again when it must not sleep or the timeout has passed, bad_descriptor when the socket was closed meanwhile.
  [[nodiscard]] kernel::Task<base::Result<std::size_t>> sendto(Process& self, int fd, headers::Bytes payload,
                                                               std::optional<SocketAddress> to = std::nullopt,
                                                               SendOptions options = {});
  /// How many were sent, for one entry into the kernel; the error of the first if none was.
  [[nodiscard]] kernel::Task<base::Result<std::size_t>> sendmmsg(Process& self, int fd,
                                                                 std::span<const Outgoing> messages,
                                                                 SendOptions options = {});
  /// Sleeps until a datagram or an error is there; again when it must not sleep or the timeout has passed,
  /// bad_descriptor when the socket was closed meanwhile.
  [[nodiscard]] kernel::Task<base::Result<Message>> recvfrom(Process& self, int fd, headers::MutableBytes out,
                                                             ReceiveFlags flags = {});

  /// recvmsg() with MSG_ERRQUEUE: the oldest thing that is known of packets that were sent. Never sleeps; again: there
  /// is nothing.
  [[nodiscard]] base::Result<QueuedError> receive_error(Process& self, int fd, headers::MutableBytes out);
  /// Datagrams into as many buffers, for one entry into the kernel: sleeps until one is there, and takes what else has
  /// come (MSG_WAITFORONE); without `wait_for_one` it sleeps for each. As in Linux the timeout is looked at after each
  /// datagram. The error of the first if there is none; invalid: no buffers.
  struct ReceiveMany {
    bool wait_for_one = true;
    ReceiveFlags flags = {};
    std::optional<platform::Nanoseconds> timeout = {};
  };
  [[nodiscard]] kernel::Task<base::Result<std::vector<Message>>> recvmmsg(Process& self, int fd,
                                                                          std::span<const headers::MutableBytes> out,
                                                                          ReceiveMany how);

  [[nodiscard]] base::Result<SocketAddress> name(int fd) const;  // getsockname
  /// O_NONBLOCK.
  enum class Blocking : std::uint8_t { yes, no };
  [[nodiscard]] base::Result<void> set_blocking(int fd, Blocking blocking);
  /// SO_RCVTIMEO; none: for ever.
  [[nodiscard]] base::Result<void> set_receive_timeout(int fd, std::optional<platform::Nanoseconds> timeout);
  /// SO_RCVBUF: doubled for overhead and kept to what rmem_max allows, as Linux does.
  [[nodiscard]] base::Result<void> set_receive_buffer(int fd, std::int64_t bytes);
  [[nodiscard]] base::Result<std::int64_t> receive_buffer(int fd) const;
  /// SO_SNDTIMEO; none: for ever.
  [[nodiscard]] base::Result<void> set_send_timeout(int fd, std::optional<platform::Nanoseconds> timeout);
  /// SO_SNDBUF, doubled likewise and kept to wmem_max. not_supported, here and below.
  [[nodiscard]] base::Result<void> set_send_buffer(int fd, std::int64_t bytes);
  [[nodiscard]] base::Result<std::int64_t> send_buffer(int fd) const;
  /// SIOCOUTQ: memory of what is on its way out.
  [[nodiscard]] base::Result<std::int64_t> send_queue(int fd) const;
  /// SO_MARK: what netfilter and `ip rule` see of its packets.
  [[nodiscard]] base::Result<void> set_mark(int fd, std::uint32_t mark);
  /// SO_MAX_PACING_RATE: bytes a second that fq lets pass of its packets; UINT64_MAX: all.
  [[nodiscard]] base::Result<void> set_max_pacing_rate(int fd, std::uint64_t rate);
  /// UDP_SEGMENT: a call's payload is datagrams of so many bytes each; 0: it is one. not_supported.
  [[nodiscard]] base::Result<void> set_udp_segment(int fd, std::uint16_t bytes);
  /// SO_BUSY_POLL: so long a reader polls his packets' NAPI before he sleeps. not_supported; invalid: negative, or more
  /// than a second.
  [[nodiscard]] base::Result<void> set_busy_poll(int fd, std::int64_t usecs);
  [[nodiscard]] base::Result<std::int64_t> busy_poll(int fd) const;
  /// Flags. not_supported by the socket's protocol or family; invalid SO_REUSEPORT or IPV6_V6ONLY of a socket that has
  /// a name.
  [[nodiscard]] base::Result<void> set_option(int fd, SocketOption option, bool on);
  [[nodiscard]] base::Result<bool> option(int fd, SocketOption option) const;
  /// IP_RECVERR, of an IPv6 socket IPV6_RECVERR too: errors wait for receive_error(), those that no connection ends of
  /// and those of sockets without one.
  [[nodiscard]] base::Result<void> set_receive_errors(int fd, bool on);
  /// Messages come with PacketInfo. not_supported, here and below.
  [[nodiscard]] base::Result<void> set_packet_info(int fd, bool on);
  /// SO_TIMESTAMPING with TX_SOFTWARE, OPT_ID and OPT_TSONLY: when each datagram went to its driver waits for
  /// receive_error(). Received ones always have theirs; no device of this host stamps times itself.
  [[nodiscard]] base::Result<void> set_tx_timestamps(int fd, bool on);
  /// SO_INCOMING_CPU: of sockets that share a name those are chosen first that name the CPU which has the datagram. -1:
  /// any. A connected socket's is where its last packet was queued. not_supported: no UDP socket.
  [[nodiscard]] base::Result<void> set_incoming_cpu(int fd, int cpu);
  [[nodiscard]] base::Result<int> incoming_cpu(int fd) const;
  /// IPV6_MTU_DISCOVER. not_supported an IPv4 socket.
  [[nodiscard]] base::Result<void> set_pmtu_discovery6(int fd, ip::PmtuDiscovery discovery);
  /// SO_PRIORITY: the class that qdiscs put its packets into. not_supported.
  [[nodiscard]] base::Result<void> set_priority(int fd, std::uint32_t priority);
  /// IP_TOS; sets the priority too, as the type of service says. not_supported.
  [[nodiscard]] base::Result<void> set_tos(int fd, std::uint8_t tos);
  /// IP_MTU_DISCOVER.
  [[nodiscard]] base::Result<void> set_pmtu_discovery(int fd, ip::PmtuDiscovery discovery);
  /// IP_ADD_MEMBERSHIP; an empty name: the device that a route to the group leads by. invalid it is no group,
  /// no_device, address_in_use, no_buffers igmp_max_memberships.
  [[nodiscard]] base::Result<void> join_group(Process& self, int fd, headers::Ipv4Address group,
                                              std::string_view device = {});
  /// IP_DROP_MEMBERSHIP. address_not_available.
  [[nodiscard]] base::Result<void> leave_group(Process& self, int fd, headers::Ipv4Address group,
                                               std::string_view device = {});
  /// IP_MULTICAST_TTL, _LOOP, _ALL.
  struct MulticastOptions {
    std::uint8_t ttl = 1;
    bool loop = true;
    bool all = true;
  };
  [[nodiscard]] base::Result<void> set_multicast(int fd, const MulticastOptions& options);
  /// IPV6_UNICAST_HOPS; nothing: the interface's. not_supported an IPv4 socket; invalid: 0.
  [[nodiscard]] base::Result<void> set_unicast_hops(int fd, std::optional<std::uint8_t> hops);
  /// IPV6_TCLASS. not_supported an IPv4 socket.
  [[nodiscard]] base::Result<void> set_traffic_class(int fd, std::uint8_t traffic_class);
  /// IPV6_JOIN_GROUP and IPV6_LEAVE_GROUP; an empty name: any device. Errors: ipv6_sock_mc_join's and _drop's,
  /// no_device; not_supported an IPv4 socket.
  [[nodiscard]] base::Result<void> join_group6(Process& self, int fd, const headers::Ipv6Address& group,
                                               std::string_view device = {});
  [[nodiscard]] base::Result<void> leave_group6(Process& self, int fd, const headers::Ipv6Address& group,
                                                std::string_view device = {});
  /// IPV6_MULTICAST_HOPS and, an empty name: none, IPV6_MULTICAST_IF. no_device; not_supported an IPv4 socket; invalid:
  /// 0 hops.
  [[nodiscard]] base::Result<void> set_multicast6(int fd, std::uint8_t hops, std::string_view device = {});
  /// IP_MULTICAST_IF; an empty name: as routed. no_device.
  [[nodiscard]] base::Result<void> set_multicast_device(int fd, std::string_view device);
  /// IP_MTU: the path's, as far as it is known. not_connected.
  [[nodiscard]] base::Result<std::uint32_t> path_mtu(Process& self, int fd) const;
  /// SO_BINDTODEVICE; an empty name: any device. no_device, not_supported.
  [[nodiscard]] base::Result<void> bind_to_device(int fd, std::string_view name);
  /// SO_ATTACH_FILTER: only the bytes that the program wants reach the socket. not_supported.
  [[nodiscard]] base::Result<void> attach_filter(int fd, device::BpfProgram filter);
  /// SO_DETACH_FILTER. no_entry: there is none.
  [[nodiscard]] base::Result<void> detach_filter(int fd);
  /// SO_ATTACH_REUSEPORT_CBPF: the program's answer is the index of the socket in its group. invalid: it has no group.
  [[nodiscard]] base::Result<void> attach_reuse_port_filter(int fd, device::BpfProgram chooser);

  /// Linux: epoll_create1. too_many_open.
  [[nodiscard]] base::Result<int> epoll_create(Process& self);
  /// Linux: epoll_ctl. bad_descriptor; invalid `epfd` is none, or `fd` is one; exists; no_entry.
  [[nodiscard]] base::Result<void> epoll_ctl(Process& self, int epfd, EpollControl control, int fd,
                                             EpollEvent event = {});
  /// Sleeps until something is ready and returns how many events it stored; 0 when the timeout has passed (none: for
  /// ever). invalid `epfd` is none, or no room for events; bad_descriptor: closed meanwhile.
  [[nodiscard]] kernel::Task<base::Result<std::size_t>> epoll_wait(
      Process& self, int epfd, std::span<EpollEvent> events,
      std::optional<platform::Nanoseconds> timeout = std::nullopt);

  /// Open descriptors, epolls among them.
  [[nodiscard]] std::size_t open_descriptors() const { return descriptors_.open(); }

 private:
  class Socket;

  /// The socket's options. bad_descriptor, not_supported.
  [[nodiscard]] base::Result<ip::Sock*> sock(int fd) const;
  [[nodiscard]] base::Result<ip6::Inet6Sock*> inet6(int fd) const;
  /// bad_descriptor, not_supported.
  [[nodiscard]] base::Result<packet::PacketSocket*> packet(int fd) const;
  /// Gives the payload to the protocol; there is room for it.
  [[nodiscard]] base::Result<std::size_t> send_now(kernel::Cpu& cpu, Socket& socket, headers::Bytes payload,
                                                   const std::optional<SocketAddress>& to, const SendOptions& options);
  /// Null when the descriptor is not open, or no socket's.
  [[nodiscard]] Socket* find(int fd) const;
  [[nodiscard]] std::unique_ptr<Datagram> make(SocketKind kind);
  /// The socket's next packet may be made; true of what is not open.
  [[nodiscard]] bool has_room(int fd) const;
  /// Sleeps until it may (SO_SNDTIMEO); afterwards the descriptor is what it was. again, bad_descriptor.
  [[nodiscard]] kernel::Task<base::Result<void>> wait_for_room(Process& self, int fd, bool dont_wait = false);
  void busy_loop(kernel::Cpu& cpu, Socket& socket, bool once);
  /// False: it had nothing to poll.
  bool busy_loop(kernel::Cpu& cpu, Epoll& epoll);
  void record_flow(const kernel::Cpu& cpu, Socket& socket);
  void copy_out(kernel::Cpu& cpu, Socket& socket, headers::MutableBytes out, ReceiveFlags flags, Message& message);
  kernel::Task<base::Result<Message>> receive_now(kernel::Cpu& cpu, Socket& socket, headers::MutableBytes out,
                                                  ReceiveFlags flags);
  /// recvfrom() that finds nothing to read at once, or no socket.
  [[nodiscard]] kernel::Task<base::Result<Message>> wait_and_receive(Process& self, int fd, headers::MutableBytes out,
                                                                     ReceiveFlags flags);
  /// sendto() that finds no room at once, or no socket, or an error.
  [[nodiscard]] kernel::Task<base::Result<std::size_t>> wait_and_send(Process& self, int fd, headers::Bytes payload,
                                                                      std::optional<SocketAddress> to,
                                                                      SendOptions options);

  udp::UdpLayer& udp_;
  ip::PingTable& pings_;
  ip6::Ping6Table& pings6_;
  packet::PacketLayer& packets_;
  ip::RawTable& raws_;
  ip6::Raw6Table& raws6_;
  DescriptorTable descriptors_{kMaxDescriptors};
};

}  // namespace host::socket
