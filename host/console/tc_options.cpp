// SPDX-License-Identifier: Apache-2.0
// Each kind's words, one table of words a kind.
#include "host/console/tc_options.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <vector>

#include "host/console/console.hpp"
#include "host/console/tc_units.hpp"

namespace host::console {
namespace {

using Words = std::span<const std::string>;
using Parsed = std::variant<TcSetter, TcComplaint>;

constexpr std::string_view kFifoUsage = "Usage: ... <[p|b]fifo | pfifo_head_drop> [ limit NUMBER ]\n";
constexpr std::string_view kPrioUsage = "Usage: ... prio bands NUMBER priomap P1 P2...[multiqueue]\n";
constexpr std::string_view kTbfUsage =
    "Usage: ... tbf limit BYTES burst BYTES[/BYTES] rate KBPS [ mtu BYTES[/BYTES] ]\n"
    "\t[ peakrate KBPS ] [ latency TIME ] [ overhead BYTES ] [ linklayer TYPE ]\n";
constexpr std::string_view kFqCodelUsage =
    "Usage: ... fq_codel\t[ limit PACKETS ] [ flows NUMBER ]\n"
    "\t\t\t[ memory_limit BYTES ]\n\t\t\t[ target TIME ] [ interval TIME ]\n"
    "\t\t\t[ quantum BYTES ] [ [no]ecn ]\n\t\t\t[ ce_threshold TIME ]\n\t\t\t[ drop_batch SIZE ]\n";
constexpr std::string_view kFqUsage =
    "Usage: ... fq\t[ limit PACKETS ] [ flow_limit PACKETS ]\n"
    "\t\t[ quantum BYTES ] [ initial_quantum BYTES ]\n\t\t[ maxrate RATE  ] [ buckets NUMBER ]\n"
    "\t\t[ [no]pacing ] [ refill_delay TIME ]\n\t\t[ low_rate_threshold RATE ]\n\t\t[ orphan_mask MASK]\n";

TcComplaint complain(std::string text) {
  return {std::move(text), kFailure};
}

TcComplaint unfinished() {
  return {"Command line is not complete. Try option \"help\"\n", kTcMisused};
}

std::string quoted(std::string_view word) {
  return '"' + std::string(word) + '"';
}

/// What a word and its value set of T; false: the value is none.
template <typename T>
using Set = std::function<bool(T&, const std::string&)>;

/// A word with a value, or (no value) one that stands alone.
template <typename T>
struct Word {
  bool has_value = true;
  Set<T> set;
};
template <typename T>
using Dictionary = std::map<std::string, Word<T>, std::less<>>;

template <typename T, typename Value, typename Parse>
Word<T> value_word(Value T::*member, Parse parse) {
  return {true, [=](T& options, const std::string& text) {
            const auto value = parse(text);
            if (value) options.*member = static_cast<Value>(*value);
            return value.has_value();
          }};
}

/// fq_codel takes 0 for a word that was not there.
template <typename T>
Word<T> nonzero_word(std::uint32_t T::*member) {
  return {true, [=](T& options, const std::string& text) {
            const auto value = tc_number(text);
            if (value && *value != 0) options.*member = *value;
            return value.has_value();
          }};
}

template <typename T>
Word<T> flag_word(std::function<void(T&)> set) {
  return {false, [=](T& options, const std::string&) {
            set(options);
            return true;
          }};
}

/// The words of kinds that complain alike: fq_codel and fq.
template <typename T>
Parsed parse_by(const Dictionary<T>& dictionary, Words words, std::string_view usage) {
  std::vector<std::function<void(T&)>> settings;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "help") return complain(std::string(usage));
    const auto word = dictionary.find(words[i]);
    if (word == dictionary.end()) return complain("What is " + quoted(words[i]) + "?\n" + std::string(usage));
    std::string value;
    if (word->second.has_value) {
      if (++i == words.size()) return unfinished();
      value = words[i];
    }
    T trial;
    if (!word->second.set(trial, value)) return complain("Illegal " + quoted(word->first) + '\n');
    settings.push_back([set = word->second.set, value](T& options) { static_cast<void>(set(options, value)); });
  }
  return TcSetter([settings](qdisc::Options& options) {
    if (T* of_kind = std::get_if<T>(&options)) {
      for (const auto& setting : settings) setting(*of_kind);
    }
  });
}

