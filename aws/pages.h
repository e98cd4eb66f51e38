#pragma once

#include "base/async.h"
#include "base/error.h"

#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace lifehook::aws {

template <class T>
struct page_of {
  std::vector<T> found{};
  std::string next{};  // asks for the page after this one; empty: it was the last
};

constexpr unsigned most_pages = 1000;

// All pages of a listing, asked for one after the other: `ask(operation, token)` sends for one (token empty: the
// first), `read(answer)` gives it as a result<page_of<T>>. A listing that does not end is no answer: unreachable.
template <class T, class Ask, class Read>
task<result<std::vector<T>>> all_pages(std::string operation, Ask ask, Read read) {
  std::vector<T> found;
  std::string token;
  for (unsigned nth = 0; nth < most_pages; ++nth) {
    auto answer = co_await ask(operation, token);
    if (!answer) co_return std::move(answer).error();
    auto page = read(*answer);
    if (!page) co_return std::move(page).error().in(operation);
    std::move(page->found.begin(), page->found.end(), std::back_inserter(found));
    if (page->next.empty()) co_return found;
    token = std::move(page->next);
  }
  co_return error{errc::unreachable, operation + ": more than 1000 pages"};
}

}  // namespace lifehook::aws
