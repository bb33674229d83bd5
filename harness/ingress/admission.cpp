#include "ingress/admission.hpp"

#include <algorithm>

namespace wsrace::ingress {

Admission::Admission(const IngressSpec& spec, Choice& choice, std::size_t instances)
    : spec_{spec}, choice_{choice}, open_(instances), taken_(instances)
{}

std::vector<bool> Admission::available() const
{
    std::vector<bool> out(open_.size());
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = open_[i] && (spec_.concurrency == 0 || taken_[i] < spec_.concurrency);
    return out;
}

bool Admission::admit(Place& place)
{
    place.instance = choice_.among(place.wish, available());
    if (!place.instance) return false;
    ++taken_[*place.instance];
    choice_.placed(place.wish, *place.instance);
    return true;
}

Admission::Entry Admission::enter(const std::shared_ptr<Place>& place)
{
    // Who came before goes first.
    const auto first = waiting_.empty() || spec_.concurrency == 0;
    if (first && admit(*place)) return Entry::admitted;
    if (!spec_.queue_limit || waiting_.size() >= *spec_.queue_limit) return Entry::refused;
    waiting_.push_back(place);
    return Entry::queued;
}

Admission::Entry Admission::enter_again(const std::shared_ptr<Place>& place)
{
    auto& refused_by = place->wish.refused_by;
    refused_by.insert(place->instance.value());
    give_back(*place);
    bool any_open = false, any_left = false;
    for (std::uint16_t i = 0; i < open_.size(); ++i) {
        any_open = any_open || open_[i];
        any_left = any_left || (open_[i] && !refused_by.contains(i));
    }
    if (any_open && !any_left) return Entry::hopeless;
    return enter(place);
}

void Admission::give_back(Place& place)
{
    if (place.instance) --taken_[*place.instance];
    place.instance.reset();
}

void Admission::leave(const std::shared_ptr<Place>& place)
{
    place->go_on = nullptr;
    const bool served = place->instance.has_value();
    give_back(*place);
    if (!served) std::erase(waiting_, place);
    if (served) let_go();
}

void Admission::set_open(std::uint16_t instance, bool open)
{
    open_[instance] = open;
    if (!open) return;
    for (const auto& place : waiting_) place->wish.refused_by.erase(instance); // that was in an earlier life
    let_go();
}

// Who cannot go on, as when the only instance that is there has refused it, keeps its place.
void Admission::let_go()
{
    for (auto waiting = waiting_.begin(); waiting != waiting_.end();) {
        const auto there = available();
        if (std::find(there.begin(), there.end(), true) == there.end()) return;
        const auto place = *waiting;
        if (!admit(*place)) {
            ++waiting;
            continue;
        }
        waiting = waiting_.erase(waiting);
        if (place->go_on) place->go_on();
    }
}

} // namespace wsrace::ingress
