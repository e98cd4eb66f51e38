#include "handlers/instance_catalog.h"

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t batch_size = 50;
constexpr duration patience = 5ms;
constexpr duration keep_tags = 5min;
constexpr std::size_t most_groups = 10'000;

using found_instances = std::vector<result<std::optional<aws::scaling_instance>>>;
using found_groups = std::vector<result<std::optional<aws::scaling_group>>>;

// Puts AWS's answer, which drops the unknown and keeps no order, back into the order of the question.
template <class Found, class Answer, class Key>
Found in_order(const std::vector<std::string>& asked, std::vector<Answer> answer, Key key) {
  std::map<std::string, Answer> by_key;
  for (auto& each : answer) by_key.emplace(key(each), std::move(each));
  Found found;
  for (const auto& name : asked) {
    const auto known = by_key.find(name);
    found.push_back(known == by_key.end() ? std::optional<Answer>() : std::optional<Answer>(known->second));
  }
  return found;
}

std::vector<std::string> distinct(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

task<result<found_instances>> fetch_instances(aws::autoscaling& with, std::vector<std::string> ids) {
  auto asking = with.instances(distinct(ids));
  auto answer = co_await std::move(asking);
  if (answer.has_error()) co_return std::move(answer).error();
  co_return in_order<found_instances>(ids, std::move(*answer), [](const auto& each) { return each.id; });
}

task<result<found_groups>> fetch_groups(aws::autoscaling& with, std::vector<std::string> names) {
  auto asking = with.groups(distinct(names));
  auto answer = co_await std::move(asking);
  if (answer.has_error()) co_return std::move(answer).error();
  co_return in_order<found_groups>(names, std::move(*answer), [](const auto& each) { return each.name; });
}

}  // namespace

instance_catalog::instance_catalog(clock& time, aws::autoscaling& with, task_group& tasks)
    : clock_(time),
      instances_(time, tasks, batch_size, patience,
                 [&with](auto ids) { return fetch_instances(with, std::move(ids)); }),
      groups_(time, tasks, batch_size, patience, [&with](auto names) { return fetch_groups(with, std::move(names)); }) {
}

task<result<std::map<std::string, std::string>>> instance_catalog::tags(std::string group) {
  if (const auto cached = tags_.find(group); cached != tags_.end() && cached->second.until > clock_.now())
    co_return cached->second.tags;
  auto asking = groups_.ask(group);
  auto found = co_await std::move(asking);
  if (found.has_error()) co_return std::move(found).error();
  if (tags_.size() >= most_groups) tags_.clear();
  if (!*found) co_return tag_map();  // unknown today may be known in a moment
  auto tags = std::move((*found)->tags);
  tags_.insert_or_assign(group, cached_tags{clock_.now() + keep_tags, tags});
  co_return tags;
}

}  // namespace lifehook::handlers
