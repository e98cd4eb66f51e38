#include "aws/ec2_answers.h"
#include "aws/ecs_answers.h"
#include "aws/ecs_run_answers.h"
#include "aws/json_document.h"
#include "tests/support/json_without.h"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace lifehook::aws;

// What a caller goes by is there, or there is no answer at all.
template <class T, class Holds>
void expect(const lifehook::result<T>& read, Holds holds) {
  const bool good = read ? holds(*read) : read.error().code() == lifehook::errc::unreachable;
  if (!good) std::abort();
}

template <class Listing>
bool all_named(const Listing& found) {
  return std::all_of(found.begin(), found.end(), [](const auto& each) { return !each.id.empty(); });
}

bool all_written(const std::vector<std::string>& texts) {
  return std::none_of(texts.begin(), texts.end(), [](const auto& each) { return each.empty(); });
}

void read_xml(std::string text) {
  const auto document = xml_document::parse(std::move(text));
  if (!document) return;
  const auto page = document->root();
  expect(read_ec2_instances(page), [](const auto& found) { return all_named(found); });
  expect(read_ec2_images(page), [](const auto& found) { return all_named(found); });
  expect(read_ec2_interfaces(page), [](const auto& found) {
    return std::none_of(found.begin(), found.end(), [](const auto& each) { return each.subnet.empty(); });
  });
  expect(read_ec2_snapshots(page), all_written);
  expect(read_ec2_scheduled_events(page), [](const auto& found) {
    return std::none_of(found.begin(), found.end(), [](const auto& each) { return each.code.empty(); });
  });
}

// A text is JSON or not whatever of it is kept, and all is kept that is read.
void prune_json(std::string_view text, const boost::json::value& whole, std::span<const std::string_view> unread) {
  const auto read = json_document::parse(text, unread);
  if (read.has_value() != whole.is_object()) std::abort();
  if (read && boost::json::value(read->root()) != lifehook::test::json_without(whole, unread)) std::abort();
}

void read_json(std::string_view text) {
  boost::system::error_code failed;
  const auto document = boost::json::parse(text.empty() ? "{}" : text, failed);
  for (const auto unread : {std::span<const std::string_view>(), unread_of_container_instances(), unread_of_tasks()})
    prune_json(text, document, unread);
  if (failed || !document.is_object()) return;
  const auto& answer = document.get_object();
  expect(read_whole_task(answer, "t"), [](const auto& task) { return !task || task->arn == "t"; });
  expect(read_run(answer), [](const auto& ran) { return !ran.arns.empty() || !ran.failures.empty(); });
  expect(read_target_groups(answer), all_written);
  expect(read_essential_containers(answer), [](const auto&) { return true; });
}

}  // namespace

// Any bytes as an answer of EC2, or of ECS about tasks to run again: read whole, or unreachable. And as JSON of which
// not all is kept.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(bytes), size);
  read_json(text);
  read_xml(std::move(text));
  return 0;
}
