// The things that an ingress does, one by one: each can be left out of a plan.
#pragma once

#include "scenario/ingress_spec.hpp"

#include <string_view>
#include <vector>

namespace wsrace {

// All but a second revision, whose instances the target would lack.
enum class IngressSetting {
    queue,
    concurrency,
    idle_cut,
    request_limit,
    strip_headers,
    forwarded_for,
    add_headers,
    affinity,
    reroute_on_reconnect,
    scale,
};

std::string_view name(IngressSetting setting);

std::vector<IngressSetting> settings_of(const IngressSpec& ingress); // that it has
void take_out(IngressSetting setting, IngressSpec& ingress);

} // namespace wsrace
