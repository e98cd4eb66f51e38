#include "worker/queue_lacks.h"

#include "base/time_text.h"
#include "handlers/foreign_events.h"
#include "queues/disposition.h"

#include <fmt/format.h>

namespace lifehook::worker {

namespace {

constexpr duration weeks = std::chrono::days(14);
constexpr unsigned receives_of_weeks = 100;

duration foreign_for(unsigned receives, const config& of) {
  unsigned times = 0;
  while (queues::may_requeue(times + 1, receives)) ++times;
  return handlers::foreign_for(times, of.keep_foreign);
}

std::string about_foreign(unsigned receives, const config& of) {
  auto enough = receives;
  while (foreign_for(enough, of) < of.keep_foreign) ++enough;
  return fmt::format(
      "its maxReceiveCount of {} lets what no list answers go back for {}, not for keep_foreign ({}): {} would do",
      receives, to_text(std::chrono::floor<std::chrono::seconds>(foreign_for(receives, of))), to_text(of.keep_foreign),
      enough);
}

}  // namespace

std::vector<std::string> lacks_of(const queues::queue_attributes& queue, const config& of) {
  std::vector<std::string> found;
  const auto receives = queue.max_receive_count;  // 0: any number
  if (receives > 0 && foreign_for(receives, of) < of.keep_foreign) found.push_back(about_foreign(receives, of));
  if (!waits_for_weeks(of)) return found;
  if (queue.retention < weeks)
    found.push_back(
        fmt::format("it keeps messages for {}: a scheduled change may be 14 days ahead", to_text(queue.retention)));
  if (receives > 0 && receives < receives_of_weeks)
    found.push_back(fmt::format("its maxReceiveCount is {}: waiting for a scheduled change may take {} receives",
                                receives, receives_of_weeks));
  return found;
}

}  // namespace lifehook::worker
