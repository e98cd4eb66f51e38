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
  children(prometheus::Family<Child>& family, label_span names) : family_(family), names_(names.begin(), names.end()) {}

  template <class... More>
  Child& of(label_span values, const More&... more) {
    key_.clear();
    for (const auto value : values) key_.append(value).push_back('\0');
    if (const auto known = known_.find(key_); known != known_.end()) return *known->second;
    prometheus::Labels named;
    auto name = names_.begin();
    for (const auto value : values) named.emplace(*name++, value);
    auto& child = family_.Add(named, more...);
    known_.emplace(key_, &child);
    return child;
  }

 private:
  prometheus::Family<Child>& family_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, Child*> known_;
  std::string key_;
};

}  // namespace

struct counter_family::series : children<prometheus::Counter> {
  using children::children;
};

counter_family::counter_family(prometheus::Registry& registry, std::string name, std::string help, label_span names)
    : series_(std::make_unique<series>(prometheus::BuildCounter().Name(name).Help(help).Register(registry), names)) {}
counter_family::~counter_family() = default;
void counter_family::add(label_span values, double by) { series_->of(values).Increment(by); }

struct gauge_family::series : children<prometheus::Gauge> {
  using children::children;
};

gauge_family::gauge_family(prometheus::Registry& registry, std::string name, std::string help, label_span names)
    : series_(std::make_unique<series>(prometheus::BuildGauge().Name(name).Help(help).Register(registry), names)) {}
gauge_family::~gauge_family() = default;
void gauge_family::set(label_span values, double value) { series_->of(values).Set(value); }
void gauge_family::add(label_span values, double by) { series_->of(values).Increment(by); }

struct histogram_family::series : children<prometheus::Histogram> {
  series(prometheus::Family<prometheus::Histogram>& of, label_span names, std::vector<double> bounds)
      : children(of, names), upper_bounds(std::move(bounds)) {}
  std::vector<double> upper_bounds;
};

histogram_family::histogram_family(prometheus::Registry& registry, std::string name, std::string help, label_span names,
                                   std::vector<double> upper_bounds)
    : series_(std::make_unique<series>(prometheus::BuildHistogram().Name(name).Help(help).Register(registry), names,
                                       std::move(upper_bounds))) {}
histogram_family::~histogram_family() = default;
void histogram_family::observe(label_span values, double value) {
  series_->of(values, series_->upper_bounds).Observe(value);
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
