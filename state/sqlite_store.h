#pragma once

#include "state/store.h"

#include <memory>
#include <string>

namespace lifehook::state {

// A store in one SQLite file, for one worker with a volume: what was acknowledged survives kill -9 and a lost power.
// Calls block the loop while they last, some microseconds to read and one sync of the disk to change (milliseconds):
// fine for what one worker asks of it. A second process on the file (a deploy's overlap) is safe; on a network
// filesystem it is not. Errors of opening are those of sqlite_file::open a person must see to, and name what to do. An
// outage (a full disk) is none: the store then opens its file with the first call that finds it usable.
result<std::unique_ptr<store>> open_sqlite_store(clock& time, const std::string& path);

}  // namespace lifehook::state
