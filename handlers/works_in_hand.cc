#include "handlers/works_in_hand.h"

#include <fmt/format.h>

namespace lifehook::handlers {

namespace {

std::string name_key(const event& about) {
  if (has_hook(about.kind))
    return fmt::format("{}|{}|{}|{}", name(about.kind), about.group, about.hook, about.instance);
  const auto starts = about.starts.value_or(time_point()).time_since_epoch().count();
  return fmt::format("{}|{}|{}|{}|{}", name(about.kind), about.subject(), about.detail, about.change, starts);
}

std::string token_key(const event& about) { return "token|" + about.token; }

}  // namespace

std::shared_ptr<works_in_hand::work> works_in_hand::find(const event& about) const {
  if (!about.token.empty())
    if (const auto same = by_key_.find(token_key(about)); same != by_key_.end()) return same->second;
  const auto named = by_key_.find(name_key(about));
  if (named == by_key_.end()) return nullptr;
  // Another token under the same names is another wait state of the same instance.
  const bool other = !about.token.empty() && !named->second->token.empty() && named->second->token != about.token;
  return other ? nullptr : named->second;
}

std::shared_ptr<works_in_hand::work> works_in_hand::begin(const event& about) {
  auto begun = std::make_shared<work>();
  begun->token = about.token;
  by_key_.insert_or_assign(name_key(about), begun);
  if (!about.token.empty()) by_key_.insert_or_assign(token_key(about), begun);
  ++size_;
  return begun;
}

latch& works_in_hand::end_of(work& joined) {
  if (!joined.done) joined.done = std::make_unique<latch>(executor_);
  if (joined.has_ended) joined.done->set();
  return *joined.done;
}

void works_in_hand::finish(const std::shared_ptr<work>& of, const event& about, verdict with) {
  // Another wait state of the same instance may have taken the names over; its key is then not ours to remove.
  for (const auto& key : {name_key(about), token_key(about)})
    if (const auto found = by_key_.find(key); found != by_key_.end() && found->second == of) by_key_.erase(found);
  --size_;
  of->shared = with;
  of->has_ended = true;
  if (of->done) of->done->set();
}

}  // namespace lifehook::handlers
