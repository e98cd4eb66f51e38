#pragma once

#include "simulator/ec2_ids.h"
#include "simulator/query_parameters.h"

#include <algorithm>
#include <array>
#include <span>

namespace lifehook::simulator {

struct ec2_filter {
  std::string name;
  std::vector<std::string> values;  // any of them; * and ? stand for what they do in a shell

  bool accepts(const std::vector<std::string>& texts) const;
};

// What a filter of a kind of record looks at; "tag:KEY", "tag-key" and "tag-value" are known of all that have tags.
template <class Record>
struct ec2_field {
  std::string_view name;
  std::vector<std::string> (*of)(const Record& each);
};

// How a Describe action narrows its listing.
struct ec2_narrowing {
  std::vector<std::string> ids;
  std::vector<ec2_filter> filters;
  std::string after;                // id of the last one seen
  std::optional<std::size_t> most;  // of a page
};

// Pages are of 5 to 1000, and do not go together with ids.
or_fault<ec2_narrowing> read_narrowing(const query_parameters& asked, const std::string& id_name,
                                       std::span<const std::string_view> filters, bool by_tags);
std::vector<std::string> tag_texts(const tag_map& tags, std::string_view filter);
bool is_tag_filter(std::string_view name);

template <class Record>
concept tagged = requires(const Record& each) { each.tags; };

template <class Record>
struct ec2_page {
  std::vector<const Record*> records;
  std::string next_token;  // empty: that was all
};

template <class Record>
bool passes(const Record& each, const ec2_filter& filter, std::span<const ec2_field<Record>> fields) {
  if constexpr (tagged<Record>)
    if (is_tag_filter(filter.name)) return filter.accepts(tag_texts(each.tags, filter.name));
  const auto field = std::ranges::find(fields, std::string_view(filter.name), &ec2_field<Record>::name);
  return filter.accepts(field->of(each));
}

// What a Describe action lists of `all`, which is in order of ids. An id that none has is a fault of its kind.
template <class Record, std::size_t count>
or_fault<ec2_page<Record>> read_listing(const query_parameters& asked, const std::string& id_name,
                                        const resource_kind& kind,
                                        const std::map<std::string, const Record*, std::less<>>& all,
                                        const std::array<ec2_field<Record>, count>& fields) {
  std::array<std::string_view, count> names{};
  std::ranges::transform(fields, names.begin(), &ec2_field<Record>::name);
  const auto wanted = read_narrowing(asked, id_name, names, tagged<Record>);
  if (!wanted) return wanted.error();
  for (const auto& id : wanted->ids)
    if (!all.contains(id)) return no_such(kind, id);
  ec2_page<Record> page;
  for (auto each = all.upper_bound(wanted->after); each != all.end(); ++each) {
    const auto passes_filter = [&](const ec2_filter& filter) { return passes<Record>(*each->second, filter, fields); };
    if (!wanted->ids.empty() && !std::ranges::count(wanted->ids, each->first)) continue;
    if (!std::ranges::all_of(wanted->filters, passes_filter)) continue;
    if (wanted->most && page.records.size() == *wanted->most) {
      page.next_token = next_token(page.records.back()->id);
      break;
    }
    page.records.push_back(each->second);
  }
  return page;
}

}  // namespace lifehook::simulator
