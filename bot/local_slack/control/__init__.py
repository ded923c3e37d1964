"""The control API: people act, tests look, faults are set. JSON over HTTP, below `/control/`.

Looking (GET)
    /control/state                    the whole workspace; `?messages=0` without messages
    /control/channels?user=           the channels a person is in or may join; `unread` messages,
                                      and `mentions`: how many of the unread ones are for them
    /control/messages?user=&channel=  a channel as the person sees it: own ephemerals, pins, threads
    /control/views?user=              the open modals, the last on top
    /control/home?user=               the home tab
    /control/feed                     server-sent events: what changes; Last-Event-ID resumes
    /control/calls?since=             the wire log, oldest first; DELETE forgets it. `warnings` say
                                      what of a call Slack takes no notice of
    /control/faults, /control/latency what goes wrong at present
    /files/{id}/{name}?user=          a file as the person gets it (its `url_private`)

Acting (POST, a JSON object; `channel` is an id, a name, or the bot's user id)
    /control/click        user, action_id, channel and maybe ts, or view_id; block_id?, value?,
                          and `values` that are entered in the view, as in submit
    /control/command      user, channel, text: the app's, or Slack's own `/invite @name …`
    /control/shortcut     user, callback_id; with channel and ts on a message
    /control/submit       user, view_id, values
    /control/close        user, view_id, everything?
    /control/home         user: opens the home tab
    /control/post         user, channel, text, thread_ts?
    /control/react        user, channel, ts, name: again takes it back
    /control/read         user, channel, thread_ts?
    /control/create       user, name, private?
    /control/invite       user, channel, users
    /control/join, leave  user, channel
    /control/archive      user, channel, archived?
    /control/rename       user, channel, name
    /control/person       id, and what changes: bot, deactivated, email, guest, name, real_name,
                          team_id, tz
    /control/usergroup    id, users: all who are in it from now on

Arranging
    POST /control/faults       a fault (see bot.local_wire.faults); DELETE clears them
    POST /control/latency      seconds: delays each answer of the Web API
    POST /control/request_url  url: where the bot listens from now on
    POST /control/disconnect   reason: tells all socket links to go

Answers are `{"ok": true, …}`; an act adds `answer`: what the bot answered (`acked`, `status`,
`body`, `error`, `seconds`), or null when it was not asked. What can't be done is HTTP 409 with
`{"ok": false, "error", "reason"}`, a malformed request HTTP 400.
"""
