#include "handlers/tenure.h"

#include "handlers/deadline.h"

#include <algorithm>

namespace lifehook::handlers {

void tenure::end(give_up why) {
  stop_asked_ = stop_asked_ || why == give_up::stop;
  if (why_ != give_up::none) return;
  why_ = why;
  work_.raise();
  wake();
}

void tenure::wake() {
  if (auto* const who = std::exchange(sleeper_, nullptr)) who->woken();
}

void tenure::begin_again() {
  why_ = give_up::none;
  work_.reset();
  if (stop_asked_) end(give_up::stop);
}

duration tenure::age_of(time_point event_time, time_point now) const {
  const auto elsewhere = terms_.came_before ? terms_.received - terms_.first_received : duration::zero();
  return std::max(terms_.first_received - event_time, duration::zero()) + std::max(elsewhere, duration::zero()) +
         (now - terms_.received);
}

// What hindered the stage before does not hinder this one.
void tenure::enter(work_stage next) {
  if (next != stage_) hindered_.end(nullptr);
  stage_ = next;
}

task<> tenure::proven() {
  if (const auto waited_for = proof_) co_await waited_for->wait();
}

void tenure::heed_timeout(duration of_heartbeats) {
  terms_.longest_delay = quarter(of_heartbeats);
  if (terms_.message) terms_.message->limit_visibility(terms_.longest_delay);
}

void tenure::requeue_for(duration delay) {
  if (why_ == give_up::none) delay_ = std::min(delay, terms_.longest_delay);
  end(give_up::hold);
}

}  // namespace lifehook::handlers
