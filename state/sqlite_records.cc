#include "state/sqlite_records.h"

namespace lifehook::state::records {

std::int64_t stored(time_point when) { return when.time_since_epoch().count(); }

result<history> turns_of(sqlite_file& in, const std::string& service) {
  const auto text = in.run("SELECT text FROM turns WHERE service = ?", {service});
  if (!text) return text.error();
  if (!*text) return history();
  auto turns = read_history(**text);
  if (!turns) return turns.error().with(errc::denied).in("state of service " + service);
  return turns;
}

result<std::optional<std::string>> note_in_force(sqlite_file& in, const std::string& key, time_point now) {
  return in.run("SELECT text FROM notes WHERE key = ? AND until > ?", {key, stored(now)});
}

}  // namespace lifehook::state::records
