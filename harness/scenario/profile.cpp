#include "scenario/profile.hpp"

namespace wsrace {

std::string_view name(LoginKind kind)
{
    switch (kind) {
    case LoginKind::none: return "none";
    case LoginKind::password: return "password";
    case LoginKind::mint: return "mint";
    case LoginKind::token: return "token";
    }
    return "?";
}

std::string_view name(TokenCarrier carrier)
{
    switch (carrier) {
    case TokenCarrier::authorization: return "authorization";
    case TokenCarrier::subprotocol: return "subprotocol";
    case TokenCarrier::query: return "query";
    case TokenCarrier::ticket: return "ticket";
    case TokenCarrier::none: return "none";
    }
    return "?";
}

} // namespace wsrace
