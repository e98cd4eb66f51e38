#pragma once

namespace lifehook::aws {

// Whether what asks may wait among all that ask the like, or goes before them: an interruption leaves it two minutes.
enum class haste { usual, hurried };

// A service by how its calls have their turns: the second one's client is `hurried()`. Both outlive it.
template <class Service>
struct by_haste {
  Service& usual;
  Service& hurried;

  Service& operator[](haste how) const { return how == haste::hurried ? hurried : usual; }
};

class client;

// A service spoken to in both hastes. The clients outlive it.
template <class Service>
struct in_both_hastes {
  in_both_hastes(client& one, client& that_hurries) : usual(one), hurried(that_hurries) {}

  Service usual;
  Service hurried;

  operator by_haste<Service>() { return {usual, hurried}; }
};

}  // namespace lifehook::aws
