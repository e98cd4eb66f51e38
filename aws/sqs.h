#pragma once

#include "aws/client.h"

#include <map>

namespace lifehook::aws {

struct sqs_message {
  std::string id;
  std::string receipt_handle;
  std::string body;
  time_point sent;             // SentTimestamp
  time_point first_received;   // ApproximateFirstReceiveTimestamp
  unsigned receive_count = 1;  // ApproximateReceiveCount
};

// What became of one entry of a batch: nullopt is success. `not_found` means the receipt handle is no longer ours.
struct sqs_batch_failure {
  std::size_t entry;  // index into what was sent
  error why;
  bool sender_fault;  // trying again is useless
};

struct sqs_visibility_change {
  std::string receipt_handle;
  std::chrono::seconds visibility;  // 0..43200
};

// Amazon SQS, only the calls the worker makes. Queue region is read from the url when it names one.
class sqs {
 public:
  explicit sqs(client& with) : client_(with) {}

  duration clock_ahead() const { return client_.clock_ahead(); }  // AWS's of ours, see client

  // Long poll; `most` 1..10, `wait` 0..20 s. An empty answer is an empty vector. Ten messages as large as SQS takes are
  // an answer of 20 MiB, 32 at most: of two pollers at once 64 MiB, of 64 pollers 2 GiB. One of events has some 10 KiB.
  task<result<std::vector<sqs_message>>> receive(std::string queue_url, unsigned most, std::chrono::seconds wait,
                                                 std::chrono::seconds visibility);
  // Up to ten entries each. The result lists the entries that failed; an error means the whole batch did, and is an
  // outage: it says nothing of any entry.
  task<result<std::vector<sqs_batch_failure>>> remove(std::string queue_url, std::vector<std::string> receipt_handles);
  task<result<std::vector<sqs_batch_failure>>> change_visibility(std::string queue_url,
                                                                 std::vector<sqs_visibility_change> changes);
  // A message of its own, up to 1 MiB. Not retried unseen: it may have arrived.
  task<result<>> send(std::string queue_url, std::string body);
  // All attributes, by SQS's names.
  task<result<std::map<std::string, std::string>>> attributes(std::string queue_url);

 private:
  client& client_;
};

// "lifecycle" of https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle.
std::string_view queue_name(std::string_view queue_url);
// "eu-west-1" of the same; empty when the url names no region.
std::string_view queue_region(std::string_view queue_url);
// "111122223333" of the same: what stands before the name, whatever it is.
std::string_view queue_account(std::string_view queue_url);
// Of an ARN ("arn:aws:sqs:eu-west-1:111122223333:lifecycle"), whatever the host of the url is.
bool is_queue(std::string_view arn);
bool is_queue_at(std::string_view arn, std::string_view queue_url);

}  // namespace lifehook::aws
