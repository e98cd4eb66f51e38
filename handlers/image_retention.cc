#include "handlers/image_retention.h"

#include "handlers/image_tags.h"

#include <algorithm>
#include <map>
#include <set>

namespace lifehook::handlers {

namespace {

bool is_finished(const aws::ec2_image& each) { return each.state != "pending" && each.state != "transient"; }

// Newest first, an image begins an incident unless its group has a younger one close by.
std::set<std::string> last_of_incidents(const std::vector<aws::ec2_image>& newest_first) {
  std::set<std::string> last;
  std::map<std::string, time_point> seen;
  for (const auto& each : newest_first) {
    if (each.state != "available") continue;
    const auto tag = each.tags.find(std::string(scaling_group_tag));
    const auto group = tag == each.tags.end() ? std::string() : tag->second;
    const auto younger = seen.find(group);
    if (younger == seen.end() || younger->second - each.created > incident_gap) last.insert(each.id);
    seen.insert_or_assign(group, each.created);
  }
  return last;
}

}  // namespace

std::vector<aws::ec2_image> beyond(const image_retention& with, std::vector<aws::ec2_image> images,
                                   const std::string& keep, time_point now) {
  std::sort(images.begin(), images.end(), [](const auto& a, const auto& b) { return a.created > b.created; });
  const auto last = with.age ? last_of_incidents(images) : std::set<std::string>();
  std::vector<aws::ec2_image> gone;
  std::size_t place = 0;
  for (const auto& each : images) {
    const bool too_many = with.count && place++ >= *with.count;
    const bool too_old = with.age && now - each.created > *with.age;
    const bool guarded = each.id == keep || !is_finished(each) || (!too_old && last.contains(each.id));
    if ((too_many || too_old) && !guarded) gone.push_back(each);
  }
  std::reverse(gone.begin(), gone.end());
  return gone;
}

}  // namespace lifehook::handlers
