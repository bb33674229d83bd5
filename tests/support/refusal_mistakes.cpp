// One mistake each in how a target refuses, and in when it does.
#include "support/planting.hpp"
#include "support/random_history.hpp"
#include "support/story.hpp"

#include <algorithm>
#include <optional>

namespace wsrace::test {

namespace {

bool never_admitted(History& history, RandomEngine& /*random*/)
{
    const auto answered = std::find_if(history.events.begin(), history.events.end(), [](const Event& event) {
        return event.user == 0 && event.is_step(StepKind::upgrade_answered) && event.outcome == Outcome::ok;
    });
    const Event refusal = *answered;
    answered->outcome = Outcome::http_status;
    answered->value = 503;
    remove_frames(history, [&](std::uint32_t, const Event& event) {
        return event.user == 0 && event.at > refusal.at && event.incarnation >= refusal.incarnation;
    });
    return true;
}

// The Retry-After of a refusal, if there was one.
bool malformed_retry_after(History& history, RandomEngine& random)
{
    const auto refusal = std::find_if(history.events.begin(), history.events.end(), [](const Event& event) {
        return event.is_step(StepKind::upgrade_answered) && (event.value == 503 || event.value == 429);
    });
    if (refusal == history.events.end()) return false;
    refusal->text = history.intern(random() % 2 == 0 ? "soon" : "-1");
    return true;
}

// Something happens to a target that has said it is ready, before it has let anybody in.
template <typename Tell>
bool at_the_start(History& history, Tell&& tell)
{
    HistoryBuilder more(std::move(history));
    tell(more.user(newcomer).at(1));
    history = more.build();
    return true;
}

bool port_closed(History& history, RandomEngine& /*random*/)
{
    return at_the_start(history,
                        [](ConnectionBuilder tab) { tab.step(StepKind::tcp_connect, Outcome::refused); });
}

bool upgrade_reset(History& history, RandomEngine& /*random*/)
{
    return at_the_start(history, [](ConnectionBuilder tab) {
        tab.step(StepKind::tcp_connect).step(StepKind::upgrade_sent);
        tab.step(StepKind::upgrade_answered, Outcome::reset);
    });
}

bool busy_at_once(History& history, RandomEngine& /*random*/)
{
    return at_the_start(history, [](ConnectionBuilder tab) { tab.refused(503, "1"); });
}

bool broken_at_once(History& history, RandomEngine& /*random*/)
{
    return at_the_start(history,
                        [](ConnectionBuilder tab) { tab.connects().ends(EndKind::peer_closed, 1011); });
}

// An instance that nobody else is served by; it starts, or ends, when the newcomer's neighbour comes.
constexpr std::uint16_t spare = 4;

void accepted_by_a_spare(Story& told)
{
    told.more.info().instances = 8;
    told.tab(0, 0, 100, newcomer + spare).connects().ends(EndKind::peer_closed, 1011);
}

void before_it_is_ready(Story& told)
{
    told.more.life_cycle(told.begin(), LifeCycle::spawned, 78, spare);
    told.more.life_cycle(told.begin() + 50, LifeCycle::port_open, 0, spare);
    told.more.life_cycle(told.begin() + 500, LifeCycle::ready, 0, spare);
    accepted_by_a_spare(told);
}

void while_it_ends(Story& told)
{
    told.more.life_cycle(told.begin() - 50, LifeCycle::ready, 0, spare);
    told.more.life_cycle(told.begin() + 90, LifeCycle::terminating, 15, spare);
    accepted_by_a_spare(told);
}

void refused_again(Story& told)
{
    told.tab().refused(503, "1");
    told.tab(0, 1, 1'100).refused(503, "1");
    told.tab(0, 2, 2'200).opens();
}

void refused_for_good(Story& told)
{
    told.tab().refused(503, "1");
    told.tab(0, 1, 1'100).refused(503, "1");
}

// Though the user's other tab is admitted afterwards.
void tab_refused_for_good(Story& told)
{
    told.tab(0).refused(403);
    told.tab(1, 0, 50).opens();
}

void no_retry_after(Story& told)
{
    told.tab().refused(503);
    told.tab(0, 1, 100).opens();
}

void login_times_out(Story& told) { told.more.login(newcomer, Outcome::timeout); }
void login_refused_for_good(Story& told) { told.more.refused_login(told.begin(), newcomer, 503, "1"); }
void tcp_times_out(Story& told) { told.tab().step(StepKind::tcp_connect, Outcome::timeout); }
void tls_fails(Story& told)
{
    told.tab().step(StepKind::tcp_connect).step(StepKind::tls, Outcome::tls_failed);
}
void server_error(Story& told)
{
    told.tab().refused(500);
    told.tab(0, 1, 100).opens();
}
void no_answer(Story& told)
{
    told.tab().step(StepKind::tcp_connect).step(StepKind::upgrade_sent);
    told.tab(0, 0, 3'500).step(StepKind::upgrade_answered, Outcome::timeout);
}
void refused_after_accept(Story& told) { told.tab().connects().ends(EndKind::peer_closed, 1008); }
void sent_away_for_good(Story& told) { told.tab().connects().ends(EndKind::peer_closed, 1013); }

} // namespace

std::span<const Mistake> refusal_mistakes()
{
    static const std::vector<Mistake> all{
        {"a login that times out", story(login_times_out), {"handshake: login: *"}},
        {"a login refused for good", story(login_refused_for_good), {"handshake: login: *"}},
        {"a port that does not answer", story(tcp_times_out), {"handshake: tcp_connect: *"}},
        {"a failure of TLS", story(tls_fails), {"handshake: tls: *"}},
        {"an upgrade that is not answered", story(no_answer), {"handshake: upgrade_answered: *"}},
        {"an upgrade that breaks the target", story(server_error), {"handshake: upgrade_answered: HTTP *"}},
        {"a tab refused for good beside one that is not",
         story(tab_refused_for_good),
         {"handshake: upgrade_answered: HTTP *"}},
        {"a refusal after accept", story(refused_after_accept), {"handshake: closed with * after accept"}},
        {"told to come back, and never admitted",
         story(sent_away_for_good),
         {"handshake: closed with * after accept"}},
        {"503 without Retry-After",
         story(no_retry_after),
         {"handshake: upgrade_answered: HTTP 503 without Retry-After",
          "overload_refusal: *: HTTP * without Retry-After"}},
        {"a Retry-After that nobody can read",
         malformed_retry_after,
         {"overload_refusal: *: HTTP * with a malformed Retry-After"}},
        {"refused again when its time had come",
         story(refused_again),
         {"overload_refusal: *: refused again"}},
        {"refused whenever its time had come",
         story(refused_for_good),
         {"handshake: upgrade_answered: HTTP *", "overload_refusal: *: never admitted"}},
        {"1011 before it is ready",
         story(before_it_is_ready),
         {"close_codes: 1011 without a welcome",
          "overload_refusal: 1011 after accept: accepted before it was ready"}},
        {"1011 while it ends",
         story(while_it_ends),
         {"close_codes: 1011 without a welcome",
          "overload_refusal: 1011 after accept: accepted while it was ending"}},
        {"not ready when it says so: refused for good",
         never_admitted,
         {"handshake: upgrade_answered: HTTP 503 without Retry-After",
          "overload_refusal: *: HTTP * without Retry-After",
          "overload_refusal: said it was ready, yet HTTP *"}},
        {"not ready when it says so: the port is closed",
         port_closed,
         {"handshake: tcp_connect: *", "overload_refusal: said it was ready, yet tcp_connect *"}},
        {"not ready when it says so: a reset",
         upgrade_reset,
         {"handshake: upgrade_answered: *", "overload_refusal: said it was ready, yet upgrade_answered *"}},
        {"not ready when it says so: busy",
         busy_at_once,
         {"handshake: upgrade_answered: HTTP *", "overload_refusal: said it was ready, yet HTTP *"}},
        {"not ready when it says so: 1011",
         broken_at_once,
         {"close_codes: 1011 without a welcome",
          "overload_refusal: said it was ready, yet closed with 1011 before a welcome"}},
    };
    return all;
}

} // namespace wsrace::test
