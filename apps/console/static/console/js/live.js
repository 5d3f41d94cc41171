/*
 * Live updates: what changed, never its content. Load with <script type="module">; the stream's
 * address is <body data-live-url>. Everything is dispatched on document.body:
 *
 *   desk:changed            detail {events: [names], conversations: [ids]}
 *   desk:conversation:<id>  one of those conversations changed
 *   desk:refresh            anything may have changed: catch up whatever is shown (it stands for
 *                           all changes of that moment, so listen to it too)
 *   desk:presence, …        any other nudge, detail as published
 *
 *   <section hx-trigger="desk:changed from:body, desk:refresh from:body" …>
 *   <article hx-trigger="desk:conversation:12 from:body, desk:refresh from:body" …>
 *
 * (htmx's [filters] in hx-trigger need eval, which our CSP forbids: hence an event a conversation.)
 * document.body.dataset.live says how it goes: connecting, live, polling or signed-out.
 *
 * One tab of a browser, the leader, holds a Web Lock and the only EventSource; it passes everything
 * on to the others through a BroadcastChannel. When it closes, the lock falls to the next tab.
 */

const POLL_MS = 15_000;
const SILENCE_MS = 40_000; // the server beats every 15 s
const COALESCE_MS = 100;
const GAP_MS = 500; // at most two refetches a second, however busy the desk
const HIDDEN_GAP_MS = 5_000;
const RETRY_MS = { first: 1_000, longest: 15_000 };
const LOCK = 'desk-live';

const url = document.body.dataset.liveUrl;
const tabs = new BroadcastChannel(LOCK);

/* --- What this tab tells its page ------------------------------------------------------------- */

let state = '';
let changed = nothingChanged();

function enter(next) {
  if (next === state) return;
  const recovered = state === 'polling';
  state = document.body.dataset.live = next;
  if (next !== 'live') return;
  // After an outage every browser comes back in the same instant: spread what they fetch.
  setTimeout(refresh, recovered ? Math.random() * 1_000 : 0);
}

function dispatch(name, detail = {}) {
  document.body.dispatchEvent(new CustomEvent(`desk:${name}`, { detail, bubbles: true }));
}

// Includes whatever else was about to be told.
function refresh() {
  forgetChanges();
  dispatch('refresh');
}

function hear(nudge) {
  if (nudge.kind === 'changed' || nudge.kind === 'refresh') gather(nudge);
  else dispatch(nudge.kind, nudge);
}

function gather({ kind, events = [], conversations = [] }) {
  changed.everything ||= kind === 'refresh';
  events.forEach((name) => changed.events.add(name));
  conversations.forEach((id) => changed.conversations.add(id));
  if (changed.timer) return;
  const gap = document.hidden ? HIDDEN_GAP_MS : GAP_MS;
  const wait = Math.max(COALESCE_MS, changed.at + gap - Date.now());
  changed.timer = setTimeout(tellChanges, wait);
}

function tellChanges() {
  const { everything, events, conversations } = changed;
  if (everything) return refresh();
  forgetChanges();
  dispatch('changed', { events: [...events], conversations: [...conversations] });
  conversations.forEach((id) => dispatch(`conversation:${id}`));
}

function forgetChanges() {
  clearTimeout(changed.timer);
  changed = { ...nothingChanged(), at: Date.now() };
}

function nothingChanged() {
  return { everything: false, events: new Set(), conversations: new Set(), timer: 0, at: 0 };
}

/* --- The leader: one EventSource -------------------------------------------------------------- */

let stepDown = null; // set while this tab leads
let source = null;
let failures = 0;
let retryTimer = 0;
let silenceTimer = 0;

function lead() {
  return new Promise((resolve) => {
    stepDown = () => {
      stepDown = null;
      disconnect();
      resolve();
    };
    tell({ state: 'connecting' });
    connect();
  });
}

