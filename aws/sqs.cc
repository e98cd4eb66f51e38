#include "aws/sqs.h"

#include "aws/canonical.h"
#include "aws/endpoint.h"
#include "aws/fault.h"
#include "aws/json_document.h"
#include "aws/json_fields.h"
#include "aws/services.h"
#include "base/number.h"

#include <optional>

namespace lifehook::aws {

namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

// Of a receive: ten messages of 1 MiB, each byte of which JSON may write as two, and a letter of two bytes as six.
constexpr std::size_t most_received = 32U << 20;

call_options at_queue(std::string_view queue_url) { return {.region = std::string(queue_region(queue_url))}; }

std::string_view last_of(std::string_view text, char between) { return text.substr(text.rfind(between) + 1); }

std::optional<time_point> epoch_milliseconds(const json::object& attributes, std::string_view name) {
  const auto count = parse_number<std::int64_t>(text_of(attributes, name));
  if (!count) return std::nullopt;
  return time_point(std::chrono::milliseconds(*count));
}

result<sqs_message> read_message(const json::object& from) {
  const auto& attributes = object_of(from, "Attributes");
  const auto sent = epoch_milliseconds(attributes, "SentTimestamp");
  const auto first = epoch_milliseconds(attributes, "ApproximateFirstReceiveTimestamp");
  sqs_message read{.id = text_of(from, "MessageId"),
                   .receipt_handle = text_of(from, "ReceiptHandle"),
                   .body = text_of(from, "Body"),
                   .sent = sent.value_or(first.value_or(time_point())),
                   .first_received = first.value_or(sent.value_or(time_point())),
                   .receive_count = parse_number<unsigned>(text_of(attributes, "ApproximateReceiveCount")).value_or(1)};
  // Deadlines count from these times: a guess would end a hook at once, or never.
  if (!sent && !first) return error{errc::malformed, "a message without timestamps"};
  if (read.receipt_handle.empty()) return error{errc::malformed, "a message without a receipt handle"};
  return read;
}

// One that cannot be read is left to its visibility timeout; those that came with it are not.
result<std::vector<sqs_message>> read_messages(const json_document& answer) {
  std::vector<sqs_message> messages;
  std::optional<error> wrong;
  for (const auto* const each : objects_of(answer.root(), "Messages")) {
    auto read = read_message(*each);
    if (read)
      messages.push_back(*std::move(read));
    else
      wrong = read.error();
  }
  if (wrong && messages.empty()) return wrong->in("reading a ReceiveMessage answer");
  return messages;
}

sqs_batch_failure read_failure(std::size_t entry, const json::object& from) {
  const bool sender_fault = flag_of(from, "SenderFault", false);
  const fault said{text_of(from, "Code"), text_of(from, "Message")};
  auto why = to_error(said, sender_fault ? 400 : 500);
  const bool useless = sender_fault && !is_outage(why.code());  // throttling is the sender's fault to SQS
  return {entry, std::move(why), useless};
}

// Entries are named by their place. One that the answer does not mention has not been acknowledged.
std::vector<sqs_batch_failure> read_failures(const json_document& answer, std::size_t sent) {
  enum class fate { unknown, done, failed };
  std::vector<fate> fates(sent, fate::unknown);
  std::vector<sqs_batch_failure> failures;
  const auto place_of = [sent](const json::object& of) {
    return parse_number<std::size_t>(text_of(of, "Id")).value_or(sent);
  };
  for (const auto* const each : objects_of(answer.root(), "Successful"))
    if (const auto place = place_of(*each); place < sent) fates[place] = fate::done;
  for (const auto* const each : objects_of(answer.root(), "Failed"))
    if (const auto place = place_of(*each); place < sent) {
      fates[place] = fate::failed;
      failures.push_back(read_failure(place, *each));
    }
  for (std::size_t place = 0; place < sent; ++place)
    if (fates[place] == fate::unknown)
      failures.push_back({place, {errc::unreachable, "the answer does not mention the entry", {}}, false});
  return failures;
}

// A call refused whole says nothing of the receipt handles in it: none of them is lost, or not there.
error of_whole_batch(const error& why) { return is_outage(why.code()) ? why : why.with(errc::denied); }

task<result<std::vector<sqs_batch_failure>>> send_batch(client& with, std::string_view operation, std::string queue_url,
                                                        json::array entries, duration patience) {
  if (entries.empty()) co_return std::vector<sqs_batch_failure>();
  const auto sent = entries.size();
  auto options = at_queue(queue_url);
  options.timeout = patience;
  json::object body{{"QueueUrl", std::move(queue_url)}, {"Entries", std::move(entries)}};
  auto answer = co_await with.call(services::sqs, operation, std::move(body), std::move(options));
  if (!answer) co_return of_whole_batch(answer.error());
  co_return read_failures(*answer, sent);
}

std::string_view label_after(std::string_view host, std::string_view before) {
  const auto found = host.find(before);
  if (found == std::string_view::npos || (found > 0 && host[found - 1] != '.')) return {};
  const auto rest = host.substr(found + before.size());
  return rest.substr(0, rest.find('.'));
}

}  // namespace

