#pragma once

#include "handlers/step_table.h"

namespace lifehook::handlers {

// Images an instance that is about to end, by default only one whose end nobody planned: whose group is its service's
// current one. The name tells the event (handlers/image_name.h): an image of that name with our tag is this one, made
// before. Waits until it is available, unless told not to; older images are then tidied away, for which nobody waits.
// Does nothing for an instance that does not end, nor for one that is stopping: its stop has its image once it has.
step_kind create_image_kind();

}  // namespace lifehook::handlers
