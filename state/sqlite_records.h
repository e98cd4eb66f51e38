#pragma once

#include "state/history.h"
#include "state/sqlite_file.h"

#include <optional>
#include <string>

namespace lifehook::state::records {

// "life" in ASCII marks our files. Times are microseconds since 1970.
inline constexpr sqlite_file::layout our_layout{0x6c696665, 1, R"(
  CREATE TABLE turns (service TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE notes (key TEXT PRIMARY KEY, text TEXT NOT NULL, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE locks (key TEXT PRIMARY KEY, owner TEXT NOT NULL, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX notes_by_until ON notes (until);
  CREATE INDEX locks_by_until ON locks (until))"};

std::int64_t stored(time_point when);

result<history> turns_of(sqlite_file& in, const std::string& service);
result<std::optional<std::string>> note_in_force(sqlite_file& in, const std::string& key, time_point now);

}  // namespace lifehook::state::records