Parsed parse_fifo(const std::string& kind, Words words) {
  std::optional<std::uint32_t> limit;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "help") return complain(std::string(kFifoUsage));
    if (words[i] != "limit") {
      return complain(kind + ": unknown parameter " + quoted(words[i]) + '\n' + std::string(kFifoUsage));
    }
    if (++i == words.size()) return unfinished();
    limit = tc_size(words[i]);
    if (!limit) return complain(kind + ": Illegal value for \"limit\": " + quoted(words[i]) + '\n');
  }
  if (!limit) return TcSetter{};
  return TcSetter([limit](qdisc::Options& options) { options = qdisc::FifoOptions{.limit = *limit}; });
}

Parsed parse_prio(Words words) {
  qdisc::PrioOptions wanted;
  bool in_map = false;
  std::size_t index = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "help") return complain(std::string(kPrioUsage));
    if (word == "bands") {
      if (++i == words.size()) return unfinished();
      const auto bands = tc_number(words[i]);
      if (!bands) return complain("Illegal \"bands\"\n");
      wanted.bands = *bands;
    } else if (word == "priomap") {
      if (in_map) return complain("Error: duplicate priomap\n");
      in_map = true;
    } else if (!in_map) {
      return complain("What is " + quoted(word) + "?\n" + std::string(kPrioUsage));
    } else {
      const auto band = tc_number(word);
      if (!band) return complain("Illegal \"priomap\" element\n");
      if (*band > wanted.bands) return complain("\"priomap\" element is out of bands\n");
      if (index == wanted.priomap.size()) return complain("\"priomap\" index > TC_PRIO_MAX=15\n");
      wanted.priomap[index++] = static_cast<std::uint8_t>(*band);
    }
  }
  return TcSetter([wanted](qdisc::Options& options) { options = wanted; });
}

/// The words of tbf before they are put together.
struct TbfWords {
  std::optional<std::uint64_t> rate;
  std::optional<std::uint64_t> peak_rate;
  std::optional<std::uint32_t> burst;
  std::optional<std::uint32_t> peak_burst;
  std::optional<std::uint32_t> limit;
  std::optional<platform::Nanoseconds> latency;
};

/// Which value a word sets, from `text`; false: it is none. nullopt: there is no such word.
std::optional<bool> set_tbf_word(TbfWords& words, const std::string& name, const std::string& text) {
  const auto set = [](auto& member, auto value) {
    member = value;
    return value.has_value();
  };
  const bool is_burst = name == "burst" || name == "buffer" || name == "maxburst";
  const bool is_peak_burst = name == "mtu" || name == "minburst";
  if (name == "rate") return set(words.rate, tc_rate(text));
  if (name == "peakrate") return set(words.peak_rate, tc_rate(text));
  if (name == "limit") return set(words.limit, tc_size(text));
  if (name == "latency") return set(words.latency, tc_time(text));
  if (is_burst) return set(words.burst, tc_size(text));
  if (is_peak_burst) return set(words.peak_burst, tc_size(text));
  return std::nullopt;
}

/// What may wait: as much as leaves within the latency, and a burst.
std::uint32_t tbf_limit(const TbfWords& words) {
  if (words.limit) return *words.limit;
  const double seconds = static_cast<double>(*words.latency) / 1e9;
  double limit = static_cast<double>(*words.rate) * seconds + *words.burst;
  if (words.peak_rate) {
    limit = std::min(limit, static_cast<double>(*words.peak_rate) * seconds + words.peak_burst.value_or(0));
  }
  return static_cast<std::uint32_t>(limit);
}

