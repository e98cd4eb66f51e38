#include "simulator/sqs_queue.h"

#include <fmt/format.h>

namespace lifehook::simulator {
namespace {

constexpr std::chrono::seconds longest_visibility{43200};

fault handle_refused(std::string_view reason) {
  return {400, "InvalidParameterValue",
          fmt::format("Value for parameter ReceiptHandle is invalid. Reason: {}", reason)};
}

fault beyond_limit(std::chrono::seconds visibility) {
  return {400, "InvalidParameterValue",
          fmt::format("Value {} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the "
                      "message is beyond the limit [43200 seconds]",
                      visibility.count())};
}

}  // namespace

void sqs_queue::add(sqs_message fresh, duration delay, end at, time_point now) {
  settle(now);
  const auto serial = fresh.serial;
  ages_.emplace(fresh.sent, serial);
  messages& to = delay > duration::zero() ? hidden_ : visible_;
  const auto place = to.insert(at == end::front ? to.begin() : to.end(), std::move(fresh));
  by_serial_.emplace(serial, place);
  if (delay > duration::zero()) {
    place->where = sqs_message::place::delayed;
    place->hidden_until = now + delay;
    due_.emplace(place->hidden_until, serial);
  }
  remember(now);
}

void sqs_queue::adopt(messages dead, time_point now) {
  for (auto& message : dead) {
    message.where = sqs_message::place::visible;
    add(std::move(message), duration::zero(), end::back, now);
  }
}

sqs_queue::received sqs_queue::receive(order with, time_point now) {
  settle(now);
  received outcome;
  // A visibility of zero shows a message again at once: one answer still holds it only once.
  for (auto left = visible_.size(); left > 0 && outcome.taken.size() < with.most; --left) {
    const auto first = visible_.begin();
    if (with.max_receives > 0 && first->receive_count >= with.max_receives) {
      by_serial_.erase(first->serial);
      ages_.erase({first->sent, first->serial});
      outcome.dead.splice(outcome.dead.end(), visible_, first);
      continue;
    }
    if (first->receive_count++ == 0) first->first_received = now;
    first->received = now;
    hide(first, sqs_message::place::in_flight, now + with.visibility);
    outcome.taken.push_back(&*first);
  }
  remember(now);
  return outcome;
}

void sqs_queue::remove(receipt of, time_point now) {
  settle(now);
  const auto found = by_serial_.find(of.serial);
  if (found != by_serial_.end() && found->second->receive_count == of.number) drop(found->second);
  remember(now);
}

boost::system::result<void, fault> sqs_queue::change_visibility(receipt of, std::chrono::seconds visibility,
                                                                time_point now) {
  settle(now);
  const auto found = by_serial_.find(of.serial);
  if (found == by_serial_.end())
    return handle_refused("Message does not exist or is not available for visibility timeout change.");
  const auto message = found->second;
  if (message->receive_count != of.number) return handle_refused("The receipt handle has expired.");
  if (message->where != sqs_message::place::in_flight)
    return fault{400, "MessageNotInflight", "The specified message is not in flight."};
  if (now + visibility > message->received + longest_visibility) return beyond_limit(visibility);
  unhide(message);
  if (visibility.count() == 0) {
    show(message, end::back);
  } else {
    hide(message, sqs_message::place::in_flight, now + visibility);
  }
  remember(now);
  return {};
}

void sqs_queue::clear(time_point now) {
  visible_.clear();
  hidden_.clear();
  in_flight_ = 0;
  by_serial_.clear();
  due_.clear();
  ages_.clear();
  remember(now);
}

// What comes due does so at its own time, however late somebody looks.
void sqs_queue::settle(time_point now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    const auto due = *due_.begin();
    const auto message = by_serial_.at(due.second);
    unhide(message);
    show(message, end::back);
    remember(due.first);
  }
  while (!ages_.empty() && ages_.begin()->first + attributes.retention <= now)
    drop(by_serial_.at(ages_.begin()->second));
  remember(now);
}

queue_counts sqs_queue::counts() const { return {visible_.size(), in_flight_, hidden_.size() - in_flight_}; }

void sqs_queue::lag_counts(count_lags by, time_point now) {
  lags_ = by;
  settle(now);
}

queue_counts sqs_queue::told_counts(time_point now) {
  settle(now);
  return history_.told(counts(), now, lags_);
}

std::vector<std::string> sqs_queue::bodies() const {
  std::vector<std::string> all;
  all.reserve(by_serial_.size());
  for (const auto& [sent, serial] : ages_) all.push_back(by_serial_.at(serial)->body);
  return all;
}

void sqs_queue::hide(position message, sqs_message::place as, time_point until) {
  if (message->where == sqs_message::place::visible) hidden_.splice(hidden_.end(), visible_, message);
  message->where = as;
  message->hidden_until = until;
  due_.emplace(until, message->serial);
  if (as == sqs_message::place::in_flight) ++in_flight_;
}

void sqs_queue::unhide(position message) {
  due_.erase({message->hidden_until, message->serial});
  if (message->where == sqs_message::place::in_flight) --in_flight_;
}

void sqs_queue::show(position message, end at) {
  message->where = sqs_message::place::visible;
  visible_.splice(at == end::front ? visible_.begin() : visible_.end(), hidden_, message);
}

void sqs_queue::drop(position message) {
  ages_.erase({message->sent, message->serial});
  by_serial_.erase(message->serial);
  if (message->where == sqs_message::place::visible) {
    visible_.erase(message);
    return;
  }
  unhide(message);
  hidden_.erase(message);
}

}  // namespace lifehook::simulator
