#include "handlers/cause_catalog.h"

#include "handlers/activities.h"

#include <algorithm>
#include <map>
#include <vector>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

// A scale-in tells of its instances within a few seconds: reading its activities once a second is soon enough.
constexpr aws::pace gathered{1'000, 5ms, 1, 1s};
// An activity begins before its hook does: load balancers may take an hour to let go of the instance.
constexpr duration longest_begun = 2h;

using found_causes = std::vector<result<scaling_cause>>;

// What is still looked for among the activities of one group.
struct search {
  std::vector<std::size_t> missing;  // places in the question
  time_point since = time_point::max();
};

std::map<std::string, search> by_group(const std::vector<told_end>& asked) {
  std::map<std::string, search> groups;
  for (std::size_t place = 0; place < asked.size(); ++place) {
    auto& of = groups[asked[place].group];
    of.missing.push_back(place);
    of.since = std::min(of.since, asked[place].when - longest_begun);
  }
  return groups;
}

void take(found_causes& into, search& of, const std::vector<told_end>& asked,
          const std::vector<aws::scaling_activity>& activities) {
  std::erase_if(of.missing, [&](std::size_t place) {
    const auto* const ended = activity_of(event_kind::terminating, asked[place].instance, activities);
    if (ended) into[place] = cause_of(ended->cause);
    return ended != nullptr;
  });
}

task<result<found_causes>> fetch(aws::autoscaling& with, std::vector<told_end> asked) {
  found_causes found(asked.size(), scaling_cause::unknown);
  for (auto& group : by_group(asked)) {
    auto& of = group.second;
    const auto walked = co_await walk_activities(with, group.first, of.since, [&](const auto& activities) {
      take(found, of, asked, activities);
      return !of.missing.empty();
    });
    if (walked.has_value()) continue;
    for (const auto place : of.missing) found[place] = walked.error();
  }
  co_return found;
}

}  // namespace

cause_catalog::cause_catalog(clock& time, aws::autoscaling& with, task_group& tasks)
    : causes_(time, tasks, gathered, [&with](auto asked) { return fetch(with, std::move(asked)); }) {}

task<result<scaling_cause>> cause_catalog::cause_of_end(told_end of) { return causes_.ask(std::move(of)); }

}  // namespace lifehook::handlers
