#include "simulator/sqs_attributes.h"

#include "base/number.h"

#include <fmt/format.h>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>

namespace lifehook::simulator {
namespace {

struct number_attribute {
  std::string_view name;
  std::chrono::seconds queue_attributes::* holds;
  int low, high;
};
constexpr std::array<number_attribute, 4> numbers{
    {{"VisibilityTimeout", &queue_attributes::visibility, 0, 43200},
     {"MessageRetentionPeriod", &queue_attributes::retention, 60, 1209600},
     {"DelaySeconds", &queue_attributes::delay, 0, 900},
     {"ReceiveMessageWaitTimeSeconds", &queue_attributes::receive_wait, 0, 20}}};

// Kept and given back, without an effect here.
constexpr std::array<std::string_view, 11> stored{"Policy",
                                                  "MaximumMessageSize",
                                                  "FifoQueue",
                                                  "ContentBasedDeduplication",
                                                  "KmsMasterKeyId",
                                                  "KmsDataKeyReusePeriodSeconds",
                                                  "SqsManagedSseEnabled",
                                                  "DeduplicationScope",
                                                  "FifoThroughputLimit",
                                                  "RedriveAllowPolicy",
                                                  "RedrivePolicy"};

fault invalid_value(std::string_view name, std::string_view value) {
  return {400, "InvalidAttributeValue", fmt::format("Invalid value for the parameter {}: {}", name, value)};
}

boost::system::result<void, fault> set_number(queue_attributes& to, const number_attribute& as,
                                              const std::string& text) {
  const auto value = parse_number<int>(text);
  if (!value || *value < as.low || *value > as.high) return invalid_value(as.name, text);
  to.*as.holds = std::chrono::seconds(*value);
  return {};
}

// AWS takes maxReceiveCount as a number and as text.
std::int64_t read_count(const boost::json::value& written) {
  if (written.is_int64()) return written.get_int64();
  const auto* text = written.if_string();
  return text ? parse_number<std::int64_t>(*text).value_or(0) : 0;
}

boost::system::result<void, fault> set_redrive(queue_attributes& to, const std::string& text) {
  to.dead_letter_arn.clear();
  to.max_receive_count = 0;
  if (text.empty()) return {};
  boost::system::error_code failed;
  const auto policy = boost::json::parse(text, failed);
  if (failed || !policy.is_object()) return invalid_value("RedrivePolicy", text);
  const auto* arn = policy.get_object().if_contains("deadLetterTargetArn");
  const auto* most = policy.get_object().if_contains("maxReceiveCount");
  const auto count = most ? read_count(*most) : 0;
  if (!arn || !arn->is_string() || count < 1 || count > 1000) return invalid_value("RedrivePolicy", text);
  to.dead_letter_arn = arn->get_string();
  to.max_receive_count = static_cast<unsigned>(count);
  return {};
}

boost::system::result<void, fault> set_one(queue_attributes& to, const std::string& name, const std::string& value) {
  for (const auto& number : numbers)
    if (number.name == name) return set_number(to, number, value);
  if (name == "RedrivePolicy") return set_redrive(to, value);
  if (std::ranges::find(stored, name) != stored.end()) return {};
  return fault{400, "InvalidAttributeName", fmt::format("Unknown Attribute {}.", name)};
}

}  // namespace

boost::system::result<queue_attributes, fault> with_attributes(queue_attributes before, const attribute_map& changes) {
  before.set.try_emplace("MaximumMessageSize", "1048576");
  for (const auto& number : numbers)
    before.set.try_emplace(std::string(number.name), std::to_string((before.*number.holds).count()));
  for (const auto& [name, value] : changes) {
    if (auto taken = set_one(before, name, value); taken.has_error()) return std::move(taken).error();
    if (value.empty()) {
      before.set.erase(name);
    } else {
      before.set[name] = value;
    }
  }
  return before;
}

}  // namespace lifehook::simulator
