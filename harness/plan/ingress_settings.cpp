#include "plan/ingress_settings.hpp"

#include "core/look_up.hpp"

namespace wsrace {

namespace {

constexpr int settings = 10;

bool has(const IngressSpec& ingress, IngressSetting setting)
{
    switch (setting) {
    case IngressSetting::queue: return ingress.queue_limit.has_value();
    case IngressSetting::concurrency: return ingress.concurrency > 0;
    case IngressSetting::idle_cut: return ingress.idle_cut.has_value();
    case IngressSetting::request_limit: return ingress.request_limit.has_value();
    case IngressSetting::strip_headers: return !ingress.strip_headers.empty();
    case IngressSetting::forwarded_for: return ingress.forwarded_for != ForwardedFor::none;
    case IngressSetting::add_headers: return !ingress.add_headers.empty();
    case IngressSetting::affinity: return ingress.affinity > 0;
    case IngressSetting::reroute_on_reconnect: return ingress.reroute_on_reconnect;
    case IngressSetting::scale: return !ingress.scale.empty();
    }
    return false;
}

} // namespace

std::string_view name(IngressSetting setting)
{
    static constexpr auto names = std::to_array<std::string_view>(
        {"queue", "concurrency", "idle_cut", "request_limit", "strip_headers", "forwarded_for", "add_headers",
         "affinity", "reroute_on_reconnect", "scale"});
    return look_up(names, setting);
}

std::vector<IngressSetting> settings_of(const IngressSpec& ingress)
{
    std::vector<IngressSetting> out;
    for (int number = 0; number < settings; ++number)
        if (has(ingress, static_cast<IngressSetting>(number)))
            out.push_back(static_cast<IngressSetting>(number));
    return out;
}

void take_out(IngressSetting setting, IngressSpec& ingress)
{
    switch (setting) {
    case IngressSetting::queue: ingress.queue_limit.reset(); return;
    case IngressSetting::concurrency: ingress.concurrency = 0; return;
    case IngressSetting::idle_cut: ingress.idle_cut.reset(); return;
    case IngressSetting::request_limit: ingress.request_limit.reset(); return;
    case IngressSetting::strip_headers: ingress.strip_headers.clear(); return;
    case IngressSetting::forwarded_for: ingress.forwarded_for = ForwardedFor::none; return;
    case IngressSetting::add_headers: ingress.add_headers.clear(); return;
    case IngressSetting::affinity: ingress.affinity = 0; return;
    case IngressSetting::reroute_on_reconnect: ingress.reroute_on_reconnect = false; return;
    case IngressSetting::scale: ingress.scale.clear(); return;
    }
}

} // namespace wsrace
