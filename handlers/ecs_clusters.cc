#include "handlers/ecs_clusters.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_described = 100;
constexpr std::size_t most_changed = 10;
constexpr std::size_t most_shared = 1'000'000;  // a cluster-wide read answers any number
constexpr duration patience = 5ms;
constexpr duration shared_patience = 1s;
constexpr duration remember_active = 60s;
constexpr look_limits pace{1s, 10s, 30s};
constexpr duration still_counts = 30s;

template <class T>
std::vector<std::vector<T>> in_chunks(const std::vector<T>& all, std::size_t most) {
  std::vector<std::vector<T>> chunks;
  for (std::size_t from = 0; from < all.size(); from += most) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(from);
    const auto count = std::min(most, all.size() - from);
    chunks.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(count));
  }
  return chunks;
}

bool is_missing(const aws::ecs_failure& of) { return of.reason == "MISSING" || of.reason == "INACTIVE"; }

// Also what never became one: ECS goes on listing it.
bool is_gone(const aws::container_instance& of) {
  return of.status == "INACTIVE" ||
         (of.status == "REGISTRATION_FAILED" && of.running_tasks == 0 && of.pending_tasks == 0);
}

error not_answered(std::string_view what, std::string_view which) {
  return {errc::unreachable, fmt::format("ECS did not answer for {} {}", what, which)};
}

// ECS names what it lacks. What it does not mention at all has not been answered: the first of those, if any.
template <class T>
std::optional<error> first_unanswered(std::string_view what, const std::vector<std::string>& asked,
                                      const aws::ecs_listing<T>& answer) {
  std::set<std::string_view> told;
  for (const auto& each : answer.found) told.insert(each.arn);
  for (const auto& each : answer.failures)
    if (is_missing(each)) told.insert(each.arn);
  for (const auto& arn : asked)
    if (!told.contains(arn)) return not_answered(what, arn);
  return std::nullopt;
}

// ECS answers in any order: to each ARN its own.
std::vector<result<current_instance>> by_arn(const std::vector<std::string>& asked,
                                             aws::ecs_listing<aws::container_instance> answer) {
  std::map<std::string, current_instance> known;
  for (const auto& each : answer.failures)
    if (is_missing(each)) known.emplace(each.arn, nullptr);
  for (auto& each : answer.found) {
    auto arn = each.arn;
    const bool gone = is_gone(each);
    known.insert_or_assign(std::move(arn),
                           gone ? nullptr : std::make_shared<const aws::container_instance>(std::move(each)));
  }
  std::vector<result<current_instance>> answers;
  for (const auto& arn : asked) {
    const auto one = known.find(arn);
    if (one != known.end())
      answers.emplace_back(one->second);
    else
      answers.emplace_back(not_answered("container instance", arn));
  }
  return answers;
}

// Of a cluster that a person named, that it is not there is an outage; of a listed one it says that nothing is in it.
template <class Answer>
result<Answer> unless_deleted(named_by who, const error& why, Answer none) {
  if (who == named_by::listing && aws::is_unknown_cluster(why)) return none;
  return why;
}

template <class Answer>
std::vector<result<Answer>> nothing_for(const std::vector<std::string>& asked) {
  return std::vector<result<Answer>>(asked.size(), Answer());
}

}  // namespace

ecs_cluster_view::ecs_cluster_view(clock& time, aws::ecs& with, task_group& tasks, const ecs_clusters& among,
                                   std::string name, named_by who)
    : clock_(time),
      ecs_(with),
      name_(std::move(name)),
      named_by_(who),
      finds_(time, tasks, most_described, patience, [this](auto ids) { return fetch_found(std::move(ids)); }),
      looks_(time, tasks, most_described, patience, [this](auto arns) { return fetch_looks(std::move(arns)); }),
      drains_(time, tasks, most_changed, patience, [this](auto arns) { return fetch_drains(std::move(arns)); }),
      stopping_(time, tasks, most_shared, shared_patience,
                [this](auto arns) { return fetch_stopping(std::move(arns)); }),
      among_(among) {}

task<result<>> ecs_cluster_view::require_active() {
  if (active_until_ > clock_.now()) co_return result<>();
  auto asking = ecs_.describe_clusters({name_});
  const auto found = co_await std::move(asking);
  if (found.has_error()) co_return found.error();
  if (found->empty())
    co_return error{
        errc::denied,
        fmt::format("ECS knows no cluster \"{}\" in this account and region; correct the configuration", name_),
        {}};
  if (found->front().status != "ACTIVE")
    co_return error{
        errc::denied,
        fmt::format("ECS cluster \"{}\" is {}, not ACTIVE; correct the configuration", name_, found->front().status),
        {}};
  active_until_ = clock_.now() + remember_active;
  co_return result<>();
}

task<result<found_instances>> ecs_cluster_view::find(std::string ec2_instance_id) {
  return finds_.ask(std::move(ec2_instance_id));
}

