// Owns the kind `mood`: says what its body must be, completes it, and puts it in words.
export const messageType = {
  kinds() {
    const schema = { type: 'object', properties: { mood: { type: 'string' } }, required: ['mood'] };
    return [{ name: 'mood', schema: JSON.stringify(schema) }];
  },

  check(ctx, sender, draft) {
    const { mood } = JSON.parse(draft.body);
    const face = { happy: '🙂', sad: '🙁' }[mood];
    if (face === undefined) {
      // What is thrown is the error of the result: here a refusal.
      throw { code: 'unknown_mood', text: 'A mood is happy or sad.' };
    }
    return JSON.stringify({ mood, face });
  },

  summarise: () => '[Mood]',
};
