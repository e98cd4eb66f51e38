#include "simulator/ec2_listing.h"

#include "base/glob.h"

#include <fmt/format.h>

namespace lifehook::simulator {
namespace {

constexpr int least = 5, most = 1000;  // of a page
constexpr std::string_view tag_prefix = "tag:";
constexpr std::size_t most_values = 200;

or_fault<std::vector<ec2_filter>> read_filters(const query_parameters& asked, std::span<const std::string_view> known,
                                               bool by_tags) {
  std::vector<ec2_filter> filters;
  std::size_t values = 0;
  for (const auto& each : asked.structures("Filter")) {
    filters.push_back({asked.text(each + "Name"), asked.list(each + "Value")});
    const auto& read = filters.back();
    if (!(by_tags && is_tag_filter(read.name)) && std::ranges::find(known, read.name) == known.end())
      return fault{400, "InvalidParameterValue", fmt::format("The filter '{}' is invalid", read.name)};
    if (read.values.empty())
      return fault{400, "InvalidParameterValue", fmt::format("The filter '{}' has no value", read.name)};
    values += read.values.size();
  }
  if (values > most_values)
    return fault{400, "FilterLimitExceeded", "The maximum number of filter values specified on a single call is 200"};
  return filters;
}

}  // namespace

bool ec2_filter::accepts(const std::vector<std::string>& texts) const {
  return std::ranges::any_of(values, [&texts](const auto& pattern) {
    return std::ranges::any_of(texts, [&pattern](const auto& text) { return glob_match(pattern, text); });
  });
}

bool is_tag_filter(std::string_view name) {
  return name.starts_with(tag_prefix) || name == "tag-key" || name == "tag-value";
}

std::vector<std::string> tag_texts(const tag_map& tags, std::string_view filter) {
  std::vector<std::string> texts;
  for (const auto& [key, value] : tags) {
    if (filter == "tag-key") texts.push_back(key);
    if (filter == "tag-value") texts.push_back(value);
    if (filter.starts_with(tag_prefix) && filter.substr(tag_prefix.size()) == key) texts.push_back(value);
  }
  return texts;
}

or_fault<ec2_narrowing> read_narrowing(const query_parameters& asked, const std::string& id_name,
                                       std::span<const std::string_view> known, bool by_tags) {
  ec2_narrowing wanted;
  wanted.ids = asked.list(id_name);
  auto filters = read_filters(asked, known, by_tags);
  if (!filters) return filters.error();
  wanted.filters = *std::move(filters);
  const auto size = asked.number("MaxResults");
  if (!size) return fault{400, "InvalidParameterValue", size.error().message};
  if (*size && !wanted.ids.empty())
    return fault{400, "InvalidParameterCombination",
                 fmt::format("The parameter {} cannot be used with the parameter MaxResults", id_name)};
  if (*size && (**size < least || **size > most))
    return fault{400, "InvalidParameterValue",
                 fmt::format("Value ( {} ) for parameter maxResults is invalid. Expecting a value between {} and {}.",
                             **size, least, most)};
  if (*size) wanted.most = static_cast<std::size_t>(**size);
  auto after = read_next_token(asked, "NextToken");
  if (!after) return fault{400, "InvalidParameterValue", after.error().message};
  wanted.after = *std::move(after);
  return wanted;
}

}  // namespace lifehook::simulator
