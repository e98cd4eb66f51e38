#pragma once

#include "aws/credentials.h"
#include "base/signal.h"

#include <memory>
#include <optional>

namespace lifehook::aws {

// Keeps what a source gave. While that is usable `get` hands it out at once, whatever a refresh is doing; when nothing
// usable is left all wait for one refresh. `renew` refreshes when 15 minutes are left. Tries are a minute apart while
// there is something usable, and five seconds when there is not: in between, callers get what there is, or the failure
// there was. What AWS has refused before its end is handed out all the same while its source fails, or gives no others,
// and is as good as any once AWS has taken it: until then `renew` tells the failure, and is who tries; `get` does where
// nobody has for half a minute.
class credential_cache final : public credential_provider {
 public:
  credential_cache(clock& time, std::unique_ptr<credential_source> source) : clock_(time), source_(std::move(source)) {}

  std::shared_ptr<const credentials> at_hand() const override { return is_usable() ? current_ : nullptr; }
  task<result<credentials>> get() override;
  task<result<credentials>> renew() override;
  void invalidate(const credentials& refused) override;
  void accepted(const credentials& keys) override;
  std::optional<time_point> expires() const override;

 private:
  bool is_valid() const;
  bool is_current(const credentials& keys) const;
  bool is_usable() const;
  bool is_all_there_is() const;
  bool ends_soon() const;
  bool may_try(duration since_last) const;
  result<credentials> what_there_is() const;
  task<> refresh();

  clock& clock_;
  std::unique_ptr<credential_source> source_;
  std::shared_ptr<const credentials> current_;
  std::optional<error> failure_;  // of the last refresh
  bool refused_ = false;
  bool refreshing_ = false;
  std::optional<duration> last_try_;  // uptime
  std::optional<signal> refreshed_;   // made on the executor of the first caller
};

}  // namespace lifehook::aws
