#include "handlers/shared_name.h"

#include <boost/intrusive/set.hpp>

namespace lifehook::handlers {

namespace intrusive = boost::intrusive;

struct shared_name::entry : intrusive::set_base_hook<intrusive::link_mode<intrusive::auto_unlink>> {
  explicit entry(std::string_view of) : text(of) {}

  std::string text;
  std::size_t holders = 1;

  struct name_of {
    using type = std::string_view;
    type operator()(const entry& of) const { return of.text; }
  };
  // The length tells most of them apart.
  struct before {
    bool operator()(std::string_view one, std::string_view other) const {
      return one.size() == other.size() ? one < other : one.size() < other.size();
    }
  };
};

// Of those that are held, and no others: an entry takes itself out when it ends.
struct shared_name::table : intrusive::set<entry, intrusive::key_of_value<entry::name_of>,
                                           intrusive::compare<entry::before>, intrusive::constant_time_size<false>> {};

shared_name::table& shared_name::all() {
  static table names;
  return names;
}

const std::string& shared_name::get() const {
  static const std::string none;
  return held_ ? held_->text : none;
}

std::size_t shared_name::count() { return all().size(); }

shared_name::entry* shared_name::hold(std::string_view text) {
  auto& names = all();
  table::insert_commit_data place;
  if (const auto [known, is_new] = names.insert_check(text, place); !is_new) return hold(&*known);
  return &*names.insert_commit(*new entry(text), place);
}

shared_name::entry* shared_name::hold(entry* held) noexcept {
  if (held) ++held->holders;
  return held;
}

void shared_name::release(entry* held) noexcept {
  if (--held->holders == 0) delete held;
}

}  // namespace lifehook::handlers
