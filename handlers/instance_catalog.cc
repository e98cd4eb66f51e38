#include "handlers/instance_catalog.h"

#include "base/chunks.h"

#include <algorithm>
#include <iterator>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr aws::lane_paces by_fifty{{50, 5ms, 2, 250ms}, {50, 5ms, 10, 50ms}};
constexpr aws::pace by_fifty_soon{50, 5ms};
constexpr aws::lane_paces by_two_hundred{{200, 5ms, 5, 250ms}, {200, 5ms, 10, 50ms}};
constexpr aws::lane_paces by_group{{1'000'000, 5ms, 5, 250ms}, {1'000'000, 5ms, 10, 50ms}};
constexpr duration keep_profile = 5min;
constexpr duration keep_fresh = 30s;
constexpr duration keep_unknown = 5s;  // one that is just being made is to be known for its first hooks
constexpr duration keep_listing = 10s;
constexpr std::size_t most_groups = 10'000;
constexpr duration keep_members = 60s;  // no older than Auto Scaling's own list of instances may be
constexpr std::size_t most_members = 200'000;

using scaling_answers = std::vector<result<std::optional<aws::scaling_instance>>>;
using found_groups = std::vector<result<shared_group>>;

// Puts AWS's answer, which drops the unknown and keeps no order, back into the order of the question.
template <class Told, class Instance, class Tell>
std::vector<result<std::optional<Told>>> in_order(const std::vector<std::string>& ids, std::vector<Instance> answer,
                                                  Tell tell) {
  std::map<std::string, Told> by_id;
  for (auto& each : answer) {
    auto id = each.id;
    by_id.emplace(std::move(id), tell(each));
  }
  std::vector<result<std::optional<Told>>> found;
  for (const auto& id : ids) {
    const auto known = by_id.find(id);
    found.emplace_back(known == by_id.end() ? std::optional<Told>() : std::optional(known->second));
  }
  return found;
}

std::vector<std::string> distinct(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

task<result<scaling_answers>> fetch_instances(aws::autoscaling& with, std::vector<std::string> ids) {
  auto answer = co_await with.instances(distinct(ids));
  if (answer.has_error()) co_return std::move(answer).error();
  co_return in_order<aws::scaling_instance>(ids, std::move(*answer), [](auto& each) { return std::move(each); });
}

using found_tags = std::vector<result<std::optional<aws::tag_map>>>;

task<result<found_tags>> fetch_tags(aws::ec2& with, std::vector<std::string> ids) {
  auto answer = co_await with.instances(distinct(ids));
  if (answer.has_error()) co_return std::move(answer).error();
  co_return in_order<aws::tag_map>(ids, std::move(*answer), [](auto& each) { return std::move(each.tags); });
}

task<result<group_listing>> fetch_all(aws::autoscaling& with) {
  auto answer = co_await with.all_groups();
  if (answer.has_error()) co_return std::move(answer).error();
  co_return std::make_shared<const std::vector<aws::scaling_group>>(*std::move(answer));
}

// By name, each once however many ask. What was asked for in a call whose answer is larger than any that is read is
// asked for again by fewer at once, so that a large group fails no other.
class group_reading {
 public:
  group_reading(aws::autoscaling& with, aws::page_size& at_once, const std::vector<std::string>& names)
      : with_(with), at_once_(at_once), open_(in_chunks(distinct(names), at_once.most())) {}

  task<result<>> read() {
    while (!open_.empty()) {
      auto names = std::move(open_.back());
      open_.pop_back();
      auto answer = co_await with_.groups(names);
      if (answer.has_value())
        note(names, std::move(*answer));
      else if (answer.error().code() != errc::too_large)
        co_return std::move(answer).error();
      else if (at_once_.shrink(static_cast<unsigned>(names.size())))
        open_in_smaller(names);
      else
        told_.emplace(names.front(), std::move(answer).error());
    }
    co_return result<>();
  }

  found_groups in_order(const std::vector<std::string>& names) const {
    found_groups found;
    for (const auto& name : names) found.push_back(told_.at(name));
    return found;
  }

 private:
  void note(const std::vector<std::string>& names, std::vector<aws::scaling_group> answer) {
    at_once_.fitted();
    for (auto& each : answer) {
      auto name = each.name;
      told_.emplace(std::move(name), std::make_shared<const aws::scaling_group>(std::move(each)));
    }
    for (const auto& name : names) told_.try_emplace(name, shared_group());
  }

  void open_in_smaller(const std::vector<std::string>& names) {
    auto smaller = in_chunks(names, at_once_.most());
    std::move(smaller.begin(), smaller.end(), std::back_inserter(open_));
  }

  aws::autoscaling& with_;
  aws::page_size& at_once_;
  std::vector<std::vector<std::string>> open_;
  std::map<std::string, result<shared_group>> told_;
};

task<result<found_groups>> fetch_groups(aws::autoscaling& with, aws::page_size& at_once,
                                        std::vector<std::string> names) {
  group_reading groups(with, at_once, names);
  if (auto read = co_await groups.read(); read.has_error()) co_return std::move(read).error();
  co_return groups.in_order(names);
}

}  // namespace

