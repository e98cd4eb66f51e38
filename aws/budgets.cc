#include "aws/budgets.h"

namespace lifehook::aws {

struct budgets::kept {
  kept(clock& time, call_limits all, double replicas) : of_account(all), own(time, all.shared_by(replicas)) {}
  call_limits of_account;
  budget own;
};

budgets::budgets(clock& time, const call_allowance& of) : clock_(time), allowed_(of) {}

budgets::budgets(budgets&&) noexcept = default;
budgets::~budgets() = default;

budget& budgets::of(const call_family& which) {
  auto& known = by_family_[which.name];
  if (known) return known->own;
  const auto own = allowed_.limits.find(which.name);
  const auto limits = own == allowed_.limits.end() ? which.limits : own->second;
  known = std::make_unique<kept>(clock_, limits, allowed_.replicas);
  return known->own;
}

void budgets::share_anew() {
  for (auto& [family, each] : by_family_) each->own.change(each->of_account.shared_by(allowed_.replicas));
}

std::vector<overload> budgets::overloaded() const {
  std::vector<overload> found;
  for (const auto& [family, each] : by_family_) {
    const auto one = each->own.overloaded();
    if (one) found.push_back({family, one->asked, one->allowed});
  }
  return found;
}

std::vector<throttling> budgets::throttled_so_far() const {
  std::vector<throttling> found;
  for (const auto& [family, each] : by_family_) {
    if (auto one = each->own.throttled_so_far()) {
      one->family = family;
      found.push_back(*one);
    }
  }
  return found;
}

std::vector<queued_calls> budgets::queued() const {
  std::vector<queued_calls> found;
  for (const auto& [family, each] : by_family_)
    if (each->own.waiting() > 0) found.push_back({family, each->own.waiting(), each->own.is_slowed()});
  return found;
}

}  // namespace lifehook::aws
