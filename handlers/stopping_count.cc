#include "handlers/stopping_count.h"

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

// A read of the whole cluster answers any number. Where the budget is short they gather for as long as their looks can
// wait.
constexpr aws::pace shared{1'000'000, 1ms, 0, 1s};

}  // namespace

stopping_count::stopping_count(clock& time, aws::ecs& with, task_group& tasks, std::string cluster, named_by who)
    : named_by_(who),
      stopping_(time, with, std::move(cluster), meant_to::stop),
      asked_(
          time, tasks, shared, [this](auto arns) { return fetch(std::move(arns)); },
          [&with] { return with.has_reads_to_spare(); }) {}

task<result<std::size_t>> stopping_count::of(std::string container_instance) {
  return asked_.ask(std::move(container_instance));
}

task<result<std::vector<result<std::size_t>>>> stopping_count::fetch(std::vector<std::string> arns) {
  std::vector<std::size_t> counts(arns.size());
  const auto read = co_await stopping_.read(arns, [&counts](std::size_t place, const auto&) { ++counts[place]; });
  if (read.has_error()) co_return unless_deleted(named_by_, read.error(), nothing_for<std::size_t>(arns));
  co_return each_its_own(read->answers, std::move(counts));
}

}  // namespace lifehook::handlers
