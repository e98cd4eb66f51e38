#include "base/time_text.h"
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

// AWS Health's announcement of a change, ten hours ahead, to two instances: one is nobody's.
std::string announcement(const scenario& fleet, const std::string& ours) {
  const auto starts = fleet.time.clock.now() + 10h;
  return fmt::format(
      R"({{"version":"0","id":"7e1f0c5a","detail-type":"AWS Health Event","source":"aws.health","account":"111122223333",)"
      R"("time":"{}","region":"eu-west-1","resources":[],"detail":{{"service":"EC2","eventTypeCategory":"scheduledChange",)"
      R"("eventTypeCode":"AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED","eventArn":"arn:aws:health:eu-west-1::event/EC2/x",)"
      R"("statusCode":"upcoming","startTime":"{}","affectedEntities":[{{"entityValue":"i-0a1b2c3d4e5f60718"}},)"
      R"({{"entityValue":"{}"}}]}}}})",
      to_rfc3339(fleet.time.clock.now()), to_rfc3339(starts), ours);
}

TEST(delivery, a_message_of_several_events_waits_in_the_queue_for_the_last_and_goes_with_it) {
  worded_scenario fleet(
      "  - {name: web, match: [\"web-*\"], scheduled_change: [{wait: {before: 1h}}, {drain_ecs: {cluster: prod}}]}\n");
  fleet.furnish();
  auto& worker = fleet.start_worded();
  const auto ours = fleet.world.autoscaling().instances("web-fleet").front();
  fleet.time.run_for(30s);

  fleet.world.sqs().send(fleet.queue_url(), announcement(fleet, ours));

  fleet.time.run_for(8h);
  EXPECT_FALSE(fleet.queue_is_empty()) << "the other's event was over at once";
  EXPECT_EQ(fleet.world.ecs().instance_status(ours), "ACTIVE");
  EXPECT_EQ(worker.logged("event_in_hand").size(), 1U) << "put off for hours, not for seconds";
  fleet.time.run_for(2h);
  EXPECT_TRUE(fleet.queue_is_empty());
  EXPECT_EQ(fleet.world.ecs().instance_status(ours), "DRAINING");
}

}  // namespace
}  // namespace lifehook::test
