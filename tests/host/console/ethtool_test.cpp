// SPDX-License-Identifier: Apache-2.0
// ethtool in front of a driver that remembers what it was told.
#include <algorithm>

#include "host/device/ethtool_ops.hpp"
#include "tests/host/console/desk.hpp"

using namespace host;
using namespace host_test;
using base::Errno;

namespace {

class FakeDriver final : public device::EthtoolOps {
 public:
  device::DriverInfo driver_info() const override { return {"virtio_net", "1.0.0", "virtio0"}; }
  Counters statistics() override { return {{"rx_polls", 5}, {"nic_rx_frames", 7}}; }
  std::vector<device::DeviceFeature> features() const override { return features_; }
  base::Result<void> set_feature(std::string_view name, bool on) override {
    const auto found = std::ranges::find(features_, name, &device::DeviceFeature::name);
    if (found == features_.end() || found->fixed) return Errno::not_supported;
    found->on = on;
    // Without checksums no segments.
    if (features_[1].on) return {};
    features_[2].on = features_[3].on = false;
    return {};
  }
  base::Result<device::Coalesce> coalesce() override { return coalesce_; }
  base::Result<void> set_coalesce(const device::Coalesce& coalesce) override {
    coalesce_ = coalesce;
    return {};
  }
  base::Result<device::RingSizes> rings() override { return rings_; }
  base::Result<void> set_rings(kernel::Cpu&, const device::RingSizes& sizes) override {
    if (sizes.rx == 0) return Errno::invalid;
    rings_ = sizes;
    return {};
  }
  base::Result<device::Channels> channels() override { return channels_; }
  base::Result<void> set_channels(std::uint32_t pairs) override {
    channels_.combined = pairs;
    return {};
  }
  base::Result<device::RxFlowHash> rx_flow_hash() override { return hash_; }
  base::Result<void> set_rx_flow_hash(const device::RxFlowHash& wanted) override {
    if (!wanted.indirection.empty() && std::ranges::max(wanted.indirection) >= channels_.combined)
      return Errno::invalid;
    if (!wanted.indirection.empty()) hash_.indirection = wanted.indirection;
    if (!wanted.key.empty()) hash_.key = wanted.key;
    return {};
  }

