// SPDX-License-Identifier: Apache-2.0
// A text file that the user asked for; opened before the work begins, so that a mistake shows at once.
#pragma once

#include <fstream>
#include <string>

namespace sim::app {

class OutputFile {
 public:
  /// An empty path asks for nothing: then write() does nothing. Throws UserError.
  explicit OutputFile(std::string path);

  /// Once, at the end. Throws UserError when the medium takes it no more.
  void write(const std::string& text);

 private:
  std::string path_;
  std::ofstream file_;
};

}  // namespace sim::app
