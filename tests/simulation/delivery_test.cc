#include "tests/simulation/worded_scenario.h"

namespace lifehook::test {
namespace {

using namespace std::chrono_literals;

// A bug, in the midst of one message's work: the first completion of one instance's hook throws.
class throwing_wire final : public aws::http_transport {
 public:
  explicit throwing_wire(aws::http_transport& behind) : behind_(behind) {}

  task<result<aws::http_response>> send(aws::http_request request) override {
    const bool completes = request.body.find("Action=CompleteLifecycleAction") != std::string::npos;
    if (completes && !of.empty() && request.body.find(of) != std::string::npos) {
      of.clear();
      throw std::logic_error("a bug");
    }
    return behind_.send(std::move(request));
  }

  std::string of;

 private:
  aws::http_transport& behind_;
};

TEST(delivery, a_bug_in_one_messages_work_leaves_that_message_and_nothing_else) {
  worded_scenario fleet("  - {name: web, match: [\"web-*\"], hooks: [\"drain\"], terminating: [{wait: {for: 10s}}]}\n");
  auto wire = std::make_unique<throwing_wire>(fleet.world.wire());
  auto& bug = *wire;
  fleet.wire = std::move(wire);
  fleet.heartbeat_timeout = 900s;
  fleet.furnish();
  auto& worker = fleet.start_worded();
  fleet.time.run_for(30s);
  fleet.scale_in_to(2);
  ASSERT_EQ(fleet.actions().size(), 2U);
  bug.of = fleet.actions().front().instance;

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.actions().back().ended.has_value(); }, 1min));
  fleet.time.run_for(10s);
  ASSERT_EQ(worker.logged("bug").size(), 1U);
  EXPECT_EQ(worker.logged("bug").front().at("level").as_string(), "error");
  EXPECT_EQ(worker.logged("hook_ended").size(), 1U);
  EXPECT_FALSE(fleet.actions().front().ended.has_value());
  EXPECT_FALSE(fleet.queue_is_empty());

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(2); }, 15min)) << "its message comes again";
  EXPECT_EQ(fleet.actions().front().result, "CONTINUE");
  EXPECT_EQ(worker.logged("bug").size(), 1U);
}

}  // namespace
}  // namespace lifehook::test
