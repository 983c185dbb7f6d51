// Delivered and read marks of this user, sent at most a few times a second however fast messages come.

const PAUSE = 250;

export class Marks {
  /// conversation → {delivered?: seq, read?: seq}
  #due = new Map();
  #timer = 0;
  #send;

  /// `send(type, conversation, seq)` sends one mark; it may fail, the next message moves the mark again.
  constructor(send) {
    this.#send = send;
  }

  delivered(conversation, seq) {
    this.#note(conversation, "delivered", seq);
  }

  read(conversation, seq) {
    this.#note(conversation, "read", seq);
  }

  #note(conversation, mark, seq) {
    const due = this.#due.get(conversation) ?? {};
    due[mark] = Math.max(due[mark] ?? 0, seq);
    this.#due.set(conversation, due);
    if (!this.#timer) this.#timer = setTimeout(() => this.#flush(), PAUSE);
  }

  #flush() {
    this.#timer = 0;
    const all = [...this.#due];
    this.#due.clear();
    for (const [conversation, { delivered, read }] of all) {
      if (read) this.#send("receipt.read", conversation, read);
      if (delivered && !(read >= delivered)) this.#send("receipt.delivered", conversation, delivered);
    }
  }
}
