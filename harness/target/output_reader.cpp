#include "target/output_reader.hpp"

#include <boost/asio/buffer.hpp>

#include <algorithm>

namespace wsrace {

namespace {

constexpr std::size_t longest_line = 8192;

} // namespace

void LineSplitter::add(std::string_view text, const Sink& sink)
{
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto part = text.substr(0, end);
        while (rest_.size() + part.size() > longest_line) {
            const auto fits = longest_line - rest_.size();
            rest_.append(part.substr(0, fits));
            part.remove_prefix(fits);
            finish(sink);
        }
        rest_.append(part);
        text.remove_prefix(end);
        if (text.empty()) return;
        text.remove_prefix(1);
        sink(rest_);
        rest_.clear();
    }
}

void LineSplitter::finish(const Sink& sink)
{
    if (!rest_.empty()) sink(rest_);
    rest_.clear();
}

OutputReader::OutputReader(boost::asio::io_context& io, int descriptor, LineSplitter::Sink sink)
    : pipe_{io, descriptor}, sink_{std::move(sink)}
{
    pipe_.non_blocking(true);
    read_next();
}

// Waits and then reads, so that nothing has been read already and not looked at when drain() comes in
// between.
void OutputReader::read_next()
{
    pipe_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [this](const boost::system::error_code& error) {
                         if (error || !read_once()) return;
                         read_next();
                     });
}

// False when the pipe has ended.
bool OutputReader::read_once()
{
    boost::system::error_code error;
    const auto size = pipe_.read_some(boost::asio::buffer(chunk_), error);
    lines_.add({chunk_.data(), size}, sink_);
    if (!error || error == boost::asio::error::would_block) return true;
    lines_.finish(sink_);
    return false;
}

void OutputReader::drain()
{
    boost::system::error_code error;
    while (pipe_.is_open() && !error) {
        const auto size = pipe_.read_some(boost::asio::buffer(chunk_), error);
        lines_.add({chunk_.data(), size}, sink_);
    }
    lines_.finish(sink_);
    pipe_.close(error);
}

} // namespace wsrace
