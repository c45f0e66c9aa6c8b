// SPDX-License-Identifier: Apache-2.0
// Words to numbers, addresses and devices.
#include "host/console/ip_arguments.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "host/console/errors.hpp"

namespace host::console {

using headers::Ipv4Address;
using headers::Ipv4Prefix;

namespace {

constexpr unsigned kHostPrefix = 32;

std::optional<std::uint32_t> to_number(std::string_view digits) {
  const bool hexadecimal = digits.starts_with("0x");
  if (hexadecimal) digits.remove_prefix(2);
  std::uint32_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, hexadecimal ? 16 : 10);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

/// Of a prefix the parts that are not written are 0: 10/8.
std::optional<Ipv4Address> to_shortened_address(std::string address) {
  for (auto dots = std::count(address.begin(), address.end(), '.'); dots < 3; ++dots) address += ".0";
  return Ipv4Address::parse(address);
}

}  // namespace

const std::string& IpArguments::take() {
  const std::string& taken = word();
  skip();
  return taken;
}

const std::string& IpArguments::next() {
  if (words_.size() < 2) throw IpExit{kIpUsage, "Command line is not complete. Try option \"help\"\n"};
  skip();
  return word();
}

std::uint32_t IpArguments::next_number(std::string_view complaint) {
  const auto number = to_number(next());
  if (!number) throw wrong_argument(complaint, word());
  return *number;
}

Ipv4Address IpArguments::next_address() {
  const auto address = Ipv4Address::parse(next());
  if (!address) throw IpExit{kIpWrong, fmt::format("Error: inet address is expected rather than \"{}\".\n", word())};
  return *address;
}

device::NetDevice& IpArguments::next_device(device::NetCore& net) {
  return to_device(net, next());
}

Ipv4Prefix to_prefix(const std::string& word) {
  if (word == "default" || word == "any" || word == "all") return {};
  const auto slash = word.find('/');
  const auto length = slash == std::string::npos ? std::optional(kHostPrefix) : to_number(word.substr(slash + 1));
  const auto address =
      slash == std::string::npos ? Ipv4Address::parse(word) : to_shortened_address(word.substr(0, slash));
  if (!address || !length || *length > kHostPrefix) {
    throw IpExit{kIpWrong, fmt::format("Error: any valid prefix is expected rather than \"{}\".\n", word)};
  }
  return {*address, *length};
}

device::NetDevice& to_device(device::NetCore& net, const std::string& name) {
  device::NetDevice* device = net.device_by_name(name);
  if (device == nullptr) throw IpExit{kIpWrong, fmt::format("Cannot find device \"{}\"\n", name)};
  return *device;
}

IpExit wrong_argument(std::string_view complaint, std::string_view argument) {
  return {kIpUsage, fmt::format("Error: argument \"{}\" is wrong: {}\n", argument, complaint)};
}

IpExit duplicate_or_garbage(std::string_view key, std::string_view argument) {
  return {kIpUsage, fmt::format("Error: either \"{}\" is duplicate, or \"{}\" is a garbage.\n", key, argument)};
}

IpExit unknown_command(std::string_view object, std::string_view command) {
  return {kIpUsage, fmt::format("Command \"{}\" is unknown, try \"ip {} help\".\n", command, object)};
}

IpExit missing_device(int status) {
  return {status, "Not enough information: \"dev\" argument is required.\n"};
}

IpExit refused(base::Errno error) {
  return {kIpRefused, fmt::format("RTNETLINK answers: {}\n", error_text(error))};
}

IpExit refused(std::string_view kernels_words) {
  return {kIpRefused, fmt::format("Error: {}.\n", kernels_words)};
}

}  // namespace host::console
