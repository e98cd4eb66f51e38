#include "queues/attributes.h"

#include "base/number.h"
#include "base/time_text.h"

#include <fmt/format.h>
#include <boost/json/parse.hpp>

namespace lifehook::queues {

namespace {

// SQS writes the policy as JSON text, and maxReceiveCount as a number or as a string.
unsigned read_max_receive_count(std::string_view policy) {
  boost::system::error_code failed;
  const auto parsed = boost::json::parse(policy, failed);
  if (failed || !parsed.is_object()) return 0;
  const auto* count = parsed.as_object().if_contains("maxReceiveCount");
  if (!count) return 0;
  if (count->is_string()) return parse_number<unsigned>(count->as_string()).value_or(0);
  return count->is_int64() && count->as_int64() > 0 ? static_cast<unsigned>(count->as_int64()) : 0;
}

}  // namespace

queue_attributes read_attributes(const std::map<std::string, std::string>& by_name) {
  const auto value = [&by_name](const char* name) {
    const auto found = by_name.find(name);
    return found == by_name.end() ? std::string_view() : std::string_view(found->second);
  };
  queue_attributes read;
  read.arn = value("QueueArn");
  read.policy = value("Policy");
  read.kms_key = value("KmsMasterKeyId");
  read.fifo = value("FifoQueue") == "true";
  if (const auto seconds = parse_number<std::int64_t>(value("MessageRetentionPeriod")).value_or(0); seconds > 0)
    read.retention = std::chrono::seconds(seconds);
  read.delay = std::chrono::seconds(parse_number<std::int64_t>(value("DelaySeconds")).value_or(0));
  read.max_receive_count = read_max_receive_count(value("RedrivePolicy"));
  read.visible = parse_number<double>(value("ApproximateNumberOfMessages")).value_or(0);
  read.in_flight = parse_number<double>(value("ApproximateNumberOfMessagesNotVisible")).value_or(0);
  read.delayed = parse_number<double>(value("ApproximateNumberOfMessagesDelayed")).value_or(0);
  return read;
}

std::vector<finding> check(const queue_attributes& of, duration deadline) {
  std::vector<finding> found;
  if (of.fifo)
    found.push_back(
        {true, "it is a FIFO queue, which lifecycle hooks and EventBridge rules cannot feed; use a standard queue"});
  if (of.retention < deadline)
    found.push_back(
        {true,
         fmt::format("it keeps messages for {}, less than a group's deadline of {}: a message could vanish while its "
                     "hook is open; raise MessageRetentionPeriod (14 days is the most) or lower the deadline",
                     to_text(of.retention), to_text(deadline))});
  if (of.kms_key.ends_with("alias/aws/sqs"))
    found.push_back({false,
                     "it is encrypted with the key alias/aws/sqs, which AWS lets no service use: what EventBridge, SNS "
                     "and Auto Scaling send is lost; encrypt it with SSE-SQS (SqsManagedSseEnabled) or a key of your "
                     "own that lets them"});
  if (of.delay > duration::zero())
    found.push_back({false, fmt::format("its DelaySeconds hides each message for {}, of which a spot warning has two "
                                        "minutes: set it to 0",
                                        to_text(of.delay))});
  if (of.max_receive_count == 0)
    found.push_back({false,
                     "it has no redrive policy: a malformed message comes back for ever; add a dead-letter queue with "
                     "maxReceiveCount 10 or more"});
  else if (of.max_receive_count < 10)
    found.push_back({false, fmt::format("its maxReceiveCount is {}: a few restarts could carry good messages to the "
                                        "dead-letter queue; set it to 10 or more",
                                        of.max_receive_count)});
  return found;
}

std::string end_of_unsettled(std::optional<unsigned> max_receive_count) {
  if (!max_receive_count) return "goes to the dead letters after as many receives as the queue's redrive policy says";
  if (*max_receive_count == 0) return "comes back again and again: the queue has no redrive policy";
  return fmt::format("goes to the dead letters after {} receives", *max_receive_count);
}

std::string_view advice_on(const error& why) {
  const std::string_view code = why.aws_code();
  if (why.code() != errc::denied) return "nothing, unless it lasts: it is tried again";
  if (code.starts_with("Kms") || code.starts_with("KMS"))
    return "allow kms:Decrypt with the queue's key (deploy/iam/encrypted-queue.json)";
  if (code.find("Queue") != code.npos) return "see that the queue's url is right: its region, account and name";
  if (code.starts_with("AccessDenied")) return "allow what `lifehook policy` prints for this configuration";
  return "see to the worker's credentials";
}

}  // namespace lifehook::queues
