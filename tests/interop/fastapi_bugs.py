"""The mistakes that the FastAPI server can be given, by their names in docs/races.md."""

BUGS = {
    "accept_before_supervisor": "users are let in once the keys are there, before the supervisor is",
    "close_one_closes_all": "cleaning up after a connection selects connections by user",
    "first_match_router": "a route is asked for the kind of message only, so the first one serves everybody",
    "head_of_line": "the read loop waits for the run to end before it reads on",
    "last_thread_wins": "binding a thread binds all threads of the user to the connection",
    "manager_cap_leak": "managers are made by user and connection, and cleaned up by user",
    "manager_per_message": "each message gets a manager of its own, which is attached to no connection",
    "masked_failure": "tidying up behind a run that failed closes the connection, with 1000",
    "shared_manager": "one manager for all connections; each connect overwrites its current socket",
    "shared_rate_limit": "connects are counted by the address that they come from",
    "silent_agent_death": "a time limit cancels the task that others wait for, and them with it",
    "stale_context": "the user's manager labels events for the connection that it was made for",
    "swapped_payload": "all runs fill one payload object, and wait before they send it",
    "thread_as_address": "events go to everybody who is in a thread of that name",
    "ticket_double_spend": "a ticket is looked up, and used up when that has been written down",
    "token_reuse_guard": "a token that comes twice within a second is taken for stolen",
    "two_emitters": "a run counts as ended when that has been written down, and is ended again until then",
}
