#pragma once

#include "aws/budget.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::aws {

// How much of the account's API limits this process may use.
struct call_allowance {
  double replicas = 1;                                       // that share them evenly
  std::map<std::string, call_limits, std::less<>> limits{};  // by family, where the account's are not AWS's defaults
};

// The budgets of a service in a region, one for each family of its calls, made when first asked for. A budget stays
// where it is.
class budgets {
 public:
  budgets(clock& time, const call_allowance& of);
  budgets(budgets&&) noexcept;
  ~budgets();

  budget& of(const call_family& which);
  void share_anew();  // the allowance has changed
  std::vector<overload> overloaded() const;
  std::vector<throttling> throttled_so_far() const;
  std::vector<queued_calls> queued() const;  // where there are any; without the region

 private:
  struct kept;

  clock& clock_;
  const call_allowance& allowed_;
  std::map<std::string_view, std::unique_ptr<kept>> by_family_;
};

}  // namespace lifehook::aws
