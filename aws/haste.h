#pragma once

namespace lifehook::aws {

// Whether a call may wait its turn among others of its kind, or goes before them: what is done for an interruption has
// two minutes.
enum class haste { usual, hurried };

// One service twice, by the haste of its calls: the second speaks through a client made by client::hurried. Both
// outlive it.
template <class Service>
struct by_haste {
  Service& usual;
  Service& hurried;

  Service& operator[](haste how) const { return how == haste::hurried ? hurried : usual; }
};

class client;

// The same, and owns the two. The clients outlive it.
template <class Service>
struct in_both_hastes {
  in_both_hastes(client& one, client& that_hurries) : usual(one), hurried(that_hurries) {}

  Service usual;
  Service hurried;

  operator by_haste<Service>() { return {usual, hurried}; }
};

}  // namespace lifehook::aws
