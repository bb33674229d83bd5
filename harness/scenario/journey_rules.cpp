#include "scenario/journey_rules.hpp"

#include <string>
#include <utility>

namespace wsrace {
namespace {

// One connection as it goes through its journey; each step answers why it cannot work, or nothing.
class Walk {
public:
    explicit Walk(bool needs_login) : logged_in_(!needs_login) {}

    std::string take(const PlacedStep& placed)
    {
        const bool follows_connect = std::exchange(just_connected_, placed.step.action == Action::connect);
        if (placed.step.early && !follows_connect)
            return "\"early\" needs a connect directly before it, since the request leaves with the end of "
                   "the "
                   "upgrade; move it there, or leave \"early\" out";
        switch (placed.step.action) {
        case Action::login: logged_in_ = true; return {};
        case Action::pause: return {};
        case Action::connect: return connect(placed);
        default: break;
        }
        if (!open_) return missing_connection();
        switch (placed.step.action) {
        case Action::await_welcome: return await_welcome();
        case Action::request: return request();
        case Action::await_events: return await_events();
        case Action::await_first_event:
        case Action::await_event:
            return asked_ ? "" : "there is no request before this step, so that no event will come";
        case Action::stop: return stop();
        case Action::drop:
        case Action::close: return end();
        default: return {};
        }
    }

private:
    std::string connect(const PlacedStep& placed)
    {
        if (open_) return "the connection is open already; drop or close it first";
        aborted_ = placed.step.connect.abort_after != AbortStage::none;
        open_ = !aborted_;
        welcomed_ = said_ = false;
        const bool had_one = std::exchange(ended_, ended_ || aborted_);
        if (!std::exchange(logged_in_, true)) return "the profile needs a login before this step";
        if (placed.reopens && !had_one) return "there was no connection before this step; write \"connect\"";
        return {};
    }

    // Said once until the next connect: the steps that follow have the same reason.
    std::string missing_connection()
    {
        if (std::exchange(said_, true)) return {};
        if (aborted_) return "the connect before this step is given up on purpose; reconnect first";
        return ended_ ? "the connection has ended before this step; reconnect first"
                      : "there is no connection before this step; connect first";
    }

    std::string await_welcome()
    {
        if (welcomed_) return "the welcome of this connection was awaited already; it comes once";
        welcomed_ = true;
        return {};
    }

    std::string request()
    {
        ++running_;
        asked_ = awaitable_ = true;
        return {};
    }

    std::string await_events()
    {
        if (!asked_) return "there is no request before this step, so that no event will come";
        if (!awaitable_)
            return "there is no request since the last await_events, so that nothing is left to await";
        awaitable_ = false;
        running_ = 0;
        return {};
    }

    std::string stop()
    {
        if (running_ == 0)
            return "no run can be going on here; a request must come before it, and no await_events "
                   "in between";
        --running_;
        return {};
    }

    std::string end()
    {
        open_ = false;
        ended_ = true;
        return {};
    }

    bool logged_in_;
    bool open_ = false;
    bool aborted_ = false; // the latest connect was one that is given up
    bool just_connected_ = false;
    bool ended_ = false;    // a connection was open and was dropped or closed
    bool welcomed_ = false; // on this connection
    bool said_ = false;     // that there is no connection
    bool asked_ = false;
    bool awaitable_ = false; // a request was sent since the last await_events
    int running_ = 0;        // runs that may be going on
};

} // namespace

void check_journey(const PlacedJourney& journey, bool needs_login, Mistakes& mistakes)
{
    if (!journey.complete) return;
    Walk walk(needs_login);
    for (const PlacedStep& placed : journey.steps) {
        const std::string why = walk.take(placed);
        if (!why.empty()) mistakes.add(placed.path, why);
    }
}

} // namespace wsrace