instance_catalog::instance_catalog(clock& time, aws::by_haste<aws::autoscaling> with, aws::by_haste<aws::ec2> ec2,
                                   task_group& tasks)
    : clock_(time),
      instances_(time, tasks, by_fifty,
                 [with](auto ids, auto how) { return fetch_instances(with[how], std::move(ids)); }),
      soon_(time, tasks, by_fifty_soon, [with](auto ids) { return fetch_instances(with.usual, std::move(ids)); }),
      groups_(time, tasks, by_group,
              [this, with](auto names, auto how) { return fetch_groups(with[how], names_at_once_, std::move(names)); }),
      tags_(time, tasks, by_two_hundred, [ec2](auto ids, auto how) { return fetch_tags(ec2[how], std::move(ids)); }),
      listings_(tasks, [with](auto how) { return fetch_all(with[how]); }) {}

task<result<std::optional<aws::scaling_instance>>> instance_catalog::instance(std::string id, aws::haste how) {
  return instances_.ask(std::move(id), how);
}

task<result<std::optional<aws::scaling_instance>>> instance_catalog::instance_soon(std::string id) {
  return soon_.ask(std::move(id));
}

// Only what the group's latest listing tells.
const std::string* instance_catalog::remembered_group_of(const std::string& id) const {
  const auto known = members_.find(id);
  if (known == members_.end() || known->second.asked + keep_members <= clock_.uptime()) return nullptr;
  const auto profile = profiles_.find(known->second.group);
  const bool is_latest = profile != profiles_.end() && profile->second.asked == known->second.asked;
  return is_latest ? &known->second.group : nullptr;
}

task<result<std::optional<std::string>>> instance_catalog::group_of(std::string id, aws::haste how) {
  if (const auto* group = remembered_group_of(id)) co_return std::optional(*group);
  auto found = co_await instances_.ask(std::move(id), how);
  if (found.has_error()) co_return std::move(found).error();
  if (!*found) co_return std::optional<std::string>();
  co_return std::optional(std::move((*found)->group));
}

task<result<shared_group>> instance_catalog::group(std::string name, aws::haste how) {
  return groups_.ask(std::move(name), how);
}

task<result<std::optional<aws::tag_map>>> instance_catalog::instance_tags(std::string id, aws::haste how) {
  return tags_.ask(std::move(id), how);
}

task<result<group_profile>> instance_catalog::profile(std::string group, aws::haste how) {
  return profile_not_older_than(keep_profile, std::move(group), how);
}

task<result<group_profile>> instance_catalog::fresh_profile(std::string group, aws::haste how) {
  return profile_not_older_than(keep_fresh, std::move(group), how);
}

void instance_catalog::remember_members(const aws::scaling_group& of, duration asked) {
  if (members_.size() + of.instances.size() > most_members) members_.clear();
  for (const auto& each : of.instances) members_.insert_or_assign(each.id, membership{of.name, asked});
}

task<result<group_profile>> instance_catalog::profile_not_older_than(duration age, std::string group, aws::haste how) {
  if (const auto kept = profiles_.find(group); kept != profiles_.end()) {
    const auto lasts = kept->second.of.is_known ? age : keep_unknown;
    if (kept->second.asked + lasts > clock_.uptime()) co_return kept->second.of;
  }
  auto found = co_await groups_.ask(group, how);
  if (found.has_error()) co_return std::move(found).error();
  co_return remember_profile(group, *found);
}

// Once for all who get this answer.
const group_profile& instance_catalog::remember_profile(const std::string& group, const shared_group& found) {
  const auto known = profiles_.find(group);
  if (found && known != profiles_.end() && known->second.from.lock() == found) return known->second.of;
  if (profiles_.size() >= most_groups) profiles_.clear();
  kept_profile fresh{clock_.uptime(), {false, {}, {}}};
  if (found) {
    remember_members(*found, fresh.asked);
    fresh.of = {true, found->tags, found->target_groups};
    fresh.from = found;
  }
  return profiles_.insert_or_assign(group, std::move(fresh)).first->second.of;
}

task<result<group_listing>> instance_catalog::all_groups() {
  if (all_until_ > clock_.uptime()) co_return all_;
  auto found = co_await listings_.ask(aws::haste::usual);
  if (found.has_error()) co_return std::move(found).error();
  all_ = *found;
  all_until_ = clock_.uptime() + keep_listing;
  co_return std::move(*found);
}

}  // namespace lifehook::handlers
