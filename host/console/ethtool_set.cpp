// SPDX-License-Identifier: Apache-2.0
// ethtool's options in capital letters, which set.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "host/console/errors.hpp"
#include "host/console/ethtool_command.hpp"

namespace host::console {

using base::Errno;
using device::DeviceFeature;

namespace {

constexpr int kRingsRefused = 81;
constexpr int kNoSuchFeature = 92;

std::optional<std::uint32_t> to_number(std::string_view word) {
  std::uint32_t number = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

/// A word of the command line, and the number that it sets.
struct Parameter {
  std::string_view name;
  std::uint32_t* value;
};

/// NAME NUMBER, any number of times. False: complained.
bool parse(const EthtoolCall& call, std::string_view option, std::span<const Parameter> parameters) {
  for (std::size_t i = 0; i < call.words.size(); i += 2) {
    const std::string& name = call.words[i];
    const auto found = std::ranges::find(parameters, name, &Parameter::name);
    if (found == parameters.end()) {
      call.err(fmt::format("ethtool ({}): unknown parameter '{}'", option, name));
      return false;
    }
    if (i + 1 == call.words.size()) {
      call.err(fmt::format("ethtool ({}): no value for parameter '{}'", option, name));
      return false;
    }
    const auto number = to_number(call.words[i + 1]);
    if (!number) {
      call.err(fmt::format("ethtool ({}): invalid value '{}' for parameter '{}'", option, call.words[i + 1], name));
      return false;
    }
    *found->value = *number;
  }
  return true;
}

/// A word of -K, and the features that it is short for: those whose names begin so.
struct ShortFeature {
  std::string_view word;
  std::string_view begin;
};
constexpr std::array<ShortFeature, 9> kShort{{{"rx", "rx-checksum"},
                                              {"tx", "tx-checksum-"},
                                              {"tso", "tx-tcp"},
                                              {"gro", "rx-gro"},
                                              {"lro", "large-receive-offload"},
                                              {"rxhash", "rx-hashing"},
                                              {"rxvlan", "rx-vlan-hw-parse"},
                                              {"txvlan", "tx-vlan-hw-insert"},
                                              {"ntuple", "rx-ntuple-filter"}}};

bool is_meant(std::string_view word, std::string_view feature) {
  const auto shortened = std::ranges::find(kShort, word, &ShortFeature::word);
  return shortened == kShort.end() ? feature == word : feature.starts_with(shortened->begin);
}

/// Every word with its `on` or `off`; nothing: complained.
std::optional<std::vector<std::pair<std::string_view, bool>>> parse_features(const EthtoolCall& call) {
  std::vector<std::pair<std::string_view, bool>> wanted;
  for (std::size_t i = 0; i < call.words.size(); i += 2) {
    const std::string_view value = i + 1 < call.words.size() ? std::string_view(call.words[i + 1]) : "(null)";
    if (value != "on" && value != "off") {
      call.err(fmt::format("ethtool (-K): flag '{}' for parameter '{}' is not followed by 'on' or 'off'", value,
                           call.words[i]));
      return std::nullopt;
    }
    wanted.emplace_back(call.words[i], value == "on");
  }
  return wanted;
}

}  // namespace

namespace {

bool set_feature(const EthtoolCall& call, std::string_view name, bool on) {
  if (name == "rx-gro") {
    call.dev->set_gro(on);
  } else if (name == "rx-udp-gro-forwarding") {
    device::NetCore& net = *call.dev->core();
    device::LinkFlags flags = net.link_flags(*call.dev);
    flags.udp_gro_forwarding = on;
    net.set_link_flags(call.invocation.self.cpu(), *call.dev, flags);
  } else {
    return call.driver->set_feature(name, on).ok();
  }
  return true;
}

}  // namespace

int ethtool_set_features(const EthtoolCall& call) {
  const auto wanted = parse_features(call);
  if (!wanted) return kFailure;
  const auto before = ethtool_all_features(call);
  bool refused = wanted->empty();
  for (const auto& [word, on] : *wanted) {
    const bool known = std::ranges::any_of(before, [&, w = word](const auto& each) { return is_meant(w, each.name); });
    if (!known && std::ranges::count(kShort, word, &ShortFeature::word) == 0) {
      return ethtool_refused(call, Errno::not_supported, "bit name not found (offset 56)", kNoSuchFeature);
    }
    for (const DeviceFeature& feature : before) {
      if (!is_meant(word, feature.name) || feature.on == on) continue;
      if (!set_feature(call, feature.name, on)) refused = true;
    }
    if (!known && on) refused = true;
  }
  const auto after = ethtool_all_features(call);
  std::string changes;
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (after[i].on == before[i].on) continue;
    const bool asked =
        std::ranges::any_of(*wanted, [&](const auto& each) { return is_meant(each.first, after[i].name); });
    changes += fmt::format("{}: {}{}\n", after[i].name, after[i].on ? "on" : "off", asked ? "" : " [not requested]");
  }
  if (changes.empty() && refused) {
    call.err("Could not change any device features");
    return kFailure;
  }
  if (!changes.empty()) call.out("Actual changes:\n" + changes);
  return 0;
}

int ethtool_set_coalesce(const EthtoolCall& call) {
  auto coalesce = call.driver == nullptr ? Errno::not_supported : call.driver->coalesce();
  device::Coalesce wanted = coalesce ? *coalesce : device::Coalesce{};
  const std::array<Parameter, 4> parameters{{{"rx-usecs", &wanted.rx_usecs},
                                             {"rx-frames", &wanted.rx_frames},
                                             {"tx-usecs", &wanted.tx_usecs},
                                             {"tx-frames", &wanted.tx_frames}}};
  if (!parse(call, "-C", parameters)) return kFailure;
  if (!coalesce) return ethtool_refused(call, coalesce.error(), {}, kFailure);
  const auto done = call.driver->set_coalesce(wanted);
  return done ? 0 : ethtool_refused(call, done.error(), {}, kFailure);
}

int ethtool_set_rings(const EthtoolCall& call) {
  auto rings = call.driver == nullptr ? Errno::not_supported : call.driver->rings();
  device::RingSizes wanted = rings ? *rings : device::RingSizes{};
  const std::array<Parameter, 2> parameters{{{"rx", &wanted.rx}, {"tx", &wanted.tx}}};
  if (!parse(call, "-G", parameters)) return kFailure;
  if (!rings) return ethtool_refused(call, rings.error(), {}, kRingsRefused);
  if (wanted.rx > rings->rx_max || wanted.tx > rings->tx_max) {
    return ethtool_refused(call, Errno::invalid, "requested ring size exceeds maximum (offset 36)", kRingsRefused);
  }
  const auto done = call.driver->set_rings(call.invocation.self.cpu(), wanted);
  return done ? 0 : ethtool_refused(call, done.error(), {}, kRingsRefused);
}

int ethtool_set_channels(const EthtoolCall& call) {
  auto channels = call.driver == nullptr ? Errno::not_supported : call.driver->channels();
  device::Channels wanted = channels ? *channels : device::Channels{};
  std::uint32_t single = 0;  // queues of one direction alone: nobody has them here
  const std::array<Parameter, 4> parameters{
      {{"combined", &wanted.combined}, {"rx", &single}, {"tx", &single}, {"other", &single}}};
  if (!parse(call, "-L", parameters)) return kFailure;
  if (!channels) return ethtool_refused(call, channels.error(), {}, kFailure);
  if (wanted.combined > channels->max || single != 0) {
    return ethtool_refused(call, Errno::invalid, "requested channel count exceeds maximum (offset 36)", kFailure);
  }
  const auto done = call.driver->set_channels(wanted.combined);
  return done ? 0 : ethtool_refused(call, done.error(), {}, kFailure);
}

namespace {

/// `equal N`, `weight W0 W1 ...` and `default`: which queue each entry of a table of `size` names.
std::optional<std::vector<std::uint32_t>> spread(std::size_t size, std::span<const std::uint32_t> weights) {
  std::uint64_t sum = 0;
  for (const std::uint32_t weight : weights) sum += weight;
  if (sum == 0) return std::nullopt;
  std::vector<std::uint32_t> table(size);
  std::uint64_t partial = 0;
  std::uint32_t queue = 0;
  for (std::size_t i = 0; i < size; ++i) {
    while (i >= size * (partial + weights[queue]) / sum) partial += weights[queue++];
    table[i] = queue;
  }
  return table;
}

std::vector<std::uint32_t> equal(std::size_t size, std::uint32_t queues) {
  std::vector<std::uint32_t> table(size);
  for (std::size_t i = 0; i < size; ++i) table[i] = static_cast<std::uint32_t>(i % std::max(queues, 1U));
  return table;
}

std::optional<std::vector<std::byte>> to_key(std::string_view word) {
  std::vector<std::byte> key;
  while (!word.empty()) {
    const std::string_view digits = word.substr(0, word.find(':'));
    unsigned octet = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), octet, 16);
    if (error != std::errc() || stop != digits.data() + digits.size() || octet > 0xff) return std::nullopt;
    key.push_back(static_cast<std::byte>(octet));
    word.remove_prefix(std::min(digits.size() + 1, word.size()));
  }
  return key;
}

