#include "base/metrics.h"

#include "base/process.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <unordered_map>

namespace lifehook {

namespace {

// Finds the child of a label combination without building prometheus' label map each time.
template <class Child>
class children {
 public:
  children(prometheus::Family<Child>& family, std::vector<std::string> labels)
      : family_(family), labels_(std::move(labels)) {}

  template <class... More>
  Child& of(label_values values, const More&... more) {
    key_.clear();
    for (const auto value : values) key_.append(value).push_back('\0');
    if (const auto known = known_.find(key_); known != known_.end()) return *known->second;
    prometheus::Labels named;
    auto label = labels_.begin();
    for (const auto value : values) named.emplace(*label++, value);
    auto& child = family_.Add(named, more...);
    known_.emplace(key_, &child);
    return child;
  }

 private:
  prometheus::Family<Child>& family_;
  std::vector<std::string> labels_;
  std::unordered_map<std::string, Child*> known_;
  std::string key_;
};

}  // namespace

struct counter::family : children<prometheus::Counter> {
  using children::children;
};

counter::counter(prometheus::Registry& registry, std::string name, std::string help, std::vector<std::string> labels)
    : family_(std::make_unique<family>(prometheus::BuildCounter().Name(name).Help(help).Register(registry),
                                       std::move(labels))) {}
counter::~counter() = default;
void counter::add(label_values labels, double by) { family_->of(labels).Increment(by); }

struct gauge::family : children<prometheus::Gauge> {
  using children::children;
};

gauge::gauge(prometheus::Registry& registry, std::string name, std::string help, std::vector<std::string> labels)
    : family_(std::make_unique<family>(prometheus::BuildGauge().Name(name).Help(help).Register(registry),
                                       std::move(labels))) {}
gauge::~gauge() = default;
void gauge::set(label_values labels, double value) { family_->of(labels).Set(value); }
void gauge::add(label_values labels, double by) { family_->of(labels).Increment(by); }

struct histogram::family : children<prometheus::Histogram> {
  family(prometheus::Family<prometheus::Histogram>& of, std::vector<std::string> labels, std::vector<double> bounds)
      : children(of, std::move(labels)), upper_bounds(std::move(bounds)) {}
  std::vector<double> upper_bounds;
};

histogram::histogram(prometheus::Registry& registry, std::string name, std::string help,
                     std::vector<std::string> labels, std::vector<double> upper_bounds)
    : family_(std::make_unique<family>(prometheus::BuildHistogram().Name(name).Help(help).Register(registry),
                                       std::move(labels), std::move(upper_bounds))) {}
histogram::~histogram() = default;
void histogram::observe(label_values labels, double value) {
  family_->of(labels, family_->upper_bounds).Observe(value);
}
void histogram::observe(label_values labels, duration span) {
  observe(labels, std::chrono::duration<double>(span).count());
}

namespace {

const std::vector<double> call_bounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25};
const std::vector<double> age_bounds{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600, 14400};
const std::vector<double> step_bounds{0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200};

}  // namespace

metrics::metrics()
    : registry_(std::make_shared<prometheus::Registry>()),
      messages_received(*registry_, "lifehook_messages_received_total",
                        "Messages received from a queue, repeats included.", {"queue"}),
      messages_settled(*registry_, "lifehook_messages_settled_total",
                       "Messages given back to a queue, by what was done with them.", {"queue", "disposition"}),
      events(*registry_, "lifehook_events_total", "Events whose handling has ended, by outcome.",
             {"event", "group", "outcome"}),
      event_age(*registry_, "lifehook_event_age_seconds", "Time from an event to its first receive.", {"event"},
                age_bounds),
      hooks_held(*registry_, "lifehook_hooks_held", "Lifecycle hooks held open by this worker now.",
                 {"group", "transition"}),
      hooks_completed(*registry_, "lifehook_hooks_completed_total",
                      "Lifecycle hooks ended, by the result AWS was given or gave itself.",
                      {"group", "transition", "result"}),
      hooks_adopted(*registry_, "lifehook_hooks_adopted_total",
                    "Lifecycle hooks found waiting without a message, and given one.", {"group", "transition"}),
      heartbeats(*registry_, "lifehook_heartbeats_total", "Lifecycle heartbeats sent, by outcome.",
                 {"group", "outcome"}),
      nearest_deadline(*registry_, "lifehook_nearest_deadline_seconds",
                       "Time left to the earliest deadline of a hook in hand; +Inf when none is in hand.", {}),
      step_duration(*registry_, "lifehook_step_duration_seconds", "How long steps took, from start to outcome.",
                    {"step", "outcome"}, step_bounds),
      steps(*registry_, "lifehook_steps_total", "Steps ended, by outcome.", {"step", "group", "outcome"}),
      images(*registry_, "lifehook_images_total", "Ends of instances that could call for an image, by outcome.",
             {"group", "outcome"}),
      aws_requests(*registry_, "lifehook_aws_requests_total",
                   "Requests sent to AWS, retries included, by the code AWS answered.",
                   {"service", "operation", "code"}),
      aws_request_duration(*registry_, "lifehook_aws_request_duration_seconds",
                           "Time from sending a request to its answer.", {"service", "operation"}, call_bounds),
      aws_throttle_wait(*registry_, "lifehook_aws_throttle_wait_seconds_total",
                        "Time spent waiting because AWS throttled.", {"service"}),
      aws_budget_wait(*registry_, "lifehook_aws_budget_wait_seconds_total",
                      "Time calls waited so that the account's API limits are kept.", {"service", "family"}),
      budget_replicas(*registry_, "lifehook_budget_replicas",
                      "Workers that share the account's API limits, as this one counts them.", {}),
      queue_messages(
          *registry_, "lifehook_queue_messages",
          "Messages of a queue: visible, in_flight and delayed as SQS counts them, in_hand as this worker does.",
          {"queue", "state"}),
      queue_full(*registry_, "lifehook_queue_full_seconds_total",
                 "Time a queue was not polled because as many messages were in hand as may be.", {"queue"}),
      log_lines_dropped(*registry_, "lifehook_log_lines_dropped_total",
                        "Log lines lost because the worker's output was not read, or could not be written.", {}),
      credentials_expiry(*registry_, "lifehook_credentials_expiry_timestamp_seconds",
                         "When the credentials in use expire; +Inf for keys that do not.", {}),
      build_info(*registry_, "lifehook_build_info", "Always 1; the version is the label.", {"version"}) {}

metrics::~metrics() = default;

std::string metrics::exposition() {
  for (const auto& refresh : refreshers_) refresh();
  auto families = registry_->Collect();
  for (const auto& reading : read_process()) {
    prometheus::MetricFamily family;
    family.name = reading.name;
    family.help = reading.help;
    family.type = reading.is_counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
    prometheus::ClientMetric value;
    if (reading.is_counter)
      value.counter.value = reading.value;
    else
      value.gauge.value = reading.value;
    family.metric.push_back(value);
    families.push_back(std::move(family));
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace lifehook
