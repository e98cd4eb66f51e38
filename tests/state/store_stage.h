#pragma once

#include "state/memory_store.h"
#include "state/sqlite_store.h"
#include "tests/state/temporary_folder.h"
#include "tests/support/virtual_time.h"

#include <memory>

namespace lifehook::state {

// Two stores that share what they keep, as two workers do, on virtual time.
class store_stage {
 public:
  virtual ~store_stage() = default;
  virtual store& one() = 0;
  virtual store& other() = 0;
  virtual std::string_view backend() const = 0;
  virtual void slow_down() {}  // each call takes a while from now on, so that those made at once overlap

  test::virtual_time time;
};

// Only those of one process share its memory.
class memory_stage final : public store_stage {
 public:
  store& one() override { return *store_; }
  store& other() override { return *store_; }
  std::string_view backend() const override { return "memory"; }

 private:
  std::unique_ptr<store> store_ = make_memory_store(time.clock);
};

class sqlite_stage final : public store_stage {
 public:
  store& one() override { return *one_; }
  store& other() override { return *other_; }
  std::string_view backend() const override { return "sqlite"; }

 private:
  temporary_folder folder_;
  std::unique_ptr<store> one_ = open_sqlite_store(time.clock, folder_.file("state.db")).value();
  std::unique_ptr<store> other_ = open_sqlite_store(time.clock, folder_.file("state.db")).value();
};

}  // namespace lifehook::state
