import { write as log } from 'switchboard:plugin/log@0.1.0';
import { send } from 'switchboard:plugin/messages-send@0.1.0';

// Hears of every message after it is stored, at least once each. What it sends and stores is there exactly once.
export const observer = {
  interests: () => ({ events: ['message-sent'], kinds: ['text'] }),

  handle(ctx, event) {
    const message = event.val;
    const uid = message.sender.uid;
    const { text } = JSON.parse(message.body);
    if (uid !== undefined && text.trim().toLowerCase() === 'hello') {
      log('info', `${uid} says hello`);
      say(message.conversationId, `Hello, ${uid}!`);
    }
  },
};
