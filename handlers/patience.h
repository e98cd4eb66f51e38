#pragma once

#include "base/backoff.h"
#include "base/log.h"
#include "handlers/tenure.h"

#include <string_view>

namespace lifehook::handlers {

// Waits with the event in hand. Where its tenure says that the message should rather wait in its queue, the message is
// put back for as long, and this does not return: the work ends here. These are plain functions that hand on the
// clock's wait: of a coroutine thousands who wait at once would keep a frame each.
task<> rest_or_requeue(clock& time, tenure& keeps, duration wait);
// The same of a wait that is spent in hand as long as the queue lets it.
task<> rest_in_hand(clock& time, tenure& keeps, duration wait);
// The same of a long wait that needs nobody: the queue keeps the message if it may go back, however short it was held.
task<> rest_in_queue(clock& time, tenure& keeps, duration wait);

// Which of the first two a series of attempts rests by.
using resting = task<> (*)(clock& time, tenure& keeps, duration wait);

// How attempts of a call are repeated, and said to have failed.
struct attempts {
  clock& time;
  random_source& random;
  backoff_limits between;
  logger log;
  std::string_view failed;  // the log's event
  std::string_view doing;   // in words, as a gerund: for who asks why it waits

  void say(unsigned attempt, const error& why, tenure& keeps) const;
  duration pause(unsigned attempt) const { return full_jitter(between, attempt, random); }
};

// Asks until there is an answer that is no error: also where AWS, or the state, has said a definite no. Of a step it is
// only outages that are waited out (step_context::ask).
template <class Call>
auto ask_whatever_fails(attempts by, tenure& keeps, resting rests, Call call) -> decltype(call()) {
  for (unsigned attempt = 0;; ++attempt) {
    auto answer = co_await call();
    if (answer.has_value()) {
      keeps.hindered().end(nullptr, hindrance::kind::outage);
      co_return answer;
    }
    by.say(attempt, answer.error(), keeps);
    co_await rests(by.time, keeps, by.pause(attempt));
  }
}

// Asks once where the message may come again for another answer; near the dead-letter queue, where every receive
// counts, until there is one.
template <class Call>
auto ask_while_kept(attempts by, tenure& keeps, Call call) -> decltype(call()) {
  for (unsigned attempt = 0;; ++attempt) {
    auto answer = co_await call();
    const bool may_come_again = keeps.with().may_requeue || keeps.must_requeue(by.time.now());
    if (answer.has_value()) keeps.hindered().end(nullptr, hindrance::kind::outage);
    if (answer.has_value() || may_come_again) co_return answer;
    by.say(attempt, answer.error(), keeps);
    co_await by.time.sleep_for(by.pause(attempt));
  }
}

}  // namespace lifehook::handlers
