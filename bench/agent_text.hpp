// The texts of the agent-event protocol: what the fast server reads in requests and writes as events.
// Strings are taken over from JSON to JSON as they are, escapes and all, so nothing is decoded.
#pragma once

#include <string>
#include <string_view>

namespace bench {

enum class Depth { top, any };

// The text of the first scalar member with this name, a string with its quotes; empty if there is none.
std::string_view find_value(std::string_view json, std::string_view name, Depth depth);

// The same for string members only, without the quotes; escapes stay as they are.
std::string_view find_string(std::string_view json, std::string_view name, Depth depth);

struct RunIds {
    std::string_view run;
    std::string_view user;
    std::string_view thread;
};

// The five events of a run with `thinking` thoughts, as steps 0 .. step_count(thinking) - 1.
int step_count(int thinking);
void append_event(std::string& out, const RunIds& ids, int step, int thinking, std::string_view text);

void append_welcome(std::string& out, std::string_view connection_id, std::string_view user_id);

// The wall clock as ISO 8601 with microseconds, so that a client can tell how late an event reached it.
std::string timestamp();

} // namespace bench
