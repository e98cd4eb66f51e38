#include "handlers/activities.h"

#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>
#include <cctype>

namespace lifehook::handlers {

namespace {

// Ids are of two lengths: a short one may begin a long one.
bool names(std::string_view text, std::string_view instance) {
  for (auto at = text.find(instance); at != text.npos; at = text.find(instance, at + 1)) {
    const auto rest = text.substr(at + instance.size());
    if (rest.empty() || std::isxdigit(static_cast<unsigned char>(rest.front())) == 0) return true;
  }
  return false;
}

}  // namespace

const aws::scaling_activity* activity_of(event_kind kind, std::string_view instance,
                                         std::span<const aws::scaling_activity> newest_first) {
  const auto* const verb = kind == event_kind::launching ? "launching" : "terminating";
  const auto found = std::find_if(newest_first.begin(), newest_first.end(), [&](const auto& each) {
    return boost::algorithm::icontains(each.description, verb) && names(each.description, instance);
  });
  return found == newest_first.end() ? nullptr : &*found;
}

task<result<>> walk_activities(aws::autoscaling& with, std::string group, time_point since,
                               std::function<bool(const std::vector<aws::scaling_activity>&)> see) {
  constexpr unsigned most_pages = 50;
  std::string from;
  for (unsigned page = 0; page < most_pages; ++page) {
    auto told = co_await with.activities(group, std::move(from));
    if (told.has_error()) co_return std::move(told).error();
    const auto& all = told->activities;
    if (!see(all) || told->next.empty() || all.empty() || all.back().started < since) break;
    from = std::move(told->next);
  }
  co_return result<>();
}

}  // namespace lifehook::handlers
