// One connection of a user through the ingress: its request's head, its place, and then bytes both ways.
#pragma once

#include "core/ingress_act.hpp"
#include "faults/tcp.hpp"
#include "ingress/admission.hpp"
#include "ingress/answer_head.hpp"

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace::ingress {

using faults::Executor;
using faults::Socket;
using faults::Task;
using faults::TimePoint;
using faults::Timer;

// What all passages of an ingress have in common. It outlives them.
struct PassageContext {
    const IngressSpec& spec;
    Choice& choice;
    Admission& admission;
    std::vector<std::uint16_t> ports; // by instance, on 127.0.0.1
    std::function<void(IngressAct, const Caller&, std::int32_t value, const std::string& text)> note;
    std::function<void(std::uint32_t number)> ended;       // of a passage that was started
    std::function<void(const std::exception_ptr&)> failed; // the harness's own fault: no descriptors left
};

// Buffers are bounded: a side that does not read stops the other one. FIN passes as FIN, RST as RST. One
// thread; kept alive by its own coroutines until both sockets are closed.
class Passage : public std::enable_shared_from_this<Passage> {
public:
    Passage(Socket client, std::uint32_t number, PassageContext& context);

    void start();
    void reset(); // ends both sides by RST

private:
    using Self = std::shared_ptr<Passage>;

    // From one socket to the other.
    struct Way {
        Way(Socket& source, Socket& sink) : from{source}, to{sink} {}
        Socket& from;
        Socket& to;
        std::vector<char> buffer;
        bool done = false;    // nothing more is passed on
        bool reset = false;   // `from` was reset by its peer, and the kernel has told us
        bool stalled = false; // `to` is full
    };

    static Task<void> serve(Self self);
    static Task<void> read_head(Self self);
    static Task<void> await_place(Self self);
    static Task<void> notice_leaving(Self self);
    static Task<void> connect(Self self);
    static Task<void> pass_request_head(Self self);
    static Task<void> carry(Self self, Way& way);
    static Task<void> watch(Self self, Way& way);
    static Task<void> answer(Self self, std::string text);
    static Task<void> linger(Self self, Socket& socket);

    void spawn(Task<void> task);
    bool take_head(std::size_t length);
    void refuse(int status, std::string_view reason);
    void settle(Admission::Entry entry);
    std::string rewritten_head();
    void pass_both_ways();
    void arm(Timer& timer, faults::Clock::duration after, void (Passage::*due)());
    void head_is_late();
    void look_whether_idle();
    void limit_is_reached();
    void cut(IngressAct act, const IngressCut& how);
    void end(bool by_reset);
    void release();
    void note(IngressAct act, std::int32_t value, const std::string& text);
    Way& opposite(Way& way) { return &way == &request_ ? answer_ : request_; }

    PassageContext& context_;
    std::uint32_t number_;
    Socket client_;
    Socket upstream_;
    Way request_; // client to upstream
    Way answer_;  // upstream to client
    Timer turn_;  // ends when it is this connection's turn
    Timer limit_; // for the head; then for the whole
    Timer idle_;
    TimePoint last_passed_{};
    std::string received_; // the head, and what came with it
    RequestHead head_;
    AnswerHead answer_head_{{}};
    std::shared_ptr<Place> place_ = std::make_shared<Place>();
    bool waiting_ = false; // in the queue
    bool refused_ = false; // answered by the ingress itself
    bool connected_ = false;
    bool ended_ = false;
    bool released_ = false;
};

} // namespace wsrace::ingress
