#include "reference_server/store_service.hpp"

#include "reference_server/json_fields.hpp"

#include <limits>

namespace wsrace::reference {

namespace json = boost::json;

namespace {

constexpr std::size_t threads_kept = 256; // per user
constexpr std::size_t runs_kept = 256;    // per thread

// The entry of that name; a new one takes the place of another when there are enough.
template <class Map>
typename Map::mapped_type& entry(Map& map, const std::string& name, std::size_t most)
{
    if (map.size() >= most && !map.contains(name)) map.erase(map.begin());
    return map[name];
}

} // namespace

json::object StoreService::answer(const json::object& question)
{
    const auto call = string_field(question, "call");
    if (call != "load" && call != "save") {
        return {{"error", "this call is not known; expected ping, load or save"}};
    }
    auto& thread = thread_of(question);
    const auto run = string_field(question, "run_id");
    if (call == "save") {
        const auto events = int_field(question, "events", 0, std::numeric_limits<int>::max(), 0);
        entry(thread, run, runs_kept) = events;
    }
    return {{"runs", thread.size() - thread.count(run)}};
}

StoreService::Thread& StoreService::thread_of(const json::object& question)
{
    auto& threads = by_user_[string_field(question, "user_id")];
    return entry(threads, string_field(question, "thread_id"), threads_kept);
}

} // namespace wsrace::reference
