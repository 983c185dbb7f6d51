// Messages on their way. Each keeps its nonce until it is acknowledged, so that sending it again after a lost answer
// doubles nothing.

import { uuid7 } from "./ids.js";

/// Well under what a connection may have unanswered (32), to leave room for other commands.
const IN_FLIGHT = 16;
const LONGEST = 200;
const TRIES = 6;

export class Outbox {
  /// {nonce, conversation, kind, body, created_at, state: "waiting" | "sending" | "failed", error?, tries}
  entries = [];
  #send;
  #changed;

  /// `send(entry)` sends and resolves when stored; `changed()` hears of every change.
  constructor(send, changed) {
    this.#send = send;
    this.#changed = changed;
  }

  add(conversation, kind, body) {
    if (this.entries.length >= LONGEST) return false;
    const nonce = uuid7();
    this.entries.push({ nonce, conversation, kind, body, created_at: Date.now(), state: "waiting", tries: 0 });
    this.flush();
    return true;
  }

  of(conversation) {
    return this.entries.filter((entry) => entry.conversation === conversation);
  }

  /// Sends what waits, in order. Called whenever there is room or a connection.
  flush = () => {
    let room = IN_FLIGHT - this.entries.filter((entry) => entry.state === "sending").length;
    for (const entry of this.entries) {
      if (room <= 0) break;
      if (entry.state !== "waiting") continue;
      room -= 1;
      this.#try(entry);
    }
    this.#changed();
  };

  retry(nonce) {
    const entry = this.entries.find((known) => known.nonce === nonce && known.state === "failed");
    if (entry) Object.assign(entry, { state: "waiting", tries: 0, error: undefined });
    this.flush();
  }

  discard(nonce) {
    this.entries = this.entries.filter((entry) => entry.nonce !== nonce);
    this.#changed();
  }

  async #try(entry) {
    entry.state = "sending";
    entry.tries += 1;
    try {
      await this.#send(entry);
      this.discard(entry.nonce);
      this.flush();
    } catch (error) {
      if (error.code === "offline") {
        // The next connection flushes.
        entry.state = "waiting";
      } else if (error.passing && entry.tries < TRIES) {
        entry.state = "waiting";
        setTimeout(this.flush, error.retryAfter ?? 500 * 2 ** entry.tries);
      } else {
        Object.assign(entry, { state: "failed", error });
      }
      this.#changed();
    }
  }
}
