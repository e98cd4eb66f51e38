#pragma once

// What most tests of handlers include; compiled once.
#include "tests/handlers/step_stage.h"
#include "tests/precompiled.h"
