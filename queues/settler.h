#pragma once

#include "aws/sqs.h"
#include "aws/token_bucket.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/seldom.h"
#include "base/task_group.h"
#include "queues/denial.h"
#include "queues/holder.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lifehook::queues {

// Gives messages back to SQS: deletes and visibility changes, in calls of ten. One that is alone leaves at once, and
// while a call is in flight the next ones wait a few milliseconds for company; of calls that are not full there are ten
// a second at most. What fails is tried again with backoff while the message is still ours; a handle SQS no longer
// honours is given up (the message comes back and is found done). One received again meanwhile is settled again under
// its new handle. `settled` is called once per message, when SQS has acknowledged it or it was given up.
class settler {
 public:
  settler(clock& time, aws::sqs& with, task_group& tasks, holder& handles, logger log, random_source& random,
          std::string url, std::function<void(const std::string& id)> settled);

  void remove(std::string id);
  void make_visible(std::string id, std::chrono::seconds after);
  void flush_now();  // of a worker that stops: from now on nothing waits long for company
  // Since then: messages SQS would not take back. Unless another worker has received them, they are in nobody's hand.
  std::size_t not_taken_back() const { return not_taken_back_; }
  // Why SQS deletes nothing, or takes nothing back, for want of a permission. Null: it does, as far as is known.
  const error* denied() const;

 private:
  struct order {
    std::string id;
    std::chrono::seconds delay{0};
    unsigned attempt = 0;
    std::string handle{};  // under which it was sent
  };
  enum class kind { removal, visibility };
  // What failed at the same attempt waits for one backoff, which those that come meanwhile neither wait for nor
  // shorten.
  struct failure {
    duration until{};  // in uptime
    std::vector<order> orders{};
  };
  struct batch {
    explicit batch(clock& time);
    std::vector<order> waiting{};
    alarm due;
    aws::token_bucket unfilled;
    std::size_t in_flight = 0;             // calls
    std::map<unsigned, failure> failed{};  // by the attempt that failed
    alarm again_due;
    denial denied{};
    seldom failure_said{std::chrono::minutes(1)};  // all fail alike
  };

  static std::string_view wanted(kind what);
  batch& of(kind what) { return what == kind::removal ? removals_ : changes_; }
  void add(kind what, order entry);
  duration patience_of(batch& with);
  void flush(kind what);
  task<> send(kind what, std::vector<order> orders);
  task<result<std::vector<aws::sqs_batch_failure>>> call(kind what, const std::vector<order>& orders);
  void conclude(kind what, order entry, const std::optional<aws::sqs_batch_failure>& failure);
  void give_up(kind what, const order& entry, const error& why);
  void again(kind what, order entry, const error& why);
  void wait_for_failed(kind what);
  void flush_failed(kind what, duration ended);

  clock& clock_;
  aws::sqs& sqs_;
  task_group& tasks_;
  holder& holder_;
  logger log_;
  random_source& random_;
  std::string url_;
  std::function<void(const std::string& id)> settled_;
  batch removals_;
  batch changes_;
  bool hurried_ = false;
  std::size_t not_taken_back_ = 0;
};

}  // namespace lifehook::queues
