#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "base/error.h"

#include <memory>
#include <optional>
#include <string>

namespace lifehook::aws {

struct credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;          // empty for long-lived keys
  std::optional<time_point> expires;  // nullopt: they do not

  bool operator==(const credentials&) const = default;
};

// Where credentials come from. Errors: denied when a source is configured but gives none, unreachable when it does not
// answer; `what` names the source and what to do.
class credential_source {
 public:
  virtual ~credential_source() = default;
  virtual task<result<credentials>> fetch() = 0;
};

// What the client asks before every call: keeps credentials and hands them out as long as they are usable, one refresh
// at a time for all who wait. Whoever runs for long calls `renew` now and then, so that nobody ever has to wait.
class credential_provider {
 public:
  virtual ~credential_provider() = default;
  // Those that `get` gives, where it need not look for them; else null. Thousands of calls a second ask.
  virtual std::shared_ptr<const credentials> at_hand() const { return nullptr; }
  virtual task<result<credentials>> get() = 0;
  // The same, but those that end within 15 minutes are refreshed first. A failure keeps the old ones until they end.
  virtual task<result<credentials>> renew() { return get(); }
  // AWS refused the ones in use (ExpiredToken, InvalidClientTokenId...): the next get fetches anew.
  virtual void invalidate(const credentials& refused) = 0;
  // AWS did what was signed with these: had it refused them, it does so no more.
  virtual void accepted(const credentials&) {}
  virtual std::optional<time_point> expires() const = 0;  // of the ones in use
};

}  // namespace lifehook::aws
