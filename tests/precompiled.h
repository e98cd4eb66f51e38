#pragma once

// What nearly every test includes; compiled once.
#include "base/precompiled.h"
#include "tests/support/virtual_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
