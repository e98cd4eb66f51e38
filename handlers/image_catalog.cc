#include "handlers/image_catalog.h"

#include <map>

namespace lifehook::handlers {

namespace {

constexpr aws::pace by_two_hundred{200, std::chrono::milliseconds(5)};

using found_images = std::vector<result<std::optional<aws::ec2_image>>>;

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

}  // namespace

image_catalog::image_catalog(clock& time, aws::ec2& with, task_group& tasks)
    : images_(time, tasks, by_two_hundred, [&with](auto ids) { return fetch(with, std::move(ids)); }) {}

task<result<std::optional<aws::ec2_image>>> image_catalog::image(std::string id) { return images_.ask(std::move(id)); }

}  // namespace lifehook::handlers
