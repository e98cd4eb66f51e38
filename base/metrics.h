#pragma once

#include "base/metric.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lifehook {

// All metrics users see, as docs/metrics.md lists them: name, help, labels. One object for the process.
struct metrics {
 private:
  std::shared_ptr<prometheus::Registry> registry_;  // first: the families below live in it
  std::vector<std::function<void()>> refreshers_;
  static const std::vector<double> call_bounds, age_bounds, step_bounds;

 public:
  metrics();
  ~metrics();
  metrics(const metrics&) = delete;
  metrics& operator=(const metrics&) = delete;

  // Runs before every exposition: gauges that are read, not written, such as the nearest deadline.
  void on_scrape(std::function<void()> refresh) { refreshers_.push_back(std::move(refresh)); }
  // Prometheus text format 0.0.4, the standard process_* metrics included.
  std::string exposition();

  counter<1> messages_received{
      *registry_, "lifehook_messages_received_total", "Messages received from a queue, repeats included.", {"queue"}};
  counter<2> messages_settled{*registry_,
                              "lifehook_messages_settled_total",
                              "Messages given back to a queue, by what was done with them.",
                              {"queue", "disposition"}};
  counter<3> events{*registry_,
                    "lifehook_events_total",
                    "Events whose handling has ended, by outcome.",
                    {"event", "group", "outcome"}};
  histogram<1> event_age{
      *registry_, "lifehook_event_age_seconds", "Time from an event to its first receive.", {"event"}, age_bounds};
  gauge<2> hooks_held{
      *registry_, "lifehook_hooks_held", "Lifecycle hooks held open by this worker now.", {"group", "transition"}};
  counter<3> hooks_completed{*registry_,
                             "lifehook_hooks_completed_total",
                             "Lifecycle hooks ended, by the result AWS was given or gave itself.",
                             {"group", "transition", "result"}};
  counter<2> hooks_adopted{*registry_,
                           "lifehook_hooks_adopted_total",
                           "Lifecycle hooks found waiting without a message, and given one.",
                           {"group", "transition"}};
  counter<2> heartbeats{
      *registry_, "lifehook_heartbeats_total", "Lifecycle heartbeats sent, by outcome.", {"group", "outcome"}};
  gauge<0> nearest_deadline{
      *registry_,
      "lifehook_nearest_deadline_seconds",
      "Time left to the earliest deadline, of 10 min or more, of an open hook in hand; +Inf without one.",
      {}};
  histogram<2> step_duration{*registry_,
                             "lifehook_step_duration_seconds",
                             "How long steps took, from start to outcome.",
                             {"step", "outcome"},
                             step_bounds};
  counter<3> steps{*registry_, "lifehook_steps_total", "Steps ended, by outcome.", {"step", "group", "outcome"}};
  counter<2> images{*registry_,
                    "lifehook_images_total",
                    "Ends of instances that could call for an image, by outcome.",
                    {"group", "outcome"}};
  counter<3> aws_requests{*registry_,
                          "lifehook_aws_requests_total",
                          "Requests sent to AWS, retries included, by the code AWS answered.",
                          {"service", "operation", "code"}};
  histogram<2> aws_request_duration{*registry_,
                                    "lifehook_aws_request_duration_seconds",
                                    "Time from sending a request to its answer.",
                                    {"service", "operation"},
                                    call_bounds};
  counter<1> aws_throttle_wait{
      *registry_, "lifehook_aws_throttle_wait_seconds_total", "Time calls waited because AWS throttled.", {"service"}};
  counter<2> aws_budget_wait{*registry_,
                             "lifehook_aws_budget_wait_seconds_total",
                             "Time calls waited so that the account's API limits are kept.",
                             {"service", "family"}};
  gauge<0> budget_replicas{*registry_,
                           "lifehook_budget_replicas",
                           "Workers that share the account's API limits, as this one counts them.",
                           {}};
  gauge<2> queue_messages{
      *registry_,
      "lifehook_queue_messages",
      "Messages of a queue: visible, in_flight and delayed as SQS counts them, in_hand as this worker does.",
      {"queue", "state"}};
  counter<1> queue_full{*registry_,
                        "lifehook_queue_full_seconds_total",
                        "Time a queue was not polled because as many messages were in hand as may be.",
                        {"queue"}};
  counter<0> log_lines_dropped{*registry_,
                               "lifehook_log_lines_dropped_total",
                               "Log lines lost because the worker's output was not read, or could not be written.",
                               {}};
  gauge<0> credentials_expiry{*registry_,
                              "lifehook_credentials_expiry_timestamp_seconds",
                              "When the credentials in use expire; +Inf for keys that do not, 0 while there are none.",
                              {}};
  gauge<2> build_info{
      *registry_, "lifehook_build_info", "Always 1; the labels tell builds apart.", {"version", "commit"}};
};

}  // namespace lifehook
