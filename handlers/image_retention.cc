#include "handlers/image_retention.h"

#include "handlers/event.h"
#include "handlers/image_tags.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration clocks_differ = 5min;  // EC2's, which dates images, and those of its answers

bool is_finished(const aws::ec2_image& each) { return each.state != "pending" && each.state != "transient"; }
bool is_usable(const aws::ec2_image& each) { return each.state == "available"; }

std::string tag_of(const aws::ec2_image& each, std::string_view key) {
  const auto tag = each.tags.find(std::string(key));
  return tag == each.tags.end() ? std::string() : tag->second;
}

// A total order: images of one second must not trade places between two listings.
bool is_newer(const aws::ec2_image& a, const aws::ec2_image& b) {
  return std::tie(a.created, a.id) > std::tie(b.created, b.id);
}

// Newest first, an image begins an incident unless its group has a younger one close by.
std::set<std::string> last_of_incidents(const std::vector<aws::ec2_image>& newest_first) {
  std::set<std::string> last;
  std::map<std::string, time_point> seen;
  for (const auto& each : newest_first) {
    if (!is_usable(each)) continue;
    const auto group = tag_of(each, scaling_group_tag);
    const auto younger = seen.find(group);
    if (younger == seen.end() || younger->second - each.created > incident_gap) last.insert(each.id);
    seen.insert_or_assign(group, each.created);
  }
  return last;
}

// Walks images from the newest on and tells which have no place any more.
class places {
 public:
  explicit places(std::optional<std::size_t> count) : count_(count) {}

  bool has_none_for(const aws::ec2_image& each) {
    if (!count_) return false;
    if (is_usable(each)) return usable_++ >= *count_;
    return usable_ >= *count_ || useless_++ >= *count_;
  }

 private:
  std::optional<std::size_t> count_;
  std::size_t usable_ = 0;
  std::size_t useless_ = 0;
};

}  // namespace

bool is_registered(const aws::ec2_image& each) { return each.state != "deregistered"; }

std::vector<aws::ec2_image> beyond(const image_retention& with, std::vector<aws::ec2_image> images, time_point now) {
  std::sort(images.begin(), images.end(), is_newer);
  const auto last = with.age ? last_of_incidents(images) : std::set<std::string>();
  std::vector<aws::ec2_image> gone;
  places left(with.count);
  for (const auto& each : images) {
    if (!is_finished(each) || !is_registered(each)) continue;
    const bool too_many = left.has_none_for(each);
    const bool too_old = with.age && now - each.created > *with.age;
    const bool guarded = !too_old && last.contains(each.id);
    if ((too_many || too_old) && !guarded) gone.push_back(each);
  }
  std::reverse(gone.begin(), gone.end());
  return gone;
}

time_point waited_for_until(const aws::ec2_image& each, duration deadline) {
  return each.created + deadline + clocks_differ;
}

std::string held_instance(const aws::ec2_image& each) {
  const auto cause = tag_of(each, cause_tag);
  const bool has_no_hook = std::any_of(all_event_kinds.begin(), all_event_kinds.end(),
                                       [&cause](event_kind kind) { return cause == name(kind); });
  return has_no_hook ? std::string() : tag_of(each, instance_tag);
}

}  // namespace lifehook::handlers
