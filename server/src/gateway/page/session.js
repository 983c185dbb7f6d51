// One user's session in this tab: commands to the server, events into the store. The views call these methods.

import { Connection } from "./api.js";
import { Inbox } from "./inbox.js";
import { deviceOfThisTab } from "./ids.js";
import { Marks } from "./marks.js";
import { Outbox } from "./outbox.js";
import { Thread } from "./state.js";

const PAGE = 40;
const TYPING_EVERY = 3_000;

export class Session {
  #connection;
  #marks;
  #inbox;
  #report;
  #saidTyping = 0;

  /// `report(error)` shows an error to the user.
  constructor(store, { token, report, announce }) {
    this.store = store;
    this.#report = report;
    this.#marks = new Marks((type, conversation, seq) => {
      this.#connection.request(type, { conversation, seq }).catch(() => {});
    });
    this.outbox = new Outbox((entry) => this.#deliver(entry), () => store.touch("thread"));
    this.#inbox = new Inbox(this, { announce, marks: this.#marks });
    this.#connection = new Connection({
      device: deviceOfThisTab(),
      token,
      onEvent: (type, data) => this.#inbox.take(type, data),
      onState: (state) => {
        store.connection = state;
        store.touch("connection", "users");
      },
    });
  }

  start() {
    this.#connection.start();
  }

  stop() {
    this.#connection.stop();
  }

  retryNow() {
    this.#connection.retryNow();
  }

  request(type, data) {
    return this.#connection.request(type, data);
  }

  /// Runs something the user asked for and shows what went wrong.
  async try(work) {
    try {
      return await work();
    } catch (error) {
      this.#report(error);
      return null;
    }
  }

  /// The first page of the list, and what belongs to it.
  async loadConversations() {
    const page = await this.request("conversation.list", { limit: 50 });
    this.#takePage(page);
    await this.watchPeers();
  }

  async moreConversations() {
    const page = await this.request("conversation.list", { limit: 50, before: this.store.nextPage });
    this.#takePage(page);
    await this.watchPeers();
  }

  #takePage({ conversations, next }) {
    for (const conversation of conversations) {
      this.store.mergeConversation(conversation);
      if (conversation.delivered_seq < conversation.last_seq) {
        this.#marks.delivered(conversation.id, conversation.last_seq);
      }
    }
    this.store.nextPage = next ?? null;
    this.store.touch("conversations");
  }

  /// Learns the names of the peers and watches who of them is there.
  async watchPeers() {
    const peers = this.store.listed().map((conversation) => conversation.peer).filter(Boolean);
    const users = [...new Set([...this.store.others.map(({ user }) => user), ...peers])].slice(0, 100);
    const unknown = users.filter((user) => !this.store.users.has(user));
    const profiles = unknown.map((user) => this.request("user.get", { user }).catch(() => ({ user, nickname: user })));
    for (const profile of await Promise.all(profiles)) this.store.users.set(profile.user, profile);
    const { presence = [] } = await this.request("presence.watch", { users });
    for (const { user, online } of presence) this.store.online.set(user, online);
    this.store.touch("users", "conversations");
  }

  /// The direct conversation with a user, made if need be, opened.
  async startWith(uid) {
    const conversation = await this.request("conversation.create", { kind: "direct", members: [uid] });
    this.store.mergeConversation({ peer: uid, ...conversation });
    await this.open(conversation.id);
    await this.watchPeers();
  }

  /// Opens a conversation: the plugins hear of it (this is where a greeting comes from), then its last page is shown.
  async open(id) {
    const thread = new Thread(id);
    this.store.thread = thread;
    this.store.touch("thread", "conversations", "typing", "users");
    try {
      this.store.mergeConversation(await this.request("conversation.open", { conversation: id }));
      await this.#fillFromEnd(thread);
      await this.loadReceipts(thread);
    } finally {
      thread.loading = false;
      this.store.touch("thread");
    }
  }

  close() {
    this.store.thread = null;
    this.store.touch("thread", "conversations");
  }

  async #fillFromEnd(thread) {
    const page = await this.request("message.history", { conversation: thread.conversation, limit: PAGE });
    for (const message of page.messages) thread.put(message);
    thread.hasMore = page.has_more;
    thread.completeUpTo(page.messages[0]?.seq ?? 0);
    thread.filled = true;
    this.store.touch("thread");
  }

  async loadReceipts(thread) {
    const { receipts } = await this.request("receipt.list", { conversation: thread.conversation });
    for (const { user, ...receipt } of receipts) thread.receipts.set(user, receipt);
    this.store.touch("thread");
  }

  /// One page further back.
  async older() {
    const { thread } = this.store;
    if (!thread?.hasMore || thread.loading) return;
    thread.loading = true;
    this.store.touch("thread");
    try {
      const before = thread.messages[0].id;
      const page = await this.request("message.history", { conversation: thread.conversation, before, limit: PAGE });
      for (const message of page.messages) thread.put(message);
      thread.hasMore = page.has_more;
    } finally {
      thread.loading = false;
      this.store.touch("thread");
    }
  }

  /// Fetches what the open thread lacks after its last complete seq. A gap left afterwards is one for good: messages
  /// that this user has deleted.
  async catchUp(thread) {
    for (let more = true; more && this.store.thread === thread; ) {
      const after = thread.completeTo;
      const query = { conversation: thread.conversation, after_seq: after, limit: 100 };
      const page = await this.request("message.history", query);
      for (const message of page.messages) this.store.putMessage(message);
      thread.completeUpTo(page.messages.at(-1)?.seq ?? 0);
      more = page.has_more && thread.completeTo > after;
    }
  }

  send(kind, body) {
    const { thread } = this.store;
    if (!thread) return;
    this.typing(false);
    if (!this.outbox.add(thread.conversation, kind, body)) {
      this.#report({ code: "busy", message: "Too many messages are waiting to be sent." });
    }
  }

  async #deliver({ conversation, kind, body, nonce }) {
    const sent = await this.request("message.send", { conversation, kind, body, nonce });
    // A command that has said nothing in one's name leaves no message.
    if (sent.command && sent.id === 0) return this.#whisper(conversation, sent);
    // The reply has the body if a plugin has completed or changed it; a duplicate's is the first one's.
    const said = sent.command?.kind ?? kind;
    const message = { conversation, kind: said, body, nonce, from: this.store.me.user, ...sent };
    this.store.putMessage(message);
    if (sent.duplicate) this.store.putMessage(await this.#stored(message));
  }

  /// What a command tells only who has typed it stays as long as the conversation is open.
  #whisper(conversation, { command }) {
    const { thread } = this.store;
    if (thread?.conversation !== conversation || command.whisper === undefined) return;
    const after = thread.messages.at(-1)?.seq ?? 0;
    thread.whispers.push({ key: `w${thread.whispers.length}`, after, text: command.whisper });
    this.store.touch("thread");
  }

  async #stored(message) {
    return this.request("message.get", { message: message.id }).catch(() => message);
  }

  async recall(message) {
    this.store.putMessage(await this.request("message.recall", { message: message.id }));
  }

  async react(message, emoji) {
    const users = message.reactions?.find((reaction) => reaction.emoji === emoji)?.users ?? [];
    const add = !users.includes(this.store.me.user);
    await this.request("message.react", { message: message.id, emoji, add });
    this.#inbox.react({ message: message.id, emoji, user: this.store.me.user, added: add });
  }

  /// Everything up to the end of the open thread has been seen.
  markRead() {
    const { thread } = this.store;
    const conversation = thread && this.store.conversations.get(thread.conversation);
    const last = thread?.messages.at(-1);
    if (!conversation || !last || last.seq <= (conversation.read_seq ?? 0)) return;
    this.#marks.read(conversation.id, last.seq);
    this.store.mergeConversation({ id: conversation.id, read_seq: last.seq });
  }

  /// Says that this user is typing, now and then, or has stopped.
  typing(typing) {
    const conversation = this.store.thread?.conversation;
    if (!conversation || (!typing && !this.#saidTyping)) return;
    if (typing && Date.now() - this.#saidTyping < TYPING_EVERY) return;
    this.#saidTyping = typing ? Date.now() : 0;
    this.request("typing", { conversation, typing }).catch(() => {});
  }
}