function connect() {
  disconnect();
  source = new EventSource(url, { withCredentials: true });
  source.onmessage = ({ data }) => tell({ nudge: JSON.parse(data) });
  source.onerror = explain;
  source.addEventListener('beat', listenForSilence);
  source.addEventListener('bus-up', () => {
    failures = 0;
    tell({ state: 'live' });
  });
  source.addEventListener('bus-down', () => tell({ state: 'polling' }));
  source.addEventListener('signed-out', () => tell({ state: 'signed-out' }));
  listenForSilence();
}

function disconnect() {
  clearTimeout(retryTimer);
  clearTimeout(silenceTimer);
  retryTimer = 0;
  source?.close();
  source = null;
}

// A connection that died without a word (sleep, a lost network) shows only in missing beats.
function listenForSilence() {
  clearTimeout(silenceTimer);
  silenceTimer = setTimeout(retry, SILENCE_MS);
}

// An EventSource does not say why it failed; the same address answers a HEAD with the reason.
async function explain() {
  disconnect();
  const answer = await fetch(url, { method: 'HEAD', credentials: 'include' }).catch(() => null);
  if (!stepDown) return;
  if (answer?.status === 401) tell({ state: 'signed-out' });
  else retry();
}

function retry() {
  disconnect();
  tell({ state: failures ? 'polling' : 'connecting' });
  const backoff = Math.min(RETRY_MS.longest, RETRY_MS.first * 2 ** failures);
  failures += 1;
  retryTimer = setTimeout(connect, backoff * (0.5 + Math.random() / 2));
}

function tell(word) {
  tabs.postMessage(word);
  obey(word);
}

// The browser knows at once that its network went, and when it is back.
addEventListener('offline', () => {
  if (!stepDown) return;
  disconnect();
  failures = 1;
  tell({ state: 'polling' });
});
addEventListener('online', () => {
  if (stepDown) connect();
});

/* --- All tabs --------------------------------------------------------------------------------- */

let waiting = null; // aborts the request for the lock
let unanswered = false;
let pollTimer = 0;

function obey(word) {
  if (word.nudge) hear(word.nudge);
  if (!word.state) return;
  if (word.state === 'signed-out') leave();
  else if (state === 'signed-out') join();
  enter(word.state);
}

tabs.onmessage = ({ data }) => {
  if (data.ask) answer();
  else if (!stepDown) {
    unanswered = false;
    obey(data);
  }
};

// A visible tab that polls asks every 15 s. A hidden leader's own timers run only once a minute,
// so the question is also its cue to try again.
function answer() {
  if (!stepDown) return;
  tabs.postMessage({ state });
  if (retryTimer) connect();
}

function join() {
  unanswered = false;
  if (!navigator.locks) return void lead(); // plain HTTP on a name: every tab for itself
  waiting = new AbortController();
  request({ signal: waiting.signal });
  tabs.postMessage({ ask: true });
}

function request(options) {
  navigator.locks.request(LOCK, options, lead).catch((error) => {
    if (error.name !== 'AbortError') throw error;
    loseLead();
  });
}

// Another tab took the lock because this one seemed frozen: queue up again behind it.
function loseLead() {
  if (!stepDown) return;
  stepDown();
  join();
}

function leave() {
  waiting?.abort();
  stepDown?.();
}

function poll() {
  if (document.hidden || state === 'signed-out') return;
  if (!stepDown) askLeader();
  if (state !== 'live') refresh();
}

function askLeader() {
  if (unanswered) {
    waiting.abort();
    request({ steal: true });
  }
  unanswered = true;
  tabs.postMessage({ ask: true });
}

function start() {
  enter('connecting');
  join();
  pollTimer = setInterval(poll, POLL_MS);
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  if (changed.timer) tellChanges();
  if (state !== 'live' && Date.now() - changed.at > POLL_MS) poll();
});
// A page kept for the Back button must not keep the lead, and has missed everything since.
addEventListener('pagehide', () => {
  clearInterval(pollTimer);
  leave();
});
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) start();
});
start();
