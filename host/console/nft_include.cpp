// SPDX-License-Identifier: Apache-2.0
// Files within files (nftables: scanner_include_file, include_glob, include_file).
#include "host/console/nft_include.hpp"

#include <fmt/format.h>

#include "host/console/errors.hpp"
#include "host/console/nft_reader.hpp"

namespace host::console {
namespace {

using Kind = NftToken::Kind;

constexpr unsigned kDeepest = 16;
/// Files that include many files that do may not fill the memory.
constexpr std::size_t kMostParts = 4'096;
constexpr std::size_t kMostBytes = 1U << 26;

class Gatherer {
 public:
  Gatherer(NftSource& source, const NftIncludePath& path) : source_(source), path_(path) {}

  NftExpansion run() {
    gather(0);
    std::size_t end = source_.parts.front().place.end;
    if (error_) end = error_->place.begin;
    out_.push_back({Kind::end, {}, {end, end}});
    return {std::move(out_), std::move(error_)};
  }

 private:
  void gather(std::size_t number) {
    const NftPlace whole = source_.parts[number].place;
    auto tokens = nft_tokenize(std::string_view(source_.text).substr(whole.begin, whole.end - whole.begin));
    for (NftToken& token : tokens) token.place = {token.place.begin + whole.begin, token.place.end + whole.begin};
    NftCursor cursor(std::move(tokens));
    while (!error_ && cursor.peek().kind != Kind::end) step(cursor, number);
    if (!error_ && number != 0) out_.push_back({Kind::newline, "\n", {whole.end, whole.end}});
  }

  void step(NftCursor& cursor, std::size_t number) {
    const bool begins = out_.empty() || out_.back().ends_statement() || out_.back().is("{") || out_.back().is("}");
    if (!begins || !cursor.peek().is("include")) {
      out_.push_back(cursor.take());
      return;
    }
    const std::size_t begin = cursor.take().place.begin;
    const NftToken name = cursor.take();
    if (name.kind != Kind::quoted) return fail(nft_unexpected(name, "quoted string"), name.place);
    const NftToken& separator = cursor.take();
    if (!separator.ends_statement() || separator.kind == Kind::end) {
      return fail(nft_unexpected(separator, "newline or semicolon"), separator.place);
    }
    include(name.text, {begin, separator.place.end}, source_.parts[number].depth);
  }

  void include(const std::string& name, NftPlace place, unsigned depth) {
    if (name.find_first_of("*?[") != std::string::npos) {
      return fail("Could not process rule: Operation not supported", place);
    }
    const bool searched = !name.starts_with('/') && !name.starts_with("./") && !name.starts_with("../");
    if (!searched) {
      if (!open(name, place, depth)) fail("File not found: " + name, place);
      return;
    }
    for (std::string candidate : path_.directories) {
      candidate.append(1, '/').append(name);
      if (open(candidate, place, depth)) return;
    }
    fail("File not found: " + name, place);
  }

  /// False: there is no such file.
  bool open(const std::string& name, NftPlace place, unsigned depth) {
    auto text = path_.read_file == nullptr ? base::Errno::no_entry : path_.read_file(name);
    if (!text.ok() && text.error() == base::Errno::no_entry) return false;
    if (depth == kDeepest) {
      fail(fmt::format("Include nested too deeply, max {} levels", kDeepest), place);
    } else if (!text.ok()) {
      fail(fmt::format("Could not open file \"{}\": {}\n", name, error_text(text.error())), place);
    } else if (source_.parts.size() >= kMostParts || source_.text.size() + text->size() > kMostBytes) {
      fail("Could not process rule: Cannot allocate memory", place);
    } else {
      const std::size_t begin = source_.text.size() + 1;
      source_.text.append(1, '\n').append(*text);
      source_.parts.push_back(
          {.name = name, .place = {begin, source_.text.size()}, .included_by = place, .depth = depth + 1});
      gather(source_.parts.size() - 1);
    }
    return true;
  }

  void fail(std::string message, NftPlace place) {
    if (!error_) error_ = NftError{std::move(message), place};
  }

  NftSource& source_;
  const NftIncludePath& path_;
  std::vector<NftToken> out_;
  std::optional<NftError> error_;
};

}  // namespace

NftExpansion nft_gather(NftSource& source, const NftIncludePath& path) {
  return Gatherer(source, path).run();
}

}  // namespace host::console
