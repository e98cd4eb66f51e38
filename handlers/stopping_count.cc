#include "handlers/stopping_count.h"

#include "base/within.h"

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

// A read of the whole cluster answers any number. Where calls are to be saved one is in flight at a time.
constexpr aws::pace shared{1'000'000, 1ms, 0, 1min};
constexpr aws::lane_paces readings{shared, shared};
constexpr duration longest_wait = 1s;
constexpr duration keep_later = 5min;  // for who never asks again

}  // namespace

stopping_count::stopping_count(clock& time, aws::by_haste<aws::ecs> with, task_group& tasks, std::string cluster,
                               named_by who)
    : clock_(time),
      named_by_(who),
      stopping_(time, with, std::move(cluster), meant_to::stop),
      asked_(
          time, tasks, readings, [this](auto arns, auto how) { return fetch(std::move(arns), how); },
          [this, &ecs = with.usual] { return ecs.has_reads_to_spare() && stopping_.is_small(); }) {}

// Null: no reading has ended that began then.
const result<stopping_tasks>* stopping_count::told_later(const std::string& container_instance, duration since) const {
  const auto known = later_.find(container_instance);
  const bool is_told = known != later_.end() && known->second.told && known->second.began >= since;
  return is_told ? &*known->second.told : nullptr;
}

task<result<std::optional<stopping_tasks>>> stopping_count::of(std::string container_instance, duration since,
                                                               aws::haste how) {
  if (const auto* told = told_later(container_instance, since); told && told->has_value() && (*told)->count == 0)
    co_return std::optional<stopping_tasks>(**told);
  auto fresh = co_await within(clock_, longest_wait, asked_.ask(container_instance, how));
  if (fresh.has_value()) co_return std::optional(*std::move(fresh));
  if (fresh.error().code() != errc::timeout) co_return std::move(fresh).error();
  auto& mine = later_[container_instance];
  mine.asked = clock_.uptime();
  mine.is_counting = asked_.is_asking(container_instance);  // else the answer has come just now
  const auto* told = told_later(container_instance, since);
  if (told == nullptr) co_return std::optional<stopping_tasks>();
  if (told->has_error()) co_return told->error();
  co_return std::optional(**told);
}

bool stopping_count::is_counting(const std::string& container_instance) const {
  const auto known = later_.find(container_instance);
  return known != later_.end() && known->second.is_counting;
}

task<result<stopping_count::answers>> stopping_count::fetch(std::vector<std::string> arns, aws::haste how) {
  const auto began = clock_.uptime();
  std::vector<stopping_tasks> counts(arns.size());
  const auto read = co_await stopping_.read(
      arns,
      [&counts](std::size_t place, const aws::ecs_task& task) {
        if (++counts[place].count == 1) counts[place].one = task.arn + " is " + task.last_status;
      },
      how);
  result<answers> told = read.has_value() ? result<answers>(each_its_own(read->answers, std::move(counts)))
                                          : unless_deleted(named_by_, read.error(), nothing_for<stopping_tasks>(arns));
  keep_for_later(arns, told, began);
  co_return told;
}

// What could not be read, too: that it is an outage would else be known to nobody but those that waited.
void stopping_count::keep_for_later(const std::vector<std::string>& arns, const result<answers>& told, duration began) {
  std::erase_if(later_, [this](const auto& each) { return each.second.asked + keep_later <= clock_.uptime(); });
  for (std::size_t place = 0; place < arns.size(); ++place) {
    const auto known = later_.find(arns[place]);
    if (known == later_.end()) continue;
    known->second.is_counting = false;
    if (began < known->second.began) continue;
    known->second.began = began;
    known->second.told = told.has_value() ? (*told)[place] : result<stopping_tasks>(told.error());
  }
}

}  // namespace lifehook::handlers
