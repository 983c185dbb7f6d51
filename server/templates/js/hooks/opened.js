import { send } from 'switchboard:plugin/messages-send@0.1.0';

// Greets who opens a conversation for the first time.
export const opened = {
  handle(ctx, opening) {
    if (opening.readSeq === 0n) {
      say(opening.conversation.id, `Welcome, ${opening.uid}!`);
    }
  },
};
