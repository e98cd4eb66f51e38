# Writes INTO, a source that says which commit of SOURCE the program is made of: as LIFEHOOK_COMMIT says where there is no
# repository (a docker build), else as git does, "-dirty" when what the program is made of was changed since; "unknown" of a
# tarball. Run at every build; what has not changed is not written.
set(parts CMakeLists.txt CMakePresets.json base aws queues state handlers worker simulator deploy/iam)

set(commit unknown)
if(NOT "$ENV{LIFEHOOK_COMMIT}" STREQUAL "")
  set(commit $ENV{LIFEHOOK_COMMIT})
elseif(EXISTS ${SOURCE}/.git)  # not that of a repository around it
  # Root builds in somebody's clone, too.
  set(git git -c safe.directory=* -C ${SOURCE})
  execute_process(COMMAND ${git} rev-parse --short=7 HEAD OUTPUT_VARIABLE head OUTPUT_STRIP_TRAILING_WHITESPACE
                  ERROR_QUIET RESULT_VARIABLE failed)
  execute_process(COMMAND ${git} --no-optional-locks status --porcelain -- ${parts} OUTPUT_VARIABLE changed ERROR_QUIET)
  if(NOT failed)
    set(commit ${head})
    if(changed)
      string(APPEND commit -dirty)
    endif()
  endif()
endif()
if(NOT commit MATCHES "^[A-Za-z0-9._+-]+$")
  message(FATAL_ERROR "LIFEHOOK_COMMIT: expected letters, digits and . _ + -, got ${commit}")
endif()
file(CONFIGURE OUTPUT ${INTO} @ONLY CONTENT [[#include "worker/commit.h"

namespace lifehook::worker {

std::string_view program_commit() { return "@commit@"; }

}  // namespace lifehook::worker
]])
