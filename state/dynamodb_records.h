#pragma once

#include "aws/dynamodb.h"
#include "state/history.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What the state's items in DynamoDB are: turns#<service>, note#<key>, lock#<key>, each of them read, compared and
// replaced as a whole. Pure. `until` (microseconds since 1970) is when a note or a lock ends; `ttl` (seconds), for
// DynamoDB's own deletion, is a day later, so that no clock's error ever deletes what is in force. `serial` numbers the
// times a process has asked for a lock, whose owners are its own.
namespace lifehook::state::records {

struct recorded_turns {
  history turns;
  std::optional<std::int64_t> version;  // nullopt: no item yet
};

std::string turns_key(std::string_view service);
std::string note_key(std::string_view key);
std::string lock_key(std::string_view key);

aws::attributes turns_item(std::string_view service, const recorded_turns& what);
aws::attributes note_item(std::string_view key, std::string text, time_point until);
aws::attributes lock_item(std::string_view key, std::string owner, std::int64_t serial, time_point until);

// malformed: an item that is not as this program writes it.
result<recorded_turns> read_turns(const std::optional<aws::attributes>& item);
result<std::optional<std::string>> read_note(const std::optional<aws::attributes>& item, time_point now);

// Conditions of a change: nobody has written since it was read; nothing in force; the same, or it is the owner's and
// ends no later than `until` (a request that was long on its way must not shorten what was taken since); the owner's,
// and asked for no later than `serial` (nor remove it); it ends after a time.
aws::condition unchanged(std::optional<std::int64_t> seen);
aws::condition nothing_in_force(time_point now);
aws::condition free_for(std::string owner, time_point now, time_point until);
aws::condition held_by(std::string owner, std::int64_t serial);
aws::condition ends_after(time_point when);

}  // namespace lifehook::state::records
