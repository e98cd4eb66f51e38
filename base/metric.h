#pragma once

#include "base/clock.h"

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace prometheus {
class Registry;
}

namespace lifehook {

using label_span = std::span<const std::string_view>;

// The names of a metric's labels, or their values in the order of the names: another number of them does not compile.
// Holds what it is given no longer than the call.
template <std::size_t number>
class labels {
 public:
  template <class... Text>
    requires(sizeof...(Text) == number && (std::convertible_to<const Text&, std::string_view> && ...))
  labels(const Text&... texts) : all_{std::string_view(texts)...} {}
  label_span all() const { return all_; }

 private:
  std::array<std::string_view, number> all_;
};

// What a metric with any number of labels does.
class counter_family {
 public:
  counter_family(prometheus::Registry& registry, std::string name, std::string help, label_span names);
  ~counter_family();
  void add(label_span values, double by);

 private:
  struct series;
  std::unique_ptr<series> series_;
};

class gauge_family {
 public:
  gauge_family(prometheus::Registry& registry, std::string name, std::string help, label_span names);
  ~gauge_family();
  void set(label_span values, double value);
  void add(label_span values, double by);

 private:
  struct series;
  std::unique_ptr<series> series_;
};

class histogram_family {
 public:
  histogram_family(prometheus::Registry& registry, std::string name, std::string help, label_span names,
                   std::vector<double> upper_bounds);
  ~histogram_family();
  void observe(label_span values, double value);

 private:
  struct series;
  std::unique_ptr<series> series_;
};

// One metric with so many labels. Values must come from a bounded set (configured names, fixed words), never an
// instance id.
template <std::size_t number>
class counter {
 public:
  counter(prometheus::Registry& registry, std::string name, std::string help, const labels<number>& names)
      : family_(registry, std::move(name), std::move(help), names.all()) {}
  void add(const labels<number>& values, double by = 1.0) { family_.add(values.all(), by); }
  void touch(const labels<number>& values) {
    add(values, 0);
  }  // so that the first event is an increase, not a new series

 private:
  counter_family family_;
};

template <std::size_t number>
class gauge {
 public:
  gauge(prometheus::Registry& registry, std::string name, std::string help, const labels<number>& names)
      : family_(registry, std::move(name), std::move(help), names.all()) {}
  void set(const labels<number>& values, double value) { family_.set(values.all(), value); }
  void add(const labels<number>& values, double by) { family_.add(values.all(), by); }

 private:
  gauge_family family_;
};

template <std::size_t number>
class histogram {
 public:
  histogram(prometheus::Registry& registry, std::string name, std::string help, const labels<number>& names,
            std::vector<double> upper_bounds)
      : family_(registry, std::move(name), std::move(help), names.all(), std::move(upper_bounds)) {}
  void observe(const labels<number>& values, double value) { family_.observe(values.all(), value); }
  void observe(const labels<number>& values, duration span) {  // as seconds
    observe(values, std::chrono::duration<double>(span).count());
  }

 private:
  histogram_family family_;
};

}  // namespace lifehook
