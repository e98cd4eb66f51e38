#include "handlers/image_catalog.h"

#include <map>

namespace lifehook::handlers {

namespace {

constexpr aws::pace by_two_hundred{200, std::chrono::milliseconds(5)};

using found_images = std::vector<result<std::optional<aws::ec2_image>>>;
using images_each = std::vector<result<std::vector<aws::ec2_image>>>;

task<result<found_images>> fetch(aws::ec2& with, std::vector<std::string> ids) {
  auto answer = co_await with.images(ids);
  if (answer.has_error()) co_return std::move(answer).error();
  std::map<std::string, aws::ec2_image> by_id;
  for (auto& each : *answer) by_id.emplace(each.id, std::move(each));
  found_images found;
  for (const auto& id : ids) {
    const auto known = by_id.find(id);
    found.emplace_back(known == by_id.end() ? std::nullopt : std::optional(known->second));
  }
  co_return found;
}

task<result<images_each>> fetch_named(aws::ec2& with, std::vector<std::string> names) {
  auto answer = co_await with.images_named(names);
  if (answer.has_error()) co_return std::move(answer).error();
  std::map<std::string, std::vector<aws::ec2_image>> by_name;
  for (auto& each : *answer) {
    auto& same = by_name[each.name];
    same.push_back(std::move(each));
  }
  images_each found;
  for (const auto& name : names) found.emplace_back(by_name[name]);
  co_return found;
}

}  // namespace

image_catalog::image_catalog(clock& time, aws::ec2& with, task_group& tasks)
    : images_(time, tasks, by_two_hundred, [&with](auto ids) { return fetch(with, std::move(ids)); }),
      named_(time, tasks, by_two_hundred, [&with](auto names) { return fetch_named(with, std::move(names)); }) {}

task<result<std::optional<aws::ec2_image>>> image_catalog::image(std::string id) { return images_.ask(std::move(id)); }

task<result<std::vector<aws::ec2_image>>> image_catalog::named(std::string name) { return named_.ask(std::move(name)); }

}  // namespace lifehook::handlers
