#include "handlers/capacity_note.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

TEST(capacity_note, is_read_back_as_it_was_written) {
  using enum capacity_note::step;
  for (const auto at : {raising, raised, ending, lowering, restored}) {
    const capacity_note note{at, 17};

    EXPECT_EQ(read_capacity_note(to_text(note)), note) << to_text(note);
  }
}

TEST(capacity_note, what_is_not_ours_is_none) {
  for (const auto* text : {"", "raised", "raised ", "raised x", "raised 5 ", "lifted 5", " raised 5"})
    EXPECT_EQ(read_capacity_note(text), std::nullopt) << text;
}

}  // namespace
}  // namespace lifehook::handlers
