#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "base/error.h"
#include "state/history.h"

#include <optional>
#include <string>
#include <string_view>

namespace lifehook::state {

// What must outlive a process, or be agreed on between replicas: whose turn it is in a service, once-only notes with
// expiry, and short locks. Keys are at most 512 bytes, notes at most 16 KiB. Every change is atomic across all who
// share the store. Errors are outages (rule 2): throttled, unreachable, timeout, denied (no such table, not allowed);
// but for rejected: what is written goes beyond these limits.
class store {
 public:
  virtual ~store() = default;

  // The turns of a service; empty when nothing is recorded.
  virtual task<result<history>> turns(std::string service) = 0;
  // Records a launch; the turns as they are then.
  virtual task<result<history>> record_launch(std::string service, std::string scaling_group, time_point when) = 0;

  // A note by its key; nullopt when there is none, or it has expired.
  virtual task<result<std::optional<std::string>>> note(std::string key) = 0;
  // Leaves a note unless there is one; what stands there then: the given text, or the one that was first.
  virtual task<result<std::string>> note_once(std::string key, std::string text, duration lasting) = 0;
  // Leaves a note whatever stood there.
  virtual task<result<>> write_note(std::string key, std::string text, duration lasting) = 0;
  // Leaves a note that can be done without, whatever stood there: it never takes room from the others. Where room is
  // short the one of this kind that ends soonest is forgotten. True: one was.
  virtual task<result<bool>> write_spare_note(std::string key, std::string text, duration lasting) = 0;

  // Takes the lock, or keeps it when `owner` has it, for `lasting` from the call on; false: another has it. Owners must
  // be unique among all replicas, and all ask for the same time of one key: a request that comes late shortens nothing.
  virtual task<result<bool>> lock(std::string key, std::string owner, duration lasting) = 0;
  // Nothing when another has it. One that comes late does not end a lock its owner has taken since.
  virtual task<result<>> unlock(std::string key, std::string owner) = 0;

  // Whether the store answers: what /readyz asks.
  virtual task<result<>> probe() = 0;

  virtual std::string_view backend() const = 0;  // "memory", "sqlite", "dynamodb"
};

}  // namespace lifehook::state
