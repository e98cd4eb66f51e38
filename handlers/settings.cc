#include "handlers/settings.h"

namespace lifehook::handlers {

// Here and not in the header: of a map of variants each costs a file that copies it half a second of compile time.
settings::settings() = default;
settings::settings(const settings&) = default;
settings::settings(settings&&) noexcept = default;
settings& settings::operator=(const settings&) = default;
settings& settings::operator=(settings&&) noexcept = default;
settings::~settings() = default;

bool settings::operator==(const settings& other) const { return values_ == other.values_; }

void settings::set(std::string key, setting_value value) { values_[std::move(key)] = std::move(value); }

bool settings::has(std::string_view key) const { return values_.contains(std::string(key)); }

template <class T>
std::optional<T> settings::get(std::string_view key) const {
  const auto found = values_.find(std::string(key));
  if (found == values_.end()) return std::nullopt;
  return std::get<T>(found->second);
}

namespace {

struct in_words {
  std::vector<std::string> operator()(const std::string& one) const { return {one}; }
  std::vector<std::string> operator()(const std::vector<std::string>& all) const { return all; }
  std::vector<std::string> operator()(bool is) const { return {is ? "true" : "false"}; }
  template <class Other>
  std::vector<std::string> operator()(const Other&) const {
    return {};
  }
};

}  // namespace

std::vector<std::string> settings::texts(std::string_view key) const {
  const auto found = values_.find(std::string(key));
  return found == values_.end() ? std::vector<std::string>() : std::visit(in_words(), found->second);
}

template std::optional<std::string> settings::get(std::string_view) const;
template std::optional<std::vector<std::string>> settings::get(std::string_view) const;
template std::optional<duration> settings::get(std::string_view) const;
template std::optional<std::int64_t> settings::get(std::string_view) const;
template std::optional<double> settings::get(std::string_view) const;
template std::optional<bool> settings::get(std::string_view) const;
template std::optional<text_lists> settings::get(std::string_view) const;

}  // namespace lifehook::handlers
