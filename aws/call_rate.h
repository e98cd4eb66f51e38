#pragma once

#include "base/clock.h"

namespace lifehook::aws {

// Calls a second as they were lately: an average that forgets evenly, within about half a minute. Pure: times are
// uptimes, handed in.
class call_rate {
 public:
  void add(duration now);
  double at(duration now) const;

 private:
  double was_ = 0;
  duration then_{0};
};

// What calls that do not wait take beyond their family's limits: a debt that is paid at the family's rate. It is deep
// when ten seconds of that rate would not pay it, and never grows beyond twenty, so that its end is soon seen. Pure.
class overdraft {
 public:
  void add(duration now, double rate, double burst);
  bool is_deep(duration now, double rate, double burst) const;

 private:
  double at(duration now, double rate) const;

  double owed_ = 0;
  duration then_{0};
};

}  // namespace lifehook::aws
