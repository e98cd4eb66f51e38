#pragma once

#include "base/clock.h"

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
class Registry;
}

namespace lifehook {

using label_values = std::initializer_list<std::string_view>;  // in the order the metric names its labels

// One metric with its labels. Values must come from a bounded set (configured names, fixed words), never an instance
// id.
class counter {
 public:
  counter(prometheus::Registry& registry, std::string name, std::string help, std::vector<std::string> labels);
  ~counter();
  void add(label_values labels, double by = 1.0);
  void touch(label_values labels) { add(labels, 0); }  // so that the first event is an increase, not a new series

 private:
  struct family;
  std::unique_ptr<family> family_;
};

class gauge {
 public:
  gauge(prometheus::Registry& registry, std::string name, std::string help, std::vector<std::string> labels);
  ~gauge();
  void set(label_values labels, double value);
  void add(label_values labels, double by);

 private:
  struct family;
  std::unique_ptr<family> family_;
};

class histogram {
 public:
  histogram(prometheus::Registry& registry, std::string name, std::string help, std::vector<std::string> labels,
            std::vector<double> upper_bounds);
  ~histogram();
  void observe(label_values labels, double value);
  void observe(label_values labels, duration span);  // as seconds

 private:
  struct family;
  std::unique_ptr<family> family_;
};

// All metrics users see, as README lists them. One object for the process.
struct metrics {
 private:
  std::shared_ptr<prometheus::Registry> registry_;  // first: the families below live in it
  std::vector<std::function<void()>> refreshers_;

 public:
  metrics();
  ~metrics();
  metrics(const metrics&) = delete;
  metrics& operator=(const metrics&) = delete;

  // Runs before every exposition: gauges that are read, not written, such as the nearest deadline.
  void on_scrape(std::function<void()> refresh) { refreshers_.push_back(std::move(refresh)); }
  // Prometheus text format 0.0.4, the standard process_* metrics included.
  std::string exposition();

  counter messages_received;       // queue
  counter messages_settled;        // queue, disposition
  counter events;                  // event, group, outcome
  histogram event_age;             // event; event time to first receive
  gauge hooks_held;                // group, transition
  counter hooks_completed;         // group, transition, result
  counter hooks_adopted;           // group, transition
  counter heartbeats;              // group, outcome
  gauge nearest_deadline;          // seconds; +Inf when no hook is in hand
  histogram step_duration;         // step, outcome
  counter steps;                   // step, group, outcome
  counter images;                  // group, outcome
  counter aws_requests;            // service, operation, code
  histogram aws_request_duration;  // service, operation
  counter aws_throttle_wait;       // service; seconds
  counter aws_budget_wait;         // service, family; seconds
  gauge budget_replicas;           // that share the account's API limits
  gauge queue_messages;            // queue, state: visible, in_flight, delayed, in_hand
  counter queue_full;              // queue; seconds
  counter log_lines_dropped;
  gauge credentials_expiry;  // unix seconds; +Inf for keys that do not expire
  gauge build_info;          // version
};

}  // namespace lifehook
