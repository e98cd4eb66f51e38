#pragma once

#include "aws/credentials.h"
#include "base/signal.h"

#include <memory>
#include <optional>

namespace lifehook::aws {

// Keeps what a source gave: refreshed by one caller when 15 minutes are left (the others go on with the old ones),
// waited for by all when 10 are. A failed refresh keeps the old ones until they end. Tries are a minute apart while
// there is no need, and five seconds when there is: in between, callers get what there is, or the failure there was.
class credential_cache final : public credential_provider {
 public:
  credential_cache(clock& time, std::unique_ptr<credential_source> source) : clock_(time), source_(std::move(source)) {}

  task<result<credentials>> get() override;
  void invalidate(const credentials& refused) override;
  std::optional<time_point> expires() const override;

 private:
  enum class need { none, advisory, mandatory };

  need refresh_need() const;
  bool may_try(need wanted) const;
  bool is_usable() const;
  result<credentials> what_there_is() const;
  task<> refresh();

  clock& clock_;
  std::unique_ptr<credential_source> source_;
  std::optional<credentials> current_;
  std::optional<error> failure_;  // of the last refresh
  bool refused_ = false;
  bool refreshing_ = false;
  std::optional<time_point> last_try_;
  std::optional<signal> refreshed_;  // made on the executor of the first caller
};

}  // namespace lifehook::aws
