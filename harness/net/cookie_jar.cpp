#include "net/cookie_jar.hpp"

namespace wsrace {

void CookieJar::take(std::string_view set_cookie)
{
    const auto pair = set_cookie.substr(0, set_cookie.find(';'));
    if (!name_.empty() && pair.starts_with(name_ + "=")) pair_ = pair;
}

} // namespace wsrace
