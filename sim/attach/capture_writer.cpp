// SPDX-License-Identifier: Apache-2.0
#include "sim/attach/capture_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "sim/pcie/user_error.hpp"

namespace sim::attach {
namespace {

constexpr std::uint32_t kSectionHeader = 0x0A0D0D0A;
constexpr std::uint32_t kInterfaceDescription = 1;
constexpr std::uint32_t kEnhancedPacket = 6;
constexpr std::uint32_t kByteOrderMagic = 0x1A2B3C4D;
constexpr std::uint16_t kEthernet = 1;
constexpr std::uint16_t kOptEnd = 0;
constexpr std::uint16_t kOptUserApplication = 4;  // in a section header
constexpr std::uint16_t kOptInterfaceName = 2;
constexpr std::uint16_t kOptTimeResolution = 9;
constexpr std::uint16_t kOptPacketFlags = 2;

/// One block being built: little-endian fields, options, then its length at both ends.
class Block {
 public:
  explicit Block(std::uint32_t type) {
    u32(type);
    u32(0);
  }
  void u16(std::uint16_t v) { integer(v, 2); }
  void u32(std::uint32_t v) { integer(v, 4); }
  void u64(std::uint64_t v) { integer(v, 8); }
  void bytes(std::span<const std::byte> data) {
    for (const std::byte b : data) out_.push_back(static_cast<char>(b));
    while (out_.size() % 4 != 0) out_.push_back('\0');
  }
  void option(std::uint16_t code, std::string_view value) {
    u16(code);
    u16(static_cast<std::uint16_t>(value.size()));
    bytes(std::as_bytes(std::span(value)));
  }
  std::string finish() {
    const auto length = static_cast<std::uint32_t>(out_.size() + 4);
    u32(length);
    for (unsigned i = 0; i < 4; ++i) out_[4 + i] = static_cast<char>(length >> (8 * i));
    return std::move(out_);
  }

 private:
  void integer(std::uint64_t v, unsigned width) {
    for (unsigned i = 0; i < width; ++i) out_.push_back(static_cast<char>(v >> (8 * i)));
  }
  std::string out_;
};

std::string section_header() {
  Block block(kSectionHeader);
  block.u32(kByteOrderMagic);
  block.u16(1);                  // major version
  block.u16(0);                  // minor version
  block.u64(~std::uint64_t{0});  // section length unknown
  block.option(kOptUserApplication, "cosnic");
  block.option(kOptEnd, {});
  return block.finish();
}

std::string interface_description(std::string_view name) {
  Block block(kInterfaceDescription);
  block.u16(kEthernet);
  block.u16(0);
  block.u32(0);  // no snapshot limit
  block.option(kOptInterfaceName, name);
  block.option(kOptTimeResolution, std::string_view("\x09", 1));  // 10^-9 s
  block.option(kOptEnd, {});
  return block.finish();
}

std::uint32_t error_flag(CaptureWriter::Error error) {
  switch (error) {
    case CaptureWriter::Error::fcs:
      return 1U << 24;
    case CaptureWriter::Error::preamble:
      return 1U << 30;
    case CaptureWriter::Error::symbol:
      return 1U << 31;
    case CaptureWriter::Error::none:
      break;
  }
  return 0;
}

}  // namespace

CaptureWriter::CaptureWriter(const std::string& path, const std::vector<std::string>& interfaces)
    : path_(path), file_(path, std::ios::binary | std::ios::trunc) {
  if (!file_) {
    throw UserError(
        fmt::format("cannot write capture '{}': {}; choose a place you may write to", path, std::strerror(errno)));
  }
  file_ << section_header();
  for (const auto& name : interfaces) file_ << interface_description(name);
}

void CaptureWriter::write(unsigned interface, std::span<const std::byte> frame, Picoseconds at, Direction direction,
                          Error error, std::size_t length) {
  const auto ns = static_cast<std::uint64_t>(at / 1000);
  Block block(kEnhancedPacket);
  block.u32(interface);
  block.u32(static_cast<std::uint32_t>(ns >> 32));
  block.u32(static_cast<std::uint32_t>(ns));
  block.u32(static_cast<std::uint32_t>(frame.size()));
  block.u32(static_cast<std::uint32_t>(std::max(frame.size(), length)));
  block.bytes(frame);
  const std::uint32_t flags = static_cast<std::uint32_t>(direction) | error_flag(error);
  block.u16(kOptPacketFlags);
  block.u16(4);
  block.u32(flags);
  block.option(kOptEnd, {});
  file_ << block.finish();
  ++frames_;
}

void CaptureWriter::close() {
  file_.close();
  if (!file_) throw UserError(fmt::format("writing capture '{}' failed; is the disk full?", path_));
}

}  // namespace sim::attach
