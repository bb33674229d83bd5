#include "run/target_http.hpp"

#include "net/http_client.hpp"

#include <boost/json/parse.hpp>

namespace wsrace {

namespace {

constexpr auto answer_limit = std::chrono::seconds{1};

Task<HttpAnswer> get(DeadlineQueue& deadlines, std::uint16_t port, std::string path)
{
    TargetUrl url;
    url.host = "127.0.0.1";
    url.port = port;
    HttpClient http{deadlines, url, {asio::ip::address_v4::loopback(), port}, nullptr};
    HttpCall call;
    call.method = "GET";
    call.path = std::move(path);
    const auto deadline = Clock::now() + answer_limit;
    auto answer = co_await http.call(call, deadline);
    co_return answer;
}

} // namespace

Task<bool> says_ready(DeadlineQueue& deadlines, std::uint16_t port, std::string path)
{
    const auto answer = co_await get(deadlines, port, path);
    co_return answer.outcome == Outcome::ok&& answer.status == 200;
}

Task<std::map<std::string, std::int64_t>> fetch_counters(DeadlineQueue& deadlines, std::uint16_t port,
                                                         std::string path)
{
    const auto answer = co_await get(deadlines, port, path);
    std::map<std::string, std::int64_t> counters;
    if (answer.outcome != Outcome::ok || answer.status != 200) co_return counters;
    boost::system::error_code malformed;
    const auto body = boost::json::parse(answer.body, malformed);
    if (malformed || !body.is_object()) co_return counters;
    for (const auto& [name, value] : body.get_object())
        if (value.is_int64()) counters.emplace(name, value.get_int64());
    co_return counters;
}

} // namespace wsrace
