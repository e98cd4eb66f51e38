// How the allocator behaves; jemalloc reads this symbol at its start. MALLOC_CONF in the environment goes before it.
// One arena, for there is one thread; what is freed goes back to the system within a second.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "narenas:1,dirty_decay_ms:1000,muzzy_decay_ms:0,tcache_max:4096";
}
