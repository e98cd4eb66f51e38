#pragma once

#include "aws/budgets.h"
#include "aws/credentials.h"
#include "aws/environment.h"
#include "aws/http_transport.h"
#include "base/backoff.h"
#include "base/log.h"

#include <boost/json/object.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lifehook {
struct metrics;  // base/metrics.h
}

namespace lifehook::aws {

class json_document;  // aws/json_document.h
class xml_document;   // aws/xml.h

enum class protocol { json_1_0, json_1_1, query, ec2_query };

// What one AWS service is on the wire, as its API reference (in botocore: its service model) has it.
struct service {
  std::string_view name;  // metric and log label: "sqs"
  protocol speaks;
  std::string_view endpoint_prefix;  // "sqs" of sqs.eu-west-1.amazonaws.com
  std::string_view signing_name;
  std::string_view version;         // of Query services: "2011-01-01"
  std::string_view target_prefix;   // of JSON services: "AmazonSQS."
  std::string_view environment_id;  // of AWS_ENDPOINT_URL_<ID>
};

using query_parameters = std::vector<std::pair<std::string, std::string>>;

// How far a call has come, for who must know while it is under way; and whether it shall come further.
struct call_stage {
  std::optional<time_point> sent;  // the attempt that AWS has, or may have had; none once AWS has throttled it
  bool is_on_wire = false;
  bool is_wanted = true;  // false: the attempt on the wire is the last
};

struct call_options {
  duration timeout = std::chrono::seconds(10);  // each attempt
  unsigned attempts = 3;                        // first and retries; 1: the caller looks before it asks again
  // How long throttling is waited out with a turn in the budget, whatever the attempts, where it is of the account.
  duration patience = std::chrono::seconds(30);
  // Within which it wants its turn, its place among its equals; left out: its patience. No limit.
  std::optional<duration> turn_within{};
  // Waits no longer for a turn than half of the patience that is left: then AWS is asked without.
  bool asks_in_time = false;
  bool resend = true;      // what was not answered; false: the caller wants to know
  bool long_poll = false;  // an exhausted retry quota waits before it answers
  bool fresh_connection = false;
  std::size_t max_body = usual_most_body;      // see http_request
  bool is_signed = true;                       // AssumeRoleWithWebIdentity is not
  std::string region{};                        // empty: the client's
  std::span<const std::string_view> unread{};  // of a JSON answer, see json_document::parse; must outlive the call
  call_stage* stage = nullptr;                 // must outlive the call
};

// Speaks to AWS: budget, endpoint, signature, retries as the 2026 standard mode, clock-skew correction, meaning of
// errors, metrics. What AWS throttles for the account takes its turn again, at the pace that AWS takes. Errors are
// those of aws/fault.h plus the transport's; `what` says service, operation, host and reason. One for the process; must
// outlive its calls. Single-threaded.
class client {
 public:
  struct settings {
    std::string region;
    environment env;                      // AWS_ENDPOINT_URL and friends
    call_allowance allowed{};             // of the account's API limits
    duration patience = duration::max();  // the longest of any call's
  };
  client(clock& time, http_transport& wire, credential_provider& keys, settings with, metrics& counts,
         random_source& random);
  client(const client&) = delete;
  client& operator=(const client&) = delete;
  ~client();

  // The same client for those in haste: its calls have their turns as `urgency::interruption`, or earlier.
  client hurried() const;

  task<result<json_document>> call(const service& to, std::string_view operation, boost::json::object body,
                                   call_options with = {});
  task<result<xml_document>> call(const service& to, std::string_view operation, query_parameters parameters,
                                  call_options with = {});
  // Of a Query operation that answers nothing but that it was done.
  task<result<>> tell(const service& to, std::string_view operation, query_parameters parameters,
                      call_options with = {});

  const std::string& region() const;
  // How far AWS's clock was ahead of ours at its last answer (negative: behind); zero within a few seconds.
  duration clock_ahead() const;
  // As many share the account's limits from now on, also for the calls that wait.
  void share_among(double replicas);
  double replicas() const;
  // Calls a second of that operation that the budget leaves to it at present; nullopt: any number.
  std::optional<double> rate_for(const service& to, std::string_view operation);
  // Whether the budget has room for such calls that are less than full, see budget::has_to_spare.
  bool has_to_spare(const service& to, std::string_view operation);
  // The families in which the calls that never wait ask for more than there is.
  std::vector<overload> overloaded() const;
  // The families that AWS has throttled since the start. `tell` is called whenever it does.
  std::vector<throttling> throttled_so_far() const;
  // The calls that wait for their turn now, by family and region.
  std::vector<queued_calls> queued() const;
  void when_throttled(std::function<void()> tell);

 private:
  struct state;
  client(std::shared_ptr<state> shared, urgency at_least);

  std::shared_ptr<state> state_;
  urgency at_least_ = urgency::look_up;
};

}  // namespace lifehook::aws
