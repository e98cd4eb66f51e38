#include "handlers/stopping_count.h"

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_shared = 1'000'000;  // a read of the whole cluster answers any number
constexpr duration shared_patience = 1s;

}  // namespace

stopping_count::stopping_count(clock& time, aws::ecs& with, task_group& tasks, std::string cluster, named_by who)
    : named_by_(who),
      stopping_(time, with, std::move(cluster), meant_to::stop),
      asked_(time, tasks, most_shared, shared_patience, [this](auto arns) { return fetch(std::move(arns)); }) {}

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
