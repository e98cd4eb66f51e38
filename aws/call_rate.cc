#include "aws/call_rate.h"

#include <algorithm>
#include <cmath>

namespace lifehook::aws {

namespace {

constexpr double memory = 30;  // seconds
constexpr double deep = 10;    // seconds of the rate
constexpr double deepest = 20;

double seconds(duration of) { return std::chrono::duration<double>(of).count(); }

}  // namespace

double call_rate::at(duration now) const { return was_ * std::exp(-seconds(now - then_) / memory); }

void call_rate::add(duration now) {
  was_ = at(now) + 1 / memory;
  then_ = now;
}

double overdraft::at(duration now, double rate) const { return std::max(0.0, owed_ - seconds(now - then_) * rate); }

void overdraft::add(duration now, double rate, double burst) {
  owed_ = std::min(at(now, rate) + 1, burst + deepest * rate);
  then_ = now;
}

bool overdraft::is_deep(duration now, double rate, double burst) const { return at(now, rate) > burst + deep * rate; }

}  // namespace lifehook::aws
