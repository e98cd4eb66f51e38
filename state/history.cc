#include "state/history.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace lifehook::state {

namespace {

namespace json = boost::json;

std::optional<time_point> time_of(const json::object& in, std::string_view name) {
  const auto* const found = in.if_contains(name);
  if (found == nullptr || !found->is_int64()) return std::nullopt;
  return time_point(duration(found->get_int64()));
}

std::optional<turn> read_turn(const json::value& from) {
  if (!from.is_object()) return std::nullopt;
  const auto& fields = from.get_object();
  const auto* const group = fields.if_contains("group");
  const auto since = time_of(fields, "since");
  const auto newest = time_of(fields, "newest");
  if (group == nullptr || !group->is_string() || !since || !newest) return std::nullopt;
  return turn{std::string(group->get_string()), *since, *newest};
}

error unreadable() { return {errc::malformed, "a history of groups that cannot be read"}; }

// A launch and the two ends of a turn, in the one order all replicas agree on.
using moment = std::pair<time_point, std::string_view>;

moment start_of(const turn& of) { return {of.since, of.scaling_group}; }
moment end_of(const turn& of) { return {of.newest, of.scaling_group}; }

void split(history& of, history::iterator around, turn launch) {
  turn before{around->scaling_group, around->since, around->since};
  around->since = around->newest;
  const auto place = of.insert(std::next(around), std::move(before));
  of.insert(place, std::move(launch));
}

// A launch between two turns, the later of which is just before `earlier`: it prolongs the one of its group.
void join(history& of, history::iterator earlier, turn launch) {
  const auto& group = launch.scaling_group;
  if (earlier != of.end() && earlier->scaling_group == group)
    earlier->newest = launch.newest;
  else if (earlier != of.begin() && std::prev(earlier)->scaling_group == group)
    std::prev(earlier)->since = launch.since;
  else
    of.insert(earlier, std::move(launch));
}

}  // namespace

history with_launch(history of, const std::string& scaling_group, time_point when) {
  const moment launched{when, scaling_group};
  const auto earlier = std::find_if(of.begin(), of.end(), [&](const turn& each) { return end_of(each) <= launched; });
  turn launch{scaling_group, when, when};
  if (earlier == of.begin() || start_of(*std::prev(earlier)) > launched)
    join(of, earlier, std::move(launch));
  else if (std::prev(earlier)->scaling_group != scaling_group)
    split(of, std::prev(earlier), std::move(launch));
  if (of.size() > longest_history) of.resize(longest_history);
  return of;
}

const turn* turn_at(const history& of, time_point when) {
  const auto found = std::find_if(of.begin(), of.end(), [when](const turn& each) { return each.since <= when; });
  return found == of.end() ? nullptr : &*found;
}

std::string to_text(const history& of) {
  json::array turns;
  for (const auto& each : of)
    turns.push_back(json::object{{"group", each.scaling_group},
                                 {"since", each.since.time_since_epoch().count()},
                                 {"newest", each.newest.time_since_epoch().count()}});
  return json::serialize(turns);
}

result<history> read_history(std::string_view text) {
  boost::system::error_code failed;
  const auto read = json::parse(text, failed);
  if (failed || !read.is_array()) return unreadable();
  history turns;
  for (const auto& each : read.get_array()) {
    auto one = read_turn(each);
    if (!one) return unreadable();
    turns.push_back(*std::move(one));
  }
  return turns;
}

}  // namespace lifehook::state
