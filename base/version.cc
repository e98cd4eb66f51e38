#include "base/version.h"

namespace lifehook {

std::string_view program_version() { return LIFEHOOK_VERSION; }

}  // namespace lifehook
