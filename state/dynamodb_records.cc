#include "state/dynamodb_records.h"

#include <utility>

namespace lifehook::state::records {

namespace {

using namespace std::chrono_literals;

constexpr auto text_name = "text";
constexpr auto owner_name = "owner";
constexpr auto serial_name = "serial";
constexpr auto version_name = "version";
constexpr auto until_name = "until";
constexpr auto ttl_name = "ttl";

constexpr duration deleted_after = 24h;

std::string key_of(std::string_view kind, std::string_view name) { return std::string(kind).append(name); }

std::int64_t microseconds(time_point when) { return when.time_since_epoch().count(); }

aws::attributes expiring_item(std::string key, time_point until) {
  const auto ttl = std::chrono::ceil<std::chrono::seconds>((until + deleted_after).time_since_epoch());
  return {{std::string(aws::dynamodb::key), std::move(key)},
          {until_name, microseconds(until)},
          {ttl_name, std::int64_t{ttl.count()}}};
}

template <class T>
const T* attribute_of(const aws::attributes& item, const char* name) {
  const auto found = item.find(name);
  return found == item.end() ? nullptr : std::get_if<T>(&found->second);
}

error foreign() { return {errc::malformed, "an item that is not as this program writes it"}; }

}  // namespace

std::string turns_key(std::string_view service) { return key_of("turns#", service); }
std::string note_key(std::string_view key) { return key_of("note#", key); }
std::string lock_key(std::string_view key) { return key_of("lock#", key); }

aws::attributes turns_item(std::string_view service, const recorded_turns& what) {
  return {{std::string(aws::dynamodb::key), turns_key(service)},
          {text_name, to_text(what.turns)},
          {version_name, what.version.value_or(0)}};
}

aws::attributes note_item(std::string_view key, std::string text, time_point until) {
  auto item = expiring_item(note_key(key), until);
  item.emplace(text_name, std::move(text));
  return item;
}

aws::attributes lock_item(std::string_view key, std::string owner, std::int64_t serial, time_point until) {
  auto item = expiring_item(lock_key(key), until);
  item.emplace(owner_name, std::move(owner));
  item.emplace(serial_name, serial);
  return item;
}

result<recorded_turns> read_turns(const std::optional<aws::attributes>& item) {
  if (!item) return recorded_turns{};
  const auto* const text = attribute_of<std::string>(*item, text_name);
  const auto* const version = attribute_of<std::int64_t>(*item, version_name);
  if (text == nullptr || version == nullptr) return foreign();
  auto turns = read_history(*text);
  if (!turns) return turns.error();
  return recorded_turns{*std::move(turns), *version};
}

result<std::optional<std::string>> read_note(const std::optional<aws::attributes>& item, time_point now) {
  if (!item) return std::optional<std::string>();
  const auto* const text = attribute_of<std::string>(*item, text_name);
  const auto* const until = attribute_of<std::int64_t>(*item, until_name);
  if (text == nullptr || until == nullptr) return foreign();
  return *until > microseconds(now) ? std::optional(*text) : std::nullopt;
}

aws::condition unchanged(std::optional<std::int64_t> seen) {
  if (!seen) return {"attribute_not_exists(#key)", {{"#key", std::string(aws::dynamodb::key)}}, {}};
  return {"#version = :seen", {{"#version", version_name}}, {{":seen", *seen}}};
}

aws::condition nothing_in_force(time_point now) {
  return {"attribute_not_exists(#key) OR #until <= :now",
          {{"#key", std::string(aws::dynamodb::key)}, {"#until", until_name}},
          {{":now", microseconds(now)}}};
}

aws::condition free_for(std::string owner, time_point now, time_point until) {
  auto when = nothing_in_force(now);
  when.expression.append(" OR (#owner = :me AND #until <= :until)");
  when.names.emplace("#owner", owner_name);
  when.values.emplace(":me", std::move(owner));
  when.values.emplace(":until", microseconds(until));
  return when;
}

aws::condition held_by(std::string owner, std::int64_t serial) {
  return {"#owner = :me AND #serial <= :serial",
          {{"#owner", owner_name}, {"#serial", serial_name}},
          {{":me", std::move(owner)}, {":serial", serial}}};
}

aws::condition ends_after(time_point when) {
  return {"#until > :when", {{"#until", until_name}}, {{":when", microseconds(when)}}};
}

}  // namespace lifehook::state::records
