// Starts a session on a socket: TLS if wanted, HTTP, then perhaps a WebSocket. The only entrance to the files
// that include Beast.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

namespace wsrace::reference {

struct App;
class Worker;

// Both on the worker's thread, with a socket of the worker's io_context.
void start_plain_session(App& app, Worker& worker, boost::asio::ip::tcp::socket socket);

class TlsSessions {
public:
    // Throws when a file cannot be read.
    TlsSessions(const std::string& certificate, const std::string& key);
    ~TlsSessions();

    void start(App& app, Worker& worker, boost::asio::ip::tcp::socket socket);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace wsrace::reference
