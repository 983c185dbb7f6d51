// What the page knows. The session writes here, the views read; a view asks with `on(topic, …)` to hear of changes.
//
// Invariants: only the open thread's messages are held; in it a message occurs once, whichever way it came (reply,
// event, history, replay), and messages are in order of `seq`.

/// Topics: `connection`, `conversations`, `users` (names and presence), `thread`, `typing`.
export class Store {
  connection = { phase: "connecting" };
  /// id → conversation, as the server tells it, with `last_message`.
  conversations = new Map();
  /// Where the next page of the list begins; null when there is none.
  nextPage = null;
  /// uid → {user, nickname, avatar}
  users = new Map();
  /// uid → whether connected
  online = new Map();
  /// conversation → Map(uid → when to stop believing it)
  typing = new Map();
  thread = null;

  #listeners = new Map();
  #touched = new Set();

  constructor({ app, user, others }) {
    this.app = app;
    this.me = user;
    this.others = others;
    for (const known of [user, ...others]) this.users.set(known.user, known);
  }

  on(topic, listener) {
    if (!this.#listeners.has(topic)) this.#listeners.set(topic, []);
    this.#listeners.get(topic).push(listener);
  }

  /// Nobody hears of changes any more: the tab shows another session.
  silence() {
    this.#listeners.clear();
  }

  /// Tells the listeners, once however often a topic is touched in one go.
  touch(...topics) {
    if (this.#touched.size === 0) {
      queueMicrotask(() => {
        const touched = [...this.#touched];
        this.#touched.clear();
        for (const topic of touched) for (const listener of this.#listeners.get(topic) ?? []) listener();
      });
    }
    for (const topic of topics) this.#touched.add(topic);
  }

  nameOf(uid) {
    return this.users.get(uid)?.nickname || uid;
  }

  titleOf(conversation) {
    if (conversation.peer) return this.nameOf(conversation.peer);
    return conversation.name || `${conversation.kind} ${conversation.id}`;
  }

  /// Newest activity first.
  listed() {
    const time = (c) => c.last_message?.created_at ?? c.created_at ?? 0;
    return [...this.conversations.values()].sort((a, b) => time(b) - time(a) || b.id - a.id);
  }

  unreadTotal() {
    let total = 0;
    for (const { unread = 0 } of this.conversations.values()) total += unread;
    return total;
  }

  /// Takes over what a conversation's shape says and keeps what it leaves out.
  mergeConversation(change) {
    const known = this.conversations.get(change.id);
    const merged = { ...known, ...change };
    // Marks only move forward, whatever arrives late.
    for (const mark of ["last_seq", "read_seq", "delivered_seq"]) {
      if (known?.[mark] > (merged[mark] ?? 0)) merged[mark] = known[mark];
    }
    merged.unread = Math.max(0, (merged.last_seq ?? 0) - (merged.read_seq ?? 0));
    this.conversations.set(change.id, merged);
    this.touch("conversations");
    return merged;
  }

  forgetConversation(id) {
    this.conversations.delete(id);
    if (this.thread?.conversation === id) this.thread = null;
    this.touch("conversations", "thread");
  }

  /// Notes a new, edited or recalled message in the list and, if it is open, in the thread.
  putMessage(message) {
    // Transient messages are signals between programs; they have no place in the order.
    if (message.transient) return;
    const conversation = this.conversations.get(message.conversation);
    if (conversation) {
      const last = conversation.last_message;
      const change = { id: message.conversation, last_seq: message.seq };
      if (!last || last.seq <= message.seq) change.last_message = message;
      // Sending moves the sender's own mark; what a plugin said in the user's name does so as well.
      if (message.from === this.me.user) change.read_seq = message.seq;
      this.mergeConversation(change);
    }
    if (this.thread?.conversation === message.conversation) {
      this.thread.put(message);
      this.touch("thread");
    }
  }

  /// Answers the message if the open thread holds it.
  findMessage(id) {
    return this.thread?.messages.find((message) => message.id === id);
  }

  setTyping(conversation, uid, until) {
    if (!this.typing.has(conversation)) this.typing.set(conversation, new Map());
    if (until) this.typing.get(conversation).set(uid, until);
    else this.typing.get(conversation).delete(uid);
    this.touch("typing");
  }

  whoTypes(conversation, now = Date.now()) {
    const typing = this.typing.get(conversation) ?? new Map();
    return [...typing].filter(([, until]) => until > now).map(([uid]) => uid);
  }
}

/// The messages of the open conversation, and what is about them.
export class Thread {
  /// In order of seq.
  messages = [];
  /// Whether there is more to page back to.
  hasMore = false;
  loading = true;
  /// Whether the last page has come.
  filled = false;
  /// Up to here every message there is has been fetched.
  completeTo = 0;
  /// uid → {delivered_seq, read_seq}
  receipts = new Map();
  /// What commands have told only this user: {key, after (a seq), text}.
  whispers = [];

  constructor(conversation) {
    this.conversation = conversation;
  }

  put(message) {
    const at = this.messages.findIndex((known) => known.id === message.id);
    if (at >= 0) {
      this.messages[at] = { ...this.messages[at], ...message };
      return;
    }
    // Nearly always the newest one: look from the end.
    let place = this.messages.length;
    while (place > 0 && this.messages[place - 1].seq > message.seq) place -= 1;
    this.messages.splice(place, 0, message);
    this.completeUpTo(this.completeTo);
  }

  /// Notes that nothing is missing up to a seq, and goes on over what follows it without a gap.
  completeUpTo(seq) {
    this.completeTo = Math.max(this.completeTo, seq);
    const next = this.messages.findLastIndex((message) => message.seq <= this.completeTo) + 1;
    for (const message of this.messages.slice(next)) {
      if (message.seq !== this.completeTo + 1) break;
      this.completeTo = message.seq;
    }
  }

  remove(ids) {
    this.messages = this.messages.filter((message) => !ids.includes(message.id));
  }

  /// Whether a seq was skipped: live delivery is a hint, `seq` is the truth.
  get hasGap() {
    return this.messages.length > 0 && this.messages.at(-1).seq > this.completeTo;
  }

  /// How far everyone else is: `sent`, `delivered` or `read` for a message of ours.
  markOf(message, me) {
    const others = [...this.receipts].filter(([uid]) => uid !== me).map(([, receipt]) => receipt);
    if (others.length === 0) return "sent";
    if (others.every((receipt) => receipt.read_seq >= message.seq)) return "read";
    return others.every((receipt) => receipt.delivered_seq >= message.seq) ? "delivered" : "sent";
  }
}
