// Events from the server into the store. Every event may come twice or late (a replay after a resume): each handler
// sets what is true now and counts nothing.

const TYPING_BELIEVED = 6_000;
const GAP_PATIENCE = 400;

export class Inbox {
  #session;
  #store;
  #announce;
  #marks;
  #gapTimer = 0;
  #loaded = false;

  constructor(session, { announce, marks }) {
    this.#session = session;
    this.#store = session.store;
    this.#announce = announce;
    this.#marks = marks;
  }

  take(type, data) {
    const handler = this.#handlers[type];
    if (handler) handler(data);
  }

  #handlers = {
    "session.ready": () => {
      // After a loss, `session.resumed` says when everything missed is in.
      if (!this.#loaded) this.#begin();
    },
    "session.resumed": ({ complete }) => this.#resumed(complete),
    "message.sent": (message) => this.#arrived(message),
    "message.edited": (message) => this.#store.putMessage(message),
    "message.recalled": (message) => this.#store.putMessage(message),
    "message.deleted": ({ messages }) => {
      this.#store.thread?.remove(messages);
      this.#store.touch("thread");
    },
    "message.reacted": (reaction) => this.react(reaction),
    "receipt.changed": (receipt) => this.#receipt(receipt),
    typing: ({ conversation, user, typing }) => this.#typing(conversation, user, typing),
    "presence.changed": ({ user, online }) => {
      this.#store.online.set(user, online);
      this.#store.touch("users", "conversations");
    },
    "user.updated": (user) => {
      this.#store.users.set(user.user, { ...this.#store.users.get(user.user), ...user });
      this.#store.touch("users", "conversations", "thread");
    },
    "conversation.created": ({ id }) => this.#learn(id),
    "conversation.updated": ({ id }) => this.#learn(id),
    "conversation.dissolved": ({ id, conversation }) => this.#store.forgetConversation(id ?? conversation),
    "member.joined": ({ conversation }) => this.#learn(conversation),
    "member.left": ({ conversation, users }) => {
      if (users.includes(this.#store.me.user)) this.#store.forgetConversation(conversation);
      else this.#learn(conversation);
    },
  };

  #begin() {
    this.#session.try(async () => {
      await this.#session.loadConversations();
      this.#loaded = true;
      this.#store.touch("connection");
      this.#session.outbox.flush();
    });
  }

  #resumed(complete) {
    this.#session.try(async () => {
      const { thread } = this.#store;
      if (thread && !thread.filled) await this.#session.open(thread.conversation);
      else if (thread) {
        if (!complete) await this.#session.catchUp(thread);
        // Receipts are not stored in the stream: those missed are asked for.
        await this.#session.loadReceipts(thread);
      }
      this.#session.outbox.flush();
      if (complete) await this.#session.watchPeers();
      else await this.#session.loadConversations();
    });
  }

  #arrived(message) {
    const store = this.#store;
    if (!store.conversations.has(message.conversation)) this.#learn(message.conversation);
    store.putMessage(message);
    if (message.from !== store.me.user) {
      store.setTyping(message.conversation, message.from, 0);
      if (!message.transient) this.#marks.delivered(message.conversation, message.seq);
      this.#announce(message);
    }
    this.#watchForGap();
  }

  /// A skipped seq may be our own message, whose reply is still to come: wait a little, then fetch.
  #watchForGap() {
    const { thread } = this.#store;
    if (!thread?.hasGap || thread.loading || this.#gapTimer) return;
    this.#gapTimer = setTimeout(() => {
      this.#gapTimer = 0;
      if (this.#store.thread === thread && thread.hasGap) this.#session.catchUp(thread).catch(() => {});
    }, GAP_PATIENCE);
  }

  async #learn(id) {
    try {
      const before = this.#store.conversations.get(id);
      const answer = await this.#session.request("conversation.get", { conversation: id });
      const conversation = this.#store.mergeConversation(answer);
      if (!conversation.last_message && conversation.last_seq > 0) {
        const page = await this.#session.request("message.history", { conversation: id, limit: 1 });
        for (const message of page.messages) this.#store.putMessage(message);
      }
      if (!before) await this.#session.watchPeers();
    } catch {
      // Not there any more, or the connection is gone: the next list says what is.
    }
  }

  #receipt({ conversation, user, delivered_seq, read_seq }) {
    const store = this.#store;
    if (user === store.me.user) {
      if (store.conversations.has(conversation)) store.mergeConversation({ id: conversation, delivered_seq, read_seq });
    } else if (store.thread?.conversation === conversation) {
      store.thread.receipts.set(user, { delivered_seq, read_seq });
      store.touch("thread");
    }
  }

  #typing(conversation, user, typing) {
    if (user === this.#store.me.user) return;
    this.#store.setTyping(conversation, user, typing ? Date.now() + TYPING_BELIEVED : 0);
    if (typing) setTimeout(() => this.#store.touch("typing"), TYPING_BELIEVED + 50);
  }

  react({ message: id, emoji, user, added }) {
    const message = this.#store.findMessage(id);
    if (!message) return;
    const reactions = (message.reactions ?? []).map((reaction) => ({ ...reaction, users: [...reaction.users] }));
    let reaction = reactions.find((known) => known.emoji === emoji);
    if (!reaction) reactions.push((reaction = { emoji, users: [] }));
    reaction.users = reaction.users.filter((known) => known !== user);
    if (added) reaction.users.push(user);
    this.#store.putMessage({ ...message, reactions: reactions.filter(({ users }) => users.length > 0) });
  }
}
