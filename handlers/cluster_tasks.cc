#include "handlers/cluster_tasks.h"

#include "base/counted.h"
#include "handlers/cluster_answers.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t few = 2;  // are asked for alone: the whole cluster takes two calls at least
constexpr std::size_t no_limit = 1'000'000;
constexpr duration keep_size = 60s;
constexpr duration still_counts = 30s;
constexpr duration longest_silence = 5min;

std::size_t pages_of(std::size_t tasks) {
  return std::max<std::size_t>(1, (tasks + most_described - 1) / most_described);
}

bool has_stopped(const aws::ecs_task& of) { return of.last_status == "STOPPED" || of.last_status == "DELETED"; }

}  // namespace

// One reading.
class cluster_tasks::round {
 public:
  round(cluster_tasks& of, const std::vector<std::string>& instances, visitor show, aws::haste how)
      : of_(of), ecs_(of.ecs_[how]), show_(std::move(show)), answers_(instances.size()) {
    for (std::size_t place = 0; place < instances.size(); ++place) places_[instances[place]].push_back(place);
  }

  task<result<>> read_cluster();
  task<result<>> read_each();
  std::size_t instances() const { return places_.size(); }
  std::size_t calls() const { return calls_; }
  reading done() { return {std::move(answers_), calls_}; }

 private:
  using places = std::vector<std::size_t>;  // usually one
  struct listed {
    std::string task;
    const places* askers;  // null: whose it is only its description tells
  };

  task<result<std::vector<std::string>>> list(std::string instance);
  void wait_for_description(std::vector<std::string> tasks, const places* askers);
  task<result<>> describe_all_but(std::size_t rest);
  result<> show(const std::vector<listed>& asked, const aws::ecs_listing<aws::ecs_task>& answer);
  void show(const aws::ecs_task& task, const places* askers);
  void refuse(const places& askers, const error& why);
  std::vector<listed> next();

  cluster_tasks& of_;
  aws::ecs& ecs_;
  visitor show_;
  std::map<std::string, places> places_;  // by container instance
  std::vector<result<>> answers_;
  std::vector<listed> waiting_;  // to be described
  std::size_t calls_ = 0;
};

task<result<>> cluster_tasks::round::read_cluster() {
  auto tasks = co_await list({});
  if (tasks.has_error()) co_return std::move(tasks).error();
  of_.note_listed(*tasks);
  of_.note_calls(calls_ + of_.descriptions());
  wait_for_description(std::move(*tasks), nullptr);
  co_return co_await describe_all_but(0);
}

task<result<>> cluster_tasks::round::read_each() {
  for (const auto& [instance, askers] : places_) {
    auto tasks = co_await list(instance);
    if (tasks.has_error()) {
      if (!is_of_a_member(tasks.error())) co_return std::move(tasks).error();
      refuse(askers, tasks.error());
      continue;
    }
    wait_for_description(std::move(*tasks), &askers);
    if (auto described = co_await describe_all_but(most_described - 1); described.has_error())
      co_return std::move(described).error();
  }
  co_return co_await describe_all_but(0);
}

task<result<std::vector<std::string>>> cluster_tasks::round::list(std::string instance) {
  auto tasks =
      co_await ecs_.list_tasks(of_.cluster_, std::move(instance), of_.what_ == meant_to::run ? "RUNNING" : "STOPPED");
  calls_ += tasks.has_value() ? pages_of(tasks->size()) : 1;
  co_return tasks;
}

void cluster_tasks::round::wait_for_description(std::vector<std::string> tasks, const places* askers) {
  for (auto& each : tasks)
    if (!of_.is_known_stopped(each)) waiting_.push_back({std::move(each), askers});
}

std::vector<cluster_tasks::round::listed> cluster_tasks::round::next() {
  const auto from = waiting_.end() - static_cast<std::ptrdiff_t>(std::min(waiting_.size(), most_described));
  std::vector<listed> taken(std::make_move_iterator(from), std::make_move_iterator(waiting_.end()));
  waiting_.erase(from, waiting_.end());
  return taken;
}

