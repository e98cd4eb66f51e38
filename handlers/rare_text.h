#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace lifehook::handlers {

// A text that is mostly empty, and takes a pointer then: thousands of events are in hand at once. A value, read as the
// string it is.
class rare_text {
 public:
  rare_text() = default;
  rare_text(std::string text) : text_(text.empty() ? nullptr : std::make_unique<std::string>(std::move(text))) {}
  rare_text(std::string_view text) : rare_text(std::string(text)) {}
  rare_text(const char* text) : rare_text(std::string(text)) {}
  rare_text(const rare_text& other) : rare_text(other.get()) {}
  rare_text(rare_text&&) noexcept = default;
  rare_text& operator=(rare_text other) noexcept {
    text_ = std::move(other.text_);
    return *this;
  }

  const std::string& get() const {
    static const std::string none;
    return text_ ? *text_ : none;
  }
  operator const std::string&() const { return get(); }
  operator std::string_view() const { return get(); }
  bool empty() const { return !text_; }
  friend bool operator==(const rare_text& one, std::string_view other) { return one.get() == other; }

 private:
  std::unique_ptr<std::string> text_;
};

}  // namespace lifehook::handlers
