// The texts of the frames that the server sends.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace wsrace::reference {

struct Run;
class Connection;
struct Options;

std::string welcome_frame(const Connection& connection, const Options& options);
std::string pong_frame(boost::json::value timestamp, std::string_view user_id);

// `connections`: how many the user has.
std::string heartbeat_frame(std::size_t connections);

std::string notice_frame(std::string_view text);
std::string error_frame(std::string_view code, std::string_view message, boost::json::object details = {});

// One event of a run, with its ids and the time.
std::string event_frame(std::string_view type, const Run& run, const boost::json::object& payload);

} // namespace wsrace::reference
