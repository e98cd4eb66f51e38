#include "handlers/works_in_hand.h"

#include <tuple>

namespace lifehook::handlers {

namespace {

auto names_of(const event& about) {
  const bool hook = has_hook(about.kind);
  const std::string_view none;
  return std::tuple(about.kind, std::string_view(about.subject()), hook ? std::string_view(about.group) : none,
                    hook ? std::string_view(about.hook) : none, hook ? none : std::string_view(about.detail),
                    hook ? none : std::string_view(about.change),
                    hook ? 0 : about.starts.value_or(time_point()).time_since_epoch().count());
}

// A token is of one instance, as the names are.
std::size_t key_of(const event& about) { return std::hash<std::string_view>()(about.subject()); }

// Another token under the same names is another wait state of the same instance.
bool is_same(const event& one, const event& other) {
  if (!one.token.empty() && !other.token.empty()) return one.token == other.token;
  return names_of(one) == names_of(other);
}

}  // namespace

// What those who joined wait for. Theirs as well: the work may be gone when they look.
struct works_in_hand::work::sharing {
  explicit sharing(loop_executor executor) : done(std::move(executor)) {}

  latch done;
  verdict end{};
};

works_in_hand::work* works_in_hand::find(const event& about) const {
  work* last = nullptr;
  const auto [first, end] = by_subject_.equal_range(key_of(about));
  for (auto each = first; each != end; ++each) {
    auto* const one = each->second;
    if (is_same(*one->about_, about) && (!last || last->number_ < one->number_)) last = one;
  }
  return last;
}

std::unique_ptr<works_in_hand::work> works_in_hand::begin(std::shared_ptr<const event> about) {
  auto begun = std::make_unique<work>(std::move(about), ++begun_);
  by_subject_.emplace(key_of(*begun->about_), begun.get());
  return begun;
}

task<verdict> works_in_hand::end_of(work& joined) {
  if (!joined.shared_) joined.shared_ = std::make_shared<work::sharing>(executor_);
  const auto shared = joined.shared_;
  co_await shared->done.wait();
  co_return shared->end;
}

void works_in_hand::finish(const work& of, const verdict& with) {
  forget(of);
  if (!of.shared_) return;
  of.shared_->end = with;
  of.shared_->done.set();
}

void works_in_hand::forget(const work& of) {
  const auto [first, end] = by_subject_.equal_range(key_of(*of.about_));
  for (auto each = first; each != end; ++each) {
    if (each->second != &of) continue;
    by_subject_.erase(each);
    return;
  }
}

}  // namespace lifehook::handlers
