#pragma once

// What nearly every file of handlers and worker includes; compiled once.
#include "base/precompiled.h"
#include "handlers/services.h"
#include "handlers/step.h"
