// Who may go on to an instance, who waits for one, and who is turned away.
#pragma once

#include "faults/tcp.hpp"
#include "ingress/choice.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace wsrace::ingress {

// One connection's place. `go_on` is called once it has an instance that it had to wait for.
struct Place {
    Wish wish;
    std::optional<std::uint16_t> instance;
    std::function<void()> go_on;
};

// One thread.
class Admission {
public:
    Admission(const IngressSpec& spec, Choice& choice, std::size_t instances);

    enum class Entry {
        admitted, // place->instance says where
        queued,   // it will be told
        refused,  // there is no queue, or it is full
        hopeless, // every instance has refused it
    };
    Entry enter(const std::shared_ptr<Place>& place);

    // The instance has refused the connection: another one, if there is any.
    Entry enter_again(const std::shared_ptr<Place>& place);

    // It is over, or nobody waits for it any more. Safe to call again.
    void leave(const std::shared_ptr<Place>& place);

    // Whether the instance can be connected to. Who waited for it is let go at once, in order.
    void set_open(std::uint16_t instance, bool open);

private:
    std::vector<bool> available() const;
    bool admit(Place& place);
    void give_back(Place& place);
    void let_go();

    const IngressSpec& spec_;
    Choice& choice_;
    std::vector<bool> open_;
    std::vector<std::uint32_t> taken_; // connections, by instance
    std::deque<std::shared_ptr<Place>> waiting_;
};

} // namespace wsrace::ingress
