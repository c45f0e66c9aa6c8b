// SPDX-License-Identifier: Apache-2.0
// Two lines for each group: the names, and the numbers below them.
#include "host/proc/netstat.hpp"

#include <array>
#include <string_view>

namespace host::proc {
namespace {

/// Linux 6.1: snmp4_net_list.
constexpr std::array<std::string_view, 125> kTcpExtNames = {"SyncookiesSent",
                                                            "SyncookiesRecv",
                                                            "SyncookiesFailed",
                                                            "EmbryonicRsts",
                                                            "PruneCalled",
                                                            "RcvPruned",
                                                            "OfoPruned",
                                                            "OutOfWindowIcmps",
                                                            "LockDroppedIcmps",
                                                            "ArpFilter",
                                                            "TW",
                                                            "TWRecycled",
                                                            "TWKilled",
                                                            "PAWSActive",
                                                            "PAWSEstab",
                                                            "DelayedACKs",
                                                            "DelayedACKLocked",
                                                            "DelayedACKLost",
                                                            "ListenOverflows",
                                                            "ListenDrops",
                                                            "TCPHPHits",
                                                            "TCPPureAcks",
                                                            "TCPHPAcks",
                                                            "TCPRenoRecovery",
                                                            "TCPSackRecovery",
                                                            "TCPSACKReneging",
                                                            "TCPSACKReorder",
                                                            "TCPRenoReorder",
                                                            "TCPTSReorder",
                                                            "TCPFullUndo",
                                                            "TCPPartialUndo",
                                                            "TCPDSACKUndo",
                                                            "TCPLossUndo",
                                                            "TCPLostRetransmit",
                                                            "TCPRenoFailures",
                                                            "TCPSackFailures",
                                                            "TCPLossFailures",
                                                            "TCPFastRetrans",
                                                            "TCPSlowStartRetrans",
                                                            "TCPTimeouts",
                                                            "TCPLossProbes",
                                                            "TCPLossProbeRecovery",
                                                            "TCPRenoRecoveryFail",
                                                            "TCPSackRecoveryFail",
                                                            "TCPRcvCollapsed",
                                                            "TCPBacklogCoalesce",
                                                            "TCPDSACKOldSent",
                                                            "TCPDSACKOfoSent",
                                                            "TCPDSACKRecv",
                                                            "TCPDSACKOfoRecv",
                                                            "TCPAbortOnData",
                                                            "TCPAbortOnClose",
                                                            "TCPAbortOnMemory",
                                                            "TCPAbortOnTimeout",
                                                            "TCPAbortOnLinger",
                                                            "TCPAbortFailed",
                                                            "TCPMemoryPressures",
                                                            "TCPMemoryPressuresChrono",
                                                            "TCPSACKDiscard",
                                                            "TCPDSACKIgnoredOld",
                                                            "TCPDSACKIgnoredNoUndo",
                                                            "TCPSpuriousRTOs",
                                                            "TCPMD5NotFound",
                                                            "TCPMD5Unexpected",
                                                            "TCPMD5Failure",
                                                            "TCPSackShifted",
                                                            "TCPSackMerged",
                                                            "TCPSackShiftFallback",
                                                            "TCPBacklogDrop",
                                                            "PFMemallocDrop",
                                                            "TCPMinTTLDrop",
                                                            "TCPDeferAcceptDrop",
                                                            "IPReversePathFilter",
                                                            "TCPTimeWaitOverflow",
                                                            "TCPReqQFullDoCookies",
                                                            "TCPReqQFullDrop",
                                                            "TCPRetransFail",
                                                            "TCPRcvCoalesce",
                                                            "TCPOFOQueue",
                                                            "TCPOFODrop",
                                                            "TCPOFOMerge",
                                                            "TCPChallengeACK",
                                                            "TCPSYNChallenge",
                                                            "TCPFastOpenActive",
                                                            "TCPFastOpenActiveFail",
                                                            "TCPFastOpenPassive",
                                                            "TCPFastOpenPassiveFail",
                                                            "TCPFastOpenListenOverflow",
                                                            "TCPFastOpenCookieReqd",
                                                            "TCPFastOpenBlackhole",
                                                            "TCPSpuriousRtxHostQueues",
                                                            "BusyPollRxPackets",
                                                            "TCPAutoCorking",
                                                            "TCPFromZeroWindowAdv",
                                                            "TCPToZeroWindowAdv",
                                                            "TCPWantZeroWindowAdv",
                                                            "TCPSynRetrans",
                                                            "TCPOrigDataSent",
                                                            "TCPHystartTrainDetect",
                                                            "TCPHystartTrainCwnd",
                                                            "TCPHystartDelayDetect",
                                                            "TCPHystartDelayCwnd",
                                                            "TCPACKSkippedSynRecv",
                                                            "TCPACKSkippedPAWS",
                                                            "TCPACKSkippedSeq",
                                                            "TCPACKSkippedFinWait2",
                                                            "TCPACKSkippedTimeWait",
                                                            "TCPACKSkippedChallenge",
                                                            "TCPWinProbe",
                                                            "TCPKeepAlive",
                                                            "TCPMTUPFail",
                                                            "TCPMTUPSuccess",
                                                            "TCPDelivered",
                                                            "TCPDeliveredCE",
                                                            "TCPAckCompressed",
                                                            "TCPZeroWindowDrop",
                                                            "TCPRcvQDrop",
                                                            "TCPWqueueTooBig",
                                                            "TCPFastOpenPassiveAltKey",
                                                            "TcpTimeoutRehash",
                                                            "TcpDuplicateDataRehash",
                                                            "TCPDSACKRecvSegs",
                                                            "TCPDSACKIgnoredDubious",
                                                            "TCPMigrateReqSuccess",
                                                            "TCPMigrateReqFailure"};

/// Linux 6.1: snmp4_ipextstats_list.
constexpr std::array<std::string_view, 18> kIpExtNames = {
    "InNoRoutes",   "InTruncatedPkts", "InMcastPkts",   "OutMcastPkts",   "InBcastPkts",   "OutBcastPkts",
    "InOctets",     "OutOctets",       "InMcastOctets", "OutMcastOctets", "InBcastOctets", "OutBcastOctets",
    "InCsumErrors", "InNoECTPkts",     "InECT1Pkts",    "InECT0Pkts",     "InCEPkts",      "ReasmOverlaps"};

template <typename Names>
std::string group(const std::string& title, const Names& all, const ip::CounterMap& counted) {
  std::string names = title + ':';
  std::string values = title + ':';
  for (const std::string_view name : all) {
    const auto found = counted.find(title + '.' + std::string(name));
    names.append(" ").append(name);
    values.append(" ").append(found == counted.end() ? "0" : std::to_string(found->second));
  }
  return names + '\n' + values + '\n';
}

}  // namespace

std::string netstat(const ip::IpLayer& ip) {
  ip::CounterMap counted;
  ip::add_to_map<ip::IpExtCounters>(counted, "IpExt", ip::kIpExtCounterNames, ip.ext_counters);
  counted["TcpExt.ArpFilter"] = ip.route_counters.arp_filter;
  counted["TcpExt.IPReversePathFilter"] = ip.route_counters.reverse_path_filter;
  counted["TcpExt.BusyPollRxPackets"] = ip.net.busy_poll_rx_packets;
  return group("TcpExt", kTcpExtNames, counted) + group("IpExt", kIpExtNames, counted);
}

}  // namespace host::proc