task<result<current_instance>> ecs_cluster_view::look(std::string arn) { return looks_.ask(std::move(arn)); }

task<result<current_instance>> ecs_cluster_view::drain(std::string arn) { return drains_.ask(std::move(arn)); }

task<result<std::size_t>> ecs_cluster_view::stopping(std::string arn) { return stopping_.ask(std::move(arn)); }

task<result<aws::ecs_listing<aws::container_instance>>> ecs_cluster_view::describe(std::vector<std::string> arns) {
  aws::ecs_listing<aws::container_instance> all;
  for (auto& chunk : in_chunks(arns, most_described)) {
    auto asking = ecs_.describe_container_instances(name_, std::move(chunk));
    auto answer = co_await std::move(asking);
    if (answer.has_error()) co_return std::move(answer).error();
    std::move(answer->found.begin(), answer->found.end(), std::back_inserter(all.found));
    std::move(answer->failures.begin(), answer->failures.end(), std::back_inserter(all.failures));
  }
  co_return all;
}

task<result<std::vector<result<found_instances>>>> ecs_cluster_view::fetch_found(std::vector<std::string> ids) {
  auto listing = ecs_.find_container_instances(name_, ids);
  const auto arns = co_await std::move(listing);
  if (arns.has_error()) co_return unless_deleted(named_by_, arns.error(), nothing_for<found_instances>(ids));
  auto describing = describe(*arns);
  const auto all = co_await std::move(describing);
  if (all.has_error()) co_return unless_deleted(named_by_, all.error(), nothing_for<found_instances>(ids));
  if (auto silent = first_unanswered("container instance", *arns, *all)) co_return *std::move(silent);
  std::map<std::string_view, found_instances> by_id;
  for (const auto& each : all->found) {
    if (is_gone(each)) continue;
    if (each.ec2_instance_id.empty()) co_return not_answered("the EC2 instance of", each.arn);
    by_id[each.ec2_instance_id].push_back(each);
  }
  std::vector<result<found_instances>> answers;
  for (const auto& id : ids) answers.push_back(by_id[id]);
  co_return answers;
}

task<result<std::vector<result<current_instance>>>> ecs_cluster_view::fetch_looks(std::vector<std::string> arns) {
  auto describing = describe(arns);
  auto all = co_await std::move(describing);
  if (all.has_error()) co_return unless_deleted(named_by_, all.error(), nothing_for<current_instance>(arns));
  co_return by_arn(arns, std::move(*all));
}

task<result<std::vector<result<current_instance>>>> ecs_cluster_view::fetch_drains(std::vector<std::string> arns) {
  auto changing = ecs_.set_state(name_, arns, "DRAINING");
  auto answer = co_await std::move(changing);
  if (answer.has_value()) co_return by_arn(arns, std::move(*answer));
  const auto meaning = answer.error().code();
  const bool of_a_member = meaning == errc::rejected || meaning == errc::not_found;
  if (!of_a_member || arns.size() == 1)
    co_return unless_deleted(named_by_, answer.error(), nothing_for<current_instance>(arns));
  // One member that cannot be drained refuses its whole batch: each then answers for itself.
  std::vector<result<current_instance>> answers;
  for (const auto& arn : arns) {
    auto alone = set_state(arn, "DRAINING");
    auto own = co_await std::move(alone);
    answers.push_back(std::move(own));
  }
  co_return answers;
}

task<result<current_instance>> ecs_cluster_view::set_state(std::string arn, std::string status) {
  auto changing = ecs_.set_state(name_, {arn}, std::move(status));
  auto answer = co_await std::move(changing);
  if (answer.has_error()) co_return unless_deleted(named_by_, answer.error(), current_instance());
  co_return std::move(by_arn({arn}, std::move(*answer)).front());
}

task<result<>> ecs_cluster_view::deregister(std::string arn, bool force) {
  auto leaving = ecs_.deregister(name_, std::move(arn), force);
  const auto left = co_await std::move(leaving);
  if (left.has_value() || left.error().code() == errc::not_found) co_return result<>();
  const auto known = unless_deleted(named_by_, left.error(), true);
  if (known.has_error()) co_return known.error();
  co_return result<>();
}

task<result<std::vector<aws::ecs_task>>> ecs_cluster_view::running_tasks(std::string arn) {
  auto listing = ecs_.list_tasks(name_, std::move(arn), "RUNNING");
  auto listed = co_await std::move(listing);
  if (listed.has_error() && listed.error().code() != errc::not_found)
    co_return unless_deleted(named_by_, listed.error(), std::vector<aws::ecs_task>());
  if (listed.has_error() || listed->empty()) co_return std::vector<aws::ecs_task>();
  if (listed->size() > most_described) listed->resize(most_described);
  auto describing = ecs_.describe_tasks(name_, std::move(*listed));
  auto described = co_await std::move(describing);
  if (described.has_error()) co_return unless_deleted(named_by_, described.error(), std::vector<aws::ecs_task>());
  co_return std::move(described->found);
}

