#include "handlers/notice.h"

#include "aws/digest.h"
#include "base/time_text.h"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace lifehook::handlers {

namespace {

namespace json = boost::json;

void add(json::object& to, std::string_view key, std::string_view text) {
  if (!text.empty()) to[key] = text;
}

void add(json::object& to, std::string_view key, const std::optional<time_point>& when) {
  if (when) to[key] = to_rfc3339(*when);
}

json::object told_of(const notice& of) {
  const auto& about = of.about;
  json::object told{{"event", name(about.kind)}, {"group", of.group}};
  add(told, "scaling_group", about.group);
  add(told, "instance", about.instance);
  add(told, "hook", about.hook);
  add(told, "detail", about.detail);
  add(told, "change", about.change);
  add(told, "starts", about.starts);
  add(told, "cluster", about.cluster());
  add(told, "task", about.task_arn);
  add(told, "task_group", about.task_group);
  add(told, "account", of.account);
  add(told, "region", of.region);
  add(told, "time", of.time);
  add(told, "deadline", of.deadline);
  return told;
}

}  // namespace

std::string to_json(const notice& of) {
  auto told = told_of(of);
  if (of.failed) told["failed"] = {{"step", of.failed->step}, {"outcome", name(of.failed->how)}};
  return json::serialize(told);
}

std::string to_chat(const notice& of, std::string_view subject) {
  const auto kind = name(of.about.kind);
  const auto whom = short_subject(of.about);
  auto title = std::string(of.group).append(": ").append(subject.empty() ? kind : subject).append(": ").append(whom);
  if (of.failed) title.append(": ").append(of.failed->step).append(" failed: ").append(name(of.failed->how));
  std::string text;
  for (const auto& [key, value] : told_of(of)) {
    if (!text.empty()) text += '\n';
    text.append(key).append(": ").append(std::string_view(value.as_string()));
  }
  return json::serialize(
      json::object{{"version", "1.0"},
                   {"source", "custom"},
                   {"content", {{"textType", "client-markdown"}, {"title", title}, {"description", text}}},
                   {"metadata", {{"threadId", whom}, {"summary", title}, {"eventType", kind}}}});
}

std::string short_subject(const event& about) {
  const auto& subject = about.subject();
  return subject.substr(subject.rfind('/') + 1);
}

std::string identity_of(const notice& of, std::string_view topic, std::string_view subject, std::size_t alike) {
  const auto& about = of.about;
  const auto so_far = of.failed ? fmt::format("{}={}", of.failed->step, name(of.failed->how)) : std::string();
  const auto all = fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", of.group, topic, subject, alike, name(about.kind),
                               about.detail, about.group, about.hook, about.subject(), about.change,
                               about.occurrence(of.time), so_far);
  return aws::to_hex(aws::sha256(all));
}

}  // namespace lifehook::handlers
