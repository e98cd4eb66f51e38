#pragma once

#include "aws/sqs.h"
#include "base/log.h"
#include "base/seldom.h"
#include "handlers/open_waits.h"
#include "handlers/reception.h"
#include "queues/queue.h"
#include "worker/orphan_sightings.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lifehook::worker {

// Adopts lifecycle actions that wait though no message speaks of them: EventBridge has lost the event, nobody had set
// up the notification yet, the queue was purged. AWS would end each with its hook's default result. What AWS confirms
// as open, by accepting a heartbeat, gets a message of its own in the first queue, and from there on goes the way of
// all messages, through any worker's hands. Adopted twice, by two workers at once, is handled twice: that is safe.
class orphan_watch {
 public:
  struct settings {
    std::vector<std::string> queue_urls;  // ours; the first gets the messages of what is adopted
    duration after;
    bool dry_run = false;  // says what it would adopt
  };
  orphan_watch(handlers::step_services& with, aws::sqs& sends, const handlers::reception& has,
               const std::vector<std::unique_ptr<queues::queue>>& from, logger log, settings of);

  // Looks about every minute, more often where hooks are shorter, until it is given up. What fails is tried again at
  // the next look, and said at most once an hour.
  task<> watch();

 private:
  using beginnings = std::map<std::string, time_point>;  // by instance
  task<> rest(duration until_next_look);
  task<result<>> look();
  task<result<wait_look>> take_look();
  bool is_told_elsewhere(const handlers::open_wait& one) const;
  task<result<>> count_messages();
  task<result<>> ask(handlers::event about, duration when);
  task<result<beginnings>> find_beginnings(const std::vector<orphan>& of_group, time_point aws_now);
  task<result<>> adopt_all(std::vector<orphan> of_group, duration now);
  task<result<>> adopt(handlers::open_wait one);
  void complain(const error& why);

  handlers::step_services& services_;
  aws::sqs& sqs_;
  const handlers::reception& reception_;
  const std::vector<std::unique_ptr<queues::queue>>& queues_;
  logger log_;
  settings settings_;
  handlers::open_waits_list waits_;
  orphan_sightings sightings_;
  seldom complaint_{std::chrono::hours(1)};
};

}  // namespace lifehook::worker
