// SPDX-License-Identifier: Apache-2.0
// A desk on a machine that has files.
#pragma once

#include <catch2/catch.hpp>
#include <map>

#include "tests/host/console/desk.hpp"

namespace host_test {

/// A desk on a machine that has files.
struct FileDesk : Desk {
  FileDesk() {
    station().host.console().read_file = [this](const std::string& path) -> host::base::Result<std::string> {
      if (path == locked) return host::base::Errno::access;
      const auto found = files.find(path);
      return found == files.end() ? host::base::Result<std::string>(host::base::Errno::no_entry) : found->second;
    };
  }
  /// What `nft -f` complains of, the text being x.nft.
  std::string refused(const std::string& text) {
    files["x.nft"] = text;
    return err("nft -f x.nft", 1);
  }
  std::string rules() { return out("nft list ruleset"); }

  std::map<std::string, std::string> files;
  std::string locked;  // may not be read
};

}  // namespace host_test