task<result<std::vector<sqs_message>>> sqs::receive(std::string queue_url, unsigned most, std::chrono::seconds wait,
                                                    std::chrono::seconds visibility) {
  auto options = at_queue(queue_url);
  options.timeout = wait + 10s;
  options.long_poll = true;
  options.max_body = most_received;
  json::object body{{"QueueUrl", std::move(queue_url)},
                    {"MaxNumberOfMessages", most},
                    {"WaitTimeSeconds", wait.count()},
                    {"VisibilityTimeout", visibility.count()},
                    {"MessageSystemAttributeNames", json::array{"All"}}};
  auto answer = co_await client_.call(services::sqs, "ReceiveMessage", std::move(body), std::move(options));
  if (!answer) co_return std::move(answer).error();
  co_return read_messages(*answer);
}

task<result<std::vector<sqs_batch_failure>>> sqs::remove(std::string queue_url,
                                                         std::vector<std::string> receipt_handles) {
  json::array entries;
  for (const auto& handle : receipt_handles)
    entries.push_back(json::object{{"Id", std::to_string(entries.size())}, {"ReceiptHandle", handle}});
  return send_batch(client_, "DeleteMessageBatch", std::move(queue_url), std::move(entries), 10s);
}

task<result<std::vector<sqs_batch_failure>>> sqs::change_visibility(std::string queue_url,
                                                                    std::vector<sqs_visibility_change> changes) {
  json::array entries;
  for (const auto& change : changes)
    entries.push_back(json::object{{"Id", std::to_string(entries.size())},
                                   {"ReceiptHandle", change.receipt_handle},
                                   {"VisibilityTimeout", change.visibility.count()}});
  return send_batch(client_, "ChangeMessageVisibilityBatch", std::move(queue_url), std::move(entries), 3s);
}

task<result<>> sqs::send(std::string queue_url, std::string body) {
  auto options = at_queue(queue_url);
  options.attempts = 1;
  options.resend = false;
  json::object message{{"QueueUrl", std::move(queue_url)}, {"MessageBody", std::move(body)}};
  auto answer = co_await client_.call(services::sqs, "SendMessage", std::move(message), std::move(options));
  if (!answer) co_return std::move(answer).error();
  co_return result<>();
}

task<result<std::map<std::string, std::string>>> sqs::attributes(std::string queue_url) {
  auto options = at_queue(queue_url);
  json::object body{{"QueueUrl", std::move(queue_url)}, {"AttributeNames", json::array{"All"}}};
  auto answer = co_await client_.call(services::sqs, "GetQueueAttributes", std::move(body), std::move(options));
  if (!answer) co_return std::move(answer).error();
  std::map<std::string, std::string> found;
  for (const auto& [name, value] : object_of(answer->root(), "Attributes"))
    if (value.is_string()) found.emplace(name, value.get_string());
  co_return found;
}

std::string_view queue_name(std::string_view queue_url) { return last_of(queue_url, '/'); }

std::string_view queue_region(std::string_view queue_url) {
  const auto host = split_url(queue_url).host;
  if (const auto old_form = host.find(".queue."); old_form != std::string_view::npos)
    return is_region(host.substr(0, old_form)) ? host.substr(0, old_form) : std::string_view();
  if (host == "queue.amazonaws.com") return "us-east-1";
  auto region = label_after(host, "sqs.");
  if (region.empty()) region = label_after(host, "sqs-fips.");
  return !region.empty() && is_region(region) ? region : std::string_view();
}

std::string_view queue_account(std::string_view queue_url) {
  return last_of(queue_url.substr(0, queue_url.rfind('/')), '/');
}

bool is_queue(std::string_view arn) { return arn.starts_with("arn:") && arn.find(":sqs:") != std::string_view::npos; }

bool is_queue_at(std::string_view arn, std::string_view queue_url) {
  const auto by_account = [](std::string_view text, char between) {
    return std::pair(last_of(text, between), last_of(text.substr(0, text.rfind(between)), between));
  };
  const auto region = queue_region(queue_url);
  const bool same_region = region.empty() || arn.find(std::string(":").append(region).append(":")) != arn.npos;
  return is_queue(arn) && same_region && by_account(arn, ':') == by_account(queue_url, '/');
}

}  // namespace lifehook::aws
