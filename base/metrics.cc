#include "base/metrics.h"

#include "base/process.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <stdexcept>
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
    if (values.size() != labels_.size())
      throw std::logic_error(family_.GetName() + " has " + std::to_string(labels_.size()) + " labels");
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

const std::vector<double> metrics::call_bounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                               0.25,  0.5,    1,     2.5,  5,     10,   25};
const std::vector<double> metrics::age_bounds{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600, 14400};
const std::vector<double> metrics::step_bounds{0.1, 0.5, 1,   5,    15,   30,   60,    120,
                                               300, 600, 900, 1800, 3600, 7200, 14400, 43200};

metrics::metrics() : registry_(std::make_shared<prometheus::Registry>()) {}
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