Parsed parse_tbf(Words words) {
  TbfWords given;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& name = words[i];
    if (name == "help") return complain(std::string(kTbfUsage));
    TbfWords trial;
    if (!set_tbf_word(trial, name, "1")) {
      return complain("tbf: unknown parameter " + quoted(name) + '\n' + std::string(kTbfUsage));
    }
    if (++i == words.size()) return unfinished();
    const bool both = (name == "limit" && given.latency) || (name == "latency" && given.limit);
    if (both) return complain("tbf: specifying both \"limit\" and \"/latency\" is not allowed\n");
    if (!*set_tbf_word(given, name, words[i])) {
      return complain("tbf: illegal value for " + quoted(name) + ": " + quoted(words[i]) + '\n');
    }
  }
  std::string missing;
  if (!given.rate || *given.rate == 0) missing += "tbf: the \"rate\" parameter is mandatory.\n";
  if (!given.burst || *given.burst == 0) missing += "tbf: the \"burst\" parameter is mandatory.\n";
  if (given.peak_rate && !given.peak_burst) {
    missing += "tbf: when \"peakrate\" is specified, \"mtu\" must also be specified.\n";
  }
  if (!given.limit && !given.latency) missing += "tbf: either \"limit\" or \"latency\" is required.\n";
  if (!missing.empty()) return complain(missing + std::string(kTbfUsage));
  const qdisc::TbfOptions wanted{.rate = *given.rate,
                                 .burst = *given.burst,
                                 .limit = tbf_limit(given),
                                 .peak_rate = given.peak_rate.value_or(0),
                                 .peak_burst = given.peak_burst.value_or(0)};
  return TcSetter([wanted](qdisc::Options& options) { options = wanted; });
}

Parsed parse_fq_codel(Words words) {
  using T = qdisc::FqCodelOptions;
  const auto codel_time = [](platform::Nanoseconds qdisc::CodelParams::*member) {
    return Word<T>{true, [=](T& options, const std::string& text) {
                     const auto time = tc_time(text);
                     if (time && *time != 0) options.codel.*member = *time;
                     return time.has_value();
                   }};
  };
  const Dictionary<T> dictionary{
      {"limit", nonzero_word(&T::limit)},
      {"flows", nonzero_word(&T::flows)},
      {"quantum", nonzero_word(&T::quantum)},
      {"drop_batch", nonzero_word(&T::drop_batch)},
      {"memory_limit", value_word(&T::memory_limit, tc_size)},
      {"target", codel_time(&qdisc::CodelParams::target)},
      {"interval", codel_time(&qdisc::CodelParams::interval)},
      {"ce_threshold", Word<T>{true,
                               [](T& options, const std::string& text) {
                                 options.codel.ce_threshold = tc_time(text);
                                 return options.codel.ce_threshold.has_value();
                               }}},
      {"ecn", flag_word<T>([](T& options) { options.codel.ecn = true; })},
      {"noecn", flag_word<T>([](T& options) { options.codel.ecn = false; })},
  };
  return parse_by(dictionary, words, kFqCodelUsage);
}

Parsed parse_fq(Words words) {
  using T = qdisc::FqOptions;
  const auto buckets = [](const std::string& text) -> std::optional<std::uint32_t> {
    const auto wanted = tc_number(text);
    if (!wanted || *wanted > 1u << 31) return std::nullopt;
    return std::bit_ceil(*wanted);
  };
  const Dictionary<T> dictionary{
      {"limit", value_word(&T::limit, tc_number)},
      {"flow_limit", value_word(&T::flow_limit, tc_number)},
      {"quantum", value_word(&T::quantum, tc_number)},
      {"initial_quantum", value_word(&T::initial_quantum, tc_number)},
      {"buckets", value_word(&T::buckets, buckets)},
      {"orphan_mask", value_word(&T::orphan_mask, tc_number)},
      {"maxrate", value_word(&T::max_rate, tc_rate)},
      {"low_rate_threshold", value_word(&T::low_rate_threshold, tc_rate)},
      {"refill_delay", value_word(&T::refill_delay, tc_time)},
      {"pacing", flag_word<T>([](T& options) { options.pacing = true; })},
      {"nopacing", flag_word<T>([](T& options) { options.pacing = false; })},
  };
  return parse_by(dictionary, words, kFqUsage);
}

}  // namespace

Parsed parse_tc_options(const std::string& kind, Words words) {
  if (kind == "pfifo" || kind == "bfifo") return parse_fifo(kind, words);
  if (kind == "prio") return parse_prio(words);
  if (kind == "tbf") return parse_tbf(words);
  if (kind == "fq_codel") return parse_fq_codel(words);
  if (kind == "fq") return parse_fq(words);
  if (words.empty()) return TcSetter{};
  return complain("Unknown qdisc " + quoted(kind) + ", hence option " + quoted(words[0]) + " is unparsable\n");
}

}  // namespace host::console