 private:
  std::vector<device::DeviceFeature> features_{{"rx-checksum", true, true},
                                               {"tx-checksum-ip-generic", true, false},
                                               {"tx-tcp-segmentation", true, false},
                                               {"tx-tcp6-segmentation", true, false},
                                               {"large-receive-offload", true, false}};
  device::Coalesce coalesce_{8, 64, 0, 0};
  device::RingSizes rings_{1024, 512, 256, 128};
  device::Channels channels_{8, 4};
  device::RxFlowHash hash_{4, {0, 1, 2, 3, 0, 1, 2, 3, 0, 1}, {std::byte{0x6d}, std::byte{0x5a}, std::byte{0x00}}};
};

struct DriverDesk : Desk {
  DriverDesk() { station().nic.device().set_ethtool_ops(driver); }
  FakeDriver driver;
};

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("ethtool shows a driver's settings", "[console][ethtool]") {
  DriverDesk desk;
  CHECK(desk.out("ethtool -i eth0") ==
        "driver: virtio_net\nversion: 1.0.0\nfirmware-version: \nexpansion-rom-version: \nbus-info: virtio0\n"
        "supports-statistics: yes\nsupports-test: no\nsupports-eeprom-access: no\nsupports-register-dump: no\n"
        "supports-priv-flags: no\n");
  CHECK(desk.out("ethtool -S eth0") == "NIC statistics:\n     rx_polls: 5\n     nic_rx_frames: 7\n");
  const std::string settings = desk.out("ethtool eth0");
  CHECK(settings.starts_with("Settings for eth0:\n\tSupported ports: [  ]\n"));
  CHECK(settings.ends_with("\tTransceiver: internal\n\tLink detected: yes\n"));
  const std::string coalesce = desk.out("ethtool -c eth0");
  CHECK(coalesce.starts_with("Coalesce parameters for eth0:\nAdaptive RX: n/a  TX: n/a\nstats-block-usecs: n/a\n"));
  CHECK(holds(coalesce, "\nrx-usecs: 8\nrx-frames: 64\nrx-usecs-irq: n/a\n"));
  CHECK(desk.out("ethtool -g eth0") ==
        "Ring parameters for eth0:\nPre-set maximums:\nRX:\t\t1024\nRX Mini:\tn/a\nRX Jumbo:\tn/a\nTX:\t\t512\n"
        "Current hardware settings:\nRX:\t\t256\nRX Mini:\tn/a\nRX Jumbo:\tn/a\nTX:\t\t128\n"
        "RX Buf Len:\t\tn/a\nCQE Size:\t\tn/a\nTX Push:\toff\nTCP data split:\tn/a\n");
  CHECK(desk.out("ethtool -l eth0") ==
        "Channel parameters for eth0:\nPre-set maximums:\nRX:\t\tn/a\nTX:\t\tn/a\nOther:\t\tn/a\nCombined:\t8\n"
        "Current hardware settings:\nRX:\t\tn/a\nTX:\t\tn/a\nOther:\t\tn/a\nCombined:\t4\n");
  CHECK(desk.out("ethtool --show-rxfh-indir eth0") ==
        "RX flow hash indirection table for eth0 with 4 RX ring(s):\n"
        "    0:      0     1     2     3     0     1     2     3\n    8:      0     1\n"
        "RSS hash key:\n6d:5a:00\nRSS hash function:\n    toeplitz: on\n    xor: off\n    crc32: off\n");
}

TEST_CASE("ethtool sets what a driver lets be set", "[console][ethtool]") {
  DriverDesk desk;
  CHECK(desk.out("ethtool -C eth0 rx-usecs 50 tx-frames 9").empty());
  CHECK(*desk.driver.coalesce() == device::Coalesce{50, 64, 0, 9});
  CHECK(desk.out("ethtool -G eth0 rx 512").empty());
  CHECK(desk.driver.rings()->rx == 512);
  CHECK(desk.driver.rings()->tx == 128);
  CHECK(desk.out("ethtool -L eth0 combined 2").empty());
  CHECK(desk.driver.channels()->combined == 2);
  CHECK(desk.out("ethtool -X eth0 equal 2").empty());
  CHECK(desk.driver.rx_flow_hash()->indirection == std::vector<std::uint32_t>{0, 1, 0, 1, 0, 1, 0, 1, 0, 1});
  CHECK(desk.out("ethtool -X eth0 weight 4 1 hkey 01:02:03").empty());
  CHECK(desk.driver.rx_flow_hash()->indirection == std::vector<std::uint32_t>{0, 0, 0, 0, 0, 0, 0, 0, 1, 1});
  CHECK(desk.driver.rx_flow_hash()->key == std::vector<std::byte>{std::byte{1}, std::byte{2}, std::byte{3}});
}

TEST_CASE("ethtool -K tells what changed, asked for or not", "[console][ethtool]") {
  DriverDesk desk;
  const std::string before = desk.out("ethtool -k eth0");
  CHECK(
      before.starts_with("Features for eth0:\nrx-checksumming: on [fixed]\ntx-checksumming: on\n"
                         "\ttx-checksum-ipv4: off [fixed]\n\ttx-checksum-ip-generic: on\n"));
  CHECK(holds(before,
              "\ntcp-segmentation-offload: on\n\ttx-tcp-segmentation: on\n"
              "\ttx-tcp-ecn-segmentation: off [fixed]\n"));
  CHECK(holds(before, "\nlarge-receive-offload: on\n"));
  CHECK(holds(before, "\ngeneric-receive-offload: on\n"));
  CHECK(holds(before, "\nrx-udp-gro-forwarding: off\n"));
  CHECK(desk.out("ethtool -K eth0 gro off rx-udp-gro-forwarding on") ==
        "Actual changes:\nrx-gro: off\nrx-udp-gro-forwarding: on\n");
  CHECK_FALSE(desk.station().nic.device().gro());
  CHECK(desk.station().host.net().link_flags(desk.station().nic.device()).udp_gro_forwarding);
  CHECK(desk.out("ethtool -K lo gro off") == "Actual changes:\nrx-gro: off\n");
  CHECK(desk.out("ethtool -K eth0 lro off") == "Actual changes:\nlarge-receive-offload: off\n");
  CHECK(desk.out("ethtool -K eth0 tx off") ==
        "Actual changes:\ntx-checksum-ip-generic: off\ntx-tcp-segmentation: off [not requested]\n"
        "tx-tcp6-segmentation: off [not requested]\n");
  CHECK(holds(desk.out("ethtool -k eth0"), "tcp-segmentation-offload: off\n"));
  CHECK(desk.out("ethtool -K eth0 tx off").empty());
  CHECK(desk.err("ethtool -K eth0 rx off", 1) == "Could not change any device features\n");
  CHECK(desk.err("ethtool -K eth0 ntuple on", 1) == "Could not change any device features\n");
  CHECK(desk.err("ethtool -K eth0", 1) == "Could not change any device features\n");
  CHECK(desk.err("ethtool -K eth0 foo on", 92) ==
        "netlink error: bit name not found (offset 56)\nnetlink error: Operation not supported\n");
  CHECK(desk.err("ethtool -K eth0 tso maybe", 1) ==
        "ethtool (-K): flag 'maybe' for parameter 'tso' is not followed by 'on' or 'off'\n");
}

TEST_CASE("ethtool's complaints", "[console][ethtool]") {
  DriverDesk desk;
  const std::string misused = "ethtool: bad command line argument(s)\nFor more information run ethtool -h\n";
  CHECK(desk.err("ethtool", 1) == misused);
  CHECK(desk.err("ethtool -Q eth0", 1) == misused);
  CHECK(desk.err("ethtool -i", 1) == misused);
  CHECK(desk.err("ethtool -X eth0 equal", 1) == misused);
  CHECK(desk.err("ethtool -i nosuch", 71) == "Cannot get driver information: No such device\n");
  CHECK(desk.err("ethtool -c nosuch", 1) ==
        "netlink error: no device matches name (offset 24)\nnetlink error: No such device\n");
  CHECK(desk.err("ethtool -C eth0 foo 1", 1) == "ethtool (-C): unknown parameter 'foo'\n");
  CHECK(desk.err("ethtool -C eth0 rx-usecs x", 1) == "ethtool (-C): invalid value 'x' for parameter 'rx-usecs'\n");
  CHECK(desk.err("ethtool -C eth0 rx-usecs", 1) == "ethtool (-C): no value for parameter 'rx-usecs'\n");
  CHECK(desk.err("ethtool -G eth0 rx 2000", 81) ==
        "netlink error: requested ring size exceeds maximum (offset 36)\nnetlink error: Invalid argument\n");
  CHECK(desk.err("ethtool -G eth0 rx 0", 81) == "netlink error: Invalid argument\n");
  CHECK(desk.err("ethtool -L eth0 combined 9", 1) ==
        "netlink error: requested channel count exceeds maximum (offset 36)\nnetlink error: Invalid argument\n");
  CHECK(desk.err("ethtool -X eth0 equal 5", 1) == "Cannot set RX flow hash configuration: Invalid argument\n");
  CHECK(desk.err("ethtool -k eth0 foo", 1) == "ethtool: unexpected parameter 'foo'\n");
  CHECK(desk.err("ethtool -c lo", 1) == "netlink error: Operation not supported\n");
  CHECK(desk.err("ethtool -S lo", 94) == "no stats available\n");
  CHECK(desk.err("ethtool -x lo", 1) == "Cannot get RX ring count: Operation not supported\n");
  CHECK(desk.out("ethtool lo") == "Settings for lo:\n\tLink detected: yes\n");
}
