#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace lifehook::handlers {

// A name that thousands of events in hand say again, such as their group's: a pointer to its only copy, which goes with
// the last that holds it; nullptr when empty. A value, read as the string it is, and for one thread alone: the count of
// its holders and the table of all names are nobody else's.
class shared_name {
 public:
  shared_name() = default;
  shared_name(std::string_view text) : held_(text.empty() ? nullptr : hold(text)) {}
  shared_name(const std::string& text) : shared_name(std::string_view(text)) {}
  shared_name(const char* text) : shared_name(std::string_view(text)) {}
  shared_name(const shared_name& other) noexcept : held_(hold(other.held_)) {}
  shared_name(shared_name&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
  shared_name& operator=(shared_name other) noexcept {
    std::swap(held_, other.held_);
    return *this;
  }
  ~shared_name() {
    if (held_) release(held_);
  }

  const std::string& get() const;
  operator const std::string&() const { return get(); }
  operator std::string_view() const { return get(); }
  bool empty() const { return !held_; }
  void clear() { *this = {}; }

  friend bool operator==(const shared_name&, const shared_name&) = default;
  template <std::convertible_to<std::string_view> Text>
  friend bool operator==(const shared_name& one, const Text& other) {
    return one.get() == std::string_view(other);
  }

  // Those that somebody holds now.
  static std::size_t count();

 private:
  struct entry;
  struct table;
  static table& all();
  static entry* hold(std::string_view text);
  static entry* hold(entry* held) noexcept;
  static void release(entry* held) noexcept;

  entry* held_ = nullptr;
};

}  // namespace lifehook::handlers
