// SPDX-License-Identifier: Apache-2.0
// What wires and switches of a world counted, and whether their frames add up.
#include <fmt/format.h>

#include "sim/world/world.hpp"

namespace sim::world {

void World::report_wires(board::Report& report) const {
  for (const auto& wire : wires_) {
    for (unsigned end = 0; end < 2; ++end) {
      const Wire::Counters& c = wire->counters(end);
      const std::string group =
          fmt::format("{}.{}>{}", wire->plan().name, wire->plan().ends[end], wire->plan().ends[1 - end]);
      report.add(group, "frames", c.frames);
      report.add(group, "bytes", c.bytes);
      report.add(group, "delivered", c.delivered);
      report.add(group, "queue_full", c.queue_full);
      report.add(group, "lost", c.lost);
      report.add(group, "corrupted", c.corrupted);
      report.add(group, "damaged", c.damaged);
      report.add(group, "duplicated", c.duplicated);
      report.add(group, "reordered", c.reordered);
      report.add(group, "digest", c.digest);
      report.expect_equal(group + ": frames + duplicated", c.frames + c.duplicated,
                          "delivered + queue_full + lost + under way",
                          c.delivered + c.queue_full + c.lost + c.under_way);
    }
  }
  taps_.report(report);
  for (const auto& bridge : bridges_) {
    const Bridge::Counters& c = bridge->counters();
    const std::string& group = bridge->plan().name;
    report.add(group, "received", c.received);
    report.add(group, "bad_fcs", c.bad_fcs);
    report.add(group, "forwarded", c.forwarded);
    report.add(group, "flooded", c.flooded);
    report.add(group, "copies", c.copies);
    report.add(group, "filtered", c.filtered);
    report.add(group, "queue_full", c.queue_full);
    report.add(group, "sent", c.sent);
    report.add(group, "learned", c.learned);
    report.add(group, "table_full", c.table_full);
    report.expect_equal(group + ": received + copies", c.received + c.copies, "bad_fcs + filtered + queue_full + sent",
                        c.bad_fcs + c.filtered + c.queue_full + c.sent);
  }
}

}  // namespace sim::world