task<result<>> cluster_tasks::round::describe_all_but(std::size_t rest) {
  while (waiting_.size() > rest) {
    const auto asked = next();
    std::vector<std::string> arns;
    for (const auto& each : asked) arns.push_back(each.task);
    ++calls_;
    const auto answer = co_await ecs_.describe_tasks(of_.cluster_, std::move(arns));
    if (answer.has_error()) co_return answer.error();
    if (auto shown = show(asked, *answer); shown.has_error()) co_return shown;
  }
  co_return result<>();
}

result<> cluster_tasks::round::show(const std::vector<listed>& asked, const aws::ecs_listing<aws::ecs_task>& answer) {
  std::map<std::string_view, const places*> unanswered;
  for (const auto& each : asked) unanswered.emplace(each.task, each.askers);
  for (const auto& each : answer.found) {
    const auto one = unanswered.find(each.arn);
    if (one == unanswered.end()) continue;
    show(each, one->second);
    unanswered.erase(one);
  }
  for (const auto& each : answer.failures)
    if (is_missing(each)) unanswered.erase(each.arn);
  for (const auto& [arn, askers] : unanswered) {
    auto why = not_answered("task", arn);
    if (askers == nullptr) {
      of_.alone_until_ = of_.clock_.uptime() + longest_silence;
      return why;
    }
    refuse(*askers, why);
  }
  return {};
}

void cluster_tasks::round::show(const aws::ecs_task& task, const places* askers) {
  const bool stopped = has_stopped(task);
  if (askers == nullptr) {
    if (stopped) of_.known_stopped_.insert(task.arn);
    const auto known = places_.find(task.container_instance_arn);
    if (known != places_.end()) askers = &known->second;
  }
  if (stopped || askers == nullptr) return;
  for (const auto place : *askers) show_(place, task);
}

void cluster_tasks::round::refuse(const places& askers, const error& why) {
  for (const auto place : askers) answers_[place] = why;
}

cluster_tasks::cluster_tasks(clock& time, aws::by_haste<aws::ecs> with, std::string cluster, meant_to what)
    : clock_(time), ecs_(with), cluster_(std::move(cluster)), what_(what) {}

task<result<cluster_tasks::reading>> cluster_tasks::read(std::vector<std::string> container_instances, visitor show,
                                                         aws::haste how) {
  round one(*this, container_instances, std::move(show), how);
  const bool together = co_await is_less_together(one.instances(), how);
  const auto expected = together ? pages_ + descriptions() : one.instances() + 1;
  note_calls(expected);
  const counted under_way(under_way_);
  const auto done = co_await (together ? one.read_cluster() : one.read_each());
  if (done.has_error()) co_return done.error();
  note_calls(std::max(expected, one.calls()));
  co_return one.done();
}

std::size_t cluster_tasks::calls_lately() const {
  return under_way_ > 0 || clock_.uptime() - read_at_ <= still_counts ? calls_ : 0;
}

void cluster_tasks::note_calls(std::size_t count) {
  calls_ = count;
  read_at_ = clock_.uptime();
}

task<bool> cluster_tasks::is_less_together(std::size_t instances, aws::haste how) {
  if (instances <= few || clock_.uptime() < alone_until_) co_return false;
  if (what_ == meant_to::run && clock_.uptime() >= sized_until_) co_await ask_size(how);
  co_return instances > pages_ + descriptions();
}

// To find out by listing would be dear: what runs in a large cluster takes a thousand calls. DescribeClusters has a
// budget of its own.
task<> cluster_tasks::ask_size(aws::haste how) {
  const auto found = co_await ecs_[how].describe_clusters({cluster_});
  const bool told = found.has_value() && !found->empty() && found->front().tasks;
  pages_ = told ? pages_of(static_cast<std::size_t>(*found->front().tasks)) : no_limit;
  sized_until_ = clock_.uptime() + keep_size;
}

void cluster_tasks::note_listed(const std::vector<std::string>& tasks) {
  pages_ = pages_of(tasks.size());
  is_sized_ = true;
  if (known_stopped_.empty()) return;
  const std::set<std::string_view> shown(tasks.begin(), tasks.end());
  std::erase_if(known_stopped_, [&shown](const auto& arn) { return !shown.contains(arn); });
}

}  // namespace lifehook::handlers
