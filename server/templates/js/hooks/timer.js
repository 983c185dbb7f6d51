import { send } from 'switchboard:plugin/messages-send@0.1.0';
import { set as setTimer } from 'switchboard:plugin/timers@0.1.0';

// Whoever writes `remind me` is reminded ten minutes later.
export const observer = {
  interests: () => ({ events: ['message-sent'], kinds: ['text'] }),

  handle(ctx, event) {
    const message = event.val;
    if (JSON.parse(message.body).text === 'remind me') {
      const payload = JSON.stringify({ conversation: message.conversationId });
      setTimer(`remind-${message.id}`, { firstAt: ctx.now + 600_000n }, payload);
    }
  },
};

// Is called at the time that was set, however often the server was restarted in between.
export const timer = {
  fire(ctx, firing) {
    say(JSON.parse(firing.payload).conversation, 'Here is your reminder.');
  },
};
