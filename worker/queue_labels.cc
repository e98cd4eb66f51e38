#include "worker/queue_labels.h"

#include "aws/curl_target.h"
#include "aws/sqs.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::worker {

namespace {

std::string_view place_of(std::string_view url) {
  const auto region = aws::queue_region(url);
  return region.empty() ? aws::host_of(url) : region;
}

std::string label_of(const queue_settings& queue, const std::vector<queue_settings>& all) {
  const std::string_view url = queue.url;
  const auto name = aws::queue_name(url);
  std::vector<std::string_view> namesakes;
  for (const auto& each : all)
    if (&each != &queue && aws::queue_name(each.url) == name) namesakes.emplace_back(each.url);
  const auto none_has = [&namesakes, url](std::string_view (*part)(std::string_view)) {
    return std::none_of(namesakes.begin(), namesakes.end(), [&](auto other) { return part(other) == part(url); });
  };
  if (namesakes.empty()) return std::string(name);
  if (none_has(place_of)) return fmt::format("{}@{}", name, place_of(url));
  if (none_has(aws::queue_account)) return fmt::format("{}@{}", name, aws::queue_account(url));
  return fmt::format("{}@{}/{}", name, place_of(url), aws::queue_account(url));
}

}  // namespace

std::vector<std::string> queue_labels(const std::vector<queue_settings>& queues) {
  std::vector<std::string> labels;
  for (const auto& each : queues) labels.push_back(label_of(each, queues));
  return labels;
}

}  // namespace lifehook::worker
