#pragma once

#include "simulator/service.h"

#include <functional>
#include <memory>
#include <optional>

namespace lifehook::simulator {

struct queue_counts {
  std::size_t visible = 0, in_flight = 0, delayed = 0;
  bool operator==(const queue_counts&) const = default;
};

// How late each of the Approximate... attributes of a queue is. SQS promises no more than that they settle about a
// minute after the last change, and does not say that the three are late together.
struct count_lags {
  duration visible{0}, in_flight{0}, delayed{0};
};

// Amazon SQS standard queues: visibility, receive counts, redrive, long polls, the 12 h rule, retention, delay, batches
// with failures inside a 200. O(log n) per operation, so that 100,000 messages are no burden. Actions: CreateQueue,
// DeleteQueue, PurgeQueue, ListQueues, GetQueueUrl, GetQueueAttributes, SetQueueAttributes, SendMessage,
// SendMessageBatch, ReceiveMessage, DeleteMessage(Batch), ChangeMessageVisibility(Batch).
class sqs : public service {
 public:
  // Queue urls are base_url/account/name, as the port or the in-process transport is reached.
  static std::unique_ptr<sqs> make(loop_executor executor, clock& time, account owner, std::string base_url,
                                   std::uint64_t seed);

  // Set-up and sight for C++ callers; boto3 does the same over the wire. Set-up that SQS refuses throws
  // std::invalid_argument; sending to a queue that does not exist is dropped, as AWS drops it, with an empty message
  // id.
  virtual void set_base_url(std::string base_url) = 0;  // of urls given from now on
  virtual std::string create_queue(std::string name,
                                   std::map<std::string, std::string> attributes = {}) = 0;  // its url
  virtual std::string queue_arn(std::string_view name) const = 0;
  virtual std::string send(std::string_view queue_url_or_arn, std::string body, duration delay = {}) = 0;  // message id
  virtual queue_counts counts(std::string_view queue_url_or_arn) = 0;
  virtual std::vector<std::string> bodies(std::string_view queue_url_or_arn) = 0;  // of all messages not deleted
  // Duplicates and reorderings by the seed: the share (0..1) of messages delivered twice.
  virtual void duplicate(double share) = 0;
  // From now on every queue's attributes tell each count as it was so long ago, `counts` never. None to begin with: AWS
  // is prompt as a rule, and who has set nothing compares what was sent with what is told.
  virtual void lag_counts(count_lags by) = 0;
};

}  // namespace lifehook::simulator
