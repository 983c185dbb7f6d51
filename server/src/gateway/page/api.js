// The socket: requests with replies, events, resume from a cursor, and coming back after a loss (PROTOCOL.md §2).
//
// Invariant: `cursor` never runs ahead of what `onEvent` has been given, so that a resume leaves nothing out.

import { ApiError } from "./demo.js";

const REQUEST_TIMEOUT = 20_000;
const PONG_TIMEOUT = 10_000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 20_000;
const REFUSALS_BORNE = 3;

/// Close codes after which the page must not come back by itself, with the reason in words.
const FINAL = {
  4001: "Somebody has logged in as this user elsewhere.",
  4003: "This user was disconnected.",
};

export class Connection {
  #options;
  #socket = null;
  #pending = new Map();
  #nextId = 1;
  #cursor = null;
  #attempts = 0;
  #refusals = 0;
  #renew = false;
  #timers = { retry: 0, beat: 0, pong: 0 };
  #state = { phase: "connecting" };
  #replaying = false;

  /// `token(renew)` gives a token, `onEvent(type, data)` hears every event, `onState(state)` every change of
  /// `{phase: "connecting" | "online" | "waiting" | "stopped", reason?, retryAt?}`.
  constructor({ device, token, onEvent, onState }) {
    this.#options = { device, token, onEvent, onState };
  }

  get online() {
    return this.#state.phase === "online";
  }

  start() {
    window.addEventListener("online", this.retryNow);
    this.#connect();
  }

  /// For good: another user takes over this tab.
  stop() {
    window.removeEventListener("online", this.retryNow);
    this.#setState({ phase: "stopped", reason: "Closed." });
    this.#dropSocket();
  }

  /// Skips the wait, or starts over after a final close.
  retryNow = () => {
    if (this.#state.phase !== "waiting" && this.#state.phase !== "stopped") return;
    this.#refusals = 0;
    this.#connect();
  };

  /// Sends a command and waits for its reply. Fails with an `ApiError`: the server's own, `offline` or `timeout`.
  request(type, data = {}) {
    if (!this.online) return Promise.reject(new ApiError({ code: "offline", message: "Not connected." }));
    return this.#send(type, data);
  }

  #send(type, data) {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new ApiError({ code: "timeout", message: `No answer to ${type}.` }));
      }, REQUEST_TIMEOUT);
      this.#pending.set(id, { resolve, reject, timer });
      this.#socket.send(JSON.stringify({ id, type, data }));
    });
  }

  async #connect() {
    this.#dropSocket();
    this.#setState({ phase: "connecting" });
    const ours = this.#state;
    let token;
    try {
      token = await this.#options.token(this.#renew);
      this.#renew = false;
    } catch (error) {
      if (this.#state !== ours) return;
      if (error.passing) this.#wait(error.message);
      else this.#setState({ phase: "stopped", reason: `${error.code}: ${error.message}` });
      return;
    }
    if (this.#state !== ours) return;

    const url = new URL("v1/ws", document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    url.hash = "";
    const socket = new WebSocket(url);
    this.#socket = socket;
    // A socket that was given up may still speak; only the current one is listened to.
    socket.addEventListener("open", () => socket === this.#socket && this.#login(token));
    socket.addEventListener("message", ({ data }) => socket === this.#socket && this.#receive(data));
    socket.addEventListener("close", ({ code }) => socket === this.#socket && this.#closed(code));
  }

  /// The token goes into the first frame, not into the URL, where logs and histories would keep it.
  async #login(token) {
    const login = { token, device: this.#options.device };
    if (this.#cursor !== null) login.cursor = this.#cursor;
    this.#replaying = this.#cursor !== null;
    try {
      await this.#send("session.login", login);
      this.#refusals = 0;
    } catch (error) {
      if (error.code === "offline") return;
      this.#renew = true;
      this.#refusals += 1;
      this.#dropSocket();
      const again = error.passing || ["bad_token", "expired_token"].includes(error.code);
      if (again && this.#refusals < REFUSALS_BORNE) this.#wait(error.message);
      else this.#setState({ phase: "stopped", reason: `${error.code}: ${error.message}` });
    }
  }

  #receive(text) {
    clearTimeout(this.#timers.pong);
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return;
    }
    const waiting = this.#pending.get(frame.id);
    if (frame.type === "reply" || frame.type === "error") {
      if (!waiting) return;
      this.#pending.delete(frame.id);
      clearTimeout(waiting.timer);
      if (frame.type === "reply") waiting.resolve(frame.data ?? {});
      else waiting.reject(new ApiError(frame.error));
      return;
    }
    this.#event(frame);
  }

  #event({ type, cursor, data = {} }) {
    if (type === "session.ready") {
      this.#attempts = 0;
      // While events are replayed, the live cursor would skip those still to come.
      if (!this.#replaying) this.#cursor = data.cursor;
      this.#beat(data.idle_timeout_ms);
      this.#setState({ phase: "online" });
    }
    if (type === "session.resumed") this.#replaying = false;
    this.#options.onEvent(type, data);
    const seen = type === "session.resumed" ? data.cursor : cursor;
    if (Number.isFinite(seen)) this.#cursor = Math.max(this.#cursor ?? 0, seen);
  }

  /// Shows life in time, and notices when the other side shows none.
  #beat(idleTimeout = 60_000) {
    clearInterval(this.#timers.beat);
    this.#timers.beat = setInterval(() => {
      if (!this.online) return;
      this.#socket.send('{"type":"ping"}');
      clearTimeout(this.#timers.pong);
      this.#timers.pong = setTimeout(() => {
        this.#dropSocket();
        this.#wait("The server does not answer.");
      }, PONG_TIMEOUT);
    }, Math.max(1_000, Math.min(idleTimeout / 3, 25_000)));
  }

  #closed(code) {
    const ready = this.online;
    this.#dropSocket();
    if (FINAL[code]) this.#setState({ phase: "stopped", reason: `${FINAL[code]} (${code})` });
    else {
      if (code === 4002 || !ready) this.#renew = true;
      this.#wait(code === 1006 || code === 1001 ? "The connection was lost." : `The connection was closed (${code}).`);
    }
  }

  /// Comes back after a time that doubles with every failure; the random part keeps a crowd from coming back at once.
  #wait(reason) {
    const longest = Math.min(FIRST_WAIT * 2 ** this.#attempts, LONGEST_WAIT);
    const wait = longest * (0.5 + Math.random() / 2);
    this.#attempts += 1;
    this.#setState({ phase: "waiting", reason, retryAt: Date.now() + wait });
    clearTimeout(this.#timers.retry);
    this.#timers.retry = setTimeout(() => this.#connect(), wait);
  }

  #dropSocket() {
    clearTimeout(this.#timers.retry);
    clearTimeout(this.#timers.pong);
    clearInterval(this.#timers.beat);
    const socket = this.#socket;
    this.#socket = null;
    if (socket) socket.close();
    const lost = new ApiError({ code: "offline", message: "The connection was lost before the answer came." });
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(lost);
    }
    this.#pending.clear();
  }

  #setState(state) {
    this.#state = state;
    this.#options.onState(state);
  }
}
