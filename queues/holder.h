#pragma once

#include "aws/sqs.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/seldom.h"
#include "base/task_group.h"
#include "queues/denial.h"

#include <boost/intrusive/set.hpp>

#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace lifehook::queues {

// Keeps every message in hand invisible to others: extends visibility before it runs out, in batches of ten, soonest
// first. A message received again while in hand swaps its receipt handle (docs/decisions/hold-and-requeue.md). A handle
// SQS no longer honours is `lost`: the work goes on (it may run twice, rule 3) and the message is not extended any
// more.
class holder {
 public:
  holder(clock& time, aws::sqs& with, task_group& tasks, logger log, std::string url);

  // What a receive asked for, and what an extension is to ask for: a message is received for a short time only.
  struct visibilities {
    duration granted;
    duration wanted;
  };

  // Its id, to be used until it is released. Null when it was in hand already: its handle is then swapped and there is
  // nothing new to do.
  const std::string* hold(std::string id, std::string receipt_handle, visibilities of);
  void limit(const std::string& id, duration longest);
  void stop_extending(const std::string& id);  // it is about to become visible by our own wish
  void release(const std::string& id);
  const std::string* receipt_handle(const std::string& id) const;  // nullptr: not in hand
  bool is_lost(const std::string& id) const;                       // SQS honours its handle no longer
  std::size_t size() const { return entries_.size(); }
  std::size_t reset_most() { return std::exchange(most_, size()); }  // at once, since it was asked last
  // Whether an extension has been owed for over two seconds, not sent or not answered, or is tried again because SQS
  // did not take it: what is received now might be visible to others before it is extended. After two minutes in vain
  // a message is one SQS has trouble with, and says nothing about others.
  bool is_behind() const;
  // Why SQS extends nothing, for want of a permission. Null: it does, as far as is known.
  const error* denied() const { return denied_.standing(clock_.uptime()); }

 private:
  struct entry;
  struct when_of {
    using type = duration;
    const type& operator()(const entry& of) const { return of.when; }
  };
  using place = boost::intrusive::set_base_hook<boost::intrusive::optimize_size<true>>;
  using order =
      boost::intrusive::multiset<entry, boost::intrusive::base_hook<place>, boost::intrusive::key_of_value<when_of>>;
  struct entry : place {
    const std::string* id = nullptr;  // its key: of thousands in hand it is kept once
    std::string receipt_handle;
    duration granted{};                     // by the receive, or by the last extension
    duration visibility{};                  // of the next extension
    duration received{};                    // in uptime: a wall clock may step
    duration when{};                        // its place, in uptime
    order* in = nullptr;                    // none: lost, or not to be extended
    std::optional<duration> failing_since;  // in uptime: its extensions meet an outage
    bool extends = true;
    bool lost = false;
  };

  void enqueue(entry& of, duration when);
  void enqueue_next(entry& of);
  void put(order& into, entry& of, duration when);
  void take_out(entry& of);
  void owe_nothing(entry& of);
  void arm();
  void extend_due();
  task<> extend(std::vector<aws::sqs_visibility_change> changes, std::vector<std::string> ids);
  void extended(const std::string& id, const std::string& handle, duration by);
  void failed(const std::string& id, const std::string& handle, const error& why);
  duration allowed(const entry& of) const;  // never past 12 h from the receive

  clock& clock_;
  aws::sqs& sqs_;
  task_group& tasks_;
  logger log_;
  seldom failure_said_{std::chrono::minutes(1)};  // all in hand fail alike
  denial denied_;
  std::string url_;
  std::unordered_map<std::string, entry> entries_;
  order due_;        // by when to extend
  order in_flight_;  // extensions not answered yet, by when they were due, or sent if that was earlier
  std::set<std::pair<duration, const entry*>> failing_;  // since when
  std::size_t most_ = 0;
  alarm wake_;
};

}  // namespace lifehook::queues
