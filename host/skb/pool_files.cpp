// SPDX-License-Identifier: Apache-2.0
// What the pools tell, and their watermarks (Linux: mm/slab_common.c, mm/slub.c).
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>

#include "host/skb/pool.hpp"

namespace host::skb {
namespace {

constexpr std::string_view kHeadCache = "skbuff_head_cache";
constexpr std::uint32_t kPageBytes = 4096;

std::string name_of(const BufferPool& pool) {
  return "skb_data-" + std::to_string(pool.buffer_bytes());
}

struct SlabLine {
  std::string name;
  std::uint32_t active;
  std::uint32_t present;
  std::uint32_t bytes;
  std::uint32_t each;  // objects in a slab
  std::uint32_t slabs;
};

std::string print(const SlabLine& line) {
  char text[200];
  const std::uint32_t pages = (line.each * line.bytes + kPageBytes - 1) / kPageBytes;
  std::snprintf(text, sizeof text, "%-17s %6u %6u %6u %4u %4u : tunables %4u %4u %4u : slabdata %6u %6u %6u\n",
                line.name.c_str(), line.active, line.present, line.bytes, line.each, pages, 0U, 0U, 0U, line.slabs,
                line.slabs, 0U);
  return text;
}

kernel::PseudoFiles::Read number(const auto& read) {
  return [read] { return base::Result<std::string>(std::to_string(read()) + "\n"); };
}

kernel::PseudoFiles::Write watermark(const auto& write) {
  return [write](kernel::Cpu&, std::string_view text) -> base::Result<void> {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return base::Errno::invalid;
    write(value);
    return {};
  };
}

}  // namespace

std::string SkbPool::slabinfo() const {
  std::string text =
      "slabinfo - version: 2.1\n"
      "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> "
      "<batchcount> "
      "<sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n";
  const auto objects = static_cast<std::uint32_t>(skbs_.size());
  text += print({std::string(kHeadCache), in_use_, objects, kMetadataBytes, 1, objects});
  for (const BufferPool* pool : {&normal_, &page_, &large_}) {
    text += print({name_of(*pool), pool->in_use(), pool->buffers(), pool->buffer_bytes(), BufferPool::kSlabBuffers,
                   pool->slabs()});
  }
  return text;
}

void SkbPool::add_files() {
  auto& files = kernel_.files();
  files.add("/proc/slabinfo", [this] { return slabinfo(); });
  files.add("/sys/kernel/debug/slab/" + std::string(kHeadCache) + "/alloc_traces", [this] { return leaks(); });
  for (BufferPool* pool : {&normal_, &page_, &large_}) {
    const std::string folder = "/sys/kernel/slab/" + name_of(*pool) + "/";
    files.add(folder + "object_size", number([pool] { return pool->buffer_bytes(); }));
    files.add(folder + "objs_per_slab", number([] { return BufferPool::kSlabBuffers; }));
    files.add(folder + "slabs", number([pool] { return pool->slabs(); }));
    files.add(folder + "objects", number([pool] { return pool->in_use(); }));
    files.add(folder + "limit", number([pool] { return pool->limit(); }));
    files.add(folder + "exhausted", number([pool] { return pool->exhausted(); }));
    files.add(folder + "poison", number([this] { return poison_.on() ? 1 : 0; }));
    files.add(folder + "reserve", number([pool] { return pool->options().reserve; }),
              watermark([pool](std::uint32_t value) { pool->set_reserve(value); }));
    files.add(folder + "min_partial", number([pool] { return pool->options().min_partial; }),
              watermark([pool](std::uint32_t value) { pool->set_min_partial(value); }));
  }
}

void SkbPool::remove_files() {
  auto& files = kernel_.files();
  files.remove("/proc/slabinfo");
  files.remove("/sys/kernel/slab");
  files.remove("/sys/kernel/debug/slab");
}

}  // namespace host::skb
