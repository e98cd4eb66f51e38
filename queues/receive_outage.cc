#include "queues/receive_outage.h"

#include "base/backoff.h"
#include "queues/attributes.h"

#include <algorithm>

namespace lifehook::queues {

void receive_outage::failed(const error& why, duration began) {
  if (tries_ == 0) since_ = began;
  const auto now = clock_.uptime();
  const bool is_due = failure_said_.is_due(now);
  const bool is_other = is_new(why);
  if (!is_worth_saying(tries_++) && !is_due && !is_other) return;
  log_.error("receiving_failed",
             {{"tries", tries_}, {"since_seconds", now - since_}, {"error", why.what()}, {"advice", advice_on(why)}});
}

bool receive_outage::is_new(const error& why) {
  std::string reason(why.aws_code().empty() ? name(why.code()) : why.aws_code());
  if (std::find(reasons_.begin(), reasons_.end(), reason) != reasons_.end()) return false;
  reasons_.push_back(std::move(reason));
  return true;
}

void receive_outage::ended() {
  if (tries_ == 0) return;
  log_.info("receiving_again", {{"tries", tries_}, {"lasted_seconds", clock_.uptime() - since_}});
  tries_ = 0;
  reasons_.clear();
  failure_said_.reset();
}

void receive_outage::overdue(duration after) {
  if (tries_ > 0 || !overdue_said_.is_due(clock_.uptime())) return;
  log_.warn("receive_overdue", {{"after_seconds", after},
                                {"advice",
                                 "nothing, unless receiving_failed follows: SQS has not answered a poll, whose "
                                 "connection may be lost"}});
}

}  // namespace lifehook::queues
