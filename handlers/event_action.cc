#include "handlers/event_action.h"

namespace lifehook::handlers {

namespace {

class sleeper_here final : public tenure::sleeper {
 public:
  explicit sleeper_here(tenure& of) : tenure_(of) { tenure_.wake_by(this); }
  ~sleeper_here() override { tenure_.wake_by(nullptr); }
  sleeper_here(const sleeper_here&) = delete;
  sleeper_here& operator=(const sleeper_here&) = delete;

  void woken() override { sleeping_.wake(); }
  clock::sleep_handle& sleeping() { return sleeping_; }

 private:
  tenure& tenure_;
  clock::sleep_handle sleeping_;
};

}  // namespace

task<> rest_here(clock& time, tenure& keeps) {
  sleeper_here resting(keeps);
  co_await time.sleep_for(keeps.rest(), &resting.sleeping());
}

task<verdict> attend_to_end(event_action& action, clock& time, tenure& keeps) {
  for (;;) {
    const auto end = co_await action.attend();
    if (end) co_return *end;
    co_await rest_here(time, keeps);
  }
}

}  // namespace lifehook::handlers
