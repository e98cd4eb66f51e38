#include "handlers/works_in_hand.h"

#include <boost/container_hash/hash.hpp>

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

std::size_t name_key(const event& about) {
  return std::apply(
      [](auto kind, const auto&... names) {
        auto key = static_cast<std::size_t>(kind);
        (boost::hash_combine(key, names), ...);
        return key;
      },
      names_of(about));
}

std::size_t token_key(const event& about) { return std::hash<std::string_view>()(about.token); }

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
  for (const auto key : {name_key(about), token_key(about)}) {
    const auto [first, end] = by_key_.equal_range(key);
    for (auto each = first; each != end; ++each) {
      auto* const one = each->second;
      if (is_same(*one->about_, about) && (!last || last->number_ < one->number_)) last = one;
    }
  }
  return last;
}

std::unique_ptr<works_in_hand::work> works_in_hand::begin(std::shared_ptr<const event> about) {
  auto begun = std::make_unique<work>(std::move(about), ++begun_);
  by_key_.emplace(name_key(*begun->about_), begun.get());
  if (!begun->about_->token.empty()) by_key_.emplace(token_key(*begun->about_), begun.get());
  ++size_;
  return begun;
}

task<verdict> works_in_hand::end_of(work& joined) {
  if (!joined.shared_) joined.shared_ = std::make_shared<work::sharing>(executor_);
  const auto shared = joined.shared_;
  co_await shared->done.wait();
  co_return shared->end;
}

void works_in_hand::finish(const work& of, const verdict& with) {
  forget(name_key(*of.about_), of);
  if (!of.about_->token.empty()) forget(token_key(*of.about_), of);
  --size_;
  if (!of.shared_) return;
  of.shared_->end = with;
  of.shared_->done.set();
}

void works_in_hand::forget(std::size_t key, const work& of) {
  const auto [first, end] = by_key_.equal_range(key);
  for (auto each = first; each != end; ++each) {
    if (each->second != &of) continue;
    by_key_.erase(each);
    return;
  }
}

}  // namespace lifehook::handlers
