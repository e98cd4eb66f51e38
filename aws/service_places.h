#pragma once

#include "aws/call_gate.h"
#include "aws/client.h"
#include "aws/retry.h"

#include <memory>
#include <string>
#include <vector>

namespace lifehook::aws {

// A service in a region: what is worked out once, and the limits that calls to it share.
struct service_place {
  service_place(clock& time, const service& what, std::string in, const client::settings& with);

  const service& of;
  std::string region;
  std::string url;
  std::string host;
  retry_quota quota;
  call_gate gate;
  budgets turns;
};

// Those that calls were made to, each made when first asked for. A place stays where it is.
class service_places {
 public:
  service_places(clock& time, const client::settings& with) : clock_(time), with_(with) {}

  service_place& of(const service& what, const std::string& region);  // empty: the client's
  void share_anew();                                                  // the allowance has changed
  std::vector<overload> overloaded() const;
  std::vector<throttling> throttled_so_far() const;
  std::vector<queued_calls> queued() const;

 private:
  clock& clock_;
  const client::settings& with_;
  std::vector<std::unique_ptr<service_place>> places_;
};

}  // namespace lifehook::aws
