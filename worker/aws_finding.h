#pragma once

#include <fmt/format.h>

#include <functional>
#include <string>
#include <utility>

namespace lifehook::worker {

// One thing that was looked at, for people. Wrong: the worker could not do its work, or would leave a hook alone.
struct aws_finding {
  enum class kind { fine, warning, wrong };
  kind how = kind::fine;
  std::string text;
};

using tell_finding = std::function<void(const aws_finding&)>;

template <class... T>
void say(const tell_finding& to, aws_finding::kind how, fmt::format_string<T...> text, T&&... values) {
  to({how, fmt::format(text, std::forward<T>(values)...)});
}

}  // namespace lifehook::worker
