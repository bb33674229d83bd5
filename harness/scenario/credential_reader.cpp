#include "scenario/credential_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace {

std::optional<Credential> read_forgery(const JsonNode& node)
{
    std::vector<std::string_view> names;
    for (const Credential credential : forged_credentials) names.push_back(name(credential));
    const auto place = node.place_among(names, "kind of token");
    if (!place) return std::nullopt;
    return forged_credentials[*place];
}

void read_credential(JsonObject& connect, StepSpec& step)
{
    constexpr std::array tickets{Choice<Credential>{"shared", Credential::shared_ticket}};
    const auto token = connect.find("token");
    const auto ticket = connect.find("ticket");
    if (token && ticket)
        connect.node().mistake(
            "\"token\" and \"ticket\" exclude each other; a connection brings one of them");
    if (token) step.credential = read_forgery(*token).value_or(Credential::own);
    if (ticket) step.credential = ticket->choice(tickets, "way to bring a ticket").value_or(Credential::own);
}

void check_credentials(const std::vector<PlacedJourney>& journeys, std::uint16_t connections,
                       const Profile& profile, Mistakes& mistakes)
{
    std::size_t sharing = 0;
    const PlacedStep* lonely = nullptr;
    for (const PlacedJourney& journey : journeys) {
        for (const PlacedStep& placed : journey.steps) {
            const Credential credential = placed.step.credential;
            if (credential == Credential::own) continue;
            if (profile.login.kind == LoginKind::none)
                mistakes.add(placed.path,
                             fmt::format("the profile \"{}\" has no login, so that its target admits "
                                         "whoever comes; use one with a login, as \"netra\"",
                                         profile.name));
            if (credential != Credential::shared_ticket) continue;
            ++sharing;
            lonely = &placed;
        }
    }
    if (sharing > 0 && connections == 1)
        mistakes.add(lonely->path, "the user has one connection, so that nobody shares the ticket; give it "
                                   "\"connections\": 2 or more");
}

} // namespace wsrace
