#include "base/metrics.h"

#include "base/process.h"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace lifehook {

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
