#include "base/metric.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

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

}  // namespace lifehook
