#pragma once

#include "state/store.h"

#include <memory>
#include <string>

namespace lifehook::state {

// What a dry run sees of a worker's file, which may be at work beside it: what is recorded there, without a change to
// the file, its folder or its locks. Opened for each look, so that nothing of a worker that starts or ends meanwhile is
// missed or held up. What would change it is refused (rejected): a dry run asks for no change. Errors of opening are
// those of sqlite_file::open_to_read; an outage is none, as with open_sqlite_store.
result<std::unique_ptr<store>> open_sqlite_reader(clock& time, const std::string& path);

}  // namespace lifehook::state
