#include "handlers/notice.h"

#include <gmock/gmock.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

constexpr time_point noon = std::chrono::sys_days(std::chrono::January / 15 / 2026) + 12h;
constexpr std::string_view topic = "arn:aws:sns:eu-west-1:111122223333:fleet";

event terminating() {
  event about;
  about.time = noon;
  about.id = "c53c2d6a-0000-4000-8000-000000000000";
  about.instance = "i-0123456789abcdef0";
  about.group = "web-green";
  about.hook = "drain";
  about.token = "7a5c0e1d-0000-4000-8000-000000000001";
  return about;
}

event stopped_task() {
  event about;
  about.kind = event_kind::task_stopped;
  about.detail = "SpotInterruption";
  about.cluster_arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/prod";
  about.task_arn = "arn:aws:ecs:eu-west-1:111122223333:task/prod/0123456789abcdef0123456789abcdef";
  about.task_group = "family:report";
  return about;
}

notice of(const event& about) {
  return {.about = about,
          .group = "web",
          .account = "111122223333",
          .region = "eu-west-1",
          .time = noon,
          .deadline = noon + 1h,
          .failed = {}};
}

TEST(notice, tells_of_a_hook_whose_it_is_and_until_when) {
  const auto about = terminating();

  EXPECT_EQ(to_json(of(about)),
            R"({"event":"terminating","group":"web","scaling_group":"web-green","instance":"i-0123456789abcdef0",)"
            R"("hook":"drain","account":"111122223333","region":"eu-west-1","time":"2026-01-15T12:00:00.000Z",)"
            R"("deadline":"2026-01-15T13:00:00.000Z"})");
}

TEST(notice, tells_of_a_task_and_of_a_change_that_is_to_come) {
  const auto task = stopped_task();
  EXPECT_THAT(to_json(of(task)), HasSubstr(R"("detail":"SpotInterruption","cluster":"prod","task":"arn:aws:ecs:)"));
  EXPECT_THAT(to_json(of(task)), HasSubstr(R"("task_group":"family:report")"));

  event change;
  change.kind = event_kind::scheduled_change;
  change.change = "arn:aws:health:eu-west-1::event/EC2/x";
  change.starts = noon + 48h;
  EXPECT_THAT(to_json(of(change)), HasSubstr(R"("change":"arn:aws:health:eu-west-1::event/EC2/x",)"
                                             R"("starts":"2026-01-17T12:00:00.000Z")"));
}

TEST(notice, leaves_out_what_is_not_known) {
  const event about;
  auto plain = of(about);
  plain.account.clear();
  plain.deadline.reset();

  EXPECT_EQ(to_json(plain),
            R"({"event":"terminating","group":"web","region":"eu-west-1","time":"2026-01-15T12:00:00.000Z"})");
}

TEST(notice, tells_which_step_failed_before_it) {
  const auto about = terminating();
  auto late = of(about);
  late.failed = failed_step{"drain_ecs", outcome::no_capacity};

  EXPECT_THAT(to_json(late), HasSubstr(R"("failed":{"step":"drain_ecs","outcome":"no_capacity"})"));
}

TEST(notice, never_tells_a_token) {
  const auto about = terminating();

  EXPECT_THAT(to_json(of(about)), Not(HasSubstr("7a5c0e1d")));
  EXPECT_THAT(identity_of(of(about), topic, "", 0), Not(HasSubstr("7a5c0e1d")));
}

TEST(notice, is_the_same_in_every_copy_of_its_event) {
  auto about = terminating();
  const auto first = identity_of(of(about), topic, "", 0);
  about.id = "another copy";
  auto copy = of(about);
  copy.time += 3s;
  copy.deadline = noon + 2h;

  EXPECT_EQ(identity_of(copy, topic, "", 0), first);
  EXPECT_EQ(first.size(), 64U);
}

TEST(notice, is_another_for_another_event_step_and_outcome) {
  auto about = terminating();
  std::vector<std::string> all{identity_of(of(about), topic, "", 0), identity_of(of(about), topic, "", 1),
                               identity_of(of(about), topic, "a subject", 0), identity_of(of(about), "another", "", 0)};
  auto failed = of(about);
  failed.failed = failed_step{"drain_ecs", outcome::timeout};
  all.push_back(identity_of(failed, topic, "", 0));
  about.destination = place::warm_pool;
  all.push_back(identity_of(of(about), topic, "", 0));
  about.token = "8b5c0e1d-0000-4000-8000-000000000002";
  all.push_back(identity_of(of(about), topic, "", 0));
  about.token.clear();
  about.kind = event_kind::spot_interruption;
  all.push_back(identity_of(of(about), topic, "", 0));
  auto later = of(about);
  later.time += 1h;
  all.push_back(identity_of(later, topic, "", 0));

  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
}

TEST(notice, for_chat_is_a_custom_notification_whose_thread_is_the_instances) {
  const auto about = terminating();
  auto failed = of(about);
  failed.failed = failed_step{"drain_ecs", outcome::no_capacity};

  EXPECT_EQ(to_chat(of(about), ""),
            R"({"version":"1.0","source":"custom","content":{"textType":"client-markdown",)"
            R"("title":"web: terminating: i-0123456789abcdef0",)"
            R"("description":"event: terminating\ngroup: web\nscaling_group: web-green\n)"
            R"(instance: i-0123456789abcdef0\nhook: drain\naccount: 111122223333\nregion: eu-west-1\n)"
            R"(time: 2026-01-15T12:00:00.000Z\ndeadline: 2026-01-15T13:00:00.000Z"},)"
            R"("metadata":{"threadId":"i-0123456789abcdef0","summary":"web: terminating: i-0123456789abcdef0",)"
            R"("eventType":"terminating"}})");
  EXPECT_THAT(to_chat(failed, "An instance ends"),
              HasSubstr(R"("title":"web: An instance ends: i-0123456789abcdef0: drain_ecs failed: no_capacity")"));
}

TEST(notice, is_about_an_instance_or_a_tasks_id) {
  EXPECT_EQ(short_subject(terminating()), "i-0123456789abcdef0");
  EXPECT_EQ(short_subject(stopped_task()), "0123456789abcdef0123456789abcdef");
}

}  // namespace
}  // namespace lifehook::handlers
