#pragma once

#include "base/backoff.h"
#include "simulator/poll_line.h"
#include "simulator/receipt_handle.h"
#include "simulator/sqs.h"
#include "simulator/sqs_queue.h"

#include <boost/json/array.hpp>

#include <unordered_map>

namespace lifehook::simulator {

// One queue and those who wait at it. Shared with the long polls, which may outlive the service by the end of their
// frames.
struct hosted_queue {
  hosted_queue(loop_executor executor, clock& time) : clock_of(time), line(std::move(executor), time), due_(time) {}

  // After every change: wakes one poll if there is something to take.
  void attend();
  // Until something may be taken or the time has come.
  task<poll_line::woken> wait(time_point until);

  std::uint64_t number = 0;
  std::string name;
  time_point created, modified;
  sqs_queue queue;
  bool deleted = false;
  clock& clock_of;
  poll_line line;

 private:
  void arm();  // to attend when something hidden shows again

  alarm due_;
  time_point due_at_;
};

// SQS's wire actions on hosted queues. Actions live in sqs_messages.cc (messages) and sqs_service.cc (queues).
class sqs_service final : public sqs {
 public:
  sqs_service(loop_executor executor, clock& time, account owner, std::string base_url, std::uint64_t seed);

  std::string_view name() const override { return "sqs"; }
  std::vector<std::string_view> actions() const override;
  task<answered> handle(request asked) override;

  void set_base_url(std::string base_url) override { base_url_ = std::move(base_url); }
  std::string create_queue(std::string name, attribute_map attributes) override;
  std::string queue_arn(std::string_view name) const override { return owner_.arn("sqs", name); }
  std::string send(std::string_view queue_url_or_arn, std::string body, duration delay) override;
  queue_counts counts(std::string_view queue_url_or_arn) override;
  std::vector<std::string> bodies(std::string_view queue_url_or_arn) override;
  void duplicate(double share) override { duplicate_share_ = share; }
  void lag_counts(count_lags by) override;

 private:
  using object = boost::json::object;
  using hosted = std::shared_ptr<hosted_queue>;
  using found = boost::system::result<hosted, fault>;
  using settled = boost::system::result<object, fault>;
  using action = answered (sqs_service::*)(object&);
  struct poll;

  static const std::map<std::string_view, action>& table();

  answered create(object& asked);
  answered delete_queue(object& asked);
  answered purge(object& asked);
  answered list(object& asked);
  answered get_url(object& asked);
  answered get_attributes(object& asked);
  answered set_attributes(object& asked);

  answered send_one(object& asked);
  answered send_batch(object& asked);
  answered delete_one(object& asked);
  answered delete_batch(object& asked);
  answered change_one(object& asked);
  answered change_batch(object& asked);
  task<answered> receive(object asked);

  found make_queue(const std::string& name, const attribute_map& attributes);
  found find_named(std::string_view name) const;
  found find_asked(const object& asked) const;              // by QueueUrl
  hosted find_anywhere(std::string_view url_or_arn) const;  // null when there is none
  std::string url_of(const hosted_queue& queue) const;
  object attributes_of(hosted_queue& queue) const;

  settled accept(hosted_queue& to, object& entry);
  settled remove(hosted_queue& from, object& entry);
  settled change(hosted_queue& in, object& entry);
  answered each_entry(object& asked, settled (sqs_service::*act)(hosted_queue&, object&));
  std::string put(hosted_queue& to, sqs_message fresh, duration delay);
  std::vector<const sqs_message*> take(hosted_queue& from, const poll& with);
  object shown(const hosted_queue& from, const sqs_message& message, const poll& as) const;

  loop_executor executor_;
  clock& clock_;
  account owner_;
  std::string base_url_;
  random_source random_;
  receipt_handles handles_;
  double duplicate_share_ = 0;
  count_lags count_lags_;
  std::uint64_t last_serial_ = 0;
  std::map<std::string, hosted, std::less<>> queues_;
};

}  // namespace lifehook::simulator
