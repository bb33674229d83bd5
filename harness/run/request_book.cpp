#include "run/request_book.hpp"

namespace wsrace {

std::uint16_t RequestBook::add(std::string canary)
{
    canaries_.push_back(std::move(canary));
    requests_.emplace_back();
    ++open_;
    return static_cast<std::uint16_t>(requests_.size() - 1);
}

int RequestBook::newest_open() const
{
    for (auto i = requests_.size(); i-- > 0;)
        if (!requests_[i].ended) return static_cast<int>(i);
    return -1;
}

int RequestBook::request_of(const FrameFacts& facts) const
{
    if (facts.own_request >= 0) return facts.own_request;
    int only_open = -1;
    for (std::size_t i = 0; i < requests_.size(); ++i) {
        if (!facts.run.empty() && requests_[i].run == facts.run) return static_cast<int>(i);
        if (!requests_[i].ended) only_open = only_open == -1 ? static_cast<int>(i) : -2;
    }
    const auto foreign = !facts.other_canaries.empty();
    return only_open >= 0 && !foreign && requests_[static_cast<std::size_t>(only_open)].run.empty()
               ? only_open
               : -1;
}

int RequestBook::note(const FrameFacts& facts)
{
    const auto refusal = facts.type == FrameType::error_message;
    if (!is_run_event(facts.type) && !refusal) return -1;
    const auto number = request_of(facts);
    if (number < 0) return -1;
    auto& request = requests_[static_cast<std::size_t>(number)];
    request.started = true;
    if (request.given_up) {
        request.given_up = request.ended = false;
        ++open_;
    }
    if (!refusal) ++request.events;
    if (request.run.empty()) request.run = facts.run;
    if ((is_terminal_event(facts.type) || refusal) && !request.ended) {
        request.ended = true;
        --open_;
    }
    return number;
}

void RequestBook::give_up(std::uint16_t request)
{
    auto& given_up = requests_[request];
    if (!given_up.ended) --open_;
    given_up.ended = true;
}

void RequestBook::give_up_open()
{
    for (auto& request : requests_) {
        request.given_up = request.given_up || !request.ended;
        request.ended = true;
    }
    open_ = 0;
}

} // namespace wsrace
