// SPDX-License-Identifier: Apache-2.0
// The table of files.
#include "host/proc/proc_files.hpp"

#include "host/proc/cpu_files.hpp"
#include "host/proc/interrupts.hpp"
#include "host/proc/multicast.hpp"
#include "host/proc/net_device_files.hpp"
#include "host/proc/net_tables.hpp"
#include "host/proc/net_tables6.hpp"
#include "host/proc/netstat.hpp"
#include "host/proc/sockets.hpp"

namespace host::proc {

void add_proc_files(const Sources& sources) {
  auto& [net, ip, udp, packets, raws, raws6, sockets] = sources;
  kernel::Kernel& kernel = net.kernel();
  kernel::PseudoFiles& files = kernel.files();
  files.add("/proc/interrupts", [&kernel] { return interrupts(kernel); });
  files.add("/proc/softirqs", [&kernel] { return softirqs(kernel); });
  files.mount("/proc/irq", [&kernel] { return irq_files(kernel); });
  files.add("/proc/stat", [&kernel] { return stat(kernel); });
  files.add("/proc/uptime", [&kernel] { return uptime(kernel); });
  files.add("/proc/net/softnet_stat", [&net = net] { return softnet_stat(net); });
  files.add("/proc/net/dev", [&net = net] { return net_dev(net); });
  files.mount("/sys/class/net", [&net = net] { return class_net(net); });
  files.add("/proc/net/arp", [&ip = ip] { return arp(ip); });
  files.add("/proc/net/route", [&ip = ip] { return route(ip); });
  files.add("/proc/net/netstat", [&ip = ip] { return netstat(ip); });
  files.add("/proc/net/igmp", [&net = net, &ip = ip] { return igmp(net, ip); });
  files.add("/proc/net/igmp6", [&udp = udp] { return igmp6(udp.ip6); });
  files.add("/proc/net/dev_mcast", [&udp = udp] { return dev_mcast(udp.ip6); });
  files.add("/proc/net/udp", [&udp = udp] { return proc::udp(udp); });
  files.add("/proc/net/udp6", [&udp = udp] { return proc::udp6(udp); });
  files.add("/proc/net/snmp6", [&udp = udp] { return snmp6(udp); });
  files.add("/proc/net/if_inet6", [&udp = udp] { return if_inet6(udp.ip6); });
  files.add("/proc/net/sockstat6", [&udp = udp] { return sockstat6(udp); });
  files.add("/proc/net/raw", [&raws = raws] { return raw(raws); });
  files.add("/proc/net/raw6", [&raws6 = raws6] { return raw6(raws6); });
  files.add("/proc/net/packet", [&packets = packets] { return packet_sockets(packets); });
  files.add("/proc/net/sockstat", [&udp = udp, &sockets = sockets] { return sockstat(udp, sockets); });
}

}  // namespace host::proc