task<result<std::map<std::string, std::size_t>>> ecs_cluster_view::count_stopping(std::string container_instance) {
  auto listing = ecs_.list_tasks(name_, container_instance, "STOPPED");
  auto listed = co_await std::move(listing);
  if (listed.has_error()) co_return std::move(listed).error();
  if (container_instance.empty()) {
    pages_ = std::max<std::size_t>(1, (listed->size() + most_described - 1) / most_described);
    const std::set<std::string> shown(listed->begin(), listed->end());
    std::erase_if(known_stopped_, [&shown](const auto& arn) { return !shown.contains(arn); });
  }
  std::erase_if(*listed, [this](const auto& arn) { return known_stopped_.contains(arn); });
  std::map<std::string, std::size_t> counts;
  for (const auto& chunk : in_chunks(*listed, most_described)) {
    auto asking = ecs_.describe_tasks(name_, chunk);
    const auto answer = co_await std::move(asking);
    if (answer.has_error()) co_return answer.error();
    if (auto silent = first_unanswered("task", chunk, *answer)) co_return *std::move(silent);
    for (const auto& each : answer->found) {
      const bool stopped = each.last_status == "STOPPED" || each.last_status == "DELETED";
      if (!stopped)
        ++counts[each.container_instance_arn];
      else if (container_instance.empty())
        known_stopped_.insert(each.arn);
    }
  }
  co_return counts;
}

task<result<std::vector<result<std::size_t>>>> ecs_cluster_view::fetch_stopping(std::vector<std::string> arns) {
  const bool together = arns.size() > pages_ + 1;
  counting_ = together ? pages_ + 1 : 2 * arns.size();
  counted_at_ = clock_.now();
  auto counting = together ? count_together(arns) : count_one_by_one(arns);
  auto answers = co_await std::move(counting);
  if (answers.has_error()) co_return unless_deleted(named_by_, answers.error(), nothing_for<std::size_t>(arns));
  co_return answers;
}

task<result<std::vector<result<std::size_t>>>> ecs_cluster_view::count_together(std::vector<std::string> arns) {
  auto reading = count_stopping({});
  auto counts = co_await std::move(reading);
  if (counts.has_error()) co_return std::move(counts).error();
  std::vector<result<std::size_t>> answers;
  for (const auto& arn : arns) answers.push_back((*counts)[arn]);
  co_return answers;
}

task<result<std::vector<result<std::size_t>>>> ecs_cluster_view::count_one_by_one(std::vector<std::string> arns) {
  std::vector<result<std::size_t>> answers;
  for (const auto& arn : arns) {
    auto reading = count_stopping(arn);
    const auto own = co_await std::move(reading);
    if (own.has_error() && own.error().code() != errc::not_found) co_return own.error();
    if (own.has_error()) {
      answers.push_back(own.error());
      continue;
    }
    answers.push_back(std::accumulate(own->begin(), own->end(), std::size_t{0},
                                      [](std::size_t sum, const auto& each) { return sum + each.second; }));
  }
  co_return answers;
}

duration ecs_cluster_view::look_interval() const {
  return handlers::look_interval(among_.round(), ecs_.look_rate(), pace);
}

look_round ecs_cluster_view::round() const {
  const auto batches = (draining_ + most_described - 1) / most_described;
  const bool counts = draining_ > 0 && clock_.now() - counted_at_ <= still_counts;
  return {static_cast<double>(batches), counts ? static_cast<double>(counting_) : 0};
}

ecs_cluster_view& ecs_clusters::of(const std::string& name, named_by who) {
  auto& view = views_[{who, name}];
  if (!view) view = std::make_unique<ecs_cluster_view>(clock_, ecs_, tasks_, *this, name, who);
  return *view;
}

std::size_t ecs_clusters::draining() const {
  return std::accumulate(views_.begin(), views_.end(), std::size_t{0},
                         [](std::size_t sum, const auto& each) { return sum + each.second->draining(); });
}

look_round ecs_clusters::round() const {
  look_round all;
  for (const auto& [name, view] : views_) {
    const auto one = view->round();
    all.looks += one.looks;
    all.others += one.others;
  }
  return all;
}

task<result<std::vector<std::string>>> ecs_clusters::all() {
  if (all_until_ > clock_.now()) co_return all_;
  auto listing = ecs_.list_clusters();
  auto found = co_await std::move(listing);
  if (found.has_error()) co_return std::move(found).error();
  all_ = std::move(*found);
  all_until_ = clock_.now() + remember_active;
  co_return all_;
}

std::string ecs_clusters::home_of(const std::string& scaling_group) const {
  const auto found = homes_.find(scaling_group);
  return found == homes_.end() ? std::string() : found->second;
}

}  // namespace lifehook::handlers
