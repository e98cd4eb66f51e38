#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "base/error.h"

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

// What the client asks before every call: keeps credentials, refreshes them before they expire (advisory 15 min,
// mandatory 10 min before), one refresh at a time for all who wait. A failed refresh keeps the old ones until they end.
class credential_provider {
 public:
  virtual ~credential_provider() = default;
  virtual task<result<credentials>> get() = 0;
  // AWS refused the ones in use (ExpiredToken, InvalidClientTokenId...): the next get fetches anew.
  virtual void invalidate(const credentials& refused) = 0;
  virtual std::optional<time_point> expires() const = 0;  // of the ones in use
};

}  // namespace lifehook::aws
