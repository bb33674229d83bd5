// The faults of links: conditions of the connections between users and target.
#pragma once

#include "scenario/json_node.hpp"
#include "scenario/link_fault.hpp"

namespace wsrace {

// What the reader knows of where the fault is to act.
struct LinkPlace {
    bool has_users = true;   // false: `wsrace proxy` knows connections only
    bool plain_text = true;  // false: through TLS nothing but bytes can be told apart
    std::uint32_t users = 0; // of the scenario; 0: not known
};

// Whether an entry of `faults` is about a link.
bool is_link_fault(const JsonNode& fault);

LinkFault read_link_fault(const JsonNode& node, const LinkPlace& place);

} // namespace wsrace
