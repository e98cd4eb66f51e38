#include "aws/sns.h"

#include "aws/endpoint.h"
#include "aws/fault.h"
#include "aws/services.h"
#include "aws/xml.h"

#include <algorithm>

namespace lifehook::aws {

namespace {

constexpr std::string_view fifo_ending = ".fifo";

std::string_view next_part(std::string_view& arn) {
  const auto part = arn.substr(0, arn.find(':'));
  arn.remove_prefix(std::min(part.size() + 1, arn.size()));
  return part;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-' || c == '_';
}

bool is_account(std::string_view text) { return text.size() == 12 && std::all_of(text.begin(), text.end(), is_digit); }

bool is_topic_name(std::string_view text) {
  constexpr std::size_t longest = 256;
  if (text.size() > longest) return false;
  if (text.ends_with(fifo_ending)) text.remove_suffix(fifo_ending.size());
  return !text.empty() && std::all_of(text.begin(), text.end(), is_of_name);
}

query_parameters parameters_of(notification what) {
  query_parameters all{{"TopicArn", std::move(what.topic)}, {"Message", std::move(what.message)}};
  if (!what.subject.empty()) all.emplace_back("Subject", std::move(what.subject));
  std::size_t nth = 0;
  for (auto& [name, value] : what.attributes) {
    const auto entry = "MessageAttributes.entry." + std::to_string(++nth);
    all.emplace_back(entry + ".Name", std::move(name));
    all.emplace_back(entry + ".Value.DataType", "String");
    all.emplace_back(entry + ".Value.StringValue", std::move(value));
  }
  if (!what.deduplication.empty()) all.emplace_back("MessageDeduplicationId", std::move(what.deduplication));
  if (!what.message_group.empty()) all.emplace_back("MessageGroupId", std::move(what.message_group));
  return all;
}

std::string region_of(const std::string& topic) {
  const auto parts = read_topic(topic);
  return parts ? std::string(parts->region) : std::string();
}

}  // namespace

std::optional<topic_parts> read_topic(std::string_view arn) {
  auto rest = arn;
  const bool is_arn = next_part(rest) == "arn";
  const auto partition = next_part(rest);
  const bool is_of_sns = next_part(rest) == "sns";
  topic_parts read{.region = next_part(rest), .account = next_part(rest), .name = rest};
  if (!is_arn || !is_of_sns || !is_region(read.region) || partition != partition_of(read.region).name) return {};
  if (!is_account(read.account) || !is_topic_name(read.name)) return {};
  read.is_fifo = read.name.ends_with(fifo_ending);
  return read;
}

bool is_subject(std::string_view text) {
  constexpr std::size_t too_long = 100;
  return !text.empty() && text.size() < too_long && text.front() != ' ' &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

task<result<std::string>> sns::publish(notification what) {
  call_options once{.attempts = 1};
  once.region = region_of(what.topic);
  auto answer = co_await client_.call(services::sns, "Publish", parameters_of(std::move(what)), std::move(once));
  if (!answer) co_return std::move(answer).error();
  std::string id(answer->query_result().text("MessageId"));
  if (id.empty()) co_return unreadable_answer("Publish: an answer", "MessageId");
  co_return id;
}

task<result<>> sns::look_at(std::string topic) {
  call_options there;
  there.region = region_of(topic);
  query_parameters which{{"TopicArn", std::move(topic)}};
  auto answer = co_await client_.call(services::sns, "GetTopicAttributes", std::move(which), std::move(there));
  if (!answer) co_return std::move(answer).error();
  co_return result<>();
}

}  // namespace lifehook::aws