/// Fills in what the words ask for; false: they are none.
bool parse_flow_hash(const EthtoolCall& call, const device::RxFlowHash& now, device::RxFlowHash& wanted) {
  const std::size_t size = now.indirection.size();
  for (std::size_t i = 0; i < call.words.size(); ++i) {
    const std::string& word = call.words[i];
    if (word == "default") {
      wanted.indirection = equal(size, now.queues);
    } else if (word == "hkey" && i + 1 < call.words.size()) {
      const auto key = to_key(call.words[++i]);
      if (!key) return false;
      wanted.key = *key;
    } else if (word == "equal" && i + 1 < call.words.size()) {
      const auto queues = to_number(call.words[++i]);
      if (!queues || *queues == 0) return false;
      wanted.indirection = equal(size, *queues);
    } else if (word == "weight") {
      std::vector<std::uint32_t> weights;
      for (; i + 1 < call.words.size(); ++i) {
        const auto weight = to_number(call.words[i + 1]);
        if (!weight) break;
        weights.push_back(*weight);
      }
      const auto table = spread(size, weights);
      if (!table) return false;
      wanted.indirection = *table;
    } else {
      return false;
    }
  }
  return !call.words.empty();
}

}  // namespace

int ethtool_set_flow_hash(const EthtoolCall& call) {
  const auto now = call.driver == nullptr ? Errno::not_supported : call.driver->rx_flow_hash();
  if (!now) {
    call.err(fmt::format("Cannot get RX ring count: {}", error_text(now.error())));
    return kFailure;
  }
  device::RxFlowHash wanted;
  if (!parse_flow_hash(call, *now, wanted)) {
    call.err("ethtool: bad command line argument(s)\nFor more information run ethtool -h");
    return kFailure;
  }
  const auto done = call.driver->set_rx_flow_hash(wanted);
  if (done) return 0;
  call.err(fmt::format("Cannot set RX flow hash configuration: {}", error_text(done.error())));
  return kFailure;
}

}  // namespace host::console
