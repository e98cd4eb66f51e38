#include "simulator/sns.h"

#include "simulator/identity.h"
#include "simulator/query_parameters.h"
#include "simulator/query_xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace lifehook::simulator {
namespace {

constexpr std::size_t largest = 256 * 1024;  // of a message with its attributes
constexpr auto remembers = std::chrono::minutes(5);
constexpr std::string_view fifo_ending = ".fifo";

fault invalid(std::string_view what) { return {400, "InvalidParameter", fmt::format("Invalid parameter: {}", what)}; }

bool is_fifo(std::string_view topic) { return topic.ends_with(fifo_ending); }

bool is_topic_name(std::string_view name) {
  if (name.size() > 256) return false;
  if (is_fifo(name)) name.remove_suffix(fifo_ending.size());
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return !name.empty() && name.find_first_not_of(allowed) == std::string_view::npos;
}

bool is_subject(std::string_view text) {
  return text.size() < 100 && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// "a-z, A-Z, 0-9" and punctuation, up to 128.
bool is_fifo_id(std::string_view text) {
  return text.size() <= 128 && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

std::size_t size_of(const published_message& of) {
  auto size = of.body.size();
  for (const auto& [name, value] : of.attributes)
    size += name.size() + value.size() + std::string_view("String").size();
  return size;
}

or_fault<std::map<std::string, std::string>> read_attributes(const query_parameters& asked) {
  std::map<std::string, std::string> attributes;
  for (std::size_t nth = 1;; ++nth) {
    const auto entry = fmt::format("MessageAttributes.entry.{}.", nth);
    const auto name = asked.given(entry + "Name");
    if (!name) return attributes;
    const auto type = asked.text(entry + "Value.DataType"), value = asked.text(entry + "Value.StringValue");
    if (name->empty() || type.empty() || value.empty())
      return fault{400, "ParameterValueInvalid",
                   fmt::format("The message attribute '{}' must contain non-empty message attribute value.", *name)};
    if (type == "String") attributes[*name] = value;
  }
}

or_fault<void> check_for_fifo(const published_message& said) {
  if (!is_fifo(said.topic)) {
    if (said.deduplication.empty()) return {};
    return invalid(
        "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not "
        "valid for this topic type");
  }
  if (said.group.empty()) return invalid("The MessageGroupId parameter is required for FIFO topics");
  if (said.deduplication.empty())
    return invalid(
        "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
        "explicitly");
  if (!is_fifo_id(said.group)) return invalid("MessageGroupId");
  if (!is_fifo_id(said.deduplication)) return invalid("MessageDeduplicationId");
  return {};
}

or_fault<published_message> read_message(const query_parameters& asked) {
  auto attributes = read_attributes(asked);
  if (!attributes) return attributes.error();
  published_message said{.id = {},
                         .topic = asked.text("TopicArn"),
                         .subject = asked.text("Subject"),
                         .body = asked.text("Message"),
                         .attributes = *std::move(attributes),
                         .group = asked.text("MessageGroupId"),
                         .deduplication = asked.text("MessageDeduplicationId"),
                         .when = {}};
  if (said.topic.empty()) return invalid("TopicArn or TargetArn Reason: no value for required parameter");
  if (said.body.empty()) return invalid("Empty message");
  if (size_of(said) > largest) return invalid("Message too long");
  if (asked.given("Subject") && (said.subject.empty() || !is_subject(said.subject))) return invalid("Subject");
  if (const auto fits = check_for_fifo(said); !fits) return fits.error();
  return said;
}

class simulated_sns final : public sns {
 public:
  simulated_sns(clock& time, account owner, std::uint64_t seed)
      : clock_(time), owner_(std::move(owner)), random_(seed) {}

  std::string_view name() const override { return "sns"; }
  std::vector<std::string_view> actions() const override { return {"CreateTopic", "GetTopicAttributes", "Publish"}; }
  task<answered> handle(request asked) override { co_return decide(asked); }

  std::string create_topic(std::string name) override { return *topics_.insert(owner_.arn("sns", name)).first; }
  const std::vector<published_message>& published() const override { return published_; }

 private:
  answered decide(const request& asked) {
    const query_parameters with(asked.query);
    if (asked.action == "CreateTopic") return create(with);
    if (asked.action == "GetTopicAttributes") return describe(with);
    if (asked.action == "Publish") return publish(with);
    return fault{400, "InvalidAction", fmt::format("The action {} is not valid for this endpoint.", asked.action)};
  }

  answered create(const query_parameters& asked) {
    const auto name = asked.text("Name");
    if (!is_topic_name(name)) return invalid("Topic Name");
    query_xml xml;
    xml.text("TopicArn", create_topic(name));
    return answer{nullptr, std::move(xml).take()};
  }

  or_fault<void> find(const std::string& topic) const {
    if (!topic.starts_with("arn:")) return invalid("TopicArn");
    if (!topics_.contains(topic)) return fault{404, "NotFound", "Topic does not exist"};
    return {};
  }

  // Those that are the same of every topic, and whether it is FIFO.
  answered describe(const query_parameters& asked) const {
    const auto topic = asked.text("TopicArn");
    if (const auto found = find(topic); !found) return found.error();
    std::map<std::string_view, std::string> attributes{
        {"TopicArn", topic}, {"Owner", owner_.id}, {"DisplayName", {}}, {"SubscriptionsConfirmed", "0"}};
    if (is_fifo(topic)) attributes.insert({{"FifoTopic", "true"}, {"ContentBasedDeduplication", "false"}});
    query_xml xml;
    const auto write = [](query_xml& to, const auto& each) { to.text("key", each.first).text("value", each.second); };
    xml.list("Attributes", attributes, write, "entry");
    return answer{nullptr, std::move(xml).take()};
  }

  answered publish(const query_parameters& asked) {
    auto said = read_message(asked);
    if (!said) return said.error();
    if (const auto found = find(said->topic); !found) return found.error();
    query_xml xml;
    xml.text("MessageId", take(*std::move(said)));
    return answer{nullptr, std::move(xml).take()};
  }

  // A repeated one is accepted, and goes no further.
  std::string take(published_message said) {
    said.when = clock_.now();
    const auto known = std::ranges::find_if(published_, [&said](const auto& each) {
      return !said.deduplication.empty() && each.topic == said.topic && each.deduplication == said.deduplication &&
             said.when - each.when < remembers;
    });
    if (known != published_.end()) return known->id;
    said.id = make_uuid(random_);
    return published_.emplace_back(std::move(said)).id;
  }

  clock& clock_;
  account owner_;
  random_source random_;
  std::set<std::string> topics_;
  std::vector<published_message> published_;
};

}  // namespace

std::unique_ptr<sns> sns::make(clock& time, account owner, std::uint64_t seed) {
  return std::make_unique<simulated_sns>(time, std::move(owner), seed);
}

}  // namespace lifehook::simulator
